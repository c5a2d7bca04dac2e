// Two users side by side, each on a connection of its own, as an app would have it.
import { make, framed } from "./dom.js"
import { word } from "./words.js"
import { get, inApp } from "./api.js"
import { refused } from "./show.js"
import { state } from "./state.js"
import { kept } from "./kept.js"
import { moment, shortMoment } from "./text.js"
import { Connection } from "./socket.js"

/** A pane keeps the newest; older ones are history. */
const maximumLines = 300
/** Somebody who writes says so again within this time. */
const typingMilliseconds = 6000

export function open(root) {
  const box = make("div.chat", {})
  root.append(box)
  let panes = []
  let isOpen = true
  get(inApp(state.app, ["users"], { limit: "200" })).then(
    (answer) => {
      if (!isOpen) return
      // Whoever administers speaks through the server API; the first two who do not are to talk.
      const users = answer.users.map(({ id }) => id)
      panes = ["left", "right"].map((side, index) => pane(side, kept.get(`chat.${state.app}.${side}`) ?? usual(users, index), users, Boolean(answer.next)))
      box.replaceChildren(...panes.map(({ element }) => element))
    },
    (error) => isOpen && box.replaceChildren(refused(error)))
  return {
    close() {
      isOpen = false
      for (const { close } of panes) close()
    },
  }

  function usual(users, index) {
    const people = users.filter((user) => !/^(admin|administrator|root)$/i.test(user))
    return people[index] ?? people[0] ?? users[0] ?? ""
  }

  /** With whom somebody talks who is in no group: with the other pane's user. */
  function other(side) {
    return panes.find((pane) => pane.side !== side)?.user()
  }

  function pane(side, first, users, hasMore) {
    let user = first
    let conversation = kept.get(`chat.${state.app}.${side}.with`) ?? ""
    let groups = []
    let connection = null
    let typing = null
    let lastTyped = 0
    let next = null
    let lastRead = 0
    let leftOut = 0
    /** By id, in the order in which they are shown. */
    let lines = new Map()
    const elements = new Map()
    const changed = new Set()

    const dot = make("span.dot")
    const status = make("span.note", { role: "status" })
    const log = make("ol.log", { tabindex: 0, role: "log", "aria-label": word("chat.log") })
    const writing = make("p.writing.note", { "aria-live": "polite" })
    const problem = make("div", {})
    const note = make("p.left-out", { role: "status" })
    const earlier = make("button.earlier", { type: "button", hidden: true, onclick: askEarlier }, word("chat.earlier"))
    const picker = hasMore
      ? make("input.data", { value: user, "aria-label": word("chat.user"), onchange: (event) => become(event.target.value.trim()) })
      : make("select.data", { "aria-label": word("chat.user"), onchange: (event) => become(event.target.value) },
        [...new Set([...users, user])].filter(Boolean).map((id) => make("option.data", { value: id }, id)))
    picker.value = user
    const places = make("select.data.place", { "aria-label": word("chat.conversation"), onchange: (event) => enter(event.target.value) })
    const field = make("input.data", {
      name: "text", placeholder: word("chat.write"), "aria-label": word("chat.write"), autocomplete: "off", oninput: tellTyping,
    })
    const element = make(
      "section.chat-pane", { "aria-label": word("chat.pane", { user: "" }), "data-side": side },
      make("div.chat-head", {}, dot, picker, places, status),
      problem, earlier, note, log, writing,
      make(
        "form.chat-form", {
          onsubmit: (event) => {
            event.preventDefault()
            say()
          },
        }, field, make("button.primary", { type: "submit" }, word("chat.send"))))

    const redraw = framed(render)
    become(user)

    function become(id) {
      user = id
      kept.set(`chat.${state.app}.${side}`, id)
      connection?.close()
      groups = []
      empty()
      if (id) connection = new Connection(id, { frame: take, status: showStatus })
    }

    function enter(name) {
      conversation = name
      kept.set(`chat.${state.app}.${side}.with`, name)
      empty()
      askHistory()
    }

    function empty() {
      lines = new Map()
      elements.clear()
      changed.clear()
      log.replaceChildren()
      earlier.hidden = true
      next = null
      lastRead = leftOut = 0
      problem.replaceChildren()
      showTyping(null)
    }

    function showStatus(name, retryAt, reason) {
      element.dataset.status = name
      dot.className = `dot ${name}`
      status.textContent =
        name === "waiting" ? word("chat.waiting", { seconds: Math.max(1, Math.round((retryAt - Date.now()) / 1000)) }) : word(`chat.${name}`)
      if (name === "over") showEnd(reason)
    }

    function showEnd(reason) {
      problem.replaceChildren(make(
        "p.problem", {}, word("chat.overWhy"), " ", make("span.data", {}, reason ?? ""), " ",
        make("button", { type: "button", onclick: () => become(user) }, word("chat.again"))))
    }

    // MARK: What comes

    const handlers = {
      welcome: () => connection.tell({ type: "groups", request: "groups", limit: 100 }),
      groups(frame) {
        groups = frame.groups
        showPlaces()
      },
      history(frame) {
        for (const message of frame.messages) put(message)
        // What came while history was on its way stands in its place again.
        lines = new Map([...lines].sort(([, one], [, two]) => (one.seq ?? Infinity) - (two.seq ?? Infinity)))
        changed.clear()
        for (const id of lines.keys()) changed.add(id)
        log.replaceChildren()
        elements.clear()
        next = frame.next ?? null
        earlier.hidden = next === null
      },
      message(frame) {
        if (frame.conversation !== conversation) return
        put(frame)
        if (frame.from !== user) showTyping(null)
      },
      sent(frame) {
        const pending = lines.get(frame.request)
        if (!pending) return
        lines.delete(frame.request)
        elements.get(frame.request)?.remove()
        elements.delete(frame.request)
        if (!lines.has(frame.message)) put({ ...pending, id: frame.message, seq: frame.seq, sentAt: frame.sentAt, isPending: false })
      },
      recall: (frame) => change(frame.target, (line) => (line.recalled = true)),
      edit: (frame) => change(frame.target, (line) => Object.assign(line, { kind: frame.kind, content: frame.content, edited: { count: frame.count } })),
      notice(frame) {
        if (frame.conversation === conversation) put({ ...frame, kind: "notice" })
      },
      membership: () => connection.tell({ type: "groups", request: "groups", limit: 100 }),
      typing(frame) {
        if (frame.conversation === conversation && frame.from !== user) showTyping(frame.typing === false ? null : frame.from)
      },
      error(frame) {
        problem.replaceChildren(make("p.problem", { role: "alert" }, make("span.data", {}, frame.message)))
        const line = lines.get(frame.request)
        if (line) change(frame.request, () => (line.isRefused = true))
      },
    }

    function take(frame) {
      handlers[frame.type]?.(frame)
      redraw()
    }

    function put(line) {
      lines.set(line.id, line)
      changed.add(line.id)
      while (lines.size > 2 * maximumLines) {
        const oldest = lines.keys().next().value
        lines.delete(oldest)
        changed.delete(oldest)
        leftOut++
      }
    }

    function change(id, edit) {
      const line = lines.get(id)
      if (!line) return
      edit(line)
      changed.add(id)
    }

    // MARK: What is shown

    function render() {
      const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60
      const fresh = []
      for (const id of [...changed].slice(-maximumLines)) {
        if (!lines.has(id)) continue
        const made = lineElement(lines.get(id))
        if (elements.has(id)) elements.get(id).replaceWith(made)
        else fresh.push(made)
        elements.set(id, made)
      }
      changed.clear()
      log.append(...fresh)
      while (log.childElementCount > maximumLines) {
        elements.delete(log.firstElementChild.dataset.id)
        log.firstElementChild.remove()
      }
      note.textContent = leftOut ? word("chat.leftOut", { count: leftOut }) : ""
      if (isAtEnd) log.scrollTop = log.scrollHeight
      tellRead()
    }

    function lineElement(line) {
      if (line.kind === "notice") {
        return make("li.notice", { "data-id": line.id }, make("span.data", {}, (line.users ?? []).join(", ")), " ", word(`chat.notice.${line.event}`))
      }
      const isOwn = line.from === user
      const classes = ["line", isOwn ? "own" : "", line.isPending ? "pending" : "", line.isRefused ? "refused" : "", line.recalled ? "recalled" : ""]
      return make(
        `li.${classes.filter(Boolean).join(".")}`, { "data-id": line.id },
        make("div.line-head", {}, make("b.data", {}, line.from), line.sentAt ? make("time.data", { title: moment(line.sentAt) }, shortMoment(line.sentAt)) : null,
          line.native && line.native.dialect !== "parley" ? make("span.note.data", {}, line.native.dialect) : null,
          line.isPending && !line.isRefused ? make("span.note", {}, word("chat.sending")) : null,
          line.isRefused ? make("span.note", {}, word("chat.refused")) : null,
          line.edited ? make("span.note", {}, word("chat.edited")) : null),
        line.recalled ? make("p.said.note", {}, word("chat.recalled")) : make("p.said.data", {}, said(line)),
        isOwn && !line.recalled && !line.isPending
          ? make("button.recall", {
            type: "button", onclick: () => connection.tell({ type: "recall", request: `recall-${line.id}`, message: line.id }),
          }, word("chat.recall"))
          : null)
    }

    function showPlaces() {
      const names = new Map(groups.map(({ conversation: name, name: title }) => [name, title || name]))
      for (const id of users.slice(0, 50)) if (id !== user) names.set(`direct:${id}`, id)
      const peer = other(side)
      const usualPlace = groups[0]?.conversation ?? (peer && peer !== user ? `direct:${peer}` : names.keys().next().value ?? "")
      if (!names.has(conversation)) conversation = usualPlace
      places.replaceChildren(...[...names].map(([name, title]) => make("option.data", { value: name }, title)))
      places.value = conversation
      askHistory()
    }

    function showTyping(from) {
      clearTimeout(typing)
      writing.replaceChildren()
      if (!from) return
      writing.append(make("span.data", {}, from), " ", word("chat.typing"))
      typing = setTimeout(() => showTyping(null), typingMilliseconds)
    }

    // MARK: What is asked

    function askHistory() {
      if (conversation) connection.tell({ type: "history", request: "history", conversation, limit: 50 })
    }

    function askEarlier() {
      connection.tell({ type: "history", request: "history", conversation, before: next, limit: 50 })
    }

    function say() {
      const text = field.value
      if (!text.trim() || !conversation || !connection) return
      const id = connection.say(conversation, text)
      put({ id, from: user, kind: "text", content: { text }, isPending: true })
      field.value = ""
      lastTyped = 0
      problem.replaceChildren()
      redraw()
    }

    function tellTyping() {
      const now = Date.now()
      if (now - lastTyped < typingMilliseconds / 2 || !conversation) return
      lastTyped = now
      connection.tell({ type: "typing", conversation })
    }

    function tellRead() {
      let seq = 0
      for (const line of lines.values()) if (line.seq > seq && line.from !== user) seq = line.seq
      if (document.hidden || seq <= lastRead) return
      if (connection.tell({ type: "read", conversation, seq })) lastRead = seq
    }

    return {
      side, element, user: () => user,
      close() {
        clearTimeout(typing)
        connection?.close()
      },
    }
  }
}

/** One line of what was said, whatever its kind. */
function said({ kind, content = {} }) {
  if (kind === "text") return content.text ?? ""
  if (kind === "combined") return (content.parts ?? []).map(said).join(" ")
  const about = content.name ?? content.address ?? content.url ?? content.type ?? content.data ?? ""
  return `[${kind}] ${about}`
}
