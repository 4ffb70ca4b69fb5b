// What is so along a string of a made-up language, before its first symbol and after each, as
// rnn_core/languages/language.py says it: what the rule allows next, and how probable each symbol is.
//
// A language is {start(options, symbols) -> state, step(state, symbol) -> state, allowed(state) -> symbols,
// probabilities(state) -> {symbol: p}, closing(state) -> the one symbol that could close what is open, or null}.

export const END = "<end>"

const BROKEN = { allowed: [], truth: null, decided: null }

// Of T symbols T + 1 moments. `allowed` is empty after a symbol that the rule didn't allow; `truth` has the symbols
// that have any probability, and is null after what no training string begins with; `decided` is the symbol that
// was decided by what was read: the only one, or the bracket that closes.
export function along(language, options, symbols, string) {
  let state = language.start(options, symbols)
  let moment = momentOf(language, state, true)
  const moments = [moment]
  for (const symbol of string) {
    if (symbol !== END && moment.allowed.includes(symbol)) {
      state = language.step(state, symbol)
      moment = momentOf(language, state, moment.truth !== null && Object.hasOwn(moment.truth, symbol))
    } else {
      moment = BROKEN
    }
    moments.push(moment)
  }
  return moments
}

function momentOf(language, state, isPossible) {
  const allowed = language.allowed(state)
  return {
    allowed,
    truth: isPossible ? truthOf(language, state, allowed) : null,
    decided: allowed.length === 1 ? allowed[0] : language.closing(state),
  }
}

function truthOf(language, state, allowed) {
  if (allowed.length === 1) return { [allowed[0]]: 1 }
  return Object.fromEntries(Object.entries(language.probabilities(state)).filter(([, p]) => p > 0))
}

// The probability that a training string of at least this size has no more; sizes from 1 to `largest` are as likely.
export function endsAt(size, largest) {
  return size >= 1 && size <= largest ? 1 / (largest + 1 - size) : 0
}
