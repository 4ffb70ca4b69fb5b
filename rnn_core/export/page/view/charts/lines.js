// Lines over time steps: each with its colour and its dash, a legend with the values at the cursor.

import { number } from "../words.js"
import { bandPath, linePath, sidePath } from "./curves.js"
import { NONE, digitsWithin, fixed } from "./digits.js"
import { make, makeSvg, setStyle, setText } from "./dom.js"
import { makeFrame } from "./frame.js"
import { niceTicks, rangeOf, tickTexts } from "./ticks.js"

const DASHES = {
  solid: "none",
  dash: "7 4",
  dot: "2 3",
  dashdot: "8 3 2 3",
  longdash: "13 5",
  longdashdot: "13 4 2 4",
}
const TICK = 20 // pixels of the height that a tick takes at least
const USUAL = { dash: "solid", width: 2, band: null, fill: null, format: null }

export function makeLines(container, { cursor, height = 96, labels = false, format = null }) {
  const frame = makeFrame(container, { cursor, height, labels, says })
  const svg = makeSvg("svg", { preserveAspectRatio: "none", "aria-hidden": "true" })
  const dots = make("div", { class: "chart-dots" })
  frame.picture.append(svg, dots)
  const off = cursor.onShow(readOut)
  let drawn = { series: [], write: String }
  let values = []

  return {
    // `format`, of the chart or of a series, writes a value, `tickFormat` one of the `ticks`; without them digits
    // follow from the range.
    update(data) {
      const series = data.series.map((one) => ({ ...USUAL, label: one.name, ...one }))
      const range = data.range ?? rangeOf(series.flatMap(({ values, band }) => [values, ...(band ? [band.high] : [])]))
      const write = format ?? ((value) => fixed(value, digitsWithin(range[1] - range[0])))
      drawn = { series, write }
      drawCurves(series, range, data.tokens.length)
      drawDots(data.marks ?? [], range, data.tokens.length)
      drawTicks(range, data)
      drawLegend(data.tokens.length)
      const sentence = data.sentence || inWords(data.title, drawn, data.tokens)
      frame.setAside(data.aside ?? "")
      frame.update({ ...data, sentence })
      readOut()
    },
    destroy() {
      off()
      frame.destroy()
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
      return make("span", { class: "chart-series" }, swatch, make("bdi", {}, label), values[place])
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

// What the picture shows, for people who don't see it.
function inWords(title, { series, write }, tokens) {
  const parts = series.map(({ name, values, format }) => {
    const finite = Array.from(values).filter(Number.isFinite)
    if (!finite.length) return `${name} has no value`
    const text = format ?? write
    const most = finite.reduce((high, one) => Math.max(high, one))
    const least = finite.reduce((low, one) => Math.min(low, one))
    const ends = `begins at ${text(finite[0])}, ends at ${text(finite.at(-1))}`
    return `${name} ${ends}, lies between ${text(least)} and ${text(most)}`
  })
  return `${title}, lines over ${number(tokens.length)} time steps. ${parts.join(". ")}.`
}
