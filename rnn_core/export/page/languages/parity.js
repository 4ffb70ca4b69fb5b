// Random bits and their parity.

import { END, endsAt } from "./along.js"

export const language = {
  // read: how many bits were; odd: whether an odd number of them is 1; behind: the symbols after them.
  start: ({ bits }) => ({ bits, read: 0, odd: 0, behind: "" }),

  step(state, symbol) {
    if (symbol === "=" || state.behind) return { ...state, behind: state.behind + symbol }
    return { ...state, read: state.read + 1, odd: state.odd ^ Number(symbol === "1") }
  },

  allowed({ read, odd, behind }) {
    if (behind) return behind === "=" ? [String(odd)] : [END]
    return read ? ["0", "1", "="] : ["0", "1"]
  },

  probabilities({ bits, read }) {
    const ends = endsAt(read, bits)
    return { 0: (1 - ends) / 2, 1: (1 - ends) / 2, "=": ends }
  },

  closing: () => null,
}
