// The gated recurrent unit, with z = 1 taking the candidate (Chung et al., 2014): GRUCell of rnn_core/nn/cells.py.
//
//   r  = sigmoid(x W_r + h U_r + b_r)
//   z  = sigmoid(x W_z + h U_z + b_z)
//   n  = tanh(x W_n + (r * h) U_n + b_n)           reset before the product (arXiv 1406.1078v3)
//   n  = tanh(x W_n + b_n + r * (h U_n + d))       reset after it (PyTorch, cuDNN), d a bias of its own
//   h' = (1 - z) * h + z * n
//
// A step gets x, what the word contributes: x.r is x W_r + b_r. U.r.times(h) is h U_r. compute("r", f) puts f(j) into
// each unit j of the quantity r, or what it is held at, and returns it; that of each state goes to the next time step.

import { sigmoid, tanh } from "../engine/functions.js"
import { fill } from "../engine/vectors.js"

function resetBefore({ U, vector }) {
  const rh = vector()
  return (x, { h }, compute) => {
    const hU_r = U.r.times(h)
    const hU_z = U.z.times(h)
    const r = compute("r", (j) => sigmoid(x.r[j] + hU_r[j]))
    const z = compute("z", (j) => sigmoid(x.z[j] + hU_z[j]))
    const rhU_n = U.n.times(fill(rh, (j) => r[j] * h[j]))
    const n = compute("n", (j) => tanh(x.n[j] + rhU_n[j]))
    compute("h", (j) => (1 - z[j]) * h[j] + z[j] * n[j])
  }
}

function resetAfter({ U, numbers }) {
  const d = numbers("d")
  return (x, { h }, compute) => {
    const hU_r = U.r.times(h)
    const hU_z = U.z.times(h)
    const hU_n = U.n.times(h)
    const r = compute("r", (j) => sigmoid(x.r[j] + hU_r[j]))
    const z = compute("z", (j) => sigmoid(x.z[j] + hU_z[j]))
    const n = compute("n", (j) => tanh(x.n[j] + r[j] * (hU_n[j] + d[j])))
    compute("h", (j) => (1 - z[j]) * h[j] + z[j] * n[j])
  }
}

const STEPS = { before: resetBefore, after: resetAfter }

export const cell = {
  blocks: () => ["r", "z", "n"],
  states: () => ["h"],
  makeStep: (given) => STEPS[given.settings.reset](given),
}
