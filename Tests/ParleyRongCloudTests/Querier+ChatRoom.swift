import ParleyJSON
import ParleyRongCloud

// How tests ask about the room `r1`.

extension WireChrmInput {
    static let zero = WireChrmInput.with { $0.nothing = 0 }
}

extension WireChrmKVEntity {
    static func of(_ key: String, _ value: String, _ bits: Int32 = 0) -> WireChrmKVEntity {
        .with {
            $0.key = key
            $0.value = value
            $0.status = bits
        }
    }
}

extension WireDownStreamMessage {
    var roomText: String { (try? JSON(parsing: self.contentBytes))?["content"]?.string ?? "" }
}

extension Querier {
    func join(_ topic: String = "joinChrm", _ room: String = "r1") async throws -> WireChrmOutput {
        try await self.ask(topic, target: room, WireChrmInput.zero)
    }

    func pull(after time: Int64, count: Int32) async throws -> WireDownStreamMessages {
        try await self.ask(
            "chrmPull", target: "r1",
            WireChrmPullMsg.with {
                $0.syncTime = time
                $0.count = count
            })
    }

    func history(from time: Int64, count: Int32, order: Int32) async throws -> WireHistoryMsgOuput {
        try await self.ask(
            "qryCHMsg", target: "r1",
            WireHistoryMsgInput.with {
                $0.targetID = "r1"
                $0.time = time
                $0.count = count
                $0.order = order
            })
    }

    func set(_ key: String, _ value: String, bits: Int32 = 0) async throws -> UInt16 {
        try await self.status("setKV", target: "r1", WireSetChrmKV.with { $0.entry = .of(key, value, bits) })
    }

    func remove(_ key: String) async throws -> UInt16 {
        try await self.status("delKV", target: "r1", WireDeleteChrmKV.with { $0.entry = .of(key, "") })
    }

    func pullKV(after time: Int64) async throws -> WireChrmKVOutput {
        try await self.ask("pullKV", target: "r1", WireQueryChrmKV.with { $0.timestamp = time })
    }
}
