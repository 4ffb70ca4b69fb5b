// Long short-term memory with a forget gate (Gers, Schmidhuber and Cummins, 2000): LSTMCell of rnn_core/nn/cells.py,
// and its variants in rnn_core/nn/lstm_cells.py.
//
//   i  = sigmoid(x W_i + h U_i + p_i * c + b_i)
//   f  = sigmoid(x W_f + h U_f + p_f * c + b_f)     1 - i where the gates are coupled (Greff et al., 2017)
//   g  = tanh(x W_g + h U_g + b_g)
//   c' = f * c + i * g
//   o  = sigmoid(x W_o + h U_o + p_o * c' + b_o)
//   h' = o * tanh(c')
//
// The peepholes p are one number a unit and gate (Gers and Schmidhuber, 2000), and 0 in an LSTM without them.
//
// What x, U and compute are is said in gru.js.

import { sigmoid, tanh } from "../engine/functions.js"

function separateGates({ U, p }) {
  return (x, { h, c }, compute) => {
    const hU_i = U.i.times(h)
    const hU_f = U.f.times(h)
    const hU_o = U.o.times(h)
    const hU_g = U.g.times(h)
    const i = compute("i", (j) => sigmoid(x.i[j] + hU_i[j] + p.i[j] * c[j]))
    const f = compute("f", (j) => sigmoid(x.f[j] + hU_f[j] + p.f[j] * c[j]))
    const g = compute("g", (j) => tanh(x.g[j] + hU_g[j]))
    const c_new = compute("c", (j) => f[j] * c[j] + i[j] * g[j])
    const o = compute("o", (j) => sigmoid(x.o[j] + hU_o[j] + p.o[j] * c_new[j]))
    compute("h", (j) => o[j] * tanh(c_new[j]))
  }
}

function coupledGates({ U, p }) {
  return (x, { h, c }, compute) => {
    const hU_i = U.i.times(h)
    const hU_o = U.o.times(h)
    const hU_g = U.g.times(h)
    const i = compute("i", (j) => sigmoid(x.i[j] + hU_i[j] + p.i[j] * c[j]))
    const g = compute("g", (j) => tanh(x.g[j] + hU_g[j]))
    const c_new = compute("c", (j) => (1 - i[j]) * c[j] + i[j] * g[j])
    const o = compute("o", (j) => sigmoid(x.o[j] + hU_o[j] + p.o[j] * c_new[j]))
    compute("h", (j) => o[j] * tanh(c_new[j]))
  }
}

// The gates that see the cell state, in the order in which their peepholes stand in p.
const gates = (settings) => (settings.coupled_gates ? ["i", "o"] : ["i", "f", "o"])

export const cell = {
  blocks: (settings) => [...gates(settings), "g"],
  states: () => ["h", "c"],

  makeStep({ U, numbers, settings, vector }) {
    const H = vector().length
    const all = settings.peepholes ? numbers("p") : null
    const peephole = (_, place) => (all ? all.subarray(place * H, (place + 1) * H) : vector())
    const p = Object.fromEntries(gates(settings).map((gate, place) => [gate, peephole(gate, place)]))
    return (settings.coupled_gates ? coupledGates : separateGates)({ U, p })
  },
}
