// One cell with its weights, run over a sequence, forwards or from the end: `rnn_core.nn.recurrence`.

import { FUNCTIONS } from "./functions.js"
import { fill, Matrix } from "./vectors.js"

// `weights` are those of the cell by name, `H` is the number of units. A place says where in a weight something lies:
// [name, first column, columns]. A cell, which `rnn_core/export/javascript.py` writes from its equations, has
//   states             the letters of what goes from one time step to the next, h first
//   words(H)           the place of each matrix that x is multiplied with, and that of its bias where it has one
//   starts(given)      the states before the first time step, vectors
//   makeStep(given)    makes step(words, before, compute), the equations. `words` are what x contributes by each matrix,
//                      `before` the states, all of them vectors. compute("r", f) puts f(j) into each unit j of the
//                      quantity r, or what it is held at, and returns it; that of each state goes to the next time step
// What is given: H; vector(n), which makes a vector of n places to compute in; matrix(place) and numbers(place), the
// weights there; fill, and the functions of functions.js.
export class Layer {
  constructor(cell, weights, H) {
    const vector = (places) => new Float64Array(places)
    const matrix = (name, first, columns) => new Matrix(weights[name], first, columns)
    const numbers = (name, first, places) => Float64Array.from(weights[name].values.subarray(first, first + places))
    const given = { H, vector, matrix, numbers, fill, ...FUNCTIONS }
    const places = cell.words(H)
    this.H = H
    this.states = cell.states
    this.starts = cell.starts(given)
    this.tables = new Map(places.map(([[name]]) => [name, { ...weights[name], matrix: null }]))
    this.words = places.map(([[name, first, columns], bias]) => {
      const b = bias ? numbers(...bias) : vector(columns)
      return { table: this.tables.get(name), first, b, x: vector(columns) }
    })
    this.xs = this.words.map(({ x }) => x)
    this.width = this.xs.reduce((sum, x) => sum + x.length, 0)
    this.step = cell.makeStep(given)
  }

  // `x W + b` of each token, (T, columns), where x is the row of W that its id picks.
  projectIds(ids) {
    const projected = new Float64Array(ids.length * this.width)
    let place = 0
    for (const id of ids) {
      for (const { table: { values, shape }, first, b } of this.words) {
        const begin = id * shape[1] + first
        for (let j = 0; j < b.length; j++) projected[place++] = values[begin + j] + b[j]
      }
    }
    return projected
  }

  // `x W + b` of each token, (T, columns), of xs (T, rows of W).
  project(xs) {
    const tables = [...this.tables.values()]
    for (const table of tables) table.matrix ??= new Matrix(table)
    const { rows } = tables[0].matrix
    const T = xs.length / rows
    const projected = new Float64Array(T * this.width)
    let place = 0
    for (let t = 0; t < T; t++) {
      for (const { matrix } of tables) matrix.times(xs, t * rows)
      for (const { table: { matrix: { product } }, first, b } of this.words) {
        for (let j = 0; j < b.length; j++) projected[place++] = product[first + j] + b[j]
      }
    }
    return projected
  }

  // The hidden states of the first T tokens, (T, H), given what `project` returns. `arrays` gets all that was
  // computed, (T, H) by letter, where it is given. `before` are the states to begin from, which become those behind.
  run(projected, T, { backwards = false, holds = [], arrays = null, before = this.begin() } = {}) {
    const { H, xs, states } = this
    const hs = new Float64Array(T * H)
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
      this.step(xs, before, compute)
      states.forEach((letter, place) => before[place].set(now.get(letter)))
      hs.set(before[0], t * H)
      if (arrays) for (const [letter, values] of now) (arrays[letter] ??= new Float32Array(T * H)).set(values, t * H)
    }
    return hs
  }

  begin() {
    return this.starts.map((start) => start.slice())
  }

  // Puts what the word contributes at a time step into xs.
  take(projected, t) {
    let place = t * this.width
    for (const x of this.xs) for (let j = 0; j < x.length; j++) x[j] = projected[place++]
  }
}

// A hold puts a value in the place of what was computed, from one time step to another, in all units or in some.
function apply({ value, first = 0, last = null, units = null }, t, values) {
  if (t < first || t > (last ?? t)) return
  if (units === null) values.fill(Math.fround(value))
  else for (const unit of units) values[unit] = Math.fround(value)
}
