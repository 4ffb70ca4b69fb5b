// The plain recurrent network (Elman, 1990): ElmanCell of rnn_core/nn/cells.py.
//
//   h' = tanh(x W + h U + b)
//
// What x, U and compute are is said in gru.js.

import { tanh } from "../engine/functions.js"

export const cell = {
  blocks: () => ["h"],
  states: () => ["h"],

  makeStep: ({ U }) => (x, { h }, compute) => {
    const hU = U.h.times(h)
    const h_new = compute("h", (j) => tanh(x.h[j] + hU[j]))
    compute("slope", (j) => 1 - h_new[j] * h_new[j])
  },
}
