internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import ParleyJSON

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Does what the ``Machine`` says, on one event loop: that of its connections, so that nothing between a socket and the machine changes threads.
actor Session {
    nonisolated let loop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.executor.asUnownedSerialExecutor() }

    nonisolated let configuration: Chat.Configuration
    nonisolated let endpoint: Endpoint
    nonisolated let queue: EventQueue
    private var machine: Machine
    private let began = NIODeadline.now()
    private var socket: SocketClient?
    /// Numbers connections: what comes from one that was given up is nobody's.
    private var connection = 0
    private var isReading = true
    private var timer: (at: Duration, task: Scheduled<Void>)?
    private var waiting: [Int: CheckedContinuation<Result<Machine.Answer, ChatError>, Never>] = [:]
    private var lastNumber = 0
    private var tokenTask: Task<Void, Never>?
    private(set) var token: String?
    private var saver: Task<Void, Never>?

    init(_ configuration: Chat.Configuration, endpoint: Endpoint, queue: EventQueue, on loop: any EventLoop) {
        var configuration = configuration
        // Without a name each connection would be a device of its own, and none would go on where the one before it ended.
        configuration.device = configuration.device ?? UUID().uuidString
        self.configuration = configuration
        self.endpoint = endpoint
        self.queue = queue
        self.loop = loop
        self.machine = Machine(configuration)
    }

    private var now: Duration { .nanoseconds((NIODeadline.now() - self.began).nanoseconds) }

    func start() async {
        if let store = self.configuration.cursors {
            let delay = Duration.milliseconds(500)
            while !self.machine.isEnded {
                do {
                    self.machine.useSaved(try await store.load())
                    break
                } catch { try? await Task.sleep(for: delay) }
            }
        }
        self.handle(.start)
    }

    func close() async {
        self.handle(.close)
        await self.saver?.value
        await self.save()
    }

    func handle(_ input: Machine.Input) {
        self.perform(self.machine.handle(input, at: self.now))
    }

    private func perform(_ actions: [Machine.Action]) {
        for action in actions {
            switch action {
            case .askToken: self.askToken()
            case .connect(let token): self.connect(token)
            case .write(let frame): self.socket?.send(ByteBuffer(bytes: frame))
            case .ping: self.socket?.ping()
            case .drop:
                self.socket?.dropNow()
                self.socket = nil
            case .closeSocket:
                let socket = self.socket
                self.socket = nil
                Task { await socket?.close() }
            case .emit(let event, let bytes): self.queue.push(event, bytes: bytes)
            case .answer(let number, let result): self.waiting.removeValue(forKey: number)?.resume(returning: result)
            case .finish: self.finish()
            }
        }
        self.updateReading()
        self.updateTimer()
    }

    private func finish() {
        self.connection += 1
        self.socket?.dropNow()
        self.socket = nil
        self.tokenTask?.cancel()
        self.timer?.task.cancel()
        self.timer = nil
        self.queue.finish()
    }
}

// Connections.
extension Session {
    private func askToken() {
        self.tokenTask = Task { [provider = self.configuration.token] in
            do {
                let token = try await provider()
                self.token = token
                self.handle(.token(token))
            } catch { self.handle(.noToken("\(error)")) }
        }
    }

    private func connect(_ token: String) {
        self.connection += 1
        let number = self.connection
        let tls: NIOSSLContext?
        do { tls = try self.endpoint.tls(self.configuration.certificates) } catch {
            // Not at once: what fails is told in a turn of its own, so that an attempt is never within an attempt.
            self.loop.execute { self.assumeIsolated { $0.handle(.failed("\(error)")) } }
            return
        }
        SocketClient.open(
            self.endpoint, target: self.target, headers: ["Authorization": "Bearer \(Endpoint.headerValue(token))"],
            tls: tls, on: self.loop
        ) { input in
            self.assumeIsolated { $0.received(input, from: number) }
        }.whenComplete { result in
            self.assumeIsolated { $0.opened(result, number) }
        }
    }

    private var target: String {
        var target = "/v1/connect?"
        if let device = self.configuration.device { target += "device=\(Endpoint.escaped(device))&" }
        if let platform = self.configuration.platform { target += "platform=\(Endpoint.escaped(platform))&" }
        if let limit = self.configuration.catchUpLimit { target += "catchup=\(limit)&" }
        if self.configuration.cursors != nil { target += "ack=manual&begin=manual&" }
        target.removeLast()
        return target
    }

