// JSON and forms as they are written. Nothing here reads a number: ids have up to 20 digits, and JavaScript's numbers 15.

const isSpace = (character) => character === " " || character === "\n" || character === "\t" || character === "\r"

/** Where the string that begins at `start` ends: the index after its quotation mark. */
function endOfString(text, start) {
  let index = start + 1
  while (index < text.length && text[index] !== '"') index += text[index] === "\\" ? 2 : 1
  return index + 1
}

/** `{{group.msg_id}}` stands for what the server fills in: a number, or part of a text. */
const filled = (text) => text.replace(/\{\{#?[\w.]+\}\}/g, "0")

export function isJSON(text) {
  try {
    JSON.parse(filled(text))
    return true
  } catch {
    return false
  }
}

/** JSON with a member a line; null where it is not JSON. */
export function indented(text) {
  if (!/^\s*[[{]/.test(text) || !isJSON(text)) return null
  const parts = []
  let depth = 0
  const line = () => parts.push("\n" + "  ".repeat(depth))
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (isSpace(character)) continue
    if (character === '"') {
      const end = endOfString(text, index)
      parts.push(text.slice(index, end))
      index = end - 1
    } else if (character === "{" || character === "[") {
      let next = index + 1
      while (isSpace(text[next])) next++
      if (text[next] === "}" || text[next] === "]") {
        parts.push(character + text[next])
        index = next
      } else {
        parts.push(character)
        depth++
        line()
      }
    } else if (character === "}" || character === "]") {
      depth--
      line()
      parts.push(character)
    } else if (character === ",") {
      parts.push(",")
      line()
    } else {
      parts.push(character === ":" ? ": " : character)
    }
  }
  return parts.join("")
}

/** Where the value that begins at `index` ends, in an object or a list. */
function endOfValue(text, index) {
  let depth = 0
  while (depth > 0 || !",}]".includes(text[index])) {
    if (text[index] === '"') {
      index = endOfString(text, index)
      continue
    }
    if (text[index] === "{" || text[index] === "[") depth++
    if (text[index] === "}" || text[index] === "]") depth--
    index++
  }
  return index
}

/** The members of a JSON object as `[name, the value's text]`; null where it is not an object. */
export function members(text) {
  if (!/^\s*\{/.test(text) || !isJSON(text)) return null
  const found = []
  let index = text.indexOf("{") + 1
  for (;;) {
    while (isSpace(text[index]) || text[index] === ",") index++
    if (text[index] === "}") return found
    const afterName = endOfString(text, index)
    const name = JSON.parse(text.slice(index, afterName))
    const start = text.indexOf(":", afterName) + 1
    index = endOfValue(text, start)
    found.push([name, text.slice(start, index).trim()])
  }
}

/** The elements of a JSON list, each as its text. */
export function elements(text) {
  const found = []
  let index = text.indexOf("[") + 1
  for (;;) {
    while (isSpace(text[index]) || text[index] === ",") index++
    if (text[index] === "]" || index >= text.length) return found
    const end = endOfValue(text, index)
    found.push(text.slice(index, end).trim())
    index = end
  }
}

export const object = (list) => `{${list.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`

/** A body for reading: JSON with a member a line, a form with a field a line; what is neither, as it is. */
export function readable(body, contentType = "") {
  if (contentType.includes("x-www-form-urlencoded")) {
    return [...new URLSearchParams(body)].map(([name, value]) => `${name} = ${indented(value) ?? value}`).join("\n")
  }
  return indented(body) ?? body
}

const pad = (number, digits = 2) => String(number).padStart(digits, "0")

/** 14:03:09.120, here. */
export function clock(milliseconds) {
  const date = new Date(milliseconds)
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`
}

/** 2026-11-22 14:03:09, here. */
export function moment(milliseconds) {
  const date = new Date(milliseconds)
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clock(milliseconds).slice(0, 8)}`
}

/** 14:03 today, 11-21 14:03 before. */
export function shortMoment(milliseconds) {
  const text = moment(milliseconds)
  return text.slice(0, 10) === moment(Date.now()).slice(0, 10) ? text.slice(11, 16) : text.slice(5, 16)
}

export function size(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"]
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

export const count = (number) => (number ?? 0).toLocaleString("en-US", { maximumFractionDigits: 1 })

/** 3 d 4 h, 4 h 5 min, 5 min 6 s. */
export function duration(seconds) {
  const whole = Math.floor(seconds)
  const [days, hours, minutes] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60]
  if (days) return `${days} d ${hours} h`
  if (hours) return `${hours} h ${minutes} min`
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`
}

/** 0.4 ms, 12 ms. */
export const milliseconds = (value) => `${value < 10 ? (value ?? 0).toFixed(1) : Math.round(value)} ms`
