// Any call of any vendor's API: chosen from the endpoints' own descriptions, filled in, and sent for real.
import { make, tabs } from "./dom.js"
import { word } from "./words.js"
import { get, inApp, post } from "./api.js"
import { copier, explanation, into, payload, terms } from "./show.js"
import { state, tone } from "./state.js"
import { isJSON, members, milliseconds, object } from "./text.js"
import { kept } from "./kept.js"

/** What was filled in, by dialect, method and path: it is there when one comes back. */
const drafts = new Map()

export function open(root, [wantedDialect, wantedKey], go) {
  const index = make("div.endpoints", {})
  const composer = make("form.composer", { onsubmit: send, onkeydown: sendByKey })
  const result = make("section.result", { "aria-label": word("send.answer"), "aria-live": "polite" })
  const search = make("input.filter.data", {
    type: "search", placeholder: word("send.find"), "aria-label": word("send.find"), oninput: listEndpoints,
    onkeydown: (event) => {
      if (event.key === "ArrowDown") index.querySelector("button")?.focus()
    },
  })
  const dialects = state.dialects.filter(({ endpoints }) => endpoints.length)
  if (!dialects.length) {
    root.append(make("div.empty", {}, make("p", {}, word("send.nothing"))))
    return {}
  }
  let dialect = dialects.find(({ name }) => name === (wantedDialect ?? kept.get("dialect"))) ?? dialects[0]
  let endpoint = null
  let draft = null

  const choice = make(
    "div.choice", { role: "radiogroup", "aria-label": word("send.dialect") },
    dialects.map((each) => make(
      `label.option.tone${tone(each.name)}`, {},
      make("input", { type: "radio", name: "dialect", value: each.name, checked: each === dialect, onchange: () => use(each) }),
      make("span.data", {}, each.title))))
  root.append(
    make(
      "div.send", {},
      make("div.column.chooser", {}, choice, search, index),
      make("div.column.middle", {}, composer),
      make("div.column.last", {}, result)))
  use(dialect, wantedKey)

  function use(chosen, key) {
    dialect = chosen
    kept.set("dialect", chosen.name)
    search.value = ""
    take(dialect.endpoints.find((each) => keyOf(each) === key) ?? beginning(dialect))
    listEndpoints()
    index.querySelector("[aria-current]")?.scrollIntoView({ block: "center" })
  }

  function listEndpoints() {
    const wanted = search.value.trim().toLowerCase()
    const found = dialect.endpoints.filter((each) => `${each.title} ${each.method} ${each.path}`.toLowerCase().includes(wanted))
    index.replaceChildren(...found.map((each) =>
      make("button.endpoint.data", {
        type: "button", "aria-current": each === endpoint ? "true" : null, onkeydown: step,
        onclick: () => {
          take(each)
          for (const button of index.children) button.removeAttribute("aria-current")
          index.children[found.indexOf(each)].setAttribute("aria-current", "true")
        },
      }, make("span.title", {}, each.title), make("code", {}, `${each.method} ${each.path}`))))
    if (!found.length) index.append(make("p.nothing", {}, word("send.noneFound")))
  }

  function step(event) {
    const other = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key]
    if (!other) return
    event.preventDefault()
    ;(event.target[other] ?? search).focus()
  }

  function take(chosen) {
    endpoint = chosen
    const key = `${state.app} ${dialect.name} ${keyOf(chosen)}`
    if (!drafts.has(key)) drafts.set(key, fresh(chosen))
    draft = drafts.get(key)
    result.replaceChildren(make("p.nothing", {}, word("send.hint")))
    showComposer()
  }

  function showComposer() {
    const isPartial = endpoint.completeness && endpoint.completeness !== "complete"
    composer.replaceChildren(...[
      make("h2.data", {}, endpoint.title),
      make("p.line", {}, make("code", {}, `${endpoint.method} ${endpoint.path}`),
        endpoint.page ? make("a", { href: safe(endpoint.page), target: "_blank", rel: "noreferrer" }, word("send.page")) : null),
      isPartial ? make("p.note", {}, word("send.partial"), " ", make("span.data", {}, endpoint.completeness)) : null,
      section("send.path", draft.path),
      section("send.query", draft.query),
      body(),
      make(
        "div.actions", {},
        make("button.primary", { type: "submit" }, word("send.send")),
        copier(curl, word("send.curl")),
        make("button", {
          type: "button",
          onclick: () => {
            Object.assign(draft, fresh(endpoint))
            showComposer()
          },
        }, word("send.reset")),
        make("span.note", {}, make("kbd", {}, "Ctrl"), " + ", make("kbd", {}, "Enter"))),
    ].filter(Boolean))
  }

  function section(key, list) {
    return list.length ? make("fieldset", {}, make("legend", {}, word(key)), list.map((pair) => field(pair[0], pair[1], (value) => (pair[1] = value)))) : null
  }

  function body() {
    if (endpoint.method === "GET") return null
    const content = make("div", {})
    const modes = ["fields", "raw"].map((id) => ({ id, title: word(`send.${id}`) }))
    const show = (mode) => {
      draft.mode = mode
      content.replaceChildren(mode === "raw" ? raw() : fieldsOfBody() ?? raw())
    }
    show(draft.mode)
    return make("fieldset", {}, make("legend", {}, word("send.body")), tabs(word("send.body"), modes, draft.mode, show), content)
  }

  function raw() {
    return make("textarea.data.raw", {
      "aria-label": word("send.body"), rows: 12, spellcheck: "false", value: draft.body, oninput: (event) => (draft.body = event.target.value),
    })
  }

  /** A field for each member of the body, whatever they are called; null where it has none to show. */
  function fieldsOfBody() {
    const isForm = draft.contentType.includes("x-www-form-urlencoded")
    const pairs = isForm ? [...new URLSearchParams(draft.body)] : members(draft.body)
    if (!pairs?.length) return null
    const write = () => (draft.body = isForm ? String(new URLSearchParams(pairs)) : object(pairs))
    return make("div", {}, pairs.map((pair) =>
      isForm || (pair[1].startsWith('"') && !becomesNumber(pair[1]))
        ? field(pair[0], isForm ? pair[1] : JSON.parse(pair[1]), (value) => {
          pair[1] = isForm ? value : JSON.stringify(value)
          write()
        })
        : jsonField(pair, write)))
  }

  /** Numbers, lists and objects, as they are written; what is not JSON is not taken over. */
  function jsonField(pair, write) {
    return field(pair[0], pair[1], (value, input) => {
      input.setCustomValidity(isJSON(value) ? "" : word("send.notJSON"))
      if (!isJSON(value)) return
      pair[1] = value
      write()
    })
  }

  function field(name, value, change) {
    const isLong = value.length > 60 || /^[[{]/.test(value)
    const input = make(isLong ? "textarea.data" : "input.data", {
      value, name, spellcheck: "false", autocomplete: "off", rows: isLong ? Math.min(8, Math.ceil(value.length / 60) + 1) : null,
      oninput: () => change(input.value, input),
    })
    return make("label.field", {}, make("span.data", {}, name), input)
  }

  // MARK: Sending

  function call() {
    let path = endpoint.path
    for (const [name, value] of draft.path) path = path.replace(`{${name}}`, encodeURIComponent(value))
    return {
      dialect: dialect.name, method: endpoint.method, path: unencoded(path), query: Object.fromEntries(draft.query),
      contentType: draft.contentType, body: endpoint.method === "GET" ? "" : unencoded(draft.body),
    }
  }

  async function curl() {
    return (await post(inApp(state.app, ["calls"]), { ...call(), perform: false })).curl
  }

  function send(event) {
    event.preventDefault()
    into(result, perform(), answer)
  }

  async function perform() {
    const done = await post(inApp(state.app, ["calls"]), call())
    const recorded = done.n ? await get(inApp(state.app, ["calls", String(done.n)])).catch(() => null) : null
    return { ...done, explanation: recorded?.explanation, messages: recorded?.messages ?? [] }
  }

  function answer(done) {
    const type = done.headers?.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? ""
    const isRefused = Boolean(done.explanation) || done.status >= 400
    return [
      make(
        "div.result-head", {}, make(`span.status.data${isRefused ? ".bad" : ".good"}`, {}, String(done.status)),
        make("span", {}, word(isRefused ? "send.refused" : "send.done")),
        make("span.data", {}, milliseconds(done.milliseconds)),
        make("span.space"),
        done.n ? make("button", { type: "button", onclick: () => go("live", String(done.n)) }, word("send.inLive")) : null,
        done.messages.length ? make("button", { type: "button", onclick: () => go("chat") }, word("send.inChat")) : null,
        done.curl ? copier(() => done.curl, word("send.curl")) : null),
      done.explanation ? explanation(done.explanation) : null,
      payload(done.body, type),
      make("details", {}, make("summary", {}, word("drawer.headers")), terms(done.headers ?? [])),
    ]
  }

  function sendByKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      composer.requestSubmit()
    }
  }

  return {}
}

/** What the server fills in (`{{group.msg_id}}`) is not to be encoded. */
const unencoded = (text) => text.replace(/%7B%7B(?:%23)?([\w.]+)%7D%7D/gi, (whole) => decodeURIComponent(whole))

/** `"{{#group.MsgSeq}}"`: the quotation marks go when it is filled in, so they are shown. */
const becomesNumber = (text) => /^"\{\{#[\w.]+\}\}"$/.test(text)

const keyOf = ({ method, path }) => `${method} ${path}`

const safe = (address) => (/^https?:/.test(address) ? address : null)

/** What a newcomer sends first. */
function beginning({ start, endpoints }) {
  return (
    endpoints.find((each) => start && keyOf(each) === keyOf(start)) ?? endpoints.find(({ example }) => example) ?? endpoints[0])
}

function fresh({ method, path, example = {} }) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const { path: values = {}, query = {}, body = "", contentType } = example ?? {}
  return {
    path: names.map((name) => [name, values[name] ?? ""]),
    query: Object.entries(query).map(([name, value]) => [name, String(value)]),
    body, contentType: contentType ?? (method === "GET" ? "" : "application/json"), mode: "fields",
  }
}
