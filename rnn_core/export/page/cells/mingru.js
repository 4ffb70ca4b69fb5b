// minGRU (Feng et al., 2024), whose gate sees the word alone: MinGRUCell of rnn_core/nn/scanned_cells.py.
//
//   z  = sigmoid(x W_z + b_z)
//   n  = x W_n + b_n
//   h' = (1 - z) * h + z * n
//
// What x, U and compute are is said in gru.js.

import { sigmoid } from "../engine/functions.js"

export const cell = {
  blocks: () => ["z", "n"],
  states: () => ["h"],

  makeStep: () => (x, { h }, compute) => {
    const z = compute("z", (j) => sigmoid(x.z[j]))
    const n = compute("n", (j) => x.n[j])
    compute("h", (j) => (1 - z[j]) * h[j] + z[j] * n[j])
  },
}
