import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

extension Route {
    /// The vendors' APIs, described and called.
    static let calls: [Route] = [
        Route(
            .GET, "dialects", "What can be called, with examples that work on the demo's data",
            query: [.optional("app", .text, "whose names the examples have; the first App's")],
            answer: [
                Field(
                    "dialects",
                    .list(
                        .object([
                            Field("name"), Field("title"),
                            Field(
                                "start", .object([Field("method"), Field("path")]), "where one begins: a message"),
                            Field(
                                "endpoints",
                                .list(
                                    .object([
                                        Field("method"), Field("path"), Field("title"),
                                        Field("page", .text, "the vendor's"),
                                        Field("completeness", .text, "complete, or what is missing"),
                                        .optional(
                                            "example",
                                            .object([
                                                Field("path", .anything, "names and values of the path's {…}"),
                                                Field("query", .anything, "names and values"), Field("body"),
                                                Field("contentType"),
                                            ])),
                                    ]))),
                        ])))
            ], perform: dialects),
        Route(
            .POST, "apps/{app}/calls", "Call a vendor's API as the App's backend does, signed",
            body: [
                Field("dialect"), Field("method"), Field("path"),
                .optional("query", .text, "encoded, or an object of names and values"), .optional("contentType"),
                .optional("body"), .optional("perform", .flag, "false: only show it as curl"),
            ],
            answer: [
                .optional("status", .integer), .optional("headers", .list(.list(.text))), .optional("body"),
                .optional("milliseconds", .number), .optional("n", .integer, "by which the call is found"),
                Field("curl"),
            ], perform: perform),
    ]

    // MARK: Descriptions

    private static func dialects(_ visit: Visit) async throws -> Reply {
        let apps = try await visit.core.directory.apps().sorted { $0.createdAt < $1.createdAt }
        let app = visit.query["app"].map { id in apps.first { $0.id.rawValue == id } } ?? apps.first
        return Reply { json in
            json.field("dialects") { json in
                json.array(visit.context.dialects) { $0.dialect(type(of: $1), for: app, in: visit.language) }
            }
        }
    }

    // MARK: Calls

    private static func perform(_ visit: Visit) async throws -> Reply {
        let app = try await visit.app()
        let dialect = try visit.context.dialect(try visit.text("dialect"))
        let draft = try await ComposedCall(visit, app, dialect)
        let curl = try draft.curl(
            isSigned: visit.console.doorkeeper.isHere(visit.request)
                && visit.context.publicSecrets.contains(app.credential(in: type(of: dialect).name)?.secret ?? ""))
        if visit.body["perform"]?.bool == false { return Reply { $0.field("curl", curl) } }
        let request = try draft.signed()
        let began = ContinuousClock.now
        let (response, number) = await visit.console.journal.record(request, by: dialect)
        let duration = ContinuousClock.now - began
        let mask = Mask(app)
        return Reply { json in
            json.field("status", Int(response.status.code))
            json.field("headers") { json in
                let headers = [("Content-Type", response.contentType)] + mask.headers(response.headers)
                json.array(headers) { json, header in json.array([header.0, header.1]) { $0.string($1) } }
            }
            json.field("body", mask.text(String(decoding: response.body, as: UTF8.self)))
            json.field("milliseconds", duration.milliseconds)
            json.field("n", number)
            json.field("curl", curl)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func dialect(_ dialect: any Dialect.Type, for app: App?, in language: Wording.Language) {
        let words = app.map { dialect.pathWords(for: $0) } ?? [:]
        let start =
            dialect.endpoints.first { $0.example?.isFirst ?? false } ?? dialect.endpoints.first { $0.example != nil }
        self.object { json in
            json.field("name", dialect.name.rawValue)
            json.field("title", dialect.title)
            json.field("start") { json in
                json.object {
                    $0.field("method", start?.method ?? "")
                    $0.field("path", start?.path ?? "")
                }
            }
            json.field("endpoints") { json in
                json.array(dialect.endpoints) { $0.endpoint($1, words, language) }
            }
        }
    }

    private mutating func endpoint(
        _ endpoint: EndpointDescription, _ words: [String: String], _ language: Wording.Language
    ) {
        self.object { json in
            json.field("method", endpoint.method)
            json.field("path", endpoint.path)
            json.field("title", endpoint.title(in: language))
            json.field("page", endpoint.page)
            switch endpoint.completeness {
            case .complete: json.field("completeness", "complete")
            case .partial(let missing): json.field("completeness", missing)
            }
            guard let example = endpoint.example else { return }
            json.field("example") { json in
                json.object { json in
                    let path = words.filter { endpoint.path.contains("{\($0.key)}") }.merging(example.path) { $1 }
                    json.field("path") { $0.texts(path.sorted { $0.key < $1.key }) }
                    json.field("query") { $0.texts((try? Form(query: example.query))?.fields.map { ($0, $1) } ?? []) }
                    json.field("body", example.body)
                    json.field("contentType", example.contentType)
                }
            }
        }
    }

    private mutating func texts(_ fields: [(key: String, value: String)]) {
        self.object { json in for (name, value) in fields { json.field(name, value) } }
    }
}
