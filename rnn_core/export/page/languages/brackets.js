// Brackets of two kinds, each closed by its own kind.

import { END } from "./along.js"

const CLOSES = { "(": ")", "[": "]" }

export const language = {
  // stack: the brackets that are open, the innermost first, linked. weights: how likely each number of pairs is,
  // given the string so far; all 0 beyond the law.
  start: (options) => ({
    options,
    stack: null,
    depth: 0,
    read: 0,
    weights: Array(options.pairs).fill(1 / options.pairs),
  }),

  step(state, symbol) {
    const { full, roomy } = parted(state)
    const opens = opensAt(state)
    const isOpening = Object.hasOwn(CLOSES, symbol)
    const weights = isOpening
      ? [...full.map(() => 0), ...roomy.map((weight) => weight * opens)]
      : [...full, ...roomy.map((weight) => weight * (1 - opens))]
    const total = sum(weights) || 1
    return {
      ...state,
      stack: isOpening ? { bracket: symbol, below: state.stack } : state.stack.below,
      depth: state.depth + (isOpening ? 1 : -1),
      read: state.read + 1,
      weights: weights.map((weight) => weight / total),
    }
  },

  allowed(state) {
    if (state.stack) return ["(", "[", CLOSES[state.stack.bracket]]
    return state.read ? ["(", "[", END] : ["(", "["]
  },

  probabilities(state) {
    const { full, roomy } = parted(state)
    const opens = opensAt(state)
    const last = this.closing(state) ?? END
    const opening = (sum(roomy) * opens) / 2
    return { "(": opening, "[": opening, [last]: sum(full) + sum(roomy) * (1 - opens) }
  },

  closing: ({ stack }) => (stack ? CLOSES[stack.bracket] : null),
}

// The probability that a bracket opens, where there is room for more than those that are open.
function opensAt({ options, depth }) {
  if (depth === 0) return 1
  return depth < options.depth ? options.opening / 100 : 0
}

// The weights of the sizes with room for what is open alone, and of those with room for more.
function parted({ weights, read, depth }) {
  const full = (read + depth) / 2 // a whole number, as each closed bracket has its opening one
  return { full: weights.slice(0, full), roomy: weights.slice(full) }
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)
