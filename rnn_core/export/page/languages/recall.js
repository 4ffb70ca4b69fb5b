// Pairs of a key and a value, then a key to whose value is asked.

import { END, endsAt } from "./along.js"

export const language = {
  // pairs: those that were read; behind: a key without its value yet, or ? and the symbols after it.
  start: (options, symbols) => ({
    largest: Math.floor(options.keys / 2),
    keys: symbols.slice(0, options.keys),
    values: symbols.slice(options.keys, options.keys + options.values),
    pairs: new Map(),
    behind: "",
  }),

  step(state, symbol) {
    const { pairs, behind } = state
    if (behind === "" || isAsking(state)) return { ...state, behind: behind + symbol }
    return { ...state, pairs: new Map([...pairs, [behind, symbol]]), behind: "" }
  },

  allowed(state) {
    const { keys, values, pairs, behind } = state
    if (behind === "") {
      const fresh = keys.filter((key) => !pairs.has(key))
      return pairs.size > 0 ? [...fresh, "?"] : fresh
    }
    if (!isAsking(state)) return values
    if (behind === "?") return [...pairs.keys()]
    return behind.length === 2 ? [pairs.get(behind[1])] : [END]
  },

  probabilities(state) {
    const { largest, pairs, behind } = state
    const allowed = this.allowed(state)
    if (behind !== "" || pairs.size === 0) return alike(allowed, 1)
    const ends = endsAt(pairs.size, largest)
    return { ...alike(allowed.slice(0, -1), 1 - ends), "?": ends }
  },

  closing: () => null,
}

const isAsking = ({ behind }) => behind.startsWith("?")

const alike = (symbols, share) => Object.fromEntries(symbols.map((symbol) => [symbol, share / symbols.length]))
