import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// What the calls about pushes leave behind. What they answer is in `Exchanges/push`.
struct PushTests {
    private let alice = UserID("alice")
    private let group = GroupID("demo-group")

    private func preferences(_ calls: Calls) async throws -> [PushScope: PushPreferences] {
        try await calls.bench.core.push.pushPreferences(of: self.alice, in: calls.bench.app.id)
    }

    @Test func aPhoneIsTheVendorsWhicheverCallRegistersIt() async throws {
        let calls = try await Calls.make()
        let now = calls.bench.clock.now()
        _ = await calls.call(
            .PUT, "/users/alice/push/binding", #"{"device_id":"a","notifier_name":"104","device_token":"t1"}"#)
        _ = await calls.call(
            .PUT, "/users/alice", headers: [("Authorization", "Bearer <user:alice>")],
            #"{"device_id":"b","notifier_name":"ios","device_token":"t2"}"#)
        // A client that does not name its device has one for each notifier.
        _ = await calls.call(.PUT, "/users/alice", #"{"notifier_name":"mi","device_token":"t3"}"#)
        func device(_ name: String, _ provider: String, _ token: String) -> PushDevice {
            PushDevice(
                user: self.alice, device: name, provider: provider, token: token, dialect: Easemob.name,
                registeredAt: now)
        }
        let devices = try await calls.bench.core.push.pushDevices(of: self.alice, in: calls.bench.app.id)
        #expect(Set(devices) == [device("a", "104", "t1"), device("b", "ios", "t2"), device("mi", "mi", "t3")])
    }

    @Test func theOlderSettingsHoldAsTheNewerOnesDo() async throws {
        let calls = try await Calls.make()
        _ = await calls.call(
            .PUT, "/users/alice",
            #"{"notification_display_style":1,"notification_no_disturbing":true,"notification_no_disturbing_start":22,"notification_no_disturbing_end":7,"notification_ignore_demo-group":true,"notification_ignore_nowhere":true}"#
        )
        var general = PushPreferences()
        general.showsDetails = true
        general.quietHours = QuietHours(start: 22 * 3600, seconds: 9 * 3600)
        var ofGroup = PushPreferences()
        ofGroup.level = PushLevel.none
        #expect(
            try await self.preferences(calls) == [.everywhere: general, .conversation(.group(self.group)): ofGroup])
        let place = try await calls.bench.core.places.place(
            of: self.alice, in: ConversationID(app: calls.bench.app.id, .group(self.group)))
        #expect(place.isMuted)
        // All day, until it is taken back; hours that were said before count again when it is turned on.
        _ = await calls.call(.PUT, "/users/alice", #"{"notification_no_disturbing_end":22}"#)
        #expect(try await self.preferences(calls)[.everywhere]?.quietHours?.seconds == 86400)
        _ = await calls.call(
            .PUT, "/users/alice", #"{"notification_no_disturbing":false,"notification_ignore_demo-group":false}"#)
        general.quietHours = nil
        #expect(try await self.preferences(calls) == [.everywhere: general])
    }

    @Test func aUserCannotPileUpSettings() async throws {
        let calls = try await Calls.make(rates: false)
        for round in 0..<6 {
            let settings = (0..<100).map { #""notification_\#(round)_\#($0)":1"# }.joined(separator: ",")
            let response = await calls.call(.PUT, "/users/alice", "{\(settings)}")
            #expect(response.status == (round < 5 ? .ok : .badRequest))
        }
    }

    @Test func whatIsSetForAConversationIsSeenByAllVendorsAPIs() async throws {
        let calls = try await Calls.make()
        _ = await calls.call(.PUT, "/users/alice/notification/chatgroup/demo-group", #"{"type":"AT"}"#)
        let snapshot = try await calls.bench.core.directory.group(self.group, in: calls.bench.app.id)
        #expect(snapshot?.members[self.alice]?.delivery == .silent)
        #expect(try await self.preferences(calls)[.conversation(.group(self.group))]?.level == .mentions)
        try await calls.bench.core.changeMember(self.alice, of: self.group, in: calls.bench.app.id) { member, _ in
            member.delivery = .notify
        }
        let response = await calls.call(.GET, "/users/alice/notification/chatgroup/demo-group")
        #expect(response.json?["data"]?["type"]?.string == "DEFAULT")
    }

    @Test func pushesAreCountedByTheAppsDays() async throws {
        let calls = try await Calls.make()
        func record(_ outcome: PushRecord.Outcome, _ kind: PushProvider.Kind, at moment: Timestamp) -> PushRecord {
            PushRecord(
                provider: kind.rawValue, kind: kind, message: calls.bench.core.identifiers.next(), user: self.alice,
                device: "d", title: "", text: "", sentAt: moment, milliseconds: 1, attempts: 1, outcome: outcome)
        }
        // 2024-04-01, 23:59:59 and 2024-04-02, 00:00:00 in Beijing.
        let last = Timestamp(seconds: 1_711_987_199)
        try await calls.bench.core.push.note(
            nil, of: "x", in: calls.bench.app.id,
            [
                record(.accepted, .huawei, at: last), record(.unregistered, .huawei, at: last),
                record(.accepted, .apns, at: last), record(.givenUp, .fcm, at: last.adding(seconds: 1)),
            ])
        let path = "/push/data/offline-push/begin"
        let both = await calls.call(.GET, "\(path)/2024-04-01/end/2024-04-02?platform=ALL")
        #expect(
            both.text
                == #"{"status":"OK","data":{"2024-04-02":{"ANDROID":{"successCount":0,"failCount":1}},"#
                + #""2024-04-01":{"APNS":{"successCount":1,"failCount":0},"HUAWEIPUSH":{"successCount":1,"failCount":1}}}}"#
        )
        calls.bench.clock.advance(seconds: 1)
        let one = await calls.call(.GET, "\(path)/2024-04-01/end/2024-04-01?platform=APNS")
        #expect(one.text == #"{"status":"OK","data":{"2024-04-01":{"APNS":{"successCount":1,"failCount":0}}}}"#)
    }

    @Test func daysAreThoseOfTheCalendar() {
        #expect(Day("1970-01-01")?.number == 0)
        #expect(Day("2024-02-29")?.number == 19_782)
        #expect(
            Day("2023-02-29") == nil && Day("2024-13-01") == nil && Day("2024-4-1") == nil && Day("+024-04-01") == nil)
        for number in stride(from: Int64(0), through: 2_932_896, by: 97) {
            #expect(Day(Day(number: number).text)?.number == number)
        }
        #expect(Day(number: 2_932_896).text == "9999-12-31")
        let midnight = Timestamp(seconds: 1_711_900_800)  // 2024-04-01 in Beijing
        #expect(Day(of: midnight, offsetMinutes: 480).text == "2024-04-01")
        #expect(Day(of: midnight.adding(milliseconds: -1), offsetMinutes: 480).text == "2024-03-31")
        #expect(Day("2024-04-01")?.start(offsetMinutes: 480) == midnight)
    }

    @Test(arguments: [
        ("21:30-08:00", 77400, 37800, "21:30-08:00"), ("8:5-10:0", 29100, 6900, "08:05-10:00"),
        ("00:00-23:59", 0, 86340, "00:00-23:59"), ("10:00-10:00", 36000, 86400, "10:00-10:00"),
        ("12:00-00:00", 43200, 43200, "12:00-00:00"),
    ])
    func quietIntervalsAreTimesOfEachDay(text: String, start: Int, seconds: Int, written: String) {
        #expect(QuietInterval(text)?.hours == QuietHours(start: start, seconds: seconds))
        #expect(QuietInterval(text)?.text == written)
    }
}
