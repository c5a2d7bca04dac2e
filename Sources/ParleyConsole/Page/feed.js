// What happened of late in the App: asked for over and over, and kept in bounds.
import { get, inApp } from "./api.js"
import { enter, isIn, state } from "./state.js"

/** The newest: what is older is the server's to find (Browse). */
const capacity = 2000
/** What nobody looks at is not asked for: this long after the page was hidden. */
const patienceMilliseconds = 60_000

/** Items, the oldest first. Besides what the server sends, `{kind: "gap", skipped}` and `{kind: "restart"}`. */
export const feed = {
  items: [],
  leftOut: 0,
  /** Whether older items were given up for newer ones. */
  isCut: false,
  /** "connecting", "live", "away" (hidden), or "waiting" (with `retryAt`). */
  status: "connecting",
  retryAt: 0,
  /** Called with the new items; with null, when all of it is new. */
  listeners: new Set(),
  statusListeners: new Set(),
  start, stop, clear,
}

let run = 0
let cancel = new AbortController()

function start() {
  stop()
  clear()
  cancel = new AbortController()
  follow(++run, cancel.signal)
}

function stop() {
  run++
  cancel.abort()
}

function clear() {
  feed.items = []
  feed.leftOut = 0
  feed.isCut = false
  tell(null)
}

async function follow(turn, signal) {
  let after = 0
  let attempt = 0
  while (turn === run) {
    await shown()
    try {
      // Answered at once the first time, so that the page says that it is there.
      const wait = feed.status === "live" ? 25 : 0
      const answer = await get(inApp(state.app, ["feed"], { after: String(after), wait: String(wait), limit: "200" }), signal)
      if (turn !== run) return
      attempt = 0
      after = answer.next
      become("live")
      take(answer)
    } catch (error) {
      if (turn !== run || error.status === 401) return
      attempt++
      await pause(Math.min(10_000, 250 * 2 ** attempt) * (0.5 + Math.random() / 2), signal)
      if (turn !== run) return
      try {
        if (await enter()) {
          after = 0
          push([{ kind: "restart", at: Date.now(), n: `restart-${Date.now()}` }])
        }
        if (!isIn()) return
      } catch {
        // Still away.
      }
    }
  }
}

function take({ items, next, skipped }) {
  if (skipped) {
    feed.leftOut += skipped
    push([{ kind: "gap", skipped, n: `gap-${next}` }, ...items])
  } else if (items.length) {
    push(items)
  }
}

function push(items) {
  feed.items.push(...items)
  if (feed.items.length > capacity) {
    feed.items.splice(0, feed.items.length - capacity)
    feed.isCut = true
  }
  tell(items)
}

function tell(items) {
  for (const listener of feed.listeners) listener(items)
}

function become(status, retryAt = 0) {
  if (feed.status === status && feed.retryAt === retryAt) return
  feed.status = status
  feed.retryAt = retryAt
  for (const listener of feed.statusListeners) listener()
}

/** Ends early when the network is back, or the page is shown. */
function pause(milliseconds, signal) {
  become("waiting", Date.now() + milliseconds)
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds)
    const ends = [[window, "online"], [document, "visibilitychange"], [signal, "abort"]]
    function done() {
      clearTimeout(timer)
      for (const [target, name] of ends) target.removeEventListener(name, done)
      resolve()
    }
    for (const [target, name] of ends) target.addEventListener(name, done)
  })
}

let hiddenAt = document.hidden ? Date.now() : null
document.addEventListener("visibilitychange", () => {
  hiddenAt = document.hidden ? Date.now() : null
})

function shown() {
  if (hiddenAt === null || Date.now() - hiddenAt < patienceMilliseconds) return
  become("away")
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", function look() {
      if (document.hidden) return
      document.removeEventListener("visibilitychange", look)
      resolve()
    })
  })
}
