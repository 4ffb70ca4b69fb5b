// A network that reads ids and answers after each token: what `rnn_core.inspection.trace` computes, and with
// something held what `rnn_core.inspection.clamps` does.

import { makeInputs } from "./inputs.js"
import { Layer } from "./layer.js"
import { decodeTensors } from "./tensors.js"

const SLICE = 10 // milliseconds after which the page gets its turn

// Makes a network of the data of a page; `cells` and `readouts` by name, those that the page carries.
export function makeNetwork(data, { cells, readouts }) {
  return new Network(data, named(cells, data.model.kind, "cell"), named(readouts, data.model.readout, "readout"))
}

function named(table, name, what) {
  if (!Object.hasOwn(table, name)) throw new Error(`This page has no ${what} called ${name}.`)
  return table[name]
}

class Network {
  constructor(data, cell, readout) {
    const { model } = data
    const tensors = decodeTensors(data.tensors)
    this.H = model.hidden_size
    this.readsOneHot = named({ embedding: false, "one-hot": true }, model.input, "input")
    if (!this.readsOneHot) this.inputs = makeInputs(data, tensors)
    const make = (name) => new Layer(cell, partsOf(tensors, name), this.H)
    const upper = Array.from({ length: model.layers - 1 }, (_, place) => place)
    this.forwards = [make("cell"), ...upper.map((place) => make(`upper.${place}`))]
    this.backwards = []
    if (model.bidirectional) {
      this.backwards = [make("backward_cell"), ...upper.map((place) => make(`backward_upper.${place}`))]
    }
    const width = this.H * (model.bidirectional ? 2 : 1)
    const weights = partsOf(tensors, model.readout)
    this.mixesUnits = readout.mixesUnits
    this.readsBothSides = this.backwards.length > 0
    this.startReadout = readout.prepare(weights, this.mixesUnits ? width : this.H)
    this.head = makeHead(partsOf(tensors, "head"))
    this.K = this.head.K
  }

  // Reads ids and keeps all that one layer computed, the top one unless another is named. A hold is
  // {letter, value, first, last, units}, see `rnn_core.inspection.clamps.Clamp`.
  read(ids, { layer = this.forwards.length, holds = [] } = {}) {
    const { H, K } = this, T = ids.length
    const reading = { T, H, K, layer, holds, arrays: Object.create(null), answers: null, last: new Float32Array(K) }
    reading.words = this.project(ids)
    reading.lowest = this.forwards[0].run(reading.words.forwards, T, seen(reading, 1, reading.arrays))
    if (this.readsBothSides) {
      this.answer(reading, T, reading.arrays, reading.last, 0)
    } else {
      reading.answers = new Float32Array(T * K)
      this.answerEach(this.statesForwards(reading), reading.answers)
      reading.last.set(reading.answers.subarray((T - 1) * K))
    }
    reading.isFinite = [reading.last, ...Object.values(reading.arrays)].every(areFinite)
    return reading
  }

  // Fills the answers after each token of a network that reads in both directions, whose way back starts again at
  // each token. Yields the share that is done, often enough for the page to do something else in between.
  *answersAlong(reading) {
    if (reading.answers) return
    const { T, K } = reading
    const answers = new Float32Array(T * K)
    let began = performance.now()
    for (let count = 1; count <= T; count++) {
      this.answer(reading, count, null, answers, (count - 1) * K)
      if (performance.now() - began < SLICE) continue
      yield (count * (count + 1)) / (T * (T + 1))
      began = performance.now()
    }
    reading.answers = answers
    yield 1
  }

  // Makes a function that reads one id after another, and gives the answers after it, (K,), of a network that reads
  // forwards and answers at every time step.
  reader({ layer = this.forwards.length, holds = [] } = {}) {
    const states = this.forwards.map((cell) => cell.begin()), answers = new Float32Array(this.K), goOn = this.startReadout()
    let time = 0, before = []
    return (id) => {
      const now = holds.filter(({ first, last }) => time >= (first ?? 0) && time <= (last ?? time))
      const held = now.map((hold) => ({ ...hold, first: 0, last: null }))
      let hs = this.project([...before, id]).forwards.slice(-this.forwards[0].width)
      this.forwards.forEach((cell, place) => {
        const options = { before: states[place], holds: place + 1 === layer ? held : [] }
        hs = cell.run(place ? cell.project(hs) : hs, 1, options)
      })
      this.head.answer([goOn(hs, time++)], answers, 0)
      before = [id]
      return answers
    }
  }

