import NIOHTTP1
import ParleyCore
import ParleyDialectKit

/// Finds the endpoint for a path such as `/{org_name}/{app_name}/chatgroups/{group_id}/users/{username}`.
struct Router: Sendable {
    struct Route: Sendable {
        let description: EndpointDescription
        let method: HTTPMethod
        let segments: [Segment]
        let callers: Callers
        fileprivate let limit: RateLimiter.Limit
        fileprivate let limitScope: CallLimit.Scope
        fileprivate var limitCompanion: String?
        let area: Area
        let answer: @Sendable (Call) async throws -> Answer
    }

    enum Segment: Hashable, Sendable {
        case literal(String)
        case parameter(String)
    }

    private struct Key: Hashable {
        let resource: String
        let count: Int
    }

    let routes: [Route]
    private let index: [Key: [Route]]

    init(_ table: [any Endpoint.Type], closed services: [ClosedService]) {
        self.routes = table.map { Route($0) } + services.map { Route($0) }
        self.index = Dictionary(grouping: self.routes) { route in
            guard case .literal(let resource) = route.segments[0] else {
                preconditionFailure("\(route.description.path): the resource must be spelled out")
            }
            return Key(resource: resource, count: route.segments.count)
        }
    }

    /// Of several routes that fit, the one that spells out most of the path: `/users/batch/status` before `/users/{username}/status`.
    ///
    /// - Throws: 404 for a path that there is not, 405 for a method that the path has not.
    func route(_ method: HTTPMethod, _ path: [String]) throws(Refusal) -> (Route, parameters: [String: String]) {
        guard let resource = path.first else { throw .serviceResourceNotFound }
        let fitting = (self.index[Key(resource: resource, count: path.count)] ?? []).filter { $0.fits(path) }
        let most = fitting.map(\.literalCount).max()
        let candidates = fitting.filter { $0.literalCount == most }
        guard !candidates.isEmpty else { throw .serviceResourceNotFound }
        // `/chatgroups/user/{username}` must not hide `/chatgroups/{group_id}/ban` from other methods.
        guard
            let route = candidates.first(where: { $0.method == method })
                ?? fitting.first(where: { $0.method == method })
        else { throw .methodNotAllowed(Set(fitting.map(\.method.rawValue)).sorted()) }
        return (route, route.parameters(path))
    }
}

extension Router.Route {
    fileprivate init<E: Endpoint>(_ endpoint: E.Type) {
        self.init(E.description, for: E.callers, E.callLimit, named: E.limitName, in: E.area) { call in
            try await E.answer(call)
        }
        self.limitCompanion = E.limitCompanion
    }

    fileprivate init(_ service: ClosedService) {
        self.init(service.description, for: service.callers, CallLimit(100), named: nil, in: .general) { _ in
            throw service.refusal
        }
    }

    private init(
        _ description: EndpointDescription, for callers: Callers, _ limit: CallLimit, named limitName: String?,
        in area: Area, _ answer: @escaping @Sendable (Call) async throws -> Answer
    ) {
        let description = description.with(
            Examples.all[description.shortName], inChinese: ChineseTitles.all[description.shortName])
        self.description = description
        self.method = HTTPMethod(rawValue: description.method)
        self.segments = description.path.split(separator: "/").dropFirst(2).map { segment in
            segment.hasPrefix("{") ? .parameter(String(segment.dropFirst().dropLast())) : .literal(String(segment))
        }
        self.callers = callers
        let words = self.segments.map { segment in
            switch segment {
            case .literal(let word), .parameter(let word): word
            }
        }
        let name = limitName ?? ([description.method.lowercased()] + words).joined(separator: "-")
        self.limit = RateLimiter.Limit("easemob.\(name)", limit.count, perSeconds: limit.seconds)
        self.limitScope = limit.scope
        self.area = area
        self.answer = answer
    }

    /// Whether this call is within the endpoint's limit. If it is, it is counted.
    func admits(_ call: Call) -> Bool {
        var limit = self.limit
        if let other = self.limitCompanion, let raised = call.app.settings.rates[other] { limit.count = raised }
        let whose = self.limitScope == .user ? call.user().rawValue : ""
        let isAdmitted = call.easemob.context.rates.admits(of: limit, for: call.app, by: whose)
        if !isAdmitted { call.request.trace?.refused(by: limit, of: call.app) }
        return isAdmitted
    }

    fileprivate var literalCount: Int {
        self.segments.count { if case .literal = $0 { true } else { false } }
    }

    fileprivate func fits(_ path: [String]) -> Bool {
        zip(self.segments, path).allSatisfy { segment, text in
            if case .literal(let word) = segment { word == text } else { true }
        }
    }

    fileprivate func parameters(_ path: [String]) -> [String: String] {
        var parameters: [String: String] = [:]
        for case (.parameter(let name), let text) in zip(self.segments, path) { parameters[name] = text }
        return parameters
    }
}
