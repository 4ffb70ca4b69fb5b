// minLSTM (Feng et al., 2024), whose two gates see the word alone and are divided by their sum: MinLSTMCell of
// rnn_core/nn/scanned_cells.py.
//
//   f  = sigmoid(x W_f + b_f)
//   i  = sigmoid(x W_i + b_i)
//   n  = x W_n + b_n
//   h' = f / (f + i) * h + i / (f + i) * n
//
// The shares are computed from the logarithms of the gates: these are numbers where the gates themselves are too small
// for one. With both gates held at 0 the old state stays.
//
// What x, U and compute are is said in gru.js.

import { exp, logarithmOf, logSigmoid, sigmoid } from "../engine/functions.js"

// i / (f + i), given the logarithms of both; 0 where i is 0, whatever f is.
const share = (log_i, log_f) => (log_i === -Infinity ? 0 : sigmoid(log_i - log_f))

export const cell = {
  blocks: () => ["f", "i", "n"],
  states: () => ["h"],

  makeStep({ vector }) {
    const log_f = vector(), log_i = vector()
    return (x, { h }, compute) => {
      const f = compute("f", (j) => exp((log_f[j] = logSigmoid(x.f[j]))))
      const i = compute("i", (j) => exp((log_i[j] = logSigmoid(x.i[j]))))
      const n = compute("n", (j) => x.n[j])
      compute("h", (j) => {
        const written = share(logarithmOf(i[j], log_i[j]), logarithmOf(f[j], log_f[j]))
        return (1 - written) * h[j] + written * n[j]
      })
    }
  },
}
