// One network on the page: it reads a text, and shows its answer, its picture, and what is held in it.

import { makeNetwork } from "../engine/network.js"
import { writing } from "../engine/writing.js"
import { makeReader } from "../text/window.js"
import { makeCursor } from "./charts/cursor.js"
import { choice, element, find, show } from "./dom.js"
import { startHolds } from "./holds.js"
import { makePicture } from "./picture.js"
import { startTable } from "./table.js"
import { listed } from "./words.js"

export const LAST = "last"
export const MOST_TELLING = "most telling"

// `shared` is {chosen, pick(name)}: the name of the class that is followed, or null. `done()` is called after each
// answer. What the network is asked decides what is shown of its answers; a module of the folder answers has
//   says(data)              what the network says, within a sentence
//   make(data, root, pick)  the answers of one network, shown in a section; `pick` follows a class by its name:
//     find(read, reading, chosen, beside)  what is shown of a reading, beside that without anything held
//     telling(found)                       the time step that says most, null as long as it is not known
//     strip, row, columns, inside          what the strip, the first chart, the table and the sentence below are given
//     explainsFirst, explainsStrip         what that chart and the colours of the strip mean
//     drawEnd, held, atCursor, inWords     the answer in the end, with something held, at the cursor, and read aloud
//     beside(found, other, theirs, names)  the values of two networks in one chart
export function makePanel(article, data, { answers, cells, readouts }, shared, done) {
  const network = makeNetwork(data, { cells, readouts })
  const reader = makeReader(data)
  const cursor = makeCursor()
  const state = {
    layer: data.model.layers,
    letter: firstLetter(data),
    unit: null,
    read: null,
    seen: null,
    generation: 0,
  }
  const section = find(article, ".answer")
  const answer = answers[data.answer].make(data, section, shared.pick)
  const picture = makePicture(find(article, ".picture"), data, answer, cursor, {
    onLetter: (letter) => showUnits({ letter }),
    onUnit: (unit) => showUnits({ unit: unit === state.unit ? null : unit }),
  })
  const drawTable = startTable(
    find(article, ".table"),
    data,
    () => state.seen && { ...state.seen, columns: answer.columns(state.seen.found) },
  )
  let frame = 0
  const holds = startHolds(find(article, ".holds"), data, () => {
    window.cancelAnimationFrame(frame)
    frame = window.requestAnimationFrame(() => state.read !== null && readHeld())
  })
  startLayers(find(article, ".layers"), data.model.layers, (layer) => {
    state.layer = layer
    if (state.read !== null) readTokens(state.read)
  })
  cursor.onShow(sayAtCursor)
  cursor.onChange((time) => holds.setPlace({ time }))

  // `begin` says where the cursor goes: to the LAST token, to the MOST_TELLING one, or "" where it stays.
  function read(text, begin) {
    const found = reader.read(text)
    if (found.tokens.length === 0) return showNothing(whyEmpty(data, text))
    readTokens(found, begin)
  }

  function readTokens(found, begin = "") {
    const free = network.read(found.ids, { layer: state.layer })
    if (!free.isFinite)
      return showNothing("The numbers in this network grow too large in this text: it has no answer.")
    Object.assign(state, { read: found, free, begin, seen: null })
    article.classList.remove("nothing")
    cursor.resize(free.T)
    holds.setPlace({ T: free.T, layer: free.layer, arrays: free.arrays })
    holds.refresh()
    readHeld()
  }

  function readHeld() {
    const active = holds.active(state.free.T)
    const held = active.length ? network.read(state.read.ids, { layer: state.layer, holds: active }) : null
    state.isTooLarge = held !== null && !held.isFinite
    state.held = state.isTooLarge ? null : held
    update()
    answerAlong([state.free, state.held].filter((reading) => reading !== null && reading.answers === null))
  }

  // A network that reads in both directions begins again at each token: in slices, so that the page stays awake.
  async function answerAlong(readings) {
    const generation = (state.generation += 1)
    const progress = find(article, ".along")
    show(progress, readings.length > 0)
    if (readings.length === 0) return
    for (const [place, reading] of readings.entries()) {
      for (const share of network.answersAlong(reading)) {
        progress.value = (place + share) / readings.length
        await new Promise((go) => window.setTimeout(go))
        if (generation !== state.generation) return
      }
    }
    show(progress, false)
    update()
  }

  function showUnits(values) {
    Object.assign(state, values)
    if (state.seen === null) return
    Object.assign(state.seen, values)
    picture.drawUnits(state.seen)
  }

  function update() {
    const { read: text, free, held, letter, unit } = state
    const place = data.classes.indexOf(shared.chosen)
    const chosen = place < 0 ? null : place
    const found = answer.find(text, free, chosen, null)
    const heldFound = held && answer.find(text, held, chosen, found)
    state.seen = { read: text, free, held, found, heldFound, letter, unit, labels: text.labels }
    picture.update(state.seen)
    find(article, ".part").textContent = explainPart(data, state.layer)
    placeCursor()
    find(article, ".held-answer").replaceChildren(...heldAnswer())
    answer.drawEnd(state.seen)
    sayAtCursor()
    drawTable()
    done()
  }

  function placeCursor() {
    const { found, free } = state.seen
    if (state.begin === LAST) cursor.set(free.T - 1)
    if (state.begin === MOST_TELLING) {
      const time = answer.telling(found)
      if (time === null) return
      cursor.set(time)
    }
    state.begin = ""
  }

  // What the network says with what is held, beside what it says without.
  function heldAnswer() {
    if (state.isTooLarge) return [element("p", "wrong", "Held so, the numbers in the network grow too large.")]
    return state.held ? [answer.held(state.seen, `With ${listed(holds.letters())} held`)] : []
  }

  function sayAtCursor() {
    const time = cursor.shown()
    if (state.seen === null || time < 0) return
    find(section, ".cursor-says").replaceChildren(...answer.atCursor(state.seen, time))
  }

  function showNothing(why) {
    Object.assign(state, { read: null, seen: null, generation: state.generation + 1 })
    article.classList.add("nothing")
    find(section, ".end").replaceChildren(element("p", "empty", why))
    drawTable()
    done()
  }

  return {
    data,
    cursor,
    read,
    write: (text, how) => writing(network, data, reader, text, { layer: state.layer, holds: holds.active(0), ...how }),
    follow: () => state.read !== null && update(),
    seen: () => state.seen,
    answer,
    inWords: () => (state.seen ? answer.inWords(state.seen.found) : find(section, ".end").textContent),
  }
}

