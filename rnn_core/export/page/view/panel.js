// One network on the page: it reads a text, and shows its answer, its picture, and what is held in it.

import { makeNetwork } from "../engine/network.js"
import { makeReader } from "../text/window.js"
import { atCursor, endInWords, listClasses, verdictBox } from "./answer.js"
import { makeCursor } from "./charts/cursor.js"
import { choice, element, find, show } from "./dom.js"
import { explainPart } from "./explained.js"
import { startHolds } from "./holds.js"
import { nextTokens } from "./next.js"
import { aboutString, comesInWords } from "./sentences.js"
import { makeNextTable, makePicture } from "./picture.js"
import { startTable } from "./table.js"
import { argmax, followedOf, labelsOf, placeOf, tokenAt, verdictInTheEnd, verdictsAlong } from "./trace.js"
import { listed, percent, plural, shorten } from "./words.js"

const LONGEST_WORD = 30

export const LAST = "last"
export const MOST_TELLING = "most telling"

// `shared` is {chosen, pick(name)}: the name of the class that is followed, or null. `done()` is called after each
// answer.
export function makePanel(article, data, { cells, readouts, languages }, shared, done) {
  const network = makeNetwork(data, { cells, readouts })
  const reader = makeReader(data)
  const cursor = makeCursor()
  const isOfNext = data.task === "next-symbol"
  const state = {
    layer: data.model.layers,
    letter: firstLetter(data),
    unit: null,
    read: null,
    seen: null,
    generation: 0,
  }
  const answer = find(article, ".answer")
  const picture = makePicture(find(article, ".picture"), data, cursor, {
    onLetter: (letter) => showUnits({ letter }),
    onUnit: (unit) => showUnits({ unit: unit === state.unit ? null : unit }),
  })
  const drawNext = isOfNext ? makeNextTable(find(answer, ".next")) : null
  const drawTable = startTable(find(article, ".table"), data, () => state.seen)
  let frame = 0
  const holds = startHolds(find(article, ".holds"), data, () => {
    window.cancelAnimationFrame(frame)
    frame = window.requestAnimationFrame(() => state.read !== null && readHeld())
  })
  const markLayer = startLayers(find(article, ".layers"), data.model.layers, (layer) => {
    state.layer = layer
    if (state.read !== null) readTokens(state.read)
  })
  markLayer?.(state.layer)
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
    const { read: text, free, held } = state
    const K = data.classes.length
    const end = verdictInTheEnd(data, free)
    const chosen = data.classes.indexOf(shared.chosen)
    state.chosen = chosen < 0 ? null : chosen
    const followed = followedOf(data, end, state.chosen)
    const along = isOfNext ? null : verdictsAlong(free, free.T, K, followed)
    const heldAlong = isOfNext || held === null ? null : verdictsAlong(held, held.T, K, followed)
    const next = isOfNext ? nextTokens(data, languages, text, free.answers, free.T) : null
    const heldNext = isOfNext && held !== null ? nextTokens(data, languages, text, held.answers, held.T) : null
    const { letter, unit } = state
    state.seen = {
      read: text,
      free,
      held,
      along,
      heldAlong,
      next,
      heldNext,
      end,
      followed,
      letter,
      unit,
      labels: labelsOf(text),
    }
    picture.update(state.seen)
    find(article, ".part").textContent = explainPart(data, state.layer)
    placeCursor()
    sayAnswer()
    sayAtCursor()
    drawTable()
    done()
  }

  function placeCursor() {
    const { along, next, free } = state.seen
    if (state.begin === LAST) cursor.set(free.T - 1)
    if (state.begin === MOST_TELLING) {
      if (next) cursor.set(next.firstWrong ?? next.breaks ?? 0)
      else if (along) cursor.set(mostTelling(along.moves))
      else return // it comes with the last slice
    }
    state.begin = ""
  }

  function sayAnswer() {
    const { free, end, next, labels } = state.seen
    find(article, ".held-answer").replaceChildren(...heldAnswer())
    if (isOfNext) {
      find(answer, ".end").replaceChildren(...aboutString(state.read, next, labels))
      return
    }
    const heading = `The verdict in the end, after ${plural(free.T, "time step")}`
    find(answer, ".end").replaceChildren(verdictBox(data, end, state.chosen, { heading }))
    if (data.classes.length > 2) {
      show(find(answer, ".classes"), true)
      const follow = (place) => shared.pick(place === null ? null : data.classes[place])
      listClasses(find(answer, ".classes"), data, end, state.chosen, follow)
    }
  }

  // What the network says with what is held, beside what it says without.
  function heldAnswer() {
    const { held, heldNext, end, labels } = state.seen
    if (state.isTooLarge) return [element("p", "wrong", "Held so, the numbers in the network grow too large.")]
    if (held === null) return []
    const heading = `With ${listed(holds.letters())} held`
    if (isOfNext) {
      const [lead] = aboutString(state.read, heldNext, labels)
      return [element("div", "verdict held", element("div", "heading", heading), lead)]
    }
    const without = ` (without: ${shorten(end.label, LONGEST_WORD)} ${percent(end.share)})`
    return [verdictBox(data, verdictInTheEnd(data, held), state.chosen, { heading: heading + without, isHeld: true })]
  }

  function sayAtCursor() {
    const time = cursor.shown()
    if (state.seen === null || time < 0) return
    const { along, next, labels, read: text, followed } = state.seen
    const says = find(answer, ".cursor-says")
    if (next) {
      drawNext(next, labels, time)
      says.replaceChildren(...sayNext(next, time))
    } else if (along) {
      const said = atCursor(data, tokenAt(text, time), along, time, followed)
      says.replaceChildren(...said, ...noteOn(data, text, time))
    } else {
      says.replaceChildren("The verdict after each token is being computed.")
    }
  }

  function showNothing(why) {
    Object.assign(state, { read: null, seen: null, generation: state.generation + 1 })
    article.classList.add("nothing")
    find(answer, ".end").replaceChildren(element("p", "empty", why))
    drawTable()
    done()
  }

  return {
    data,
    cursor,
    read,
    follow: () => state.read !== null && update(),
    seen: () => state.seen,
    inWords: () => {
      if (state.read === null) return find(answer, ".end").textContent
      return isOfNext ? find(answer, ".end").textContent : endInWords(data, state.free, state.free.T)
    },
  }
}

