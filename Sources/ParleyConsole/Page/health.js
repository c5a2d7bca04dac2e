// Health at a glance: what is measured now, and over the last minutes.
import { make, draw, framed } from "./dom.js"
import { word } from "./words.js"
import { get } from "./api.js"
import { anything, refused } from "./show.js"
import { count, duration, size } from "./text.js"

const everyMilliseconds = 1000
/** Five minutes. */
const capacity = 300
/** A plot is as wide as a minute at least. */
const shortest = 60
const samples = []
/** A follower that is further behind the log stands out. */
const lateMilliseconds = 10_000

const tiles = [
  { key: "connections", read: (health) => health.connections, text: count },
  { key: "messages", read: (health) => health.messagesPerSecond, text: count },
  { key: "deliveries", read: (health) => health.deliveriesPerSecond, text: count },
  {
    key: "latency", read: (health) => health.deliveryMilliseconds?.p99,
    text: (value, health) => `${count(health.deliveryMilliseconds?.p50)} / ${count(value)} ms`,
  },
  { key: "lag", read: (health) => Math.max(0, ...(health.followers ?? []).map(({ lag }) => lag)), text: (value) => `${count(value)} ms` },
  { key: "store", read: (health) => health.storeBytes, text: (value, health) => `${size(value ?? 0)} + ${size(health.walBytes ?? 0)}` },
  { key: "memory", read: (health) => health.residentBytes, text: (value) => size(value ?? 0) },
]
const known = new Set([
  "uptimeSeconds", "connections", "messagesPerSecond", "deliveriesPerSecond", "deliveryMilliseconds", "followers", "storeBytes",
  "walBytes", "residentBytes",
])

export function open(root) {
  const views = tiles.map(({ key }) => {
    const value = make("b.value.data", {}, "–")
    const line = draw("polyline", { class: "line", points: "" })
    const area = draw("polygon", { class: "area", points: "" })
    const top = make("span.top.data")
    const tile = make(
      "section.tile", { "data-key": key }, make("h3", {}, word(`health.${key}`)), value,
      make("p.note", {}, word(`health.${key}.note`)),
      make("div.plot", {}, draw("svg", { viewBox: "0 0 300 60", preserveAspectRatio: "none", role: "img", "aria-label": word("health.plot") }, area, line), top))
    return { value, line, area, top, tile }
  })
  const uptime = make("p.note", {})
  const problem = make("div", {})
  const followers = make("tbody", {})
  const more = make("div", {})
  root.append(
    make(
      "div.health", {}, problem, uptime, make("div.tiles", {}, views.map(({ tile }) => tile)),
      make(
        "section", {}, make("h3", {}, word("health.followers")),
        make(
          "table", {}, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, word("main.app")), make("th", { scope: "col" }, word("health.follower")), make("th.number", { scope: "col" }, word("health.behind")))),
          followers)),
      more))

  let isOpen = true
  let timer = null
  const redraw = framed(render)
  if (samples.length) redraw()
  ask()

  async function ask() {
    if (!document.hidden) {
      try {
        samples.push(await get("health"))
        if (samples.length > capacity) samples.shift()
        problem.replaceChildren()
        redraw()
      } catch (error) {
        problem.replaceChildren(refused(error))
      }
    }
    if (isOpen) timer = setTimeout(ask, everyMilliseconds)
  }

  function render() {
    const health = samples.at(-1)
    uptime.textContent = word("health.uptime", { time: duration(health.uptimeSeconds ?? 0) })
    for (const [index, { read, text }] of tiles.entries()) {
      const value = read(health)
      views[index].value.textContent = value === undefined || value === null ? "–" : text(value, health)
      plot(views[index], samples.map((sample) => read(sample) ?? 0), (value) => text(value, health))
    }
    followers.replaceChildren(...(health.followers ?? []).map(({ name, app, lag }) =>
      make(`tr${lag > lateMilliseconds ? ".late" : ""}`, {}, make("td.data", {}, app), make("td.data", {}, name), make("td.number.data", {}, `${count(lag)} ms`))))
    const rest = Object.entries(health).filter(([name]) => !known.has(name))
    more.replaceChildren(...rest.map(([name, value]) => make("section", {}, make("h3.data", {}, name), anything(name, value))))
  }

  function plot({ line, area, top, tile }, values) {
    const most = Math.max(...values)
    const span = Math.max(values.length, shortest)
    const place = (value, index) => `${(300 * (index + span - values.length)) / (span - 1)},${58 - (54 * value) / (most || 1)}`
    const points = values.map(place)
    line.setAttribute("points", points.join(" "))
    area.setAttribute("points", `${points[0].split(",")[0]},60 ${points.join(" ")} 300,60`)
    const isBytes = tile.dataset.key === "store" || tile.dataset.key === "memory"
    top.textContent = isBytes ? size(most) : count(most)
  }

  return {
    close() {
      isOpen = false
      clearTimeout(timer)
    },
  }
}
