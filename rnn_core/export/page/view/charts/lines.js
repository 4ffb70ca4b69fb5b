// Lines over time steps: each with its colour and its dash, a legend with the values at the cursor.

import { NONE, digitsWithin, fixed } from "./digits.js"
import { make, makeSvg, setStyle, setText, word } from "../dom.js"
import { makeFrame } from "./frame.js"
import { niceTicks, rangeOf, tickTexts } from "./axis.js"

const DASHES = {
  solid: "none",
  dash: "7 4",
  dot: "2 3",
  dashdot: "8 3 2 3",
  longdash: "13 5",
  longdashdot: "13 4 2 4",
}
const TICK = 20 // pixels of the height that a tick takes at least
const ALONE = 0.25 // a value without neighbours is a dash of half a time step
const USUAL = { dash: "solid", width: 2, band: null, fill: null, format: null }

export function makeLines(container, { cursor, height = 96 }) {
  const frame = makeFrame(container, { cursor, height, says })
  const svg = makeSvg("svg", { preserveAspectRatio: "none", "aria-hidden": "true" })
  const dots = make("div", { class: "chart-dots" })
  frame.picture.append(svg, dots)
  cursor.onShow(readOut)
  let drawn = { series: [], write: String }
  let values = []

  return {
    // `format` of a series writes a value, `tickFormat` one of the `ticks`; without them digits follow from the range.
    update(data) {
      const series = data.series.map((one) => ({ ...USUAL, label: one.name, ...one }))
      const range = data.range ?? rangeOf(series.flatMap(({ values, band }) => [values, ...(band ? [band.high] : [])]))
      const write = (value) => fixed(value, digitsWithin(range[1] - range[0]))
      drawn = { series, write }
      drawCurves(series, range, data.tokens.length)
      drawDots(data.marks ?? [], range, data.tokens.length)
      drawTicks(range, data)
      drawLegend(data.tokens.length)
      frame.setAside(data.aside ?? "")
      frame.update(data)
      readOut()
    },
  }

  function drawCurves(series, [low, high], T) {
    svg.setAttribute("viewBox", `0 0 ${Math.max(T, 1)} ${height}`)
    const y = (value) => height * ((high - value) / (high - low))
    const areas = series.flatMap(({ band, fill, colour, values }) => [
      ...(band ? [area(bandPath(band.low, band.high, y), colour, "band")] : []),
      ...(fill ? [area(sidePath(values, fill.base, 1, y), fill.above, "side")] : []),
      ...(fill?.below ? [area(sidePath(values, fill.base, -1, y), fill.below, "side")] : []),
    ])
    const lines = series.map(({ values, colour, dash, width }) => {
      const line = makeSvg("path", { d: linePath(values, y), class: "line", "stroke-dasharray": DASHES[dash] })
      return setStyle(line, { stroke: colour, "stroke-width": `${width}px` })
    })
    svg.replaceChildren(...areas, ...lines.reverse()) // the first above the others
  }

  function drawDots(marks, [low, high], T) {
    dots.replaceChildren(...marks.map(({ time, value, colour, text }) => {
      const dot = make("i", { title: text })
      const left = `${(100 * (time + 0.5)) / T}%`
      return setStyle(dot, { left, top: `${(100 * (high - value)) / (high - low)}%`, background: colour })
    }))
  }

  function drawTicks([low, high], { ticks, tickFormat }) {
    const shown = ticks ?? niceTicks(low, high, Math.max(2, Math.floor(height / TICK)))
    const texts = tickFormat ? shown.map(tickFormat) : tickTexts(shown)
    const share = (tick) => (high - tick) / (high - low)
    frame.setTicks(shown.map((tick, place) => ({ share: share(tick), text: texts[place] })))
  }

  // A value has the room of the longest one, so that nothing moves while the cursor does.
  function drawLegend(T) {
    values = drawn.series.map(() => make("output", { "aria-live": "off" }))
    frame.legend.replaceChildren(...drawn.series.map(({ label, colour, dash, width }, place) => {
      const sample = makeSvg("path", { d: "M0 5H28", "stroke-dasharray": DASHES[dash] })
      setStyle(sample, { stroke: colour, "stroke-width": `${width}px` })
      const swatch = makeSvg("svg", { viewBox: "0 0 28 10", "aria-hidden": "true" }, sample)
      const longest = Array.from({ length: T }, (_, step) => written(place, step).length)
      setStyle(values[place], { "min-width": `${Math.max(0, ...longest)}ch` })
      return make("span", { class: "chart-series" }, swatch, word(label), values[place])
    }))
  }

  function written(place, step) {
    const { values, format } = drawn.series[place]
    return Number.isFinite(values[step]) ? (format ?? drawn.write)(values[step]) : NONE
  }

  function readOut() {
    const step = cursor.shown()
    values.forEach((node, place) => setText(node, step < 0 ? "" : written(place, step)))
  }

  function says(step) {
    return drawn.series.map(({ name }, place) => `${name} ${written(place, step)}`).join(", ")
  }
}

function area(d, colour, kind) {
  return setStyle(makeSvg("path", { d, class: kind }), { fill: colour, stroke: kind === "band" ? colour : "none" })
}

// Curves as paths of SVG: x counts time steps, a value of step t stands at t + 1/2.

// Stretches of finite values: [[x, y], ...] each.
export function stretches(values) {
  const found = []
  let open = null
  values.forEach((value, step) => {
    if (!Number.isFinite(value)) open = null
    else if (open) open.push([step + 0.5, value])
    else found.push((open = [[step + 0.5, value]]))
  })
  return found
}

export function linePath(values, height) {
  return stretches(values).map((points) => path(points.length > 1 ? points : alone(points[0]), height)).join("")
}

// What lies between two curves.
export function bandPath(low, high, height) {
  const tops = stretches(high)
  const around = (points, place) => closed([...widened(tops[place]), ...widened(points).reverse()], height)
  return stretches(low).map(around).join("")
}

// What lies between a curve and the level `base`, on one side of it: 1 above, -1 below.
export function sidePath(values, base, side, height) {
  const clamp = (y) => (side > 0 ? Math.max(y, base) : Math.min(y, base))
  return stretches(values).map((stretch) => {
    const points = crossed(widened(stretch), base).map(([x, y]) => [x, clamp(y)])
    return closed([...points, [points.at(-1)[0], base], [points[0][0], base]], height)
  }).join("")
}

// With a point wherever a straight piece crosses the level, so that no corner of an area is cut.
export function crossed(points, level) {
  return points.flatMap(([x, y], place) => {
    const [nextX, nextY] = points[place + 1] ?? [x, y]
    if ((y - level) * (nextY - level) >= 0) return [[x, y]]
    return [[x, y], [x + ((level - y) / (nextY - y)) * (nextX - x), level]]
  })
}

function alone([x, y]) {
  return [[x - ALONE, y], [x + ALONE, y]]
}

function widened(points) {
  return points.length > 1 ? points : alone(points[0])
}

function path(points, height) {
  return `M${points.map(([x, y]) => `${x.toFixed(3)} ${height(y).toFixed(2)}`).join("L")}`
}

function closed(points, height) {
  return `${path(points, height)}Z`
}
