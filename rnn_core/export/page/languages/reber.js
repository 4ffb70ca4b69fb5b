// The embedded Reber grammar.

import { END } from "./along.js"

// Of each node: symbol -> next node. The symbol that is chosen at CHOICE must come again at AGAIN.
const GRAPH = [
  { B: 1 },
  { T: 2, P: 2 },
  { B: 3 },
  { T: 4, P: 5 },
  { S: 4, X: 6 },
  { T: 5, V: 7 },
  { X: 5, S: 8 },
  { P: 6, V: 8 },
  { E: 9 },
  { T: 10, P: 10 },
  { E: 11 },
  {},
]
const CHOICE = 1
const AGAIN = 9
const LAST = 11

export const language = {
  start: ({ longest }) => ({ longest, within: finishingWithin(longest), node: 0, branch: "", read: 0 }),

  step(state, symbol) {
    const branch = state.node === CHOICE ? symbol : state.branch
    return { ...state, node: GRAPH[state.node][symbol], branch, read: state.read + 1 }
  },

  allowed(state) {
    return state.node === LAST ? [END] : Object.keys(waysOf(state))
  },

  probabilities(state) {
    const finishing = state.within[state.longest - state.read - 1]
    const weights = Object.entries(waysOf(state)).map(([symbol, to]) => [symbol, finishing[to]])
    const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
    return Object.fromEntries(weights.map(([symbol, weight]) => [symbol, weight / total]))
  },

  closing: () => null,
}

// Where the symbols that may come lead to.
function waysOf({ node, branch }) {
  return node === AGAIN ? { [branch]: GRAPH[node][branch] } : GRAPH[node]
}

// [r][node]: the probability that at most r more symbols, up to `most`, end the string; each way is as likely.
function finishingWithin(most) {
  let exactly = GRAPH.map((_, node) => Number(node === LAST))
  const rows = [exactly]
  for (let r = 1; r <= most; r++) {
    exactly = GRAPH.map((ways) => mean(Object.values(ways).map((to) => exactly[to])))
    rows.push(rows[r - 1].map((before, node) => before + exactly[node]))
  }
  return rows
}

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / Math.max(numbers.length, 1)
