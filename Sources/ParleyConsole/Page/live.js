// Every call and message as it happens, the newest first.
import { make, framed, settled, icon } from "./dom.js"
import { word } from "./words.js"
import { clock, count, milliseconds } from "./text.js"
import { badge } from "./show.js"
import { feed } from "./feed.js"
import { state, title } from "./state.js"
import { drawer } from "./drawer.js"

/** What a page lays out in a moment; the rest is found by filtering. */
const maximumRows = 500

/** Outlives the view: whoever comes back finds what he looked for. */
const filter = { text: "", dialect: "", kind: "", onlyRefused: false }

export function open(root, [number], go) {
  const list = make("div.rows", {
    role: "listbox", tabindex: 0, "aria-label": word("live.list"), id: "live-rows", onclick: pick, onkeydown: move,
  })
  const empty = make("div.empty", {})
  const older = make("p.note.older", { role: "status", hidden: true })
  const leftOut = make("span.left-out", { role: "status" })
  const detail = make("aside.drawer", { hidden: true, "aria-label": word("drawer.label") })
  const contents = new Map()
  let pending = []
  /** Since what is shown was drawn. */
  let came = 0
  let isWhole = true
  let isPaused = false
  let selected = null

  const pauseButton = make("button.tool", { type: "button", "aria-pressed": "false", onclick: togglePause })
  root.append(
    make(
      "div.toolbar", {},
      make("input.filter.data", {
        type: "search", placeholder: word("live.filter"), "aria-label": word("live.filter"), value: filter.text,
        oninput: (event) => narrow("text", event.target.value.toLowerCase()),
      }),
      choice("dialect", word("live.dialect"), [
        ["", word("live.allDialects")], ...state.dialects.map(({ name }) => [name, title(name)]),
      ]),
      choice("kind", word("live.kind"), [
        ["", word("live.everything")], ["call", word("live.calls")], ["message", word("live.messages")],
        ["event", word("live.events")],
      ]),
      make(
        "label.check", {},
        make("input", {
          type: "checkbox", checked: filter.onlyRefused, name: "onlyRefused",
          onchange: (event) => narrow("onlyRefused", event.target.checked),
        }), word("live.onlyRefused")),
      make("span.space"),
      leftOut, pauseButton,
      make("button.tool", { type: "button", onclick: () => feed.clear() }, word("live.clear"))),
    make("div.split", {}, make("div.pane", {}, header(), list, older, empty), detail))

  const look = drawer(detail, closeDrawer)
  const redraw = framed(render)
  feed.listeners.add(take)
  redraw()
  showPause()
  if (number) look.open({ kind: "call", n: number })

  function take(items) {
    if (items === null) {
      pending = []
      came = 0
      isWhole = true
    } else {
      came += items.length
      pending.push(...items)
      // A hidden page draws no frames.
      if (pending.length > 4 * maximumRows) {
        pending = []
        isWhole = true
      }
    }
    redraw()
  }

  function render() {
    leftOut.textContent = feed.leftOut ? word("live.leftOut", { count: count(feed.leftOut) }) : ""
    if (isPaused) return showPause()
    if (isWhole) {
      contents.clear()
      list.replaceChildren(...newest(feed.items))
      const same = selected && [...list.children].find(({ item }) => item === selected.item)
      if (same) select(same)
    } else {
      list.prepend(...newest(pending))
      while (list.childElementCount > maximumRows) forget(list.lastElementChild)
    }
    pending = []
    came = 0
    isWhole = false
    if (selected && !selected.isConnected) selected = null
    showEmpty()
    showOlder()
  }

  /** Rows of what passes the filter, the newest first. */
  function newest(items) {
    const made = []
    for (let index = items.length - 1; index >= 0 && made.length < maximumRows; index--) {
      if (passes(items[index])) made.push(row(items[index]))
    }
    for (const item of items) if (item.kind === "message") contents.get(item.id)?.replaceChildren(item.text ?? "")
    return made
  }

  function row(item) {
    const element = make(`div.row.${item.kind}`, { role: "option", id: `row-${item.n}`, "aria-selected": "false" })
    element.item = item
    fill(element, item)
    return element
  }

  function fill(element, item) {
    if (item.kind === "gap") return element.append(make("span.what", {}, word("live.gap", { count: count(item.skipped) })))
    if (item.kind === "restart") return element.append(make("span.what", {}, word("live.restart")))
    element.append(make("time.data", {}, clock(item.at)))
    if (item.kind === "call") return fillCall(element, item)
    if (item.kind === "message") return fillMessage(element, item)
    element.append(
      make("span.badge.plain", {}, word("live.event")),
      make("span.what.data", {}, item.conversation ?? "", item.seq ? make("code", {}, ` #${item.seq}`) : null),
      who(item.from, ""), make("span.content.data", {}, item.text ?? ""), make("span.outcome.data", {}, item.name ?? ""))
  }

  function fillCall(element, item) {
    const content = make("span.content.data", {}, textOf(item))
    for (const id of item.messages ?? []) contents.set(String(id), content)
    element.append(
      item.dialect ? badge(item.dialect) : make("span.badge.plain", {}),
      make("span.what.data", { title: `${item.method} ${item.path}` }, item.endpoint ?? "", " ",
        make("code", {}, `${item.method} ${item.path}`)),
      who(item.from, item.to), content,
      make("span.outcome.data", {}, make("b", {}, item.code ?? String(item.status)), item.milliseconds === undefined ? null : ` ${milliseconds(item.milliseconds)}`))
    if (item.refusal) {
      element.classList.add("refused")
      element.append(make("span.refusal.data", {}, item.refusal))
    }
  }

  function textOf({ messages }) {
    if (!messages?.length) return ""
    const wanted = String(messages[0])
    for (let index = feed.items.length - 1; index >= 0; index--) {
      if (feed.items[index].kind === "message" && String(feed.items[index].id) === wanted) return feed.items[index].text ?? ""
    }
    return ""
  }

  function fillMessage(element, item) {
    element.append(
      badge(item.origin),
      make("span.what.data", {}, item.conversation, item.seq ? make("code", {}, ` #${item.seq}`) : null),
      who(item.from, Array.isArray(item.audience) ? item.audience.join(", ") : item.audience),
      make("span.content.data", {}, item.text ?? ""),
      make("span.outcome.data", {}, item.type ?? ""))
  }

  function who(from, to) {
    return make("span.who.data", {}, from ?? "", to ? make("i", {}, " → ") : null, to ?? "")
  }

  function forget(element) {
    for (const id of element.item.messages ?? []) contents.delete(String(id))
    element.remove()
  }

  function passes(item) {
    if (item.kind === "gap" || item.kind === "restart") return true
    if (filter.kind && item.kind !== filter.kind) return false
    if (filter.onlyRefused && !item.refusal) return false
    if (filter.dialect && (item.dialect ?? item.origin) !== filter.dialect) return false
    return !filter.text || haystack(item).includes(filter.text)
  }

  function haystack(item) {
    item.haystack ??= [
      item.method, item.path, item.endpoint, item.status, item.code, item.from, item.to, item.refusal, item.text,
      item.conversation, item.id, item.type, item.name, item.dialect ?? item.origin, ...(item.messages ?? []),
    ].join(" ").toLowerCase()
    return item.haystack
  }

  function header() {
    return make(
      "div.row.header", { "aria-hidden": "true" },
      ["time", "dialect", "what", "who", "content", "outcome"].map((name) =>
        make(`span.${name}`, {}, word(`live.column.${name}`))))
  }

  function choice(name, label, options) {
    const select = make(
      "select", { name, "aria-label": label, onchange: (event) => narrow(name, event.target.value) },
      options.map(([value, text]) => make(value && name === "dialect" ? "option.data" : "option", { value }, text)))
    select.value = filter[name]
    return select
  }

  const search = settled(80, () => {
    isWhole = true
    redraw()
  })
  function narrow(name, value) {
    filter[name] = value
    search()
  }

  function showEmpty() {
    empty.hidden = list.childElementCount > 0
    if (empty.hidden) return
    const isNothing = feed.items.length === 0
    empty.replaceChildren(
      make("p", {}, word(isNothing ? "live.empty" : "live.noMatch")),
      isNothing
        ? make("button.primary", { type: "button", onclick: () => go("send") }, word("live.sendFirst"))
        : make("button", { type: "button", onclick: unfilter }, word("live.unfilter")))
  }

  /** That not all is shown, and where the rest is. */
  function showOlder() {
    older.hidden = !feed.isCut && list.childElementCount < maximumRows
    older.textContent = older.hidden
      ? "" : word("live.older", { rows: count(list.childElementCount), items: count(feed.items.length) })
  }

  function unfilter() {
    Object.assign(filter, { text: "", dialect: "", kind: "", onlyRefused: false })
    for (const field of root.querySelectorAll(".toolbar input, .toolbar select")) {
      if (field.type === "checkbox") field.checked = false
      else field.value = ""
    }
    isWhole = true
    redraw()
  }

  function togglePause() {
    isPaused = !isPaused
    showPause()
    redraw()
  }
  function showPause() {
    pauseButton.setAttribute("aria-pressed", String(isPaused))
    pauseButton.replaceChildren(
      icon(isPaused ? "resume" : "pause"),
      isPaused ? word("live.resume", { count: count(came) }) : word("live.pause"))
  }

  // MARK: Choosing a row

  function pick(event) {
    const element = event.target.closest(".row")
    if (!element?.item) return
    select(element)
    show()
  }

  function select(element) {
    selected?.setAttribute("aria-selected", "false")
    selected = element
    element.setAttribute("aria-selected", "true")
    element.scrollIntoView({ block: "nearest" })
    list.setAttribute("aria-activedescendant", element.id)
  }

  function show() {
    if (selected && (selected.item.kind === "call" || selected.item.kind === "message")) look.open(selected.item)
  }

  /** @returns whether the key was one of ours. */
  function move(event) {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, Home: "first", End: "last" }[event.key]
    if (step) {
      const next =
        step === "first" ? list.firstElementChild
        : step === "last" ? list.lastElementChild
        : !selected ? list.firstElementChild
        : step > 0 ? selected.nextElementSibling : selected.previousElementSibling
      if (next) {
        select(next)
        if (!detail.hidden) show()
      }
    } else if (event.key === "Enter" && selected) {
      show()
      detail.focus()
    } else {
      return false
    }
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  function closeDrawer() {
    look.close()
    list.focus()
  }

  return {
    close: () => feed.listeners.delete(take),
    key(event) {
      if (event.key === "Escape" && !detail.hidden) return closeDrawer(), true
      if (event.key === "p") return togglePause(), true
      return move(event)
    },
  }
}
