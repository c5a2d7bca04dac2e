import NIOHTTP1
import ParleyDialectKit
import Testing

@testable import ParleyEasemob

struct RoutingTests {
    @Test(arguments: [
        "/parley/demo/users", "/parley/demo/messages/chatgroups", "/parley/demo/chatgroups/", "//o//a//token",
        "/group/x/y",
    ])
    func pathsOfOrgAppAndResourceAreOurs(_ path: String) { #expect(Easemob.claims(path: path)) }

    @Test(arguments: [
        "", "/", "/parley", "/parley/demo", "/parley/demo/", "/v4/openim/sendmsg", "/v1/connect/x", "/console/a/b",
        "/metrics/a/b", "/health/live/x", "/message/group/publish.json", "/statusmessage/private/publish.json",
    ])
    func otherPathsAreNot(_ path: String) { #expect(!Easemob.claims(path: path)) }

    @Test func onlyUploadsMayBeLarge() {
        #expect(Easemob.bodyLimit(path: "/o/a/chatfiles") > 10 * 1024 * 1024)
        #expect(Easemob.bodyLimit(path: "/o/a/chatfiles/") > 10 * 1024 * 1024)
        #expect(Easemob.bodyLimit(path: "/o/a/chatgroups/1/share_files") > 10 * 1024 * 1024)
        #expect(Easemob.bodyLimit(path: "/o/a/chatrooms/1/share_files/x") == 1024 * 1024)
        #expect(Easemob.bodyLimit(path: "/o/a/messages/chatgroups") == 1024 * 1024)
        #expect(Easemob.bodyLimit(path: "/o/a/chatfiles/x") == 1024 * 1024)
    }

    private func title(_ method: HTTPMethod, _ path: String) throws -> String {
        try Easemob.router.route(method, path.split(separator: "/").map(String.init)).0.description.title.english
    }

    @Test func wordsGoBeforeNames() throws {
        #expect(try self.title(.POST, "users/batch/status") == "Which of some users are online")
        #expect(try self.title(.GET, "users/batch/status") == "Whether a user is online")
        #expect(try self.title(.GET, "chatgroups/user/bob") == "Get the groups of a user")
        #expect(try self.title(.POST, "chatgroups/user/ban") == "Mute a whole group")
    }

    @Test func everyEndpointIsDescribedAndFoundByItsOwnPath() throws {
        #expect(Set(Easemob.endpoints.map { "\($0.method) \($0.path)" }).count == Easemob.endpoints.count)
        for endpoint in Easemob.endpoints {
            #expect(endpoint.path.hasPrefix("/{org_name}/{app_name}/"))
            #expect(!endpoint.title.english.isEmpty && !endpoint.page.isEmpty)
            let segments = endpoint.path.split(separator: "/").dropFirst(2).map { $0.hasPrefix("{") ? "x" : String($0) }
            let route = try Easemob.router.route(HTTPMethod(rawValue: endpoint.method), segments).0
            #expect(route.description == endpoint)
        }
    }
}
