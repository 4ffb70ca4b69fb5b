// What the line charts are given: verdict or surprise, norms, gates. The reading with what is held lies over the other.

import { classColours } from "./answer.js"
import { say } from "./sentences.js"
import { inSight, meansAlong, normsAlong } from "./trace.js"
import { commonName, percent, shorten } from "./words.js"

const DASHES = ["solid", "dash", "dot"]
const LONGEST_NAME = 30
const ROOM = 1.08 // of a range, over the largest value

export function wholeTick(share) {
  return `${Math.round(100 * share)}%`
}

// The line of the reading with what is held: dashed, or dotted where the other one is dashed.
function overlay(series, other = "solid") {
  return { ...series, dash: other === "solid" ? "dash" : "dot", width: 2 }
}

export function verdictRow(data, { along, heldAlong, end, followed, free }, tokens) {
  const colourOf = classColours(data, end, followed)
  const isOfTwo = data.classes.length === 2
  const nameOf = (place) => shorten(data.classes[place], LONGEST_NAME)
  const name = nameOf(followed)
  const colour = isOfTwo ? "var(--text)" : colourOf(followed)
  const format = (share) => (Number.isNaN(share) ? "" : percent(share))
  const fill = isOfTwo ? { base: 0.5, above: "var(--positive)", below: "var(--negative)" } : null
  const values = along?.followed ?? new Float32Array(free.T).fill(NaN)
  const series = [{ name, values, colour, width: isOfTwo ? 1.6 : 2.2, fill, format }]
  const others = isOfTwo || along === null ? [] : inSight(data, end, followed).slice(1)
  others.forEach((place, at) => {
    const line = { colour: colourOf(place), dash: DASHES[at + 1], width: 1.3 }
    series.push({ name: nameOf(place), values: along.of(place), ...line, format })
  })
  if (heldAlong) series.push(overlay({ name: `${name}, held`, values: heldAlong.followed, colour, format }))
  const marks = (along?.turns ?? []).map(({ time, to }) => ({
    time,
    value: isOfTwo ? along.followed[time] : along.of(to)[time],
    colour: colourOf(to),
    text: say("turns_to", { name: data.classes[to] }),
  }))
  const ends = along === null ? "It is being computed." : `It ends at ${percent(along.followed[free.T - 1])}.`
  return {
    title: "Verdict after each token",
    aside: along === null ? "each token is read again from both sides" : `probability of ${name}`,
    sentence: `Probability of ${name} after each of ${tokens.length} tokens. ${ends}`,
    tokens,
    series,
    marks,
    range: [0, 1],
    ticks: [0, 0.5, 1],
    tickFormat: wholeTick,
  }
}

export function surpriseRow({ next, heldNext }, tokens) {
  const format = (value) => (Number.isFinite(value) ? `${value.toFixed(2)} bits` : "none")
  const text = "var(--text)"
  const lines = [{ name: "network", values: next.surprise, colour: text, width: 1.6, format }]
  if (next.along !== null) {
    lines.unshift({
      name: "truth",
      values: next.trueSurprise,
      colour: "var(--muted)",
      dash: "dot",
      width: 3.5,
      format,
    })
  }
  if (heldNext) lines.push(overlay({ name: "network, held", values: heldNext.surprise, colour: text, format }))
  const top = Math.max(1, ...lines.flatMap(({ values }) => [...values].filter(Number.isFinite)))
  const marks = next.wrong
    .filter((time) => Number.isFinite(next.surprise[time]))
    .map((time) => ({
      time,
      value: next.surprise[time],
      colour: "var(--negative)",
      text: `wrong: it expects ${next.expected[time]}`,
    }))
  return {
    title: "Surprise at what comes next",
    aside: "in bits; a diamond: wrong",
    sentence: `Surprise of the network at each of ${tokens.length} time steps.`,
    series: lines.map((line) => ({
      ...line,
      values: line.values.map((bits) => (Number.isFinite(bits) ? bits : NaN)),
    })),
    tokens,
    marks,
    range: [0, ROOM * top],
  }
}

export function normRow(state, { free, held }, tokens) {
  const { letter, colour, dash } = state
  const { norm, change } = normsAlong(free.arrays[letter], free.T, free.H)
  const series = [
    {
      name: `\u2016\u0394${letter}\u2016`,
      values: change,
      colour,
      width: 1,
      fill: { base: 0, above: colour, below: colour },
    },
    { name: `\u2016${letter}\u2016`, values: norm, colour, dash, width: 2.2 },
  ]
  if (held) {
    const values = normsAlong(held.arrays[letter], held.T, held.H).norm
    series.push(overlay({ name: `\u2016${letter}\u2016 held`, values, colour }, dash))
  }
  const title = `Norm of the ${commonName(state)} ${letter}`
  const top = Math.max(1e-6, ...series.flatMap(({ values }) => [...values]))
  return {
    title,
    aside: "filled: change at each token",
    sentence: `${title} after each token.`,
    tokens,
    series,
    range: [0, ROOM * top],
  }
}

// `means` are [{symbol, mean, low, high}].
export function gatesRow({ held }, tokens, means) {
  const series = means.map(({ symbol: { letter, role, colour, dash }, mean, low, high }) => ({
    name: letter,
    label: `${letter} ${role}`,
    values: mean,
    band: { low, high },
    colour,
    dash,
    width: 2.2,
  }))
  for (const {
    symbol: { letter, colour, dash },
  } of held ? means : []) {
    const values = meansAlong(held.arrays[letter], held.T, held.H).mean
    series.push(overlay({ name: `${letter} held`, values, colour }, dash))
  }
  return {
    title: means.some(({ symbol }) => symbol.isGate) ? "Gates" : "Seen between 0 and 1",
    aside: "mean, 10\u201390 % of units",
    sentence: `Mean of ${means.map(({ symbol }) => symbol.name).join(", ")} at each token.`,
    tokens,
    series,
    range: [0, 1],
    ticks: [0, 0.5, 1],
  }
}
