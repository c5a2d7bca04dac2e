import Crypto
import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyJSON
import ParleyServer

enum Vendor: String, CaseIterable, Sendable {
    case rongcloud, easemob, tencent

    /// The same request again is the same message. Only Tencent's API has a place for that which every message fills.
    var tellsRepetitions: Bool { self == .tencent }
}

/// One message on its way through a vendor's API.
struct Letter: Sendable {
    enum Destination: Hashable, Sendable {
        case group(String)
        case user(String)
    }

    var text: String
    var from: String
    var to: Destination
    var random: UInt32
}

/// One keep-alive connection to the demo app, in one vendor's words.
struct VendorLink: Sendable {
    enum Answer: Sendable {
        case taken(sequence: Int64?)
        case refused(status: Int, body: String)
    }

    let vendor: Vendor
    private let client: HTTPClient
    private let token: String

    static func connect(_ vendor: Vendor, port: Int) async throws -> VendorLink {
        let client = try await HTTPClient.connect(host: "127.0.0.1", port: port, group: .singleton)
        do {
            let token = try await Self.token(vendor, client)
            return VendorLink(vendor: vendor, client: client, token: token)
        } catch {
            await client.close()
            throw error
        }
    }

    private static func token(_ vendor: Vendor, _ client: HTTPClient) async throws -> String {
        switch vendor {
        case .rongcloud: return ""
        case .tencent: return Demo.signature(now: SystemClock().now())
        case .easemob:
            let answer = try await client.send(
                .POST, "/parley/demo/token", headers: [("Content-Type", "application/json")],
                body: Array(
                    #"{"grant_type":"client_credentials","client_id":"parley-demo-client","client_secret":"\#(Demo.secret)"}"#
                        .utf8))
            return try JSON(parsing: answer.body)["access_token"]?.string ?? ""
        }
    }

    func close() async { await self.client.close() }

    /// - Throws: when the connection is lost: it is not known then whether the message was taken.
    func send(_ letter: Letter) async throws -> Answer {
        switch self.vendor {
        case .rongcloud: try await self.sendAsRongCloud(letter)
        case .easemob: try await self.sendAsEasemob(letter)
        case .tencent: try await self.sendAsTencent(letter)
        }
    }

    private func sendAsRongCloud(_ letter: Letter) async throws -> Answer {
        let (path, to) =
            switch letter.to {
            case .group(let id): ("/message/group/publish.json", "toGroupId=\(id)")
            case .user(let id): ("/message/private/publish.json", "toUserId=\(id)")
            }
        let form =
            "fromUserId=\(letter.from)&\(to)&objectName=RC%3ATxtMsg&content=%7B%22content%22%3A%22\(letter.text)%22%7D"
        let answer = try await self.post(path, BenchRequests.rongCloudHeaders, form)
        return answer.json?["code"]?.int == 200 ? .taken(sequence: nil) : answer.refusal
    }

    private func sendAsEasemob(_ letter: Letter) async throws -> Answer {
        let (path, to) =
            switch letter.to {
            case .group(let id): ("chatgroups", id)
            case .user(let id): ("users", id)
            }
        let answer = try await self.post(
            "/parley/demo/messages/\(path)",
            [("Authorization", "Bearer \(self.token)"), ("Content-Type", "application/json")],
            #"{"from":"\#(letter.from)","to":["\#(to)"],"type":"txt","body":{"msg":"\#(letter.text)"}}"#)
        return answer.json?["data"]?[to]?.string != nil ? .taken(sequence: nil) : answer.refusal
    }

    private func sendAsTencent(_ letter: Letter) async throws -> Answer {
        let body = #""MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(letter.text)"}}]"#
        let (command, json) =
            switch letter.to {
            case .group(let id):
                (
                    "group_open_http_svc/send_group_msg",
                    #"{"GroupId":"\#(id)","From_Account":"\#(letter.from)","Random":\#(letter.random),\#(body)}"#
                )
            case .user(let id):
                (
                    "openim/sendmsg",
                    #"{"From_Account":"\#(letter.from)","To_Account":"\#(id)","MsgSeq":\#(letter.random >> 1),"MsgRandom":\#(letter.random),"MsgTimeStamp":1,\#(body)}"#
                )
            }
        let answer = try await self.tencent(command, json)
        guard answer.json?["ErrorCode"]?.int == 0 else { return answer.refusal }
        return .taken(sequence: answer.json?["MsgSeq"]?.int)
    }

    /// Any command of Tencent's.
    func tencent(_ command: String, _ json: String) async throws -> Reply {
        let target = "/v4/\(command)?sdkappid=1400000000&identifier=administrator&usersig=\(self.token)"
        return try await self.post("\(target)&random=1&contenttype=json", [], json)
    }

    func post(_ path: String, _ headers: [(String, String)], _ body: String) async throws -> Reply {
        Reply(try await self.client.send(.POST, path, headers: headers, body: Array(body.utf8)))
    }

    func get(_ path: String) async throws -> Reply { Reply(try await self.client.send(.GET, path)) }

    struct Reply: Sendable {
        let status: Int
        let text: String
        let json: JSON?

        init(_ response: HTTPClient.Response) {
            self.status = response.status
            self.text = response.text
            self.json = try? JSON(parsing: response.body)
        }

        var refusal: Answer { .refused(status: self.status, body: self.text) }
    }
}
