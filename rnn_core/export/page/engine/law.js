// The truth along a string of a made-up language: what the rule allows next, and how probable each symbol is. A law is
// data, and read here as rnn_core/languages/law.py reads it.

export const END = "<end>"
export const UNK = "<unk>"

// Changes of what is kept beside a node, and when a symbol may make them.
const ACTS = {
  "": {},
  push: {
    kept({ due }, symbol, law) {
      const made = law.due[symbol] ?? symbol
      return { due: made[0] + due + made.slice(1) }
    },
  },
  pop: { admits: ({ due }, symbol) => due.startsWith(symbol), kept: ({ due }) => ({ due: due.slice(1) }) },
  last: { admits: ({ due }, symbol) => due === symbol, kept: () => ({ due: "" }) },
  hold: { kept: (_, held) => ({ held }) },
  held: { admits: ({ pairs, held }, symbol) => symbol === (pairs.get(held) ?? held) },
  new: { admits: ({ pairs }, symbol) => !pairs.has(symbol), kept: (_, held) => ({ held }) },
  value: { kept: ({ pairs, held }, symbol) => ({ pairs: new Map([...pairs, [held, symbol]]), held: "" }) },
  known: { admits: ({ pairs }, symbol) => pairs.has(symbol), kept: (_, held) => ({ held }) },
}

// Of T symbols T + 1 moments. `allowed` is empty after a symbol that the rule didn't allow; `truth` has the symbols
// that have any probability, and is null after what no training string begins with; `decided` is the symbol that
// was decided by what was read: the only one, or the bracket that closes.
export function along({ law, rivals }, string) {
  let state = { node: law.ways[0][0], size: 0, due: "", held: "", pairs: new Map(), lasting: 1 }
  let following = followingOf(law, state)
  let moment = momentOf(law, rivals, state, following, true)
  const moments = [moment]
  for (const symbol of string) {
    if (following.has(symbol)) {
      const isPossible = moment.truth !== null && Object.hasOwn(moment.truth, symbol)
      state = after(law, state, symbol, following.get(symbol))
      following = followingOf(law, state)
      moment = momentOf(law, rivals, state, following, isPossible)
    } else {
      following = new Map()
      moment = { allowed: [], truth: null, decided: null }
    }
    moments.push(moment)
  }
  return moments
}

// The ways on by the symbols that the rule allows.
function followingOf(law, state) {
  const found = new Map()
  for (const way of law.ways) {
    const [begin, symbols, , act] = way
    if (begin !== state.node) continue
    const { admits = () => true } = ACTS[act]
    for (const symbol of symbols) if (!found.has(symbol) && admits(state, symbol)) found.set(symbol, way)
  }
  return found
}

function after(law, state, symbol, [, , node, act]) {
  const { kept = () => ({}) } = ACTS[act]
  const counts = law.counted.includes(symbol)
  const lasting = counts ? 1 : law.grows.length ? state.lasting * (1 - growing(law, state)) : state.lasting
  return { ...state, ...kept(state, symbol, law), node, size: state.size + Number(counts), lasting }
}

function momentOf(law, rivals, state, following, isPossible) {
  const ending = law.end === state.node && !state.due ? [END] : []
  const allowed = [...following.keys(), ...ending]
  const closing = Object.hasOwn(rivals, state.due[0] ?? "") ? state.due[0] : null
  return {
    allowed,
    truth: isPossible ? sharesOf(law, state, following, ending) : null,
    decided: allowed.length === 1 ? allowed[0] : closing,
  }
}

// The probability of each next symbol that has any.
function sharesOf(law, state, following, ending) {
  if (law.weights.length && following.size) {
    const weights = law.weights[law.sizes[1] - state.size - 2]
    const found = [...following].map(([symbol, [, , node]]) => [symbol, weights[node] ?? 0])
    return shares(found, found.reduce((sum, [, weight]) => sum + weight, 0))
  }
  const symbols = [...following.keys()]
  const more = symbols.filter((symbol) => law.counted.includes(symbol))
  const others = [...symbols.filter((symbol) => !law.counted.includes(symbol)), ...ending]
  const all = [...more, ...others]
  if (!more.length || !others.length) return shares(all.map((symbol) => [symbol, 1]), all.length)
  const full = fullness(law, state)
  const grows = law.grows.length ? growing(law, state) : 1
  const rest = full + (1 - full) * (1 - grows)
  return shares([
    ...more.map((symbol) => [symbol, ((1 - full) * grows) / more.length]),
    ...others.map((symbol) => [symbol, rest / others.length]),
  ])
}

function shares(weights, total = 1) {
  return Object.fromEntries(weights.filter(([, weight]) => weight > 0).map(([symbol, weight]) => [symbol, weight / total]))
}

// The share of strings that grow here, where they have room for it.
function growing({ grows }, { due }) {
  return grows[Math.min(due.length, grows.length - 1)]
}

// The probability that a training string has this size, if it has at least that.
function fullness({ sizes: [first, behind] }, { size, lasting }) {
  return first <= size && size < behind ? 1 / (1 + (behind - 1 - size) * lasting) : 0
}
