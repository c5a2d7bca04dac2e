// ParleySocket (docs/protocol.md): one user's connection, made again when it is lost.
import { inApp, post } from "./api.js"
import { state, tokenDialect } from "./state.js"

/** The server meant it: not again by itself. */
const finalCodes = new Set([4001, 4003, 4004, 4005])

export class Connection {
  /** Sent again when the connection was lost before the answer: the server knows them by their ids. */
  #unsent = new Map()
  #socket = null
  #timer = null
  #attempt = 0
  #isClosed = false

  /**
   * @param user  whose connection it is; the token comes from the admin API.
   * @param on    `frame(frame)` for what comes, `status(name, retryAt)` with connecting, live, waiting, over.
   */
  constructor(user, on) {
    this.user = user
    this.on = on
    this.#connect()
  }

  async #connect() {
    this.on.status("connecting")
    try {
      const { token } = await post(inApp(state.app, ["users", this.user, "token"]), { dialect: tokenDialect() })
      if (this.#isClosed) return
      const scheme = location.protocol === "https:" ? "wss" : "ws"
      this.#socket = new WebSocket(`${scheme}://${location.host}/v1/connect?platform=Web&token=${encodeURIComponent(token)}`)
    } catch (error) {
      if (this.#isClosed) return
      if (error.status >= 400 && error.status < 500) return this.on.status("over", 0, error.message)
      return this.#again()
    }
    this.#socket.onmessage = ({ data }) => this.#isClosed || this.#take(JSON.parse(data))
    this.#socket.onclose = ({ code }) => {
      if (this.#isClosed) return
      if (finalCodes.has(code)) this.on.status("over", 0, String(code))
      else this.#again()
    }
  }

  #take(frame) {
    if (frame.type === "welcome") {
      this.#attempt = 0
      this.on.status("live")
      for (const command of this.#unsent.values()) this.tell(command)
    }
    if (frame.type === "sent" || frame.type === "error") this.#unsent.delete(frame.request)
    this.on.frame(frame)
  }

  #again() {
    if (this.#isClosed) return
    const milliseconds = Math.min(15_000, 300 * 2 ** this.#attempt++) * (0.5 + Math.random() / 2)
    this.on.status("waiting", Date.now() + milliseconds)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#connect(), milliseconds)
  }

  tell(command) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(command))
    return true
  }

  /** @returns the id that the message is known by until it is sent. */
  say(conversation, text) {
    const id = identifier()
    const command = { type: "send", request: id, id, conversation, kind: "text", content: { text } }
    this.#unsent.set(id, command)
    this.tell(command)
    return id
  }

  close() {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#socket?.close()
  }
}

/** `crypto.randomUUID` is for pages on https, or on this machine. */
function identifier() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
