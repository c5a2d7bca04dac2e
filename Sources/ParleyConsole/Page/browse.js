// Users, groups and conversations, and what an operator does to them.
import { make, tabs, careful, settled } from "./dom.js"
import { word } from "./words.js"
import { get, inApp, post } from "./api.js"
import { anything, badge, form, into } from "./show.js"
import { state } from "./state.js"
import { moment, shortMoment } from "./text.js"

const kinds = ["users", "groups", "conversations"]

export function open(root, [wantedKind, wantedID], go) {
  const kind = kinds.includes(wantedKind) ? wantedKind : "users"
  const list = make("div.list", {})
  const detail = make("section.detail", { "aria-label": word("browse.detail"), tabindex: -1 })
  const search = make("input.filter.data", {
    type: "search", placeholder: word(`browse.find.${kind}`), "aria-label": word(`browse.find.${kind}`),
    oninput: settled(150, () => load()), value: kind === "conversations" ? wantedID?.startsWith("user:") ? wantedID.slice(5) : "" : "",
  })
  const makers = {
    users: () => form(
      [{ name: "id", label: word("browse.id") }, { name: "name", label: word("browse.name"), isOptional: true }],
      word("browse.createUser"), async (values) => created("users", values)),
    groups: () => form(
      [
        { name: "id", label: word("browse.id") }, { name: "name", label: word("browse.name"), isOptional: true },
        { name: "owner", label: word("browse.owner") },
      ],
      word("browse.createGroup"), async (values) => created("groups", values)),
    conversations: () => null,
  }
  const maker = makers[kind]()
  root.append(
    make(
      "div.toolbar", {},
      tabs(word("browse.label"), kinds.map((id) => ({ id, title: word(`browse.${id}`) })), kind, (id) => go("browse", id)),
      search),
    make("div.split.browse", {}, make("div.pane", {}, list, maker ? make("details.maker", {}, make("summary", {}, word(`browse.new.${kind}`)), maker) : null), detail))

  const query = () => (kind === "conversations" ? { user: search.value.trim() } : { search: search.value.trim() })

  function load() {
    into(list, get(inApp(state.app, [kind], { ...query(), limit: "50" })), (answer) => page(answer))
  }

  function page(answer) {
    const rows = answer[kind].map(row)
    if (!rows.length) rows.push(make("p.nothing", {}, word("browse.none")))
    if (answer.next !== undefined && answer.next !== null) {
      const more = make("button.more", {
        type: "button",
        onclick: async () => more.replaceWith(...page(await get(inApp(state.app, [kind], { ...query(), after: answer.next, limit: "50" })))),
      }, word("browse.more"))
      rows.push(more)
    }
    return rows
  }

  function row(item) {
    const id = kind === "conversations" ? item.name : item.id
    return make(
      "button.item", { type: "button", "aria-current": id === wantedID ? "true" : null, onclick: (event) => pick(id, event.currentTarget), onkeydown: step },
      kind === "users" ? make(`span.dot.${item.isOnline ? "online" : "offline"}`, { title: word(item.isOnline ? "drawer.online" : "drawer.offline") }) : null,
      make("b.data", {}, kind === "conversations" ? item.title || item.name : id),
      make("span.note.data", {}, kind === "conversations" ? item.text ?? "" : item.name && item.name !== id ? item.name : ""),
      item.isBlocked ? make("span.tag", {}, word("browse.blocked")) : null,
      make("span.space"),
      kind === "groups" ? make("span.note.data", {}, String(item.memberCount ?? "")) : null,
      item.activeAt ? make("time.data", {}, shortMoment(item.activeAt)) : null)
  }

  function step(event) {
    const other = { ArrowDown: "nextElementSibling", j: "nextElementSibling", ArrowUp: "previousElementSibling", k: "previousElementSibling" }[event.key]
    if (!other) return
    event.preventDefault()
    event.stopPropagation()
    event.target[other]?.focus()
  }

  function pick(id, item) {
    for (const element of list.children) element.removeAttribute("aria-current")
    item.setAttribute("aria-current", "true")
    wantedID = id
    history.replaceState(null, "", `#/${encodeURIComponent(state.app)}/browse/${kind}/${encodeURIComponent(id)}`)
    show(id)
  }

  function show(id) {
    const shows = { users: user, groups: group, conversations: conversation }
    if (kind === "conversations") return into(detail, entries(id), (answer) => shows.conversations(id, answer))
    into(detail, get(inApp(state.app, [kind, id])), (answer) => shows[kind](answer))
  }

  async function created(what, values) {
    await post(inApp(state.app, [what]), values)
    go("browse", what, values.id)
  }

  /** Does something to what is shown, and shows it again. */
  const acting = (parts, body) => async () => {
    await post(inApp(state.app, parts), body)
    show(wantedID)
    load()
  }
  const act = (parts, body) => acting(parts, body)().catch((error) => detail.prepend(make("p.problem", { role: "alert" }, make("span.data", {}, error.message))))

  // MARK: One of each

  function user(found) {
    const { id, name, groups = [], connections = [], contacts, blocks, ...more } = found
    const path = ["users", id]
    const does = (name, body) => careful(word(`browse.${name}`), word("browse.sure"), () => act([...path, name], body))
    return [
      head(id, name),
      make(
        "div.actions", {},
        link(word("browse.theirConversations"), () => go("browse", "conversations", `user:${id}`)),
        found.mutedUntil ? does("unmute") : null, found.isBlocked ? does("unblock") : does("block", { seconds: 3600 }),
        connections.length ? does("disconnect") : null),
      form([{ name: "seconds", label: word("browse.seconds"), value: "600", isNumber: true }], word("browse.mute"),
        ({ seconds }) => acting([...path, "mute"], { seconds: Number(seconds) })()),
      section("browse.profile", anything("user", more)),
      section("browse.groups", groups.map((group) =>
        make("p", {}, link(group.id, () => go("browse", "groups", group.id), true), " ", make("span.note.data", {}, group.role ?? "")))),
      section("browse.connections", connections.length ? connections.map((connection) => anything("connection", connection)) : null),
      section("browse.contacts", contacts?.length ? anything("contacts", contacts) : null),
      section("browse.blocks", blocks?.length ? anything("blocks", blocks) : null),
    ]
  }

  function group(found) {
    const { id, name, members = [], more: furtherMembers, ...more } = found
    const path = ["groups", id]
    return [
      head(id, name),
      make(
        "div.actions", {},
        link(word("browse.history"), () => go("browse", "conversations", `group:${id}`)),
        careful(word(found.isMuted ? "browse.unmute" : "browse.muteAll"), word("browse.sure"),
          () => act([...path, found.isMuted ? "unmute" : "mute"], {}))),
      form([{ name: "user", label: word("browse.userID") }], word("browse.add"), ({ user }) => acting([...path, "members"], { add: [user] })()),
      section("browse.profile", anything("group", more)),
      section("browse.members", [
        make("ul.members", {}, members.map((member) => make(
          "li", {}, link(member.user, () => go("browse", "users", member.user), true), make("span.note.data", {}, member.role ?? ""),
          member.mutedUntil ? make("span.tag", {}, word("browse.muted")) : null,
          make("span.space"),
          member.mutedUntil
            ? careful(word("browse.unmute"), word("browse.sure"), () => act([...path, "unmute"], { user: member.user }))
            : careful(word("browse.mute"), word("browse.sure"), () => act([...path, "mute"], { user: member.user, seconds: 600 })),
          careful(word("browse.remove"), word("browse.sure"), () => act([...path, "members"], { remove: [member.user] }))))),
        furtherMembers ? make("p.note", {}, word("show.more", { count: furtherMembers })) : null,
      ]),
    ]
  }

  const entries = (name, before) => get(inApp(state.app, ["conversations", name, "entries"], { before, limit: "50" }))

  function conversation(name, answer) {
    return [
      head(name, ""),
      make("div.entries", {}, entryPage(name, answer)),
    ]
  }

  function entryPage(name, answer) {
    const rows = answer.entries.map((entry) => make(
      `article.entry${entry.isRecalled ? ".recalled" : ""}`, {},
      make("div.line-head", {}, make("code", {}, `#${entry.seq ?? ""}`), make("b.data", {}, entry.from ?? ""),
        make("time.data", {}, moment(entry.at)), entry.origin ? badge(entry.origin) : null,
        make("span.note.data", {}, entry.kind === "message" ? entry.type ?? "" : entry.kind),
        entry.isRecalled ? make("span.tag", {}, word("chat.recalled")) : null, make("span.space"),
        entry.kind === "message" && !entry.isRecalled
          ? careful(word("browse.recall"), word("browse.sure"), () => act(["conversations", name, "recall"], { id: entry.id }))
          : null),
      make("p.said.data", {}, entry.text ?? "")))
    if (!rows.length) rows.push(make("p.nothing", {}, word("browse.none")))
    if (answer.next) {
      const more = make("button.more", {
        type: "button", onclick: async () => more.replaceWith(...entryPage(name, await entries(name, answer.next))),
      }, word("browse.more"))
      rows.push(more)
    }
    return rows
  }

  const head = (id, name) => make("h2", {}, make("span.data", {}, id), " ", make("span.note.data", {}, name && name !== id ? name : ""))
  const section = (key, content) => (content ? make("section", {}, make("h3", {}, word(key)), content) : null)
  const link = (text, follow, isData = false) => make(`button.link${isData ? ".data" : ""}`, { type: "button", onclick: follow }, text)

  load()
  if (wantedID && !wantedID.startsWith("user:")) show(wantedID)
  else detail.append(make("p.nothing", {}, word("browse.pick")))

  return {
    key(event) {
      if (!["j", "k", "ArrowDown", "ArrowUp"].includes(event.key)) return false
      list.querySelector("button")?.focus()
      return true
    },
  }
}
