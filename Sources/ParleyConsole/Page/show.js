// What several views show in the same way.
import { make, copy } from "./dom.js"
import { word } from "./words.js"
import { moment, readable } from "./text.js"
import { title, tone } from "./state.js"

export const badge = (dialect) => make(`span.badge.data.tone${tone(dialect)}`, {}, title(dialect))

/** More is shown when asked for: laying out a body of 128 KB costs a frame. */
const shownAtOnce = 16_000

export function payload(body, contentType) {
  const text = readable(body ?? "", contentType)
  if (!text) return make("p.nothing", {}, word("show.empty"))
  const area = make("pre.payload", { tabindex: 0 }, text.slice(0, shownAtOnce))
  const bar = make("div.payload-bar", {}, copier(() => body))
  if (text.length > shownAtOnce) {
    const all = make("button", {
      type: "button",
      onclick: () => {
        area.textContent = text
        all.remove()
      },
    }, word("show.all", { count: text.length.toLocaleString("en-US") }))
    bar.append(all)
  }
  return make("div.payload-box", {}, bar, area)
}

/** @param text  what to copy: a function, or one that promises it. */
export function copier(text, label = word("show.copy")) {
  const button = make("button.copier", {
    type: "button",
    onclick: async () => {
      await copy(await text())
      button.textContent = word("show.copied")
      setTimeout(() => (button.textContent = label), 1500)
    },
  }, label)
  return button
}

/** Pairs of names and values, as a list of terms. A value is text or an element. */
export function terms(pairs) {
  return make("dl.terms", {}, pairs.map(([name, value]) => [make("dt.data", {}, name), make("dd.data", {}, value)]))
}

const isTime = (name, value) => typeof value === "number" && value > 1e12 && /(at|until|since)$/i.test(name)

/** Whatever there is, in the API's own words: what is added to an answer shows without a change here. */
export function anything(name, value, depth = 0) {
  const isEmpty = value === null || value === undefined || value === "" || (typeof value === "object" && !Object.keys(value).length)
  if (isEmpty) return data("–")
  if (typeof value !== "object") return data(isTime(name, value) ? moment(value) : String(value))
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return data(value.join(", "))
  // Further in there is no room for columns.
  if (depth > 1) return make("pre.value.data", {}, JSON.stringify(value, null, 2))
  if (Array.isArray(value)) return make("div.nested", {}, value.map((item) => anything(name, item, depth)))
  return terms(Object.entries(value).map(([key, inner]) => [key, anything(key, inner, depth + 1)]))
}

const data = (text) => make("span.data", {}, text)

export function explanation({ check, reason, details } = {}) {
  return make(
    "section.explanation", {},
    make("p.reason.data", {}, reason ?? ""),
    make("p.check", {}, word("show.check"), " ", make("code", {}, check ?? "")),
    details?.length ? terms(details.map(([name, value]) => [name, make("code", {}, value)])) : null)
}

export const refused = (error) => make("p.problem", { role: "alert" }, make("span.data", {}, error.message))

/** Puts what a promise brings into an element, or why it did not. A newer call for the same element wins. */
export async function into(element, promise, show) {
  const turn = (element.turn ?? 0) + 1
  element.turn = turn
  element.setAttribute("aria-busy", "true")
  let content
  try {
    content = show(await promise)
  } catch (error) {
    if (error.name === "AbortError") return
    content = refused(error)
  }
  if (element.turn !== turn) return
  element.removeAttribute("aria-busy")
  element.replaceChildren(...[content].flat(2).filter(Boolean))
}

/** A small form: fields as `{name, label, value, isNumber}`, and what is done with their values. */
export function form(fields, label, act) {
  const note = make("span.form-note", { role: "status" })
  const inputs = fields.map((field) =>
    make("input.data", {
      name: field.name, value: field.value ?? "", required: !field.isOptional, autocomplete: "off", placeholder: field.label,
      "aria-label": field.label, inputmode: field.isNumber ? "numeric" : null, size: field.isNumber ? 6 : 14,
    }))
  return make("form.small", {
    onsubmit: async (event) => {
      event.preventDefault()
      note.replaceChildren()
      try {
        await act(Object.fromEntries(inputs.map((input) => [input.name, input.value.trim()])))
      } catch (error) {
        note.replaceChildren(refused(error))
      }
    },
  }, inputs, make("button", { type: "submit" }, label), note)
}