  // What the words contribute to the cells of the lowest layer, of each direction.
  project(ids) {
    const xs = this.readsOneHot ? null : this.inputs(ids)
    const of = (layer) => (this.readsOneHot ? layer.projectIds(ids) : layer.project(xs))
    return { forwards: of(this.forwards[0]), backwards: this.readsBothSides ? of(this.backwards[0]) : null }
  }

  // The hidden states of the top layer, (T, H), of a network that reads forwards only.
  statesForwards(reading) {
    let hs = reading.lowest
    this.forwards.slice(1).forEach((cell, place) => {
      hs = cell.run(cell.project(hs), reading.T, seen(reading, place + 2, reading.arrays))
    })
    return hs
  }

  // The answer after each token, given the states of the top layer, (T, H).
  answerEach(hs, answers) {
    const { H, K } = this, goOn = this.startReadout()
    for (let t = 0; t * H < hs.length; t++) {
      this.head.answer([goOn(hs.subarray(t * H, (t + 1) * H), t)], answers, t * K)
    }
  }

  // The answer of a network that reads in both directions and has read the first T tokens only. The lowest layer's
  // states on the way forwards are the same however many tokens follow.
  answer(reading, T, arrays, answers, at) {
    const { H } = this
    let hs = reading.lowest.subarray(0, T * H)
    let back = this.backwards[0].run(reading.words.backwards, T, { backwards: true })
    this.forwards.slice(1).forEach((cell, place) => {
      const below = sideBySide(hs, back, H), turned = this.backwards[place + 1]
      hs = cell.run(cell.project(below), T, seen(reading, place + 2, arrays))
      back = turned.run(turned.project(below), T, { backwards: true })
    })
    this.head.answer(this.readBoth(hs, back, T), answers, at)
  }

  // What is read of the states of both directions, in parts that stand side by side: of each direction by itself, in
  // the order in which it reads, or where the readout mixes units of both together.
  readBoth(hs, back, T) {
    const { H } = this
    if (this.mixesUnits) return [this.pool(sideBySide(hs, back, H), T, 2 * H, (t) => t)]
    return [this.pool(hs, T, H, (t) => t), this.pool(back, T, H, (t) => T - 1 - t)]
  }

  // What is read of T states, in an order that is given.
  pool(hs, T, width, placeOf) {
    const goOn = this.startReadout()
    let read = null
    for (let t = 0; t < T; t++) {
      const begin = placeOf(t) * width
      read = goOn(hs.subarray(begin, begin + width), t)
    }
    return read
  }
}

// What is held in a layer, and where its arrays go, in the one that a reading is of.
function seen({ layer, holds }, own, arrays) {
  return own === layer ? { holds, arrays } : {}
}

// Whether all are numbers that can be computed with; else they grew too large, as `rnn_core.models.overflow` says.
function areFinite(values) {
  for (let place = 0; place < values.length; place++) if (!Number.isFinite(values[place])) return false
  return true
}

// The tensors of one part of the network, by their names within it.
function partsOf(tensors, part) {
  const within = Object.entries(tensors).filter(([name]) => name.startsWith(`${part}.`))
  return Object.fromEntries(within.map(([name, tensor]) => [name.slice(part.length + 1), tensor]))
}

// (T, H) and (T, H) -> (T, 2 H)
function sideBySide(hs, back, H) {
  const both = new Float64Array(2 * hs.length)
  for (let begin = 0; begin < hs.length; begin += H) {
    both.set(hs.subarray(begin, begin + H), 2 * begin)
    both.set(back.subarray(begin, begin + H), 2 * begin + H)
  }
  return both
}

// The head: a logit for each class, as they are compared. Of two logits it is their difference, since softmax sees no
// more of them: `compared` of rnn_core/tasks/classes.py.

function makeHead({ weight: { shape: [outputs, width], values }, bias: { values: bias } }) {
  const logits = new Float64Array(outputs)
  const K = outputs === 2 ? 1 : outputs

  // Puts K answers into `answers` from a place on, given the parts of the readout, which stand side by side.
  function answer(parts, answers, at) {
    for (let k = 0; k < outputs; k++) {
      let logit = bias[k], place = k * width
      for (const part of parts) for (let j = 0; j < part.length; j++) logit += values[place++] * part[j]
      logits[k] = logit
    }
    if (outputs === 2) answers[at] = logits[1] - logits[0]
    else answers.set(logits, at)
  }

  return { K, answer }
}
