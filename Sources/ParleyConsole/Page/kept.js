// What the browser keeps for this page. Without storage, for as long as the page is open.
const memory = {}

export const kept = {
  get(name) {
    try {
      return localStorage.getItem(`parley.${name}`)
    } catch {
      return memory[name] ?? null
    }
  },
  set(name, value) {
    memory[name] = value
    try {
      if (value === null) localStorage.removeItem(`parley.${name}`)
      else localStorage.setItem(`parley.${name}`, value)
    } catch {
      // Full, or forbidden.
    }
  },
}
