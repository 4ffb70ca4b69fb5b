// A mean of the states with weights that the states decide: additive attention (Bahdanau, Cho and Bengio, 2015).
//
//   score_t  = v . tanh(h_t W + b)
//   weight_t = exp(score_t) / sum over s of exp(score_s)        over the time steps that were read
//   readout  = sum over t of weight_t h_t
//
// The weights of the earlier states become smaller with every further one. `total` is the logarithm of the sum.

import { exp, log, max, tanh } from "../engine/functions.js"
import { Matrix } from "../engine/vectors.js"

export const readout = {
  mixesUnits: true,

  prepare(weights, width) {
    const W = new Matrix(weights.W), b = weights.b.values, v = weights.v.values
    return () => {
      const read = new Float64Array(width)
      let total = -Infinity
      return (h) => {
        const hW = W.times(h)
        let score = 0
        for (let k = 0; k < v.length; k++) score += v[k] * tanh(hW[k] + b[k])
        const larger = max(total, score)
        total = larger + log(exp(total - larger) + exp(score - larger))
        const weight = exp(score - total)
        for (let j = 0; j < width; j++) read[j] += weight * (h[j] - read[j])
        return read
      }
    }
  },
}
