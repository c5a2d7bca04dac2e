import NIOCore
import NIOPosix
import ParleyClient
import ParleyJSON
import Synchronization

/// A browser's DevTools protocol: commands with numbers, their answers, and events, as JSON on one WebSocket
/// (https://chromedevtools.github.io/devtools-protocol/).
final class DevTools: Sendable {
    struct Event: Sendable {
        /// Whose it is: an attached page's.
        var session: String
        var method: String
        var parameters: JSON
    }

    struct Failure: Error, CustomStringConvertible {
        var method: String
        var message: String
        var description: String { "\(self.method): \(self.message)" }
    }

    private struct State {
        var lastID = 0
        var waiting: [Int: CheckedContinuation<JSON, any Error>] = [:]
        var listeners: [String: AsyncStream<Event>.Continuation] = [:]
        var isClosed = false
    }

    /// A page that does not answer in this time is hung.
    private static let patience = TimeAmount.seconds(60)

    private let socket: SocketClient
    private let state = Mutex(State())

    /// - Parameter target: the path that the browser named.
    static func connect(port: Int, target: String) async throws -> DevTools {
        let socket = try await SocketClient.connect(host: "127.0.0.1", port: port, target: target, group: .singleton)
        let tools = DevTools(socket)
        Task { await tools.read() }
        return tools
    }

    private init(_ socket: SocketClient) { self.socket = socket }

    /// The events of one attached page, from now on.
    func events(of session: String) -> AsyncStream<Event> {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        self.state.withLock { $0.listeners[session] = continuation }
        return events
    }

    @discardableResult
    func call(
        _ method: String, session: String? = nil, _ parameters: (inout JSONWriter) -> Void = { _ in }
    ) async throws -> JSON {
        let values = JSONWriter.object(parameters)
        return try await withCheckedThrowingContinuation { continuation in
            let id: Int? = self.state.withLock { state in
                guard !state.isClosed else { return nil }
                state.lastID += 1
                state.waiting[state.lastID] = continuation
                return state.lastID
            }
            guard let id else {
                return continuation.resume(throwing: Failure(method: method, message: "the browser is gone"))
            }
            let command = JSONWriter.object { json in
                json.field("id", id)
                json.field("method", method)
                if let session { json.field("sessionId", session) }
                json.field("params", raw: values)
            }
            self.socket.send(ByteBuffer(bytes: command))
            _ = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: Self.patience) {
                self.finish(id, .failure(Failure(method: method, message: "no answer")))
            }
        }
    }

    private func finish(_ id: Int, _ result: Result<JSON, any Error>) {
        self.state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(with: result)
    }

    private func read() async {
        for await frame in self.socket.frames {
            guard let message = try? JSON(parsing: Array(frame.readableBytesView)) else { continue }
            if let id = message["id"]?.int {
                self.finish(Int(id), Self.result(of: message))
            } else if let method = message["method"]?.string, let parameters = message["params"] {
                let session = message["sessionId"]?.string ?? ""
                let listener = self.state.withLock { $0.listeners[session] }
                listener?.yield(Event(session: session, method: method, parameters: parameters))
            }
        }
        let (waiting, listeners) = self.state.withLock { state in
            state.isClosed = true
            defer { (state.waiting, state.listeners) = ([:], [:]) }
            return (state.waiting, state.listeners)
        }
        for listener in listeners.values { listener.finish() }
        for (_, continuation) in waiting {
            continuation.resume(throwing: Failure(method: "", message: "the browser is gone"))
        }
    }

    private static func result(of message: JSON) -> Result<JSON, any Error> {
        if let error = message["error"]?["message"]?.string {
            return .failure(Failure(method: "", message: error))
        }
        guard let result = message["result"] else { return .failure(Failure(method: "", message: "no result")) }
        return .success(result)
    }
}
