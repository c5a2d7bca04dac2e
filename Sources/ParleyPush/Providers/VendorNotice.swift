import Crypto
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// A notice as one phone maker's service is to show it: what was said for this kind of provider only goes before what was said for all.
struct VendorNotice {
    let notice: PushNotice
    let look: PushLook
    let special: PushSpecial

    init(_ notice: PushNotice, at kind: PushProvider.Kind) {
        self.notice = notice
        self.look = notice.look.seen(at: kind)
        self.special = notice.look.special[kind] ?? PushSpecial()
    }

    var token: String { self.notice.device.token }

    /// Never blank: no service takes a blank one.
    var title: String {
        Self.firstToSaySomething(self.look.title, self.look.text, self.notice.sender.rawValue)
    }

    /// Never blank either.
    var text: String { Self.firstToSaySomething(self.look.text, self.title) }

    /// Apple's categories are of another kind, so only what was said for this one counts.
    var category: String? { self.special.category }
    /// Those that count beyond 99 show "99+".
    var badge: Int? { self.notice.badge.map { min(max($0, 0), 99) } }

    /// The same each time that this message is pushed to this device, so that a service that drops repetitions does so. 32 hexadecimal digits.
    var id: String {
        let notice = self.notice
        let parts = [
            notice.app.rawValue, notice.message.description, notice.device.user.rawValue, notice.device.device,
        ]
        return Self.digest(of: parts.joined(separator: "\n")).prefix(16).hex
    }

    /// What these services replace an earlier notice by: a number, where we have a text.
    var replacementNumber: Int? { self.look.collapseID.map(Self.number) }

    /// Not negative, and with 31 bits: Android's ids of notices are Java's `int`.
    static func number(for text: String) -> Int {
        Self.digest(of: text).prefix(4).reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
    }

    static func digest(of text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// - Parameter range: what the service takes. One day, if the sender said nothing: most services' own default.
    func lifetimeSeconds(in range: ClosedRange<Int64>) -> Int64 {
        min(max(self.look.lifetimeSeconds ?? 86_400, range.lowerBound), range.upperBound)
    }

    /// Only for a phone that is on now.
    var isForNow: Bool { (self.look.lifetimeSeconds ?? 1) <= 0 }

    private static func firstToSaySomething(_ texts: String...) -> String {
        for text in texts where !text.allSatisfy(\.isWhitespace) { return text }
        return "…"
    }
}

// MARK: What the app finds

extension VendorNotice {
    var hasPayload: Bool { !self.notice.payload.isEmpty }

    /// One JSON object.
    ///
    /// - Parameter limit: of bytes. Fields that would exceed it are left out: with less in it, a notice still rings.
    func payload(atMost limit: Int = .max) -> [UInt8] {
        var size = 2
        return JSONWriter.object {
            for field in self.notice.payload {
                let cost = field.name.utf8.count + field.value.count + 4
                guard cost <= limit - size else { continue }
                size += cost
                $0.field(field.name, raw: field.value)
            }
        }
    }

    /// The same where a service takes texts only: a JSON text as what it says, anything else as it is written.
    ///
    /// - Parameters:
    ///   - count: of pairs at most.
    ///   - limit: of characters in all names and values.
    func texts(count: Int, limit: Int) -> [(name: String, value: String)] {
        var size = 0
        var texts: [(name: String, value: String)] = []
        for field in self.notice.payload where texts.count < count {
            let value =
                (try? JSON(parsing: field.value))?.string ?? String(decoding: field.value, as: UTF8.self)
            let cost = field.name.utf16.count + value.utf16.count
            guard cost <= limit - size else { continue }
            size += cost
            texts.append((field.name, value))
        }
        return texts
    }

    /// A body that is at most 4096 bytes long beside the token, with less of the text if it has to be: the limit of Huawei's API and of those like it.
    func body(_ make: (_ text: String) -> [UInt8]) throws(PushRefusal) -> [UInt8] {
        let limit = 4096
        if let body = Fitting.fit(self.text, within: limit + self.token.utf8.count, make) { return body }
        throw PushRefusal("the message is larger than \(limit) bytes")
    }
}
