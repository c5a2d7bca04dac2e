import Foundation
import NIOHTTP1
import ParleyClient
import ParleyCore
import ParleyEasemob
import ParleyServer
import Testing

extension ConsoleInBrowser {
    @Suite struct BrowseViewTests {
        @Test func usersAndGroupsAreFoundMadeMutedAndChanged() async throws {
            try await withConsole(view: "browse/users") { live, tab in
                try await tab.until("document.querySelectorAll('.item').length === 5")
                try await tab.fill(".filter", "car")
                try await tab.until("document.querySelectorAll('.item').length === 1")
                try await tab.click(".item", "carol")
                try await tab.until(".detail .link", says: "demo-group")

                try await tab.click("details.maker summary")
                try await tab.fill("details.maker [name=id]", "erin")
                try await tab.click("details.maker button")
                try await tab.until(".detail h2", says: "erin")
                #expect(try await live.server.core.directory.user(UserID("erin"), in: live.app.id) != nil)

                try await tab.visit("browse/groups/demo-group")
                try await tab.fill(".detail form [name=user]", "erin")
                try await tab.click(".detail form button")
                try await tab.until(".members li", says: "erin")
                // The first press asks, the second does it.
                try await tab.click(".members li:last-child .careful", "Remove")
                try await tab.until(".members .danger", says: "Really?")
                try await tab.click(".members .danger")
                try await tab.until("document.querySelectorAll('.members li').length === 4")
                #expect(!(try await tab.isTrue("document.querySelector('.members').innerText.includes('erin')")))

                try await tab.click(".members li:last-child .careful", "Mute")
                try await tab.click(".members .danger")
                try await tab.until(".members li .tag", says: "muted")
                try await tab.click(".members li .careful", "Unmute")
                try await tab.click(".members .danger")
                try await tab.until("!document.querySelector('.members li .tag')")
            }
        }

        @Test func historyIsReadAndAMessageTakenBack() async throws {
            try await withConsole(view: "browse/conversations/group:demo-group") { live, tab in
                #expect(try await live.backend().say("regretted", through: "rongcloud"))
                try await tab.visit("browse/users")
                try await tab.visit("browse/conversations/group:demo-group")
                try await tab.until(".entry", says: "regretted")
                try await tab.click(".entry .careful")
                try await tab.click(".entry .danger")
                try await tab.until(".entry .tag", says: "recalled")
                try await tab.visit("browse/conversations/user:alice")
                try await tab.until(".item", says: "Demo group")
            }
        }

        @Test func callbacksAreListedOpenedAndSentAgain() async throws {
            let receiver = try await Receiver.start { _ in
                Receiver.Answer(status: .internalServerError, body: "not today")
            }
            try await withConsole(view: "outgoing/callbacks") { live, tab in
                try await tab.until(".table", says: "Nobody was called yet")
                try await Demo.callBack(receiver.url, live.server.core)
                var app = try #require(try await live.server.core.directory.app(Demo.appID))
                app.settings.callbacks.removeAll { $0.dialect.rawValue != "tencent" }
                app.settings.callbacks[0].attempts = 1
                try await live.server.core.directory.save(app)
                #expect(try await live.backend().say("called", through: "tencent"))
                let calls = await receiver.next(1)
                #expect(calls.count == 1)
                try await tab.until(
                    """
                    document.querySelector('.row.outgoing.refused') || (document.querySelector('.toolbar .tool').click(), false)
                    """)
                try await tab.click(".row.outgoing.refused")
                try await tab.until(".drawer .terms", says: "given-up")
                try await tab.click(".drawer button", "Send again")
                try await tab.until(".form-note", says: "1 to be sent again")
                #expect(await receiver.next(1).first?.body == calls.first?.body)
                try await tab.visit("outgoing/pushes")
                try await tab.until(".table", says: "Nothing was pushed yet")
                try await tab.visit("outgoing/simulator")
                try await tab.until(".table", says: "No push simulator runs")
                try await tab.visit("health")
                try await tab.until("tbody tr", says: "demo-tencent")
            }
            await receiver.stop()
        }

        @Test func healthShowsWhatIsMeasured() async throws {
            try await withConsole(view: "health") { live, tab in
                let listener = try await live.listen("rongcloud", "alice")
                #expect(try await live.backend().say("measured", through: "easemob"))
                _ = try await listener.messages(1)
                try await tab.until("document.querySelector('[data-key=connections] .value').textContent === '1'")
                try await tab.until("document.querySelector('[data-key=store] .value').textContent.includes('B')")
                try await tab.until(
                    "document.querySelector('.plot .line').getAttribute('points').split(' ').length > 2")
                await listener.socket.close()
            }
        }

        @Test func aPasswordIsAskedForAndTriedAgain() async throws {
            try await withConsole(["console.password": Password.hash("open sesame")]) { _, tab in
                tab.allow("401")
                try await tab.fill(".login input", "wrong")
                try await tab.press("Enter")
                try await tab.until("document.querySelector('.login .problem')")
                try await tab.fill(".login input", "open sesame")
                try await tab.press("Enter")
                try await tab.until(".feed-status", says: "Connected")
                try await tab.click(".logout")
                try await tab.until("document.querySelector('.login input')")
            }
        }
    }
}
