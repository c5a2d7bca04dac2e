import ParleyCore

extension Transaction {
    func standing(_ standing: Standing, of user: UserID, in group: GroupID) throws -> Timestamp? {
        try self.number(of: group).flatMap { try self.connection.standing(standing, of: user, inGroup: $0) }
    }

    func set(_ standing: Standing, of user: UserID, in group: GroupID, until: Timestamp?) throws {
        let until = until.flatMap { $0 > self.now ? $0 : nil }
        try self.connection.set(
            standing, of: user, inGroup: self.existingNumber(of: group), until: until, now: self.now)
        self.batch.record(.standing(self.app, group, standing, user, until))
    }

    func isOver(_ room: GroupID) throws -> Bool {
        // What was said in this batch is not in the table yet.
        try self.batch.book.save(on: self.connection)
        return try self.connection.isOver(room, in: self.app, at: self.now)
    }

    // MARK: Attributes

    func attributes(of group: GroupID) throws -> [RoomAttribute] {
        try self.number(of: group).map { try self.connection.attributes(ofGroup: $0) } ?? []
    }

    func save(_ attribute: RoomAttribute, of group: GroupID) throws {
        try self.connection.save(attribute, ofGroup: self.existingNumber(of: group))
        self.batch.record(.attributes(self.app, group))
    }

    func forget(_ attribute: String, of group: GroupID) throws {
        try self.connection.forgetAttribute(attribute, ofGroup: self.existingNumber(of: group))
        self.batch.record(.attributes(self.app, group))
    }
}
