// The admin API (docs/console-api.json).
import { language } from "./words.js"

/** The server said no. `code` is 0 where it could not be reached, `message` is for people. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** Whom to tell that the session is over. */
export const signedOut = new EventTarget()

async function ask(method, path, { body, signal, isText } = {}) {
  const headers = { Accept: "application/json", "Accept-Language": language }
  if (method !== "GET") headers["X-Parley-Console"] = "1"
  if (body !== undefined) headers["Content-Type"] = "application/json"
  const answer = await fetch(`/console/api/${path}`, {
    method, headers, signal, cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body),
  })
  if (answer.ok && isText) return answer.text()
  const json = await answer.json().catch(() => ({}))
  if (answer.ok) return json
  if (answer.status === 401) signedOut.dispatchEvent(new Event("out"))
  throw new Refusal(answer.status, json.error?.code ?? "", json.error?.message ?? `HTTP ${answer.status}`)
}

export const get = (path, signal) => ask("GET", path, { signal })
/** The answer as it was written: for what is shown number by number. */
export const getText = (path) => ask("GET", path, { isText: true })
export const post = (path, body = {}) => ask("POST", path, { body })

/** A path below the App's, its parts encoded; `query` without what is empty. */
export function inApp(app, parts, query = {}) {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "")
  const path = ["apps", app, ...parts].map(encodeURIComponent).join("/")
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path
}
