// The independently recurrent network (Li et al., 2018): IndRNNCell of rnn_core/nn/scanned_cells.py.
//
//   h' = relu(x W + u * h + b)                      u one number a unit
//
// What x, U and compute are is said in gru.js.

import { relu } from "../engine/functions.js"

export const cell = {
  blocks: () => ["h"],
  states: () => ["h"],

  makeStep({ numbers }) {
    const u = numbers("u")
    return (x, { h }, compute) => {
      const h_new = compute("h", (j) => relu(x.h[j] + u[j] * h[j]))
      compute("slope", (j) => (h_new[j] > 0 ? 1 : 0))
    }
  },
}
