// What the page says, in the language that was chosen. Data is never translated, and stands in elements of class `data`; so does what the server says, in the
// same language (api.js).
import en from "./en.js"
import zh from "./zh.js"
import { kept } from "./kept.js"

export const languages = { en, zh }

const wanted = kept.get("language") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en")
export let language = wanted in languages ? wanted : "en"

export function speak(name) {
  language = name
  kept.set("language", name)
  document.documentElement.lang = name === "zh" ? "zh-CN" : "en"
}

/** A text of the dictionary, `{names}` in it filled with values. */
export function word(key, values = {}) {
  const text = languages[language][key]
  if (text === undefined) throw new Error(`no word for ${key}`)
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name])
}
