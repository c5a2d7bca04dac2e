// The frame: the bar of views, the address, the keyboard, the language, the theme, the password.
import { make, icon } from "./dom.js"
import { languages, language, speak, word } from "./words.js"
import { kept } from "./kept.js"
import { post, signedOut } from "./api.js"
import { choose, enter, isIn, knowsDialects, learn, scope, state } from "./state.js"
import { feed } from "./feed.js"
import { refused } from "./show.js"
import * as live from "./live.js"
import * as send from "./send.js"
import * as chat from "./chat.js"
import * as browse from "./browse.js"
import * as outgoing from "./outgoing.js"
import * as health from "./health.js"

const views = { live, send, chat, browse, outgoing, health }
const names = Object.keys(views)

/** The address is `#/app/view/…`. */
const place = () => location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decoded)

/** What is not encoded as it should be is taken as it stands. */
function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function go(view, ...rest) {
  const address = `#/${[state.app, view, ...rest].map(encodeURIComponent).join("/")}`
  if (location.hash === address) show()
  else location.hash = address
}

let current = null
let feedOf = null
let retry = null

function show() {
  clearTimeout(retry)
  current?.close?.()
  current = null
  if (!isIn()) return showLogin()
  const [app, view, ...rest] = place()
  if (app && state.session.apps.some(({ id }) => id === app)) choose(app)
  if (!state.app) return document.body.replaceChildren(bar(""), make("main", {}, make("p.empty", {}, word("main.noApps"))))
  if (!knowsDialects()) return learn().then(show, wait)
  if (feedOf !== scope()) {
    feedOf = scope()
    feed.start()
  }
  const name = view in views ? view : "live"
  const main = make("main.view", { id: "view", "data-view": name, tabindex: -1, "aria-label": word(`view.${name}`) })
  document.title = `${word(`view.${name}`)} · Parley`
  document.body.replaceChildren(make("a.skip", { href: "#view", onclick: skip }, word("main.skip")), bar(name), main)
  current = views[name].open(main, rest, go)
  showStatus()
}

function skip(event) {
  event.preventDefault()
  document.getElementById("view").focus()
}

function bar(chosen) {
  return make(
    "nav.bar", { "aria-label": word("main.views") },
    make("div.brand", {}, make("img", { src: "/console/icon.svg", alt: "", width: 22, height: 22 }), make("b.data", {}, "Parley")),
    state.session.apps.length > 1
      ? make("select.data.app", { "aria-label": word("main.app"), onchange: (event) => moveTo(event.target.value) },
        state.session.apps.map(({ id }) => make("option.data", { value: id, selected: id === state.app }, id)))
      : null,
    make("div.views", {}, names.map((name, index) =>
      make(
        "a.view-link", {
          href: `#/${encodeURIComponent(state.app)}/${name}`, "aria-current": name === chosen ? "page" : null, title: `${word(`view.${name}`)} (${index + 1})`,
          "data-view": name,
        }, icon(name), make("span", {}, word(`view.${name}`)), make("kbd", { "aria-hidden": "true" }, String(index + 1))))),
    make("span.space"),
    make("p.feed-status", { role: "status" }, make("span.dot"), make("span.words")),
    make(
      "div.switches", {},
      make("select.language", { "aria-label": word("main.language"), onchange: (event) => changeLanguage(event.target.value) },
        Object.keys(languages).map((name) => make("option.data", { value: name, selected: name === language }, languages[name]["language.name"]))),
      make("button.theme", { type: "button", "aria-label": word("main.theme"), title: word("main.theme"), onclick: changeTheme }, icon("theme")),
      make("button.help", { type: "button", "aria-label": word("main.keys"), title: `${word("main.keys")} (?)`, onclick: showKeys }, "?"),
      state.session.needsPassword ? make("button.logout", { type: "button", onclick: logOut }, word("main.logOut")) : null))
}

function moveTo(app) {
  choose(app)
  go(place()[1] ?? "live")
}

function changeLanguage(name) {
  speak(name)
  show()
}

function changeTheme() {
  const root = document.documentElement
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches
  root.dataset.theme = isDark ? "light" : "dark"
  kept.set("theme", root.dataset.theme)
}

function showStatus() {
  const line = document.querySelector(".feed-status")
  if (!line) return
  line.querySelector(".dot").className = `dot ${feed.status}`
  line.querySelector(".words").textContent = word(`feed.${feed.status}`)
}
feed.statusListeners.add(showStatus)

// MARK: The password

function showLogin(error) {
  feed.stop()
  feedOf = null
  const password = make("input", { type: "password", name: "password", autocomplete: "current-password", required: true, "aria-label": word("login.password") })
  document.title = "Parley"
  document.body.replaceChildren(
    make(
      "form.login", {
        onsubmit: async (event) => {
          event.preventDefault()
          try {
            await post("login", { password: password.value })
            await enter()
            show()
          } catch (error) {
            showLogin(error)
          }
        },
      },
      make("img", { src: "/console/icon.svg", alt: "", width: 40, height: 40 }), make("h1", {}, word("login.title")), password,
      make("button.primary", { type: "submit" }, word("login.enter")), error ? refused(error) : null))
  password.focus()
}

async function logOut() {
  await post("logout").catch(() => {})
  state.session.signedIn = false
  show()
}

signedOut.addEventListener("out", () => {
  if (!state.session || !isIn()) return
  state.session.signedIn = false
  show()
})

// MARK: The keyboard

function showKeys() {
  const dialog = make(
    "dialog", { "aria-label": word("main.keys"), onclose: () => dialog.remove() },
    make("h2", {}, word("main.keys")),
    make("dl.keys", {}, [["1 … 6", "views"], ["/", "filter"], ["j k ↑ ↓", "move"], ["Enter", "open"], ["Esc", "close"], ["p", "pause"], ["Ctrl Enter", "send"], ["?", "help"]]
      .map(([keys, name]) => make("div", {}, make("dt", {}, make("kbd", {}, keys)), make("dd", {}, word(`keys.${name}`))))),
    make("form", { method: "dialog" }, make("button.primary", {}, word("drawer.close"))))
  document.body.append(dialog)
  dialog.showModal()
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return
  const isTyping = event.target.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select")
  if (isTyping) {
    if (event.key === "Escape") event.target.blur()
    return
  }
  if (current?.key?.(event)) return event.preventDefault()
  const number = Number(event.key)
  if (names[number - 1] && state.app) go(names[number - 1])
  else if (event.key === "/") document.querySelector(".filter")?.focus()
  else if (event.key === "?") showKeys()
  else return
  event.preventDefault()
})

window.addEventListener("hashchange", show)

// MARK: The beginning

async function begin() {
  speak(language)
  try {
    await enter()
    show()
  } catch (error) {
    wait(error)
  }
}

/** The server is not there, or not yet. */
function wait(error) {
  document.body.replaceChildren(make("div.empty", { role: "status" }, make("p", {}, word("main.away")), refused(error)))
  clearTimeout(retry)
  retry = setTimeout(begin, 1000)
}

begin()
