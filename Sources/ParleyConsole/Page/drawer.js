// One call or message, opened: what came, what was answered, why it was refused, what became of it.
import { make, tabs, icon } from "./dom.js"
import { word } from "./words.js"
import { clock, elements, indented, members, milliseconds, moment } from "./text.js"
import { get, getText, inApp } from "./api.js"
import { badge, explanation, into, payload, terms } from "./show.js"
import { state, title } from "./state.js"

/** @returns `open(item)` and `close()` of what is shown in the element. */
export function drawer(element, close) {
  const body = make("div.drawer-body", {})
  const head = make("div.drawer-head", {})
  element.tabIndex = -1
  element.append(
    make("button.close", { type: "button", "aria-label": word("drawer.close"), onclick: close }, icon("close")),
    head, body)

  function open(item) {
    element.hidden = false
    head.replaceChildren()
    into(body, item.kind === "call" ? call(item.n) : message(item.id), (parts) => {
      head.replaceChildren(...parts.head.filter(Boolean))
      return sections(parts.tabs)
    })
  }

  return {
    open,
    close() {
      element.hidden = true
    },
  }
}

/** Which tab was looked at last: whoever goes from call to call compares the same side of each. */
let wanted = ""

function sections(list) {
  const panel = make("div.panel", { role: "tabpanel", tabindex: 0 })
  const chosen = list.find(({ id }) => id === wanted) ?? list[0]
  const pick = (id) => {
    wanted = id
    show(id)
  }
  function show(id) {
    panel.setAttribute("aria-labelledby", `tab-${id}`)
    panel.replaceChildren(...[list.find((tab) => tab.id === id).content()].flat(2).filter(Boolean))
  }
  show(chosen.id)
  return [tabs(word("drawer.label"), list, chosen.id, pick), panel]
}

async function call(number) {
  const found = await get(inApp(state.app, ["calls", String(number)]))
  const ids = found.messages ?? []
  const stored = ids.length ? await messageTabs(ids) : []
  const refusal = found.explanation
    ? [{ id: "why", title: word("drawer.why"), content: () => explanation(found.explanation) }]
    : []
  return {
    head: [
      found.dialect ? badge(found.dialect) : null, make("b.data", {}, found.endpoint ?? ""), make("code", {}, found.request.line),
      make(`span.status.data${found.explanation ? ".bad" : ""}`, {}, statusOf(found)),
      make("time.data", {}, clock(found.at)), found.milliseconds === undefined ? null : make("span.data", {}, milliseconds(found.milliseconds)),
    ],
    tabs: [
      ...refusal,
      { id: "request", title: word("drawer.request"), content: () => http(found.request) },
      { id: "response", title: word("drawer.response"), content: () => http(found.response) },
      ...stored,
    ],
  }
}

async function message(id) {
  return { head: [make("code", {}, String(id))], tabs: await messageTabs([id]) }
}

/** Of the first; its numbers are shown as they were written. */
async function messageTabs(ids) {
  const found = Object.fromEntries(members(await getText(inApp(state.app, ["messages", String(ids[0])]))))
  const others =
    ids.length > 1 ? make("p.note", {}, word("drawer.others", { count: ids.length - 1 }), " ",
      ids.slice(1, 21).map((id) => [make("code", {}, id), " "])) : null
  return [
    { id: "stored", title: word("drawer.stored"), content: () => [others, stored(found.stored), names(found.names)] },
    ...elements(found.previews ?? "[]").map((text) => Object.fromEntries(members(text))).map(preview),
    { id: "recipients", title: word("drawer.recipients"), content: () => recipients(JSON.parse(found.recipients), Number(found.more)) },
  ]
}

function stored(text) {
  return terms(members(text).map(([name, value]) => {
    if (/^[{[]/.test(value)) return [name, make("pre.value", {}, indented(value))]
    return [name, value.startsWith('"') ? JSON.parse(value) : name === "at" ? moment(Number(value)) : value]
  }))
}

/** What each dialect calls the message: its ids there. */
function names(text) {
  const found = Object.entries(JSON.parse(text ?? "{}"))
  if (!found.length) return null
  return [
    make("h3", {}, word("drawer.names")),
    terms(found.map(([dialect, values]) => [title(dialect), terms(Object.entries(values).map(([name, value]) => [name, make("code", {}, String(value))]))])),
  ]
}

function preview({ dialect, title: text, json }) {
  return {
    id: `client-${JSON.parse(dialect)}`, title: JSON.parse(text), isData: true,
    content: () => (json ? [make("p.note", {}, word("drawer.client")), payload(json, "application/json")] : make("p.nothing", {}, word("drawer.notSent"))),
  }
}

function recipients(list, more) {
  if (!list.length) return make("p.nothing", {}, word("drawer.nobody"))
  return [
    make("ul.recipients", {}, list.map(({ user, state: reached, devices }) =>
      make(
        "li", {}, make(`span.dot.${reached}`), make("b.data", {}, user),
        make("span", {}, word(`drawer.${reached}`)), make("span.note.data", {}, (devices ?? []).join(", "))))),
    more ? make("p.note", {}, word("show.more", { count: more })) : null,
  ]
}

const statusOf = ({ status, code }) => (code && String(code) !== String(status) ? `${status} · ${code}` : String(status))

function http({ line, headers = [], body, isCut }) {
  const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? ""
  return [
    line ? make("pre.line", {}, line) : null,
    make("details", { open: headers.length <= 8 }, make("summary", {}, word("drawer.headers")), terms(headers)),
    payload(body, type),
    isCut ? make("p.note", {}, word("drawer.cut")) : null,
  ]
}
