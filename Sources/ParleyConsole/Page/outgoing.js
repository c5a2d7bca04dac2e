// What Parley called and pushed: callbacks, pushes, and the push simulator's inbox.
import { make, tabs, icon } from "./dom.js"
import { word } from "./words.js"
import { get, inApp, post } from "./api.js"
import { anything, into, refused } from "./show.js"
import { state } from "./state.js"
import { moment } from "./text.js"

const kinds = ["callbacks", "pushes", "simulator"]
/** How a call ended well; anything else stands out. */
const good = new Set(["accepted", "delivered"])

export function open(root, [wanted], go) {
  const kind = kinds.includes(wanted) ? wanted : "callbacks"
  const list = make("div.table", { role: "listbox", tabindex: 0, "aria-label": word(`outgoing.${kind}`), onkeydown: key })
  const detail = make("aside.drawer", { hidden: true, tabindex: -1, "aria-label": word("drawer.label") })
  const note = make("span.form-note", { role: "status" })
  let records = []
  let selected = null
  root.append(
    make(
      "div.toolbar", {},
      tabs(word("outgoing.label"), kinds.map((id) => ({ id, title: word(`outgoing.${id}`) })), kind, (id) => go("outgoing", id)),
      make("span.space"), note,
      make("button.tool", { type: "button", onclick: load }, word("outgoing.refresh")),
      kind === "callbacks" ? make("button.tool", { type: "button", onclick: () => again([]) }, word("outgoing.againAll")) : null),
    make("div.split", {}, make("div.pane", {}, list), detail))

  const ask = {
    callbacks: (before) => get(inApp(state.app, ["callbacks"], { before, limit: "100" })),
    pushes: (before) => get(inApp(state.app, ["pushes"], { before, limit: "100" })),
    simulator: () => get("simulator").catch((error) => {
      if (error.status === 404) return { notices: [], isAbsent: true }
      throw error
    }),
  }

  function load() {
    records = []
    selected = null
    into(list, ask[kind](), page)
  }

  function page(answer) {
    const found = answer[kind === "simulator" ? "notices" : kind]
    records.push(...found)
    const rows = found.map(row)
    if (!records.length) rows.push(make("p.nothing", {}, word(answer.isAbsent ? "outgoing.noSimulator" : `outgoing.none.${kind}`)))
    if (answer.next !== undefined && answer.next !== null && kind !== "simulator") {
      const more = make("button.more", {
        type: "button", onclick: async () => more.replaceWith(...page(await ask[kind](answer.next))),
      }, word("browse.more"))
      rows.push(more)
    }
    return rows
  }

  function row(record) {
    const cells = {
      callbacks: () => [record.rule, record.call, record.detail],
      pushes: () => [record.provider, `${record.user ?? ""} ${record.device ?? ""}`, `${record.title ?? ""} ${record.text ?? ""}`],
      simulator: () => [record.provider, record.token ?? "", `${record.title ?? ""} ${record.text ?? ""}`],
    }
    const at = record.sentAt ?? record.receivedAt
    const outcome = record.outcome ?? record.verdict ?? ""
    const element = make(
      `div.row.outgoing${good.has(outcome) ? "" : ".refused"}`,
      { role: "option", id: `record-${record.id ?? record.number}`, "aria-selected": "false", onclick: () => select(element, true) },
      make("time.data", {}, moment(at)),
      cells[kind]().map((text, index) => make(`span.cell${index}.data`, {}, text ?? "")),
      make("span.outcome.data", {}, outcome, record.milliseconds !== undefined ? ` ${record.milliseconds} ms` : "",
        record.attempts > 1 ? ` ×${record.attempts}` : ""))
    element.record = record
    return element
  }

  function select(element, isOpened) {
    selected?.setAttribute("aria-selected", "false")
    selected = element
    element.setAttribute("aria-selected", "true")
    element.scrollIntoView({ block: "nearest" })
    list.setAttribute("aria-activedescendant", element.id)
    if (isOpened || !detail.hidden) show(element.record)
  }

  function show(record) {
    detail.hidden = false
    detail.replaceChildren(...[
      make("button.close", { type: "button", "aria-label": word("drawer.close"), onclick: close }, icon("close")),
      make("div.drawer-head", {}, make("b.data", {}, record.call ?? record.title ?? record.provider ?? ""), make(`span.status.data${good.has(record.outcome ?? record.verdict) ? "" : ".bad"}`, {}, record.outcome ?? record.verdict ?? "")),
      make(
        "div.drawer-body", {}, make(
          "div.panel", {},
          kind === "callbacks" && record.outcome === "given-up" ? make("div.actions", {}, make("button", { type: "button", onclick: () => again([record.id]) }, word("outgoing.again"))) : null,
          anything("record", record))),
    ])
  }

  async function again(ids) {
    try {
      const { count } = await post(inApp(state.app, ["callbacks", "retry"]), ids.length ? { ids } : {})
      note.textContent = word("outgoing.sentAgain", { count: count ?? 0 })
      load()
    } catch (error) {
      note.replaceChildren(refused(error))
    }
  }

  function close() {
    detail.hidden = true
    list.focus()
  }

  function key(event) {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
    if (step) {
      const rows = [...list.querySelectorAll(".row")]
      const next = rows[selected ? rows.indexOf(selected) + step : 0]
      if (next) select(next, false)
    } else if (event.key === "Enter" && selected) {
      show(selected.record)
      detail.focus()
    } else if (event.key === "Escape" && !detail.hidden) {
      close()
    } else {
      return false
    }
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  load()
  return { key }
}
