import NIOCore
import NIOWebSocket
import ParleyCore
import ParleyHub

/// Where one client's commands are taken, done in order, and answered. Touched on the connection's event loop only.
///
/// What it holds is bounded: at most ``limit`` commands are under way, from being read to being answered, and an answer is not given before the client has
/// taken what was sent to it already. Beyond that nothing more is read from the client, so nothing is dropped either.
///
/// Sends and effects are done one after the other, in the order they came; sends that come while others are being appended are appended together next.
/// Lookups are done one after the other too, beside them.
final class Desk {
    static let limit = 32

    private struct Waiting<What: Sendable>: Sendable {
        let what: What
        let request: [UInt8]?
    }

    private enum Effect: Sendable {
        case send(Outgoing)
        case other(@Sendable (Asker) async throws -> Answer?)
    }

    let reader: Reader
    private let asker: Asker
    let loop: any EventLoop
    /// Called when there is room for commands again.
    private let resume: () -> Void

    private var underWay = 0
    /// Read in one piece with what came before, and begun when there is room.
    private var texts = Line<[UInt8]>()
    private var isTaking = false
    private var effects = Line<Waiting<Effect>>()
    private var isWorking = false
    private var lookups = Line<Waiting<@Sendable (Asker) async throws -> Answer>>()
    private var isLooking = false
    /// Answers that the client has no room for yet.
    private var answers = Line<[UInt8]>()
    var isWaitingForRoom = false
    private var isClosed = false

    init(_ reader: Reader, asker: Asker, loop: any EventLoop, resume: @escaping () -> Void) {
        self.reader = reader
        self.asker = asker
        self.loop = loop
        self.resume = resume
    }

    var hasRoom: Bool { self.underWay < Self.limit && self.texts.isEmpty }

    /// What the client sent.
    func take(_ text: [UInt8]) {
        guard !self.isClosed else { return }
        self.texts.append(text)
        self.takeOn()
    }

    /// The connection has ended: what was begun is still done, and nobody is told.
    func close() {
        self.isClosed = true
        self.texts.removeAll()
        self.answers.removeAll()
        self.lookups.removeAll()
    }

    /// The client has taken some of what was sent to it.
    func outboxHasRoom() {
        self.deliver()
        self.look()
        self.reader.flush()
    }
}

// MARK: Taking and answering

extension Desk {
    private func takeOn() {
        guard !self.isTaking else { return }
        self.isTaking = true
        while self.underWay < Self.limit, let text = self.texts.popNext() { self.begin(text) }
        self.isTaking = false
        if self.hasRoom { self.resume() }
    }

    private func begin(_ text: [UInt8]) {
        self.underWay += 1
        let order = Command.read(text, of: self.asker.user)
        do throws(Refusal) {
            switch try order.work.get() {
            case .now(let run): self.answer(try run(self.reader), order.request)
            case .send(let outgoing):
                self.effects.append(Waiting(what: .send(outgoing), request: order.request))
                self.work()
            case .effect(let run):
                self.effects.append(Waiting(what: .other(run), request: order.request))
                self.work()
            case .lookup(let run):
                self.lookups.append(Waiting(what: run, request: order.request))
                self.look()
            }
        } catch {
            self.answer(.refused(error), order.request)
        }
    }

    private func answer(_ answer: Answer?, _ request: [UInt8]?) {
        guard let answer, !self.isClosed else {
            self.underWay -= 1
            return self.takeOn()
        }
        self.answers.append(answer.bytes(echoing: request))
        self.deliver()
    }

    private func deliver() {
        while self.reader.hasRoom, let answer = self.answers.popNext() {
            self.reader.write(.frame(.text, answer))
            self.underWay -= 1
        }
        if !self.answers.isEmpty { self.waitForRoom() }
        self.takeOn()
    }

    private func answer(_ outcome: Result<Answer?, any Error>, _ request: [UInt8]?) {
        switch outcome {
        case .success(let answer): self.answer(answer, request)
        case .failure(let error): self.answer(.refused(self.refusal(for: error)), request)
        }
    }

    private func refusal(for error: any Error) -> Refusal {
        switch error {
        case let refusal as Refusal: return refusal
        case let rejection as Rejection: return Refusal(rejection)
        default:
            self.asker.socket.report(error, self.reader.client)
            return .fault
        }
    }
}

// MARK: Doing

extension Desk: Worker {
    enum Work: Sendable {
        /// With the `request` of each.
        case sends([Outgoing], [[UInt8]?])
        case effect(@Sendable (Asker) async throws -> Answer?, [UInt8]?)
        case lookup(@Sendable (Asker) async throws -> Answer, [UInt8]?)
    }

    private func work() {
        guard !self.isWorking, let first = self.effects.popNext() else { return }
        self.isWorking = true
        switch first.what {
        case .other(let run): self.begin(.effect(run, first.request))
        case .send(let outgoing):
            var batch = [outgoing]
            var requests = [first.request]
            while case .send(let next)? = self.effects.next?.what {
                batch.append(next)
                requests.append(self.effects.popNext()?.request)
            }
            self.begin(.sends(batch, requests))
        }
    }

    /// Nothing is looked up that could not be sent.
    private func look() {
        guard !self.isLooking, self.answers.isEmpty, let next = self.lookups.next else { return }
        guard self.reader.hasRoom else { return self.waitForRoom() }
        _ = self.lookups.popNext()
        self.isLooking = true
        self.begin(.lookup(next.what, next.request))
    }

    func run(_ work: Work) async {
        let asker = self.asker
        switch work {
        case .sends(let sends, let requests):
            let outcomes = await asker.send(sends)
            self.isWorking = false
            for (outcome, request) in zip(outcomes, requests) { self.answer(outcome.map { $0 }, request) }
            self.work()
        case .effect(let run, let request):
            let outcome = await Result.of { try await run(asker) }
            self.isWorking = false
            self.answer(outcome, request)
            self.work()
        case .lookup(let run, let request):
            let outcome: Result<Answer?, any Error> = await Result.of { try await run(asker) }
            self.isLooking = false
            self.answer(outcome, request)
            self.look()
        }
    }
}

extension Result where Failure == any Error {
    fileprivate static func of(_ body: () async throws -> Success) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