function startLayers(container, layers, pick) {
  show(container, layers > 1)
  const options = Array.from({ length: layers }, (_, place) => ({
    value: place + 1,
    label: `Layer ${place + 1}`,
    title: place ? `It reads the states of layer ${place}` : "It reads the tokens",
  }))
  const mark = choice(container, options, (layer) => {
    mark(layer)
    pick(layer)
  })
  mark(layers)
}

function firstLetter(data) {
  const gate = data.symbols.find(({ isGate, isShare }) => isGate && isShare)
  return (gate ?? data.symbols[0]).letter
}

function whyEmpty(data, text) {
  if (data.language)
    return `Type or press symbols: ${data.language.symbols.join(" ")}. The network then says what comes next.`
  if (text.trim() === "") return `Type a ${data.nouns.text}, or press an example, and the network reads it.`
  return data.tokens.unit === "words"
    ? "There is no word in this text: the network reads letters, digits, ! and ? only. Type some words."
    : "There is no character in this text that can be seen. Type some."
}

// Of which part of the network gates, states and units are shown; empty where there is one part only.
function explainPart(data, layer) {
  const said = []
  const { layers, bidirectional } = data.model
  if (layers > 1) {
    const reads = layer > 1 ? `the states of layer ${layer - 1}` : `the ${data.tokenNoun}s`
    said.push(`Gates, states and units are those of layer ${layer} of ${layers}, which reads ${reads}.`)
  }
  if (bidirectional) {
    said.push("This network reads in both directions: shown is the cell that reads forwards, the verdict uses both.")
  }
  return said.join(" ")
}
