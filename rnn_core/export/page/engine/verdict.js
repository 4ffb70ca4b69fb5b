// What answers say: probabilities, log odds, how far each token moved them, and where the verdict turned. See
// `rnn_core.tasks.classes` and `rnn_core.inspection.trace`.
//
// Answers are (T, 1), the logit of the second of two classes, or (T, K), those of more, in one array.

import { exp, log } from "./functions.js"

// A class with a larger probability than this is what the verdict is decided for.
export const DECIDED = 0.65

// (T, K) the probability of each class after each token.
export function probabilities(answers, T) {
  const K = Math.max(answers.length / T, 2)
  const shares = new Float32Array(T * K)
  for (let t = 0; t < T; t++) shares.set(softmax(logitsAt(answers, t, K)), t * K)
  return shares
}

// The logits of K classes after one time step, given those of all as they are compared.
export function logitsAt(answers, time, K) {
  return K === 2 ? [0, answers[time]] : answers.subarray(time * K, (time + 1) * K)
}

// The probabilities of classes, in 64 bits.
export function softmax(logits) {
  const largest = Math.max(...logits)
  const powers = Float64Array.from(logits, (logit) => exp(logit - largest))
  const sum = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / sum)
}

// (T,) log p - log(1 - p) of a class after each token.
export function logOdds(answers, T, followed) {
  const K = answers.length / T
  if (K === 1) return answers.map((logit) => (followed ? logit : -logit))
  return Float32Array.from({ length: T }, (_, t) => {
    const others = [...answers.subarray(t * K, (t + 1) * K)]
    const [own] = others.splice(followed, 1)
    const largest = Math.max(...others)
    return own - largest - log(others.reduce((sum, logit) => sum + exp(logit - largest), 0))
  })
}

// (T,) how far each token moved the log odds of a class, from where all are equally probable.
export function moves(answers, T, followed) {
  const nothingRead = -log(Math.max(answers.length / T, 2) - 1)
  const odds = logOdds(answers, T, followed)
  return odds.map((after, t) => after - (t ? odds[t - 1] : nothingRead))
}

// [{time, to}], in order: the class that the verdict turned to, and the token that turned it. The verdict turns where
// it is decided for another class than before, or for the first time; of the tokens since the verdict was last decided
// for the old class, the one that moved the logit most towards the new class turned it.
export function turns(answers, T) {
  const shares = probabilities(answers, T), K = shares.length / T
  const found = new Map()
  const moved = Array.from({ length: K }, (_, k) => cached(() => moves(answers, T, k)))
  let begin = 0, old = -1
  for (let t = 0; t < T; t++) {
    const row = shares.subarray(t * K, (t + 1) * K)
    const to = argmax(row)
    if (row[to] <= DECIDED) continue
    if (to !== old) found.set(begin + argmax(moved[to]().subarray(begin, t + 1)), to)
    begin = t + 1
    old = to
  }
  return [...found].map(([time, to]) => ({ time, to }))
}

// A function that computes at its first call only.
function cached(compute) {
  let value
  return () => (value ??= compute())
}

// The place of the largest value, the first of equals.
export function argmax(values) {
  let place = 0
  for (let k = 1; k < values.length; k++) if (values[k] > values[place]) place = k
  return place
}

// (T,) the length of the vector at each time step.
export function norms(values, T, H) {
  return Float32Array.from({ length: T }, (_, t) => {
    let sum = 0
    for (let j = 0; j < H; j++) sum += values[t * H + j] ** 2
    return Math.sqrt(sum)
  })
}
