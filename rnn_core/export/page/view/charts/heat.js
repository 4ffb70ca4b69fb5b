// Units x time steps as colours: from the background to the colour of its role for what lies between 0 and 1, else
// vermilion over the background to blue, centred on zero.

import { number } from "../words.js"
import { digitsWithin, fixed } from "./digits.js"
import { make, setStyle, setText } from "./dom.js"
import { makeFrame } from "./frame.js"
import { boundsOf, pixels, unitOf } from "./scales.js"
import { watchTheme } from "./theme.js"
import { niceTicks } from "./ticks.js"

const [ABOVE, BELOW] = ["var(--positive)", "var(--negative)"]
const HEIGHT = 192
const MOST_ROWS = 256 // of more units some are left out
const TALLEST = 32 // pixels of a unit

// Pixels of a unit, whole ones so that all are equally high, and of how many units one is drawn.
export function rowsOf(H) {
  const eachUnit = Math.ceil(H / MOST_ROWS)
  const rows = Math.ceil(H / eachUnit)
  return { rows, eachUnit, pixels: Math.max(1, Math.min(Math.round(HEIGHT / rows), TALLEST)) }
}

// `onUnit` is called with a unit that is pressed.
export function makeHeat(container, { cursor, labels = false, onUnit = null }) {
  const state = { data: null, unit: null, range: [0, 1], eachStep: 1 }
  const frame = makeFrame(container, { cursor, height: HEIGHT, labels, says, across: { point, move } })
  const canvas = make("canvas")
  const row = make("div", { class: "chart-row" })
  const scale = makeScale()
  const unit = make("span")
  const value = make("output", { "aria-live": "off" })
  frame.picture.append(canvas)
  frame.area.append(row)
  frame.legend.append(scale.node, make("span", { class: "chart-series" }, unit, value))
  const theme = watchTheme(frame.picture, draw)
  const stop = [cursor.onShow(readOut), theme.stop]
  frame.onWidth(() => {
    if (state.data && stride() !== state.eachStep) draw()
  })

  return {
    update(data) {
      state.data = { order: null, aside: "", ...data }
      state.range = boundsOf(data.values, data.bounds)
      state.unit = data.unit ?? (state.unit < data.H ? state.unit : null)
      const { rows, pixels } = rowsOf(data.H)
      frame.setHeight(rows * pixels)
      nameUnits()
      draw()
      scale.show(state.range, data)
      setStyle(value, { "min-width": `${Math.max(...state.range.map((end) => inDigits(end).length))}ch` })
      frame.update({ ...data, sentence: data.sentence || inWords() })
      readOut()
    },
    destroy() {
      for (const off of stop) off()
      frame.destroy()
    },
  }

  function draw() {
    const { data, range } = state
    if (!data) return
    state.eachStep = stride()
    frame.setAside(asideOf())
    const [above, below] = [data.isShare ? data.colour : ABOVE, BELOW].map(theme.colour)
    const found = pixels({ ...data, ...rowsOf(data.H), eachStep: state.eachStep, range, above, below })
    canvas.width = found.columns
    canvas.height = found.rows
    // The last column may stand for fewer time steps than the others; the rest of it lies outside.
    setStyle(canvas, { width: `${(100 * found.columns * state.eachStep) / Math.max(data.T, 1)}%` })
    if (found.columns) canvas.getContext("2d").putImageData(new ImageData(found.data, found.columns, found.rows), 0, 0)
  }

  // A column is at least a pixel of the screen.
  function stride() {
    const columns = frame.width() * window.devicePixelRatio
    return columns ? Math.max(1, Math.ceil(state.data.T / columns)) : 1
  }

  function nameUnits() {
    const { rows, eachUnit } = rowsOf(state.data.H)
    const places = rows > 1 ? niceTicks(0, rows - 1).filter(Number.isInteger) : [0]
    frame.setTicks(places.map((place) => ({
      share: 1 - (place + 0.5) / rows,
      text: String(unitOf(place * eachUnit, state.data.order)),
      isBare: true,
    })))
  }

  function point(share, isPressed) {
    const { rows, eachUnit } = rowsOf(state.data.H)
    const place = Math.max(0, Math.min(Math.floor((1 - share) * rows), rows - 1))
    choose(unitOf(place * eachUnit, state.data.order), isPressed)
  }

  function move(by) {
    const { rows, eachUnit } = rowsOf(state.data.H)
    const place = Math.max(0, Math.min(placeOf(state.unit ?? 0) + by, rows - 1))
    choose(unitOf(place * eachUnit, state.data.order), true)
  }

  function placeOf(unit) {
    const { order, H } = state.data
    return Math.floor((order ? Array.from(order).indexOf(unit) : unit) / rowsOf(H).eachUnit)
  }

  function choose(unit, isPressed) {
    state.unit = unit
    readOut()
    if (isPressed) onUnit?.(unit)
  }

  function readOut() {
    const step = cursor.shown()
    const isShown = state.unit !== null && step >= 0 && step < (state.data?.T ?? 0)
    row.hidden = !isShown
    setText(unit, isShown ? `unit ${state.unit}` : "point at a unit")
    unit.className = isShown ? "" : "chart-note"
    setText(value, isShown ? written(step) : "")
    if (!isShown) return
    const { rows } = rowsOf(state.data.H)
    setStyle(row, { top: `${100 * (1 - (placeOf(state.unit) + 1) / rows)}%`, height: `${100 / rows}%` })
  }

  function written(step) {
    const { values, H } = state.data
    return inDigits(values[step * H + (state.unit ?? 0)])
  }

  function inDigits(value) {
    return fixed(value, digitsWithin(state.range[1] - state.range[0]))
  }

  function says(step) {
    return `unit ${state.unit ?? 0} ${written(step)}`
  }

  function asideOf() {
    const { H, aside } = state.data
    const { eachUnit } = rowsOf(H)
    const units = `${H} ${H === 1 ? "unit" : "units"}, numbered on the left`
    const rest = eachUnit > 1 ? [`one in ${eachUnit} drawn`] : []
    const columns = state.eachStep > 1 ? [`a column is the mean of ${state.eachStep} time steps`] : []
    return [units, ...rest, ...columns, ...(aside ? [aside] : [])].join(", ")
  }

  function inWords() {
    const { title, values, T, H } = state.data
    const sum = values.reduce((sum, value) => sum + value, 0)
    const [low, high] = state.range.map(inDigits)
    const mean = inDigits(sum / values.length)
    const what = `${title}, a heat map of ${H} units over ${number(T)} time steps.`
    return `${what} Their mean is ${mean}; colours go from ${low} to ${high}.`
  }
}

// The scale with its ends as numbers.
function makeScale() {
  const [low, bar, high, note] = [make("span"), make("i"), make("span"), make("span", { class: "chart-note" })]
  return {
    node: make("span", { class: "chart-scale" }, low, bar, high, note),
    show(range, { isShare, colour, bounds }) {
      const ends = range.map((end) => fixed(end, Number.isInteger(end) ? 0 : 2))
      setText(low, ends[0])
      setText(high, ends[1])
      setText(note, bounds?.every(Number.isFinite) ? "" : "the largest here")
      const colours = isShare ? ["var(--background)", colour] : [BELOW, "var(--background)", ABOVE]
      setStyle(bar, { background: `linear-gradient(to right, ${colours.join(", ")})` })
    },
  }
}
