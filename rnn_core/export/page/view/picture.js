// The picture of one network along a text: token strip, answer, norms, gates, units.

import { makeHeat } from "./charts/heat.js"
import { makeLines } from "./charts/lines.js"
import { makeStrip } from "./charts/strip.js"
import { choice, element, find } from "./dom.js"
import { gatesRow, meansAlong, normRow } from "./rows.js"
import { commonName, number, plural } from "./words.js"

const FIRST_HEIGHT = 92
const NORM_HEIGHT = 62
const GATES_HEIGHT = 100
const STRIP_HEIGHT = 100

// `onLetter` is called with the letter whose units are to be shown, `onUnit` with a unit that is pressed.
export function makePicture(section, data, answer, cursor, { onLetter, onUnit }) {
  const states = data.symbols.filter(({ letter }) => data.memories.includes(letter))
  const shares = data.symbols.filter((symbol) => symbol.isShare)
  const strip = makeStrip(find(section, ".tokens"), { cursor, height: STRIP_HEIGHT })
  const first = lines(FIRST_HEIGHT, answer.explainsFirst())
  const normCharts = states.map((state) => lines(NORM_HEIGHT, explainNorm(data, state)))
  const gates = shares.length ? lines(GATES_HEIGHT, explainGates(shares)) : null
  const units = addBlock("")
  const heat = makeHeat(units.drawn, { cursor, onUnit })
  const markLetter = choice(
    find(section, ".shown"),
    data.symbols.map(({ letter, title, meaning }) => ({
      value: letter,
      label: title,
      title: `${letter} is ${meaning}`,
    })),
    onLetter,
  )

  function lines(height, words) {
    return makeLines(addBlock(words).drawn, { cursor, height })
  }

  function addBlock(words) {
    const drawn = element("div", "drawn")
    const explained = element("p", "explains", words)
    find(section, ".charts").append(element("div", "block", drawn, explained))
    return { drawn, explained }
  }

  // `seen`: {read, free, held, found, heldFound, labels, letter, unit}, what is shown.
  function update(seen) {
    const { read, free, found, heldFound, labels } = seen
    strip.update({ unit: data.tokenNoun, rightToLeft: read.rightToLeft, ...answer.strip(read, found, labels) })
    first.update(answer.row(found, heldFound, labels))
    states.forEach((state, place) => normCharts[place].update(normRow(state, seen, labels)))
    const means = shares.map((symbol) => ({ symbol, ...meansAlong(free.arrays[symbol.letter], free.T, free.H) }))
    gates?.update(gatesRow(seen, labels, means))
    drawUnits(seen)
    const moving = means.filter(({ symbol }) => symbol.isGate)
    find(section, ".says").textContent = answer.inside(found, labels, moving)
    find(section, ".of-strip").textContent = answer.explainsStrip(found)
    find(section, ".notes").replaceChildren(...notesOn(data, read))
  }

  function drawUnits({ labels, free, held, letter, unit }) {
    const shown = data.symbols.find((symbol) => symbol.letter === letter)
    const { T, H, arrays } = held ?? free
    heat.update({
      title: `Units of ${letter}, ${commonName(shown)}`,
      aside: held ? "with what is held" : "",
      bounds: shown.bounds?.every((bound) => bound !== null) ? shown.bounds : null,
      sentence: `Each of ${H} units of ${letter} at each of ${T} time steps.`,
      values: arrays[letter],
      tokens: labels,
      T,
      H,
      unit,
      isShare: shown.isShare,
      colour: shown.colour,
    })
    units.explained.textContent = `A row is a unit, a column a token. ${letter} is ${shown.meaning}.`
    markLetter(letter)
  }

  return { update, drawUnits }
}

function explainNorm(data, state) {
  if (state.letter !== "h") return `${state.letter} is ${state.meaning}.`
  return `The memory of the network is h, ${plural(data.model.hidden_size, "number")}. The norm says how much is in it.`
}

function explainGates(shares) {
  const said = [...new Set(shares.map(({ meaning }) => meaning))].map((meaning) => {
    const alike = shares.filter((symbol) => symbol.meaning === meaning)
    return `${alike.map(({ letter }) => letter).join(", ")} (${commonName(alike[0])}): ${meaning}`
  })
  return `From 0, shut, to 1, open. ${said.join(". ")}.`
}

// What is special about the tokens of this text, for those who meet it here first.
function notesOn(data, read) {
  const unit = data.tokenNoun
  const said = []
  const all = read.tokens.length
  const cut = all - (read.kept[1] - read.kept[0])
  if (cut) {
    const side = data.text.truncation === "pre" ? "first" : "last"
    const reader = data.text.reads_all ? "This page" : "The network"
    said.push(`${reader} reads at most ${plural(data.text.max_length, "token")}: `)
    said.push(`the ${side} ${number(cut)} of ${number(all)} ${unit}s are cut off (struck through). `)
  }
  if (read.places.some((place, time) => place === null && read.window[time] === "<pad>")) {
    said.push(element("code", "", "<pad>"), " fills the window up, and this network reads it, too. ")
  }
  return said
}
