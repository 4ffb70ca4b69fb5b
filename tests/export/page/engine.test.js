// The small parts of the page's network, each by itself: what numbers the file says, products, functions.

import assert from "node:assert/strict"
import test from "node:test"

import { logarithmOf, logSigmoid, sigmoid, softplus } from "../../../rnn_core/export/page/engine/functions.js"
import { makeNetwork } from "../../../rnn_core/export/page/engine/network.js"
import { decodeTensors } from "../../../rnn_core/export/page/engine/tensors.js"
import { Matrix } from "../../../rnn_core/export/page/engine/vectors.js"
import { readout as last } from "../../../rnn_core/export/page/readouts/last.js"

const near = (found, expected, tolerance = 1e-12) =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${found} is not ${expected}`)

const base64 = (array) => btoa(String.fromCharCode(...new Uint8Array(array.buffer)))
const decoded = (tensor) => [...decodeTensors({ W: tensor }).W.values]

test("half precision says what IEEE 754 says", () => {
  const bits = Uint16Array.of(0x0000, 0x8000, 0x3c00, 0xbc00, 0x3555, 0x7bff, 0x0400, 0x0001, 0x83ff, 0x7c00)
  const values = decoded({ shape: [10], dtype: "float16", data: base64(bits) })
  const expected = [0, -0, 1, -1, 0.333251953125, 65504, 2 ** -14, 2 ** -24, -1023 * 2 ** -24, Infinity]
  assert.deepEqual(values, expected)
})

test("ascending numbers come back, and places left free are larger than all", () => {
  const data = base64(Uint8Array.of(0, 5, 0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0x7f))
  assert.deepEqual(decoded({ shape: [5], dtype: "ascending", data }), [0, 5, 133, 133 + 2 ** 35 - 1, Infinity])
})

test("weights that are stored in an unknown way are refused", () => {
  assert.throws(() => decoded({ shape: [1], dtype: "float8", data: "" }), /W is stored as float8/)
})

test("a product is the sum of the rows, of as many rows as there are", () => {
  for (const rows of [1, 7, 8, 9, 17]) {
    const columns = 5, first = 2, width = 9
    const values = Float32Array.from({ length: rows * width }, (_, place) => Math.sin(place))
    const v = Float64Array.from({ length: rows + 3 }, (_, place) => Math.cos(place))
    const product = new Matrix({ shape: [rows, width], values }, first, columns).times(v, 3)
    for (let j = 0; j < columns; j++) {
      let sum = 0
      for (let k = 0; k < rows; k++) sum += v[3 + k] * values[k * width + first + j]
      near(product[j], sum)
    }
  }
})

test("functions are right far out", () => {
  assert.equal(sigmoid(-1000), 0)
  assert.equal(sigmoid(1000), 1)
  assert.equal(logSigmoid(-1000), -1000)
  near(logSigmoid(1000), 0)
  near(logSigmoid(0), -Math.LN2)
  assert.equal(softplus(1000), 1000)
  near(softplus(0), Math.LN2)
  near(softplus(-40), Math.exp(-40), 1e-30)
})

test("the logarithm of a gate is that of what is held in its place", () => {
  assert.equal(logarithmOf(Math.exp(-800), -800), -800) // too small for a number, and not held
  assert.equal(logarithmOf(0, -3), -Infinity)
  near(logarithmOf(0.5, -3), -Math.LN2)
})

const elman = {
  states: ["h"],
  words: (H) => [[["W", 0, H], ["b", 0, H]]],
  starts: ({ H, vector }) => [vector(H)],
  makeStep({ H, matrix, tanh }) {
    const U = matrix("U", 0, H)
    return ([x], [h], compute) => {
      const hU = U.times(h)
      compute("h", (j) => tanh(x[j] + hU[j]))
    }
  },
}

const ELMAN = {
  model: { kind: "elman", input: "one-hot", hidden_size: 1, layers: 1, bidirectional: false, readout: "last" },
  symbols: [{ letter: "h", isHoldable: true }, { letter: "slope", isHoldable: false }],
  tensors: Object.fromEntries(
    [["cell.W", [3, 1], [0, 1, 2]], ["cell.U", [1, 1], [0.5]], ["cell.b", [1], [0]], ["head.weight", [1, 1], [2]], ["head.bias", [1], [1]]]
      .map(([name, shape, values]) => [name, { shape, dtype: "float32", data: base64(Float32Array.from(values)) }]),
  ),
}

const networkOf = (data) => makeNetwork(data, { cells: { elman }, readouts: { last } })

test("numbers that grow too large are said to be so", () => {
  assert.equal(networkOf(ELMAN).read(Int32Array.of(1)).isFinite, true)
  const infinite = { ...ELMAN.tensors["head.bias"], data: base64(Float32Array.of(Infinity)) }
  const network = networkOf({ ...ELMAN, tensors: { ...ELMAN.tensors, "head.bias": infinite } })
  assert.equal(network.read(Int32Array.of(1)).isFinite, false)
})

test("what can't be computed is refused in words", () => {
  assert.throws(() => networkOf({ ...ELMAN, model: { ...ELMAN.model, kind: "toString" } }), /no cell called toString/)
  assert.throws(() => networkOf({ ...ELMAN, model: { ...ELMAN.model, readout: "median" } }), /no readout called median/)
})
