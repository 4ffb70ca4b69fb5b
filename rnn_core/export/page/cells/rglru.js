// The real-gated linear recurrent unit (De et al., 2024): RGLRUCell of rnn_core/nn/scanned_cells.py.
//
//   r  = sigmoid(x W_r + b_r)
//   i  = sigmoid(x W_i + b_i)
//   n  = x W_n + b_n
//   a  = sigmoid(Lambda)^(8 r)                      Lambda one number a unit
//   h' = a * h + sqrt(1 - a^2) * (i * n)
//
// a is computed as e^L with L = 8 r ln sigmoid(Lambda), and 1 - a^2 as -expm1(2 L), which is exact also where a is next
// to 1.
//
// What x, U and compute are is said in gru.js.

import { exp, expm1, logarithmOf, logSigmoid, max, sigmoid, sqrt } from "../engine/functions.js"

const POWER = 8

// sqrt(1 - a^2), given the logarithm of a.
const squareRootBeside = (log_a) => sqrt(max(-expm1(2 * log_a), 0))

export const cell = {
  blocks: () => ["r", "i", "n"],
  states: () => ["h"],

  makeStep({ numbers, vector }) {
    const log_least = numbers("Lambda").map((Lambda) => POWER * logSigmoid(Lambda))
    const L = vector()
    return (x, { h }, compute) => {
      const r = compute("r", (j) => sigmoid(x.r[j]))
      const i = compute("i", (j) => sigmoid(x.i[j]))
      const n = compute("n", (j) => x.n[j])
      const a = compute("a", (j) => exp((L[j] = r[j] * log_least[j])))
      compute("h", (j) => a[j] * h[j] + squareRootBeside(logarithmOf(a[j], L[j])) * (i[j] * n[j]))
    }
  },
}