function startLayers(container, layers, pick) {
  if (layers === 1) return null
  show(container, true)
  const options = Array.from({ length: layers }, (_, place) => ({
    value: place + 1,
    label: `Layer ${place + 1}`,
    title: place ? `It reads the states of layer ${place}` : "It reads the tokens",
  }))
  const mark = choice(container, options, (layer) => {
    mark(layer)
    pick(layer)
  })
  return mark
}

// The time step that moved the verdict most; not the first one, before which there was none.
function mostTelling(moves) {
  return moves.length > 1 ? 1 + argmax(moves.subarray(1).map(Math.abs)) : 0
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

function noteOn(data, read, time) {
  const place = placeOf(read, time)
  if (place !== null && read.unknown[place])
    return [` It does not know this ${data.tokenNoun}: it reads <unk> there.`]
  return read.window[time] === "<start>" ? [" <start> stands before every text: nothing of yours is read yet."] : []
}

function sayNext(next, time) {
  if (next.came[time] === null) return [comesInWords(next, time)]
  const said = [comesInWords(next, time), " "]
  said.push(...decidedHere(next, time))
  const isWrong = `It is wrong here: it expects ${next.expected[time]}.`
  if (next.isJudged[time]) said.push(next.right[time] ? "It is right here." : isWrong)
  if (next.breaks === time) said.push(" Here the rule is broken.")
  return said
}

// What the rule leaves no choice about.
function decidedHere(next, time) {
  const decided = next.along === null ? null : next.along[time].decided
  if (decided === null) return []
  return [
    next.along[time].allowed.length === 1 ? `Only ${decided} can come. ` : `If a bracket closes, it is ${decided}. `,
  ]
}
