import ParleyCore
import ParleyJSON
import ParleyOutbound
import Testing

@testable import ParleyPush

/// What the tests of the phone makers' services share, beside ``NoticeSample``.
enum VendorSample {
    static let grant = PushGrant(token: "granted", expiresAt: .distantFuture)

    static func provider(
        _ kind: PushProvider.Kind, url: String? = nil, _ account: [String: String]
    ) -> PushProvider {
        PushProvider(name: "mine", kind: kind, url: url, account: account)
    }

    /// The names and values of a form, decoded.
    static func form(_ body: [UInt8]) throws -> [String: String] {
        var fields: [String: String] = [:]
        for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            try #require(parts.count == 2)
            fields[Self.decoded(parts[0])] = Self.decoded(parts[1])
        }
        return fields
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What an adapter asks a provider for, before it sends anything.
    static func asked(_ adapter: some PushAdapter) async throws -> OutboundRequest {
        guard case .ask(let request) = try await adapter.access(at: NoticeSample.now) else {
            throw AccountFault("access", "is not asked for")
        }
        return request
    }

    /// The account with each of its required fields missing in turn.
    static func expectEachFieldToBeMissed<Adapter: PushAdapter>(
        _ adapter: Adapter.Type, _ account: [String: String]
    ) {
        for field in Adapter.fields where field.isRequired {
            var rest = account
            rest[field.name] = nil
            let thrown = #expect(throws: AccountFault.self) {
                try Adapter(Self.provider(Adapter.kind, rest))
            }
            #expect(thrown == AccountFault(field.name, "is missing"))
        }
        let known = Set(Adapter.fields.map(\.name))
        #expect(account.keys.allSatisfy(known.contains))
    }

    /// What no service says with a code of its own.
    static func expectTroubleToBeForLater(_ adapter: some PushAdapter) {
        for status in [408, 429, 500, 502, 503] {
            let verdict = adapter.verdict(on: NoticeSample.answer(status), at: NoticeSample.now)
            #expect(verdict == .later("HTTP \(status)", afterMilliseconds: nil))
        }
        let verdict = adapter.verdict(on: NoticeSample.answer(503, retryAfter: "7"), at: NoticeSample.now)
        #expect(verdict == .later("HTTP 503", afterMilliseconds: 7000))
        #expect(
            adapter.verdict(on: NoticeSample.answer(200, "<html>"), at: NoticeSample.now)
                == .refused("HTTP 200, and no answer that can be read"))
    }
}

@Suite struct VendorTextTests {
    @Test(
        arguments: [
            ("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("", 3, ""), ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 12, "👩‍👩‍👧‍👦…"),
            ("👩‍👩‍👧‍👦x", 4, "…"), ("e\u{301}e\u{301}e\u{301}", 5, "e\u{301}e\u{301}…"),
        ])
    func aTextIsShortenedAtTheEndOfACharacter(text: String, limit: Int, expected: String) {
        #expect(text.shortened(to: limit, in: .units) == expected)
    }

    @Test func aChineseCharacterIsAsLongAsTwoEnglishOnes() {
        #expect("你好世界".shortened(to: 8, in: .halfWidths) == "你好世界")
        #expect("你好世界a".shortened(to: 8, in: .halfWidths) == "你好世…")
        #expect("abcdefgh".shortened(to: 8, in: .halfWidths) == "abcdefgh")
    }

    @Test func aFormIsEncodedAndKeepsItsOrder() {
        var form = FormBody()
        form["b"] = "1 & 2"
        form["a"] = "你"
        form["b"] = "3+4"
        #expect(String(decoding: form.bytes, as: UTF8.self) == "b=3%2B4&a=%E4%BD%A0")
    }

    @Test func theIDOfANoticeIsTheSameEachTimeAndAnotherForAnotherDevice() {
        let one = VendorNotice(NoticeSample.notice(token: "a"), at: .vivo)
        let again = VendorNotice(NoticeSample.notice(token: "b"), at: .vivo)
        #expect(one.id == "c77ae40485c19a4f8e1da1432a2fc850")
        #expect(again.id == one.id)
        var elsewhere = NoticeSample.notice()
        elsewhere.device.device = "tablet"
        #expect(VendorNotice(elsewhere, at: .vivo).id != one.id)
    }

    @Test func aBlankTitleOrTextIsFilledFromWhatThereIs() {
        let noTitle = VendorNotice(NoticeSample.notice { $0.title = " " }, at: .xiaomi)
        #expect(noTitle.title == "Lunch?")
        let noText = VendorNotice(NoticeSample.notice { $0.text = "" }, at: .xiaomi)
        #expect(noText.text == "Ann")
        let nothing = VendorNotice(
            NoticeSample.notice {
                $0.title = ""
                $0.text = "\n"
            }, at: .xiaomi)
        #expect(nothing.title == "ann")
        #expect(nothing.text == "ann")
    }
}