    private func opened(_ result: Result<SocketClient, any Error>, _ number: Int) {
        switch result {
        case .success(let socket):
            guard number == self.connection else { return socket.dropNow() }
            self.socket = socket
            if !self.isReading { socket.readWhenTold(false) }
            self.handle(.opened)
        case .failure(let error):
            guard number == self.connection else { return }
            if let refused = error as? SocketClient.Refused, refused.status != 0 {
                self.handle(.refused(status: refused.status, message: refused.body))
            } else {
                self.handle(.failed("\(error)"))
            }
        }
    }

    private func received(_ input: SocketClient.Input, from number: Int) {
        guard number == self.connection, self.socket != nil else { return }
        switch input {
        case .text(let bytes): self.handle(.frame(Array(bytes.readableBytesView)))
        case .heard: self.handle(.heard)
        case .closed(let code):
            self.socket = nil
            self.handle(.closed(code: code))
        }
    }

    /// An app that does not take its events stops the socket from being read, and thereby the server from sending.
    private func updateReading() {
        let shouldRead = !self.queue.isFull(whileAwaited: self.machine.isAwaited)
        guard shouldRead != self.isReading else { return }
        self.isReading = shouldRead
        self.socket?.readWhenTold(shouldRead)
        self.handle(.reading(shouldRead))
    }

    /// Later than a deadline that has moved away it does not come, and earlier does no harm: so a timer is set anew only for an earlier one.
    private func updateTimer() {
        guard let deadline = self.machine.deadline else { return }
        if let timer {
            guard deadline < timer.at else { return }
            timer.task.cancel()
        }
        let delay = max(.zero, deadline - self.now)
        let task = self.loop.scheduleTask(in: .nanoseconds(delay.nanoseconds)) {
            self.assumeIsolated {
                $0.timer = nil
                $0.handle(.tick)
            }
        }
        self.timer = (deadline, task)
    }
}

// Commands.
extension Session {
    /// - Parameter members: of the frame, after `type`.
    func request(
        _ type: String, isRepeatable: Bool, timeout: Duration?, _ members: @Sendable (inout JSONWriter) -> Void
    ) async throws(ChatError) -> JSON {
        self.lastNumber += 1
        let number = self.lastNumber
        let frame = JSONWriter.object { json in
            json.field("type", type)
            json.field("request", number)
            members(&json)
        }
        let result: Result<Machine.Answer, ChatError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.waiting[number] = continuation
                if Task.isCancelled {
                    self.waiting.removeValue(forKey: number)?.resume(returning: .failure(.cancelled))
                } else {
                    self.handle(.request(number, frame: frame, isRepeatable: isRepeatable, timeout: timeout))
                }
            }
        } onCancel: {
            self.loop.execute { self.assumeIsolated { $0.handle(.cancel(number)) } }
        }
        let bytes = try result.get().bytes
        guard let json = try? JSON(parsing: bytes) else {
            throw .unreadableAnswer(String(decoding: bytes, as: UTF8.self))
        }
        return json
    }

    func tell(_ frame: [UInt8]) { self.handle(.tell(frame)) }

    /// A token for a file transfer: the connection's, or the provider's when there has been none.
    func fileToken() async throws(ChatError) -> String {
        if let token { return token }
        do {
            let token = try await self.configuration.token()
            self.token = token
            return token
        } catch { throw .ended(.noToken("\(error)")) }
    }
}

// What the app has handled.
extension Session {
    /// The app has taken events: the socket may be read again, and there may be positions to save.
    nonisolated func taken(hasRoom: Bool, hasHandled: Bool) {
        self.loop.execute {
            self.assumeIsolated { session in
                if hasRoom { session.updateReading() }
                if hasHandled { session.saveSoon() }
            }
        }
    }

    private func saveSoon() {
        guard self.saver == nil, !self.machine.isEnded else { return }
        self.saver = Task {
            try? await Task.sleep(for: .milliseconds(500))
            await self.save()
            self.saver = nil
        }
    }

    /// What is on the app's disk is confirmed to the server.
    private func save() async {
        guard let store = self.configuration.cursors else { return }
        let handled = self.queue.takeHandled()
        guard !handled.isEmpty else { return }
        do {
            try await store.save(handled)
            self.machine.saved(handled)
            for (conversation, sequence) in handled {
                self.handle(
                    .tell(
                        JSONWriter.object {
                            $0.field("type", "ack")
                            $0.field("conversation", conversation.name)
                            $0.field("seq", sequence)
                        }))
            }
        } catch {
            // The next event that is handled brings it up again, and with a later position.
            self.queue.putBack(handled)
        }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
