// One cell with its weights, run over a sequence, forwards or from the end: `rnn_core.nn.recurrence`.

import { Matrix } from "./vectors.js"

// `weights` are those of the cell by name, `H` is the number of units. A cell is an object with
//   blocks(settings)   the letters of what W, U and b are made of, H columns each
//   shared             those of them that have one column for all units, where there are such
//   states(settings)   the letters of what goes from one time step to the next, h first
//   makeStep(given)    makes step(x, before, compute), the equations; `before` are the states, vectors by letter
// What makeStep is given: U, a matrix for each letter; numbers(name), a weight of one number a unit; the settings; and
// vector(), which makes a vector of H places to compute in.
export class Layer {
  constructor(cell, weights, settings, H) {
    const blocks = cell.blocks(settings)
    this.H = H
    this.states = cell.states(settings)
    this.W = weights.W
    this.b = weights.b.values
    this.x = {}
    this.columns = []
    const U = {}
    let first = 0
    for (const letter of blocks) {
      const width = cell.shared?.includes(letter) ? 1 : H
      this.x[letter] = new Float64Array(width)
      this.columns.push({ x: this.x[letter], first, width })
      if (weights.U) U[letter] = new Matrix(weights.U, first, width)
      first += width
    }
    this.width = first
    const vector = () => new Float64Array(H)
    const numbers = (name) => Float64Array.from(weights[name].values)
    this.step = cell.makeStep({ U, numbers, settings, vector })
  }

  // `x W + b` of each token, (T, columns), where x is the row of W that its id picks.
  projectIds(ids) {
    const { W: { values }, b, width } = this
    const projected = new Float64Array(ids.length * width)
    for (let t = 0; t < ids.length; t++) {
      for (let j = 0; j < width; j++) projected[t * width + j] = values[ids[t] * width + j] + b[j]
    }
    return projected
  }

  // `x W + b` of each token, (T, columns), of xs (T, rows of W).
  project(xs) {
    this.matrix ??= new Matrix(this.W)
    const { matrix, b, width } = this
    const T = xs.length / matrix.rows
    const projected = new Float64Array(T * width)
    for (let t = 0; t < T; t++) {
      const product = matrix.times(xs, t * matrix.rows)
      for (let j = 0; j < width; j++) projected[t * width + j] = product[j] + b[j]
    }
    return projected
  }

  // The hidden states of the first T tokens, (T, H), given what `project` returns. `arrays` gets all that was
  // computed, (T, H) by letter, where it is given.
  run(projected, T, { backwards = false, holds = [], arrays = null } = {}) {
    const { H, x, states } = this
    const hs = new Float64Array(T * H)
    const before = Object.fromEntries(states.map((letter) => [letter, new Float64Array(H)]))
    const now = new Map(states.map((letter) => [letter, new Float64Array(H)]))
    let t = 0
    // Puts f(j) into each unit j of a quantity, and where it is held, what it is held at in its place.
    const compute = (letter, f) => {
      let values = now.get(letter)
      if (!values) now.set(letter, (values = new Float64Array(H)))
      for (let j = 0; j < H; j++) values[j] = f(j)
      for (const hold of holds) if (hold.letter === letter) apply(hold, t, values)
      return values
    }
    for (let count = 0; count < T; count++) {
      t = backwards ? T - 1 - count : count
      this.take(projected, t)
      this.step(x, before, compute)
      for (const letter of states) before[letter].set(now.get(letter))
      hs.set(before.h, t * H)
      if (arrays) for (const [letter, values] of now) (arrays[letter] ??= new Float32Array(T * H)).set(values, t * H)
    }
    return hs
  }

  // Puts what the word contributes at a time step into x, letter by letter.
  take(projected, t) {
    for (const { x, first, width } of this.columns) {
      const begin = t * this.width + first
      for (let j = 0; j < width; j++) x[j] = projected[begin + j]
    }
  }
}

// A hold puts a value in the place of what was computed, from one time step to another, in all units or in some.
function apply({ value, first = 0, last = null, units = null }, t, values) {
  if (t < first || t > (last ?? t)) return
  if (units === null) values.fill(Math.fround(value))
  else for (const unit of units) values[unit] = Math.fround(value)
}
