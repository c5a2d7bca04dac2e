// Elements are made of text, never of HTML: nothing that comes from outside can become an element.

/**
 * Makes an element: `make("p.note", {title}, "text", child)`.
 *
 * @param what  the tag, with classes after dots.
 * @param more  attributes; `on…` is a listener, `false` and `null` leave an attribute out.
 */
export function make(what, more = {}, ...children) {
  const [tag, ...classes] = what.split(".")
  const element = document.createElement(tag)
  if (classes.length) element.className = classes.join(" ")
  return fill(element, more, children)
}

/** The same for a drawing: SVG's elements have a namespace of their own. */
export function draw(tag, more = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), more, children)
}

function fill(element, more, children) {
  for (const [name, value] of Object.entries(more)) {
    if (value === false || value === null || value === undefined) continue
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value)
    else if (name === "value") element.value = value
    else element.setAttribute(name, value === true ? "" : value)
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false))
  return element
}

/** Runs the work once in the next frame, however often it is asked for. */
export function framed(work) {
  let isAsked = false
  return () => {
    if (isAsked) return
    isAsked = true
    requestAnimationFrame(() => {
      isAsked = false
      work()
    })
  }
}

/** Waits until something has not been asked for again for a moment. */
export function settled(milliseconds, work) {
  let timer
  return (...values) => {
    clearTimeout(timer)
    timer = setTimeout(() => work(...values), milliseconds)
  }
}

const icons = {
  live: "M2 8h3l2-5 3 10 2-5h2",
  send: "M14 2 7 9M14 2l-4 12-3-5-5-3z",
  chat: "M2 3h12v8H7l-3 3v-3H2z",
  browse: "M2 3h5v5H2zM9 3h5v5H9zM2 10h5v3H2zM9 10h5v3H9z",
  outgoing: "M3 13h10M8 3v7M5 6l3-3 3 3",
  health: "M8 14S2 10 2 6a3 3 0 0 1 6-1 3 3 0 0 1 6 1c0 4-6 8-6 8z",
  close: "M4 4l8 8M12 4l-8 8",
  theme: "M8 2a6 6 0 1 0 6 6 4.500 4.500 0 0 1-6-6z",
  pause: "M5 3v10M11 3v10",
  resume: "M5 3l8 5-8 5z",
}

export function icon(name) {
  return draw("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, draw("path", { d: icons[name] }))
}

/** A row of tabs, moved along with the arrow keys. `tabs` are `{id, title, isData}`. */
export function tabs(label, list, chosen, choose) {
  const buttons = list.map(({ id, title, isData }) =>
    make(
      `button.tab${isData ? ".data" : ""}`,
      {
        type: "button", role: "tab", id: `tab-${id}`, "aria-selected": String(id === chosen), tabindex: id === chosen ? 0 : -1,
        onclick: () => pick(id),
      }, title))
  const bar = make("div.tabs", { role: "tablist", "aria-label": label, onkeydown: move }, buttons)

  function pick(id) {
    for (const [index, { id: other }] of list.entries()) {
      buttons[index].setAttribute("aria-selected", String(other === id))
      buttons[index].tabIndex = other === id ? 0 : -1
    }
    choose(id)
  }
  function move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    event.stopPropagation()
    const next = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length
    buttons[next].focus()
    pick(list[next].id)
  }
  return bar
}

/** A button that asks whether it was meant: the second press does it. */
export function careful(title, question, act) {
  let isAsked = false
  const button = make("button.careful", {
    type: "button",
    onclick: () => {
      if (isAsked) {
        calm()
        act()
      } else {
        isAsked = true
        button.textContent = question
        button.classList.add("danger")
      }
    },
    onblur: calm,
  }, title)
  function calm() {
    isAsked = false
    button.textContent = title
    button.classList.remove("danger")
  }
  return button
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    // Pages that are not on https, and not on this machine, have no clipboard.
    const area = make("textarea.offscreen", { value: text })
    document.body.append(area)
    area.select()
    document.execCommand("copy")
    area.remove()
  }
}
