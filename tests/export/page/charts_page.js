// All charts on one cursor, with values that a test can compute again.

import { makeBars } from "../../../rnn_core/export/page/view/charts/bars.js"
import { makeCursor } from "../../../rnn_core/export/page/view/charts/cursor.js"
import { makeHeat } from "../../../rnn_core/export/page/view/charts/heat.js"
import { makeLines } from "../../../rnn_core/export/page/view/charts/lines.js"
import { chipsOf } from "../../../rnn_core/export/page/view/charts/pieces.js"
import { makeStrip } from "../../../rnn_core/export/page/view/charts/strip.js"

const [T, H] = [20, 64]
const HOSTILE = "<img src=x>"
const tokens = Array.from({ length: T }, (_, step) => (step === 3 ? HOSTILE : `word${step}`))
const states = Float32Array.from({ length: T * H }, (_, place) => Math.sin(1 + place * 0.37))
const gate = states.map((value) => (1 + value) / 2)
const curve = Float32Array.from({ length: T }, (_, step) => 0.5 + 0.4 * Math.cos(step))
const read = { tokens: ["cut", ...tokens], kept: [1, T + 1], unknown: [false, ...tokens.map((_, step) => step === 5)], window: tokens }

const loaded = Promise.all(["charts", "strip"].map((name) => {
  const sheet = document.createElement("link")
  sheet.rel = "stylesheet"
  sheet.href = `/rnn_core/export/page/view/${name}.css`
  document.head.append(sheet)
  return new Promise((resolve) => sheet.addEventListener("load", resolve))
}))

export async function draw() {
  await loaded
  const cursor = makeCursor(T)
  const [strip, lines, held] = [makeStrip(document.body, { cursor }), ...[0, 1].map(() => makeLines(document.body, { cursor }))]
  const [heat, shares] = [makeHeat(document.body, { cursor }), makeHeat(document.body, { cursor, labels: true })]
  const says = { does: "moved the logit by {number}", full: "the logit moved by {number}", turned: "turned the verdict" }
  const strips = (read, turns) => ({ chips: chipsOf(read, curve, turns), says, ways: { up: "towards good", down: "towards bad" } })
  strip.update(strips(read))
  const free = { name: "free", values: curve, colour: "var(--writes)", fill: { base: 0.5, above: "var(--positive)", below: "var(--negative)" } }
  lines.update({ title: "Verdict", sentence: HOSTILE, tokens, range: [0, 1], series: [free], marks: [{ time: 2, value: 0.3, colour: "var(--positive)", text: HOSTILE }] })
  const dashed = { name: "held", values: curve.map((value) => value / 2), colour: "var(--writes)", dash: "dash" }
  held.update({ title: "Gates", aside: HOSTILE, tokens, series: [free, dashed] })
  heat.update({ title: "States", tokens, values: states, T, H, bounds: [-1, 1], isShare: false, colour: "var(--remembers)" })
  shares.update({ title: "Gate", sentence: "64 units of a gate.", tokens, values: gate, T, H, bounds: [0, 1], isShare: true, colour: "#009E73" })
  makeBars(document.body).update({ title: "Next", names: [HOSTILE, "b"], network: [0.25, 0.75], truth: [0, 1], came: 1 })
  return { T, H, cursor, strip, strips, read, curve, states, gate }
}
