// The picture of one network along a text: token strip, verdict or surprise, norms, gates, units.

import { DECIDED } from "../engine/verdict.js"
import { SAID } from "../said.js"
import { makeBars } from "./charts/bars.js"
import { makeHeat } from "./charts/heat.js"
import { makeLines } from "./charts/lines.js"
import { chipsOf } from "./charts/pieces.js"
import { makeStrip } from "./charts/strip.js"
import { choice, element, find, show } from "./dom.js"
import { explainFirst, explainGates, explainNorm, explainStrip, notesOn } from "./explained.js"
import { gatesRow, normRow, surpriseRow, verdictRow } from "./rows.js"
import { insideInWords, say } from "./sentences.js"
import { labelsOf, meansAlong } from "./trace.js"
import { commonName, shorten, wholePercent } from "./words.js"

const VERDICT_HEIGHT = 92
const NORM_HEIGHT = 62
const GATES_HEIGHT = 100
const STRIP_HEIGHT = 100
const LONGEST_NAME = 30
const LONGEST_TOKEN = 12

// `onLetter` is called with the letter whose units are to be shown, `onUnit` with a unit that is pressed.
export function makePicture(section, data, cursor, { onLetter, onUnit }) {
  const isOfNext = data.task === "next-symbol"
  const states = data.symbols.filter(({ letter }) => data.memories.includes(letter))
  const shares = data.symbols.filter((symbol) => symbol.isShare)
  const strip = makeStrip(find(section, ".tokens"), { cursor, height: STRIP_HEIGHT })
  const verdict = lines(VERDICT_HEIGHT, explainFirst(data))
  const normCharts = states.map((state) => lines(NORM_HEIGHT, explainNorm(data, state)))
  const gates = shares.length ? lines(GATES_HEIGHT, explainGates(shares)) : null
  const units = addBlock("")
  const heat = makeHeat(units.drawn, { cursor, labels: true, onUnit })
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

  // `seen`: {read, free, held, along, heldAlong, next, heldNext, end, followed, letter, unit}, what is shown.
  function update(seen) {
    const { read, free, along, followed } = seen
    const tokens = labelsOf(read)
    updateStrip(seen, tokens)
    verdict.update(isOfNext ? surpriseRow(seen, tokens) : verdictRow(data, seen, tokens))
    states.forEach((state, place) => normCharts[place].update(normRow(state, seen, tokens)))
    const means = shares.map((symbol) => ({ symbol, ...meansAlong(free.arrays[symbol.letter], free.T, free.H) }))
    gates?.update(gatesRow(seen, tokens, means))
    drawUnits(seen)
    const moving = means.filter(({ symbol }) => symbol.isGate)
    find(section, ".says").textContent = along ? insideInWords(tokens, along, data.classes, followed, moving) : ""
    find(section, ".of-strip").textContent = explainStrip(data, followed)
    find(section, ".notes").replaceChildren(...notesOn(data, read))
  }

  function updateStrip({ read, along, followed, next }, tokens) {
    const rest = { unit: data.tokenNoun, rightToLeft: read.rightToLeft }
    if (isOfNext) {
      const surprised = (_, time) => (time && Number.isFinite(next.surprise[time - 1]) ? next.surprise[time - 1] : 0)
      const chips = chipsOf(read, Float32Array.from(tokens, surprised), new Map())
      strip.update({ ...rest, chips, ways: { up: say("surprised"), down: "" }, says: SAID.by_surprise })
      return
    }
    const [name, other] = [followed, 1 - followed].map((place) => shorten(data.classes[place] ?? "", LONGEST_NAME))
    const turns = new Map((along?.turns ?? []).map(({ time, to }) => [time, data.classes[to]]))
    const down = data.classes.length === 2 ? say("towards", { name: other }) : say("away", { name })
    strip.update({
      ...rest,
      chips: chipsOf(read, along?.moves ?? new Float32Array(tokens.length), turns),
      ways: { up: say("towards", { name }), down },
      says: { ...SAID.by_change, turned: say("turned", { share: wholePercent(DECIDED) }) },
    })
  }

  function drawUnits({ read, free, held, letter, unit }) {
    const shown = data.symbols.find((symbol) => symbol.letter === letter)
    const { T, H, arrays } = held ?? free
    heat.update({
      title: `Units of ${letter}, ${commonName(shown)}`,
      aside: held ? "with what is held" : "",
      bounds: shown.bounds?.every((bound) => bound !== null) ? shown.bounds : null,
      sentence: `Each of ${H} units of ${letter} at each of ${T} time steps.`,
      values: arrays[letter],
      tokens: labelsOf(read),
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

// The table of what comes next at the cursor.
export function makeNextTable(container) {
  const bars = makeBars(container, {})
  show(container, true)
  return (next, labels, time) => {
    const { names, K, shares, along } = next
    bars.update({
      title: "What comes next",
      aside: `after \u201c${shorten(labels[time], LONGEST_TOKEN)}\u201d`,
      names,
      network: Float32Array.from(shares.subarray(time * K, (time + 1) * K)),
      truth: next.truthAt(time),
      allowed: along === null ? null : names.map((name) => along[time].allowed.includes(name)),
      came: next.came[time],
    })
  }
}
