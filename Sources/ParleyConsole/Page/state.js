// What every view needs to know: the session, the App that is looked at, the dialects.
import { get } from "./api.js"
import { kept } from "./kept.js"
import { language } from "./words.js"

export const state = { session: null, app: null, dialects: [] }

/** Asks who we are to the server. Returns whether this is another process than before: what it kept in memory is gone. */
export async function enter() {
  const before = state.session?.startedAt
  state.session = await get("session")
  const apps = state.session.apps ?? []
  const wanted = state.app ?? kept.get("app")
  state.app = apps.find(({ id }) => id === wanted)?.id ?? apps[0]?.id ?? null
  return before !== undefined && before !== state.session.startedAt
}

/** What the server's answers depend on: whoever changes it asks again. */
export const scope = () => `${state.app} ${language}`

let dialectsOf = null

/** Asks for the dialects, in whose examples the App is called by its own names. */
export async function learn() {
  const asked = scope()
  state.dialects = (await get(`dialects?app=${encodeURIComponent(state.app)}`)).dialects
  dialectsOf = asked
}

export const knowsDialects = () => dialectsOf === scope()

export const isIn = () => state.session?.signedIn === true

export function choose(app) {
  state.app = app
  kept.set("app", app)
}

export const title = (dialect) => state.dialects.find(({ name }) => name === dialect)?.title ?? dialect

/** Which colour stands for a dialect: by its place in the list, so that one that is added has one too. */
export const tone = (dialect) => (state.dialects.findIndex(({ name }) => name === dialect) + 1) % 7

/** Which dialect's token the App can make for its users. */
export const tokenDialect = () => state.session.apps.find(({ id }) => id === state.app)?.credentials[0]?.dialect
