// Units x time steps as colours: from the background to the colour of its role for what lies between 0 and 1, else
// vermilion over the background to blue, centred on zero.

import { make, setStyle, setText } from "../dom.js"
import { niceTicks } from "./axis.js"
import { digitsWithin, fixed } from "./digits.js"
import { makeFrame } from "./frame.js"

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
export function makeHeat(container, { cursor, onUnit = null }) {
  const state = { data: null, unit: null, range: [0, 1], eachStep: 1 }
  const frame = makeFrame(container, { cursor, height: HEIGHT, labels: true, says, across: { point, move } })
  const canvas = make("canvas")
  const row = make("div", { class: "chart-row" })
  const scale = makeScale()
  const unit = make("span")
  const value = make("output", { "aria-live": "off" })
  frame.picture.append(canvas)
  frame.area.append(row)
  frame.legend.append(scale.node, make("span", { class: "chart-series" }, unit, value))
  cursor.onShow(readOut)
  frame.onWidth(() => {
    if (state.data && stride() !== state.eachStep) draw()
  })

  return {
    update(data) {
      state.data = data
      state.range = boundsOf(data.values, data.bounds)
      state.unit = data.unit ?? (state.unit < data.H ? state.unit : null)
      const { rows, pixels } = rowsOf(data.H)
      frame.setHeight(rows * pixels)
      nameUnits()
      draw()
      scale.show(state.range, data)
      setStyle(value, { "min-width": `${Math.max(...state.range.map((end) => inDigits(end).length))}ch` })
      frame.update(data)
      readOut()
    },
  }

  function draw() {
    const { data, range } = state
    if (!data) return
    state.eachStep = stride()
    frame.setAside(asideOf())
    const [above, below] = [data.isShare ? data.colour : ABOVE, BELOW].map((colour) => channelsOf(colour, canvas))
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
      text: String(place * eachUnit),
      isBare: true,
    })))
  }

  function point(share, isPressed) {
    const { rows, eachUnit } = rowsOf(state.data.H)
    const place = Math.max(0, Math.min(Math.floor((1 - share) * rows), rows - 1))
    choose(place * eachUnit, isPressed)
  }

  function move(by) {
    const { rows, eachUnit } = rowsOf(state.data.H)
    const place = Math.max(0, Math.min(placeOf(state.unit ?? 0) + by, rows - 1))
    choose(place * eachUnit, true)
  }

  function placeOf(unit) {
    return Math.floor(unit / rowsOf(state.data.H).eachUnit)
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
    const { H, aside = "" } = state.data
    const { eachUnit } = rowsOf(H)
    const units = `${H} ${H === 1 ? "unit" : "units"}, numbered on the left`
    const rest = eachUnit > 1 ? [`one in ${eachUnit} drawn`] : []
    const columns = state.eachStep > 1 ? [`a column is the mean of ${state.eachStep} time steps`] : []
    return [units, ...rest, ...columns, ...(aside ? [aside] : [])].join(", ")
  }
}

const known = new Map()

// [r, g, b] of a colour of CSS that is the same in every theme, as it is at a node.
function channelsOf(colour, node) {
  if (!known.has(colour)) {
    const probe = setStyle(make("i"), { color: colour })
    node.after(probe)
    known.set(colour, getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number))
    probe.remove()
  }
  return known.get(colour)
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

// A colour is laid over the background of the page, more or less opaque: what is transparent is the background, in every
// theme. It goes from one bound of the quantity to the other, or as far as the largest value on either side.
export function boundsOf(values, bounds) {
  if (bounds?.every(Number.isFinite)) return bounds
  const reach = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6)
  return [-reach, reach]
}

// The pixels (RGBA, row by row from the top) of T x H values, of which every `eachUnit`-th unit is drawn from the
// bottom up, and `eachStep` time steps give a column their mean. `above` and `below` are [r, g, b]: a share has
// `above` alone, from nothing at the low end of its range, other values one of two, from nothing at zero.
export function pixels({ values, T, H, eachUnit, eachStep, range: [low, high], isShare, above, below }) {
  const [columns, rows] = [Math.ceil(T / eachStep), Math.ceil(H / eachUnit)]
  const data = new Uint8ClampedArray(4 * columns * rows) // keeps to 0 and 255 by itself
  const zero = isShare ? low : 0
  const opacity = 255 / (isShare ? high - low : Math.max(-low, high))
  for (let row = 0; row < rows; row += 1) {
    const unit = row * eachUnit
    let at = 4 * (rows - 1 - row) * columns
    for (let column = 0; column < columns; column += 1, at += 4) {
      const value = mean(values, H, unit, column * eachStep, eachStep, T) - zero
      const colour = value < 0 && !isShare ? below : above
      data[at] = colour[0]
      data[at + 1] = colour[1]
      data[at + 2] = colour[2]
      data[at + 3] = opacity * (isShare ? value : Math.abs(value))
    }
  }
  return { columns, rows, data }
}

function mean(values, H, unit, begin, count, T) {
  const end = Math.min(begin + count, T)
  let sum = 0
  for (let step = begin; step < end; step += 1) sum += values[step * H + unit]
  return sum / (end - begin)
}
