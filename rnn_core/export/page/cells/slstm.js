// The scalar LSTM of xLSTM (Beck et al., 2024), with recurrent weights and a sigmoid as its forget gate: SLSTMCell of
// rnn_core/nn/slstm_cell.py.
//
//   f  = sigmoid(x W_f + h U_f + b_f)
//   i  = x W_i + h U_i + b_i
//   o  = sigmoid(x W_o + h U_o + b_o)
//   g  = tanh(x W_g + h U_g + b_g)
//   m' = max(ln f + m, i)                           i alone where d is 0: nothing was written yet
//   c' = f e^(m - m') * c + e^(i - m') * g
//   d' = f e^(m - m') * d + e^(i - m')
//   h' = o * c' / d'
//
// What follows from these is shown, too: v = c' / d' is the memory, a mean of all candidates so far by their weights;
// p = e^(i - m') / d' is the share of the new one, and q = 1 - p that of the old ones.
//
// What x, U and compute are is said in gru.js.

import { exp, logarithmOf, logSigmoid, max, sigmoid, tanh } from "../engine/functions.js"

// A quotient by d, and 0 where nothing was written yet.
const divided = (c, d) => c / (d === 0 ? 1 : d)

export const cell = {
  blocks: () => ["f", "i", "o", "g"],
  states: () => ["h", "c", "d", "m"],

  makeStep({ U, vector }) {
    const log_f = vector(), kept = vector()
    return (x, { h, c, d, m }, compute) => {
      const hU_f = U.f.times(h)
      const hU_i = U.i.times(h)
      const hU_o = U.o.times(h)
      const hU_g = U.g.times(h)
      const f = compute("f", (j) => exp((log_f[j] = logSigmoid(x.f[j] + hU_f[j]))))
      const i = compute("i", (j) => x.i[j] + hU_i[j])
      const o = compute("o", (j) => sigmoid(x.o[j] + hU_o[j]))
      const g = compute("g", (j) => tanh(x.g[j] + hU_g[j]))
      for (let j = 0; j < kept.length; j++) kept[j] = logarithmOf(f[j], log_f[j]) + m[j] // ln f + m
      const m_new = compute("m", (j) => (d[j] === 0 ? i[j] : max(kept[j], i[j])))
      const a = (j) => (d[j] === 0 ? 1 : exp(kept[j] - m_new[j])) // f e^(m - m')
      const b = (j) => exp(i[j] - m_new[j])
      const c_new = compute("c", (j) => a(j) * c[j] + b(j) * g[j])
      const d_new = compute("d", (j) => a(j) * d[j] + b(j))
      compute("h", (j) => divided(o[j] * c_new[j], d_new[j]))
      const p = compute("p", (j) => divided(b(j), d_new[j]))
      compute("q", (j) => 1 - p[j])
      compute("v", (j) => divided(c_new[j], d_new[j]))
    }
  },
}
