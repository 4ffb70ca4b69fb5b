// a^n b^n: as many b as a.

import { END, endsAt } from "./along.js"

// The letters one after another, each n times, at least once.
export const blocks = {
  start: ({ n }, letters) => ({ n, letters, a: 0, block: 0, here: 0 }),

  step(state, symbol) {
    const block = state.letters.indexOf(symbol)
    const here = block === state.block ? state.here + 1 : 1
    return { ...state, a: state.a + (block === 0 ? 1 : 0), block, here }
  },

  allowed({ letters, a, block, here }) {
    const [letter, following] = [...letters, END].slice(block, block + 2)
    if (block === 0) return a ? [letter, following] : [letter]
    return here < a ? [letter] : [following]
  },

  probabilities(state) {
    const [letter, following] = this.allowed(state)
    const ends = endsAt(state.a, state.n)
    return { [letter]: 1 - ends, [following]: ends }
  },

  closing: () => null,
}

export const language = blocks
