package import ParleyCore

extension Store {
    package func rooms(
        in app: AppID, _ selection: RoomSelection, offset: Int, limit: Int
    ) async throws -> [GroupID] {
        try await self.database.read {
            try $0.rooms(in: app, selection, offset: max(0, offset), limit: max(0, limit))
        }
    }

    package func roomsOver(at moment: Timestamp, limit: Int) async throws -> [(app: AppID, room: GroupID)] {
        try await self.database.read { try $0.roomsOver(at: moment, limit: max(0, limit)) }
    }

    package func usersMutedInRooms(in app: AppID, at moment: Timestamp) async throws -> [UserID: Timestamp] {
        try await self.database.read { try $0.usersMutedInRooms(in: app, at: moment) }
    }

    package func attributes(of group: GroupID, in app: AppID) async throws -> [RoomAttribute] {
        try await self.cache.attributes.value(for: DirectoryCache.GroupKey(app: app, group: group)) {
            try await self.database.read { connection in
                try connection.groupNumber(group, in: app).map { try connection.attributes(ofGroup: $0) } ?? []
            }
        }
    }
}
