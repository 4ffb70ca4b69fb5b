// The selective state space of Mamba (Gu and Dao, 2023), without its convolution: S6Cell of rnn_core/nn/s6_cell.py.
// k is 1 to 4.
//
//   n    = x W_n + b_n
//   Δ    = softplus(x W_Δ + b_Δ)
//   B_k  = x W_Bk + b_Bk                            one number for all units
//   C_k  = x W_Ck + b_Ck                            one number for all units
//   a_k  = e^(Δ A_k)                                A_k = -e^(parameter), one number a unit
//   s_k' = a_k * s_k + Δ * B_k * n
//   h'   = sum of C_k * s_k' + D * n                D one number a unit
//
// What x, U and compute are is said in gru.js.

import { exp, softplus } from "../engine/functions.js"

const STATES = [1, 2, 3, 4]
const shared = ["B", "C"].flatMap((letter) => STATES.map((k) => letter + k))

export const cell = {
  blocks: () => ["n", "Δ", ...shared],
  shared,
  states: () => ["h", ...STATES.map((k) => `s${k}`)],

  makeStep({ numbers }) {
    const A = STATES.map((k) => numbers(`A${k}`).map((parameter) => -exp(parameter)))
    const D = numbers("D")
    return (x, before, compute) => {
      const n = compute("n", (j) => x.n[j])
      const Δ = compute("Δ", (j) => softplus(x.Δ[j]))
      const C = [], s = []
      for (const k of STATES) {
        const A_k = A[k - 1], s_k = before[`s${k}`]
        const B_k = compute(`B${k}`, () => x[`B${k}`][0])
        C.push(compute(`C${k}`, () => x[`C${k}`][0]))
        const a_k = compute(`a${k}`, (j) => exp(Δ[j] * A_k[j]))
        s.push(compute(`s${k}`, (j) => a_k[j] * s_k[j] + Δ[j] * B_k[j] * n[j]))
      }
      const read = (j) => C[0][j] * s[0][j] + C[1][j] * s[1][j] + C[2][j] * s[2][j] + C[3][j] * s[3][j]
      compute("h", (j) => read(j) + D[j] * n[j])
    }
  },
}
