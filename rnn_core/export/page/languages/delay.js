// A bit, k fillers, and the bit again.

import { END } from "./along.js"

const BITS = ["0", "1"]

export const language = {
  // fillers: how many were read; behind: the symbols after them.
  start: ({ k }, symbols) => ({ k, kinds: symbols.slice(3), bit: "", fillers: 0, behind: "" }),

  step(state, symbol) {
    if (!state.bit) return { ...state, bit: symbol }
    if (symbol === "?" || state.behind) return { ...state, behind: state.behind + symbol }
    return { ...state, fillers: state.fillers + 1 }
  },

  allowed({ kinds, bit, fillers, behind }) {
    if (!bit) return BITS
    if (behind) return behind === "?" ? [bit] : [END]
    return fillers ? ["?", ...kinds] : kinds
  },

  probabilities({ k, kinds, bit, fillers }) {
    if (fillers === k) return { "?": 1 }
    const open = bit ? kinds : BITS
    return Object.fromEntries(open.map((symbol) => [symbol, 1 / open.length]))
  },

  closing: () => null,
}
