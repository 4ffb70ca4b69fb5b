// The update gate RNN (Collins et al., 2017), with z = 1 taking the candidate: UGRNNCell of rnn_core/nn/cells.py.
//
//   z  = sigmoid(x W_z + h U_z + b_z)
//   n  = tanh(x W_n + h U_n + b_n)
//   h' = (1 - z) * h + z * n
//
// What x, U and compute are is said in gru.js.

import { sigmoid, tanh } from "../engine/functions.js"

export const cell = {
  blocks: () => ["z", "n"],
  states: () => ["h"],

  makeStep: ({ U }) => (x, { h }, compute) => {
    const hU_z = U.z.times(h)
    const hU_n = U.n.times(h)
    const z = compute("z", (j) => sigmoid(x.z[j] + hU_z[j]))
    const n = compute("n", (j) => tanh(x.n[j] + hU_n[j]))
    compute("h", (j) => (1 - z[j]) * h[j] + z[j] * n[j])
  },
}
