// What the tests ask the page's modules; the same in node and in a browser. A function takes and gives plain data.

import { Layer } from "../../../rnn_core/export/page/engine/layer.js"
import { makeNetwork } from "../../../rnn_core/export/page/engine/network.js"
import { logOdds, moves, norms, probabilities, turns } from "../../../rnn_core/export/page/engine/verdict.js"
import { writing } from "../../../rnn_core/export/page/engine/writing.js"
import { along } from "../../../rnn_core/export/page/engine/law.js"
import { makeTokenizer } from "../../../rnn_core/export/page/text/tokens.js"
import { makeReader } from "../../../rnn_core/export/page/text/window.js"
import { nextTokens } from "../../../rnn_core/export/page/answers/next.js"
import { chipsOf, piecesOf } from "../../../rnn_core/export/page/view/charts/pieces.js"
import { counted, isolated, percent, shorten, wholePercent } from "../../../rnn_core/export/page/view/words.js"

// A module by its source.
const written = (source) => import(`data:text/javascript,${encodeURIComponent(source)}`)

async function networkOf({ cell: source, ...data }) {
  const { kind, readout } = data.model
  const { cell } = await written(source)
  const { readout: reads } = await import(`../../../rnn_core/export/page/readouts/${readout}.js`)
  return makeNetwork(data, { cells: { [kind]: cell }, readouts: { [readout]: reads } })
}

// What networks read and compute in several readings, {text, layer, holds}: the ids, all answers, the last one, and
// every quantity by its letter.
function computed(networks) {
  return Promise.all(
    networks.map(async ({ data, readings }) => {
      const reader = makeReader(data), network = await networkOf(data)
      return readings.map(({ text, layer, holds }) => {
        const { ids } = reader.read(text)
        const reading = network.read(ids, { layer, holds })
        const last = [...reading.last]
        for (const share of network.answersAlong(reading)) if (!(share > 0 && share <= 1)) throw new Error(`share ${share}`)
        const arrays = Object.entries(reading.arrays).map(([letter, values]) => [letter, [...values]])
        return { ids: [...ids], answers: [...reading.answers], last, arrays: Object.fromEntries(arrays) }
      })
    }),
  )
}

// What cells compute, each with its weights and what it reads: every quantity by its letter.
function steps(cells) {
  return Promise.all(
    cells.map(async ({ source, weights, xs, H, holds }) => {
      const parts = Object.entries(weights).map(([name, { shape, values }]) => [name, { shape, values: Float64Array.from(values) }])
      const layer = new Layer((await written(source)).cell, Object.fromEntries(parts), H)
      const projected = layer.project(Float64Array.from(xs)), arrays = Object.create(null)
      layer.run(projected, projected.length / layer.width, { holds, arrays })
      return Object.fromEntries(Object.entries(arrays).map(([letter, values]) => [letter, [...values]]))
    }),
  )
}

// What the page makes of answers.
function said({ T, followed, ...given }) {
  const [answers, states] = [given.answers, given.states].map((values) => Float32Array.from(values))
  return {
    probabilities: [...probabilities(answers, T)],
    logOdds: [...logOdds(answers, T, followed)],
    moves: [...moves(answers, T, followed)],
    norms: [...norms(states, T, states.length / T)],
    turns: turns(answers, T).map(({ time, to }) => [time, to]),
  }
}

// The characters that these tables of Unicode know, as ranges: [first, behind the last].
function assigned() {
  const isAssigned = (code) => /\P{Cn}/u.test(String.fromCodePoint(code))
  const ranges = []
  for (let code = 0; code <= 0x110000; code++) {
    const isInside = code < 0x110000 && isAssigned(code)
    if (isInside && ranges.at(-1)?.length !== 1) ranges.push([code])
    if (!isInside && ranges.at(-1)?.length === 1) ranges.at(-1).push(code)
  }
  return ranges
}

function tokens({ texts, ways }) {
  return ways.map(({ rules, unicode }) => texts.map(makeTokenizer(rules, unicode).tokenize))
}

function readings({ texts, networks }) {
  return networks.map((data) => {
    const { read } = makeReader(data)
    return texts.map((text) => ({ ...read(text), ids: [...read(text).ids] }))
  })
}

function truths(languages) {
  return languages.map(({ language, strings }) => strings.map((string) => along(language, string)))
}

// What comes next along each text, by a network of a language. What JSON has no number for comes as text.
function followings(networks) {
  const numbers = (values) => Array.from(values, (value) => (Number.isFinite(value) ? value : String(value)))
  return Promise.all(
    networks.map(async ({ data, texts }) => {
      const network = await networkOf(data)
      const { read } = makeReader(data)
      return texts.map((text) => {
        const found = read(text)
        const { answers, T } = network.read(found.ids)
        const next = nextTokens(data, found, answers, T)
        return { ...next, surprise: numbers(next.surprise), trueSurprise: numbers(next.trueSurprise), shares: null }
      })
    }),
  )
}

// What networks write on, given beginnings and how to choose: the symbols.
function continuations(networks) {
  return Promise.all(
    networks.map(async ({ data, length, ways }) => {
      const network = await networkOf(data), reader = makeReader(data)
      return ways.map(({ text, ...how }) => {
        const symbols = []
        for (const symbol of writing(network, data, reader, text, how)) {
          if (symbols.length === length) break
          if (symbol) symbols.push(symbol)
        }
        return symbols
      })
    }),
  )
}

function words({ texts, shares, times }) {
  return {
    shorten: texts.map(([text, most]) => isolated(shorten(text, most))),
    percent: shares.map(percent),
    wholePercent: shares.map(wholePercent),
    counted: times.map(counted),
  }
}

function strips(reads) {
  return reads.map((read) => piecesOf(chipsOf(read, null, null), 0).map(({ text, kind, step }) => [text, kind, step]))
}

export const asked = { computed, steps, said, assigned, tokens, readings, truths, followings, continuations, words, strips }
