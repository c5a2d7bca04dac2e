import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

extension Route {
    /// Who one is, and what there is.
    static let sessions: [Route] = [
        Route(
            .GET, "session", "Who asks, and the Apps there are",
            answer: [
                Field("signedIn", .flag), Field("needsPassword", .flag), Field("isRecording", .flag),
                Field("version"), Field("startedAt", .integer, "when this server began"),
                .optional(
                    "apps",
                    .list(
                        .object([
                            Field("id"),
                            Field(
                                "credentials",
                                .list(.object([Field("dialect"), Field("title"), Field("key")]))),
                        ])), "for those who are signed in"),
            ], isOpen: true
        ) { visit in
            let isKnown = visit.console.doorkeeper.knows(visit.request)
            let apps = isKnown ? try await visit.core.directory.apps() : []
            return Reply { json in
                json.field("signedIn", isKnown)
                json.field("needsPassword", visit.console.doorkeeper.hasPassword)
                json.field("isRecording", visit.console.journal.isRecording)
                json.field("version", visit.context.version)
                json.field("startedAt", visit.context.startedAt.milliseconds)
                guard isKnown else { return }
                json.field("apps") { json in
                    json.array(apps.sorted { $0.createdAt < $1.createdAt }) { $0.app($1, visit.context) }
                }
            }
        },
        Route(
            .POST, "login", "Sign in", body: [Field("password")], answer: [], isOpen: true
        ) { visit in
            let cookie = try await visit.console.doorkeeper.signIn(try visit.text("password"), visit.request)
            var reply = Reply.done
            reply.headers.add(name: "Set-Cookie", value: cookie)
            return reply
        },
        Route(.POST, "logout", "Sign out", answer: [], isOpen: true) { visit in
            var reply = Reply.done
            reply.headers.add(name: "Set-Cookie", value: visit.console.doorkeeper.signOut(visit.request))
            return reply
        },
    ]
}

extension JSONWriter {
    fileprivate mutating func app(_ app: App, _ context: ConsoleContext) {
        self.object { json in
            json.field("id", app.id.rawValue)
            json.field("credentials") { json in
                json.array(context.dialects.compactMap { app.credential(in: type(of: $0).name, $0) }) { json, row in
                    json.object {
                        $0.field("dialect", row.credential.dialect.rawValue)
                        $0.field("title", row.title)
                        $0.field("key", row.credential.key)
                    }
                }
            }
        }
    }
}

extension App {
    fileprivate func credential(
        in name: DialectName, _ dialect: any Dialect
    ) -> (credential: Credential, title: String)? {
        self.credential(in: name).map { ($0, type(of: dialect).title) }
    }
}
