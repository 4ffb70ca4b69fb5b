// What the line charts are given: norms and gates. The reading with what is held lies over the other.

import { norms } from "../engine/verdict.js"
import { commonName } from "./words.js"

export const ROOM = 1.08 // of a range, over the largest value
const BAND = [0.1, 0.9] // of the units

export function wholeTick(share) {
  return `${Math.round(100 * share)}%`
}

// The line of the reading with what is held: dashed, or dotted where the other one is dashed.
export function overlay(series, other = "solid") {
  return { ...series, dash: other === "solid" ? "dash" : "dot", width: 2 }
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

// The norm of a state after each token, and of what the token changed in it.
function normsAlong(values, T, H) {
  const changed = new Float32Array(T * H)
  for (let at = 0; at < T * H; at++) changed[at] = values[at] - (at < H ? 0 : values[at - H])
  return { norm: norms(values, T, H), change: norms(changed, T, H) }
}

// The mean of a gate over its units at each time step, and the band that holds 80 % of them.
export function meansAlong(values, T, H) {
  const [mean, low, high] = [0, 1, 2].map(() => new Float32Array(T))
  for (let time = 0; time < T; time++) {
    const units = values.slice(time * H, (time + 1) * H)
    let sum = 0
    for (const value of units) sum += value
    mean[time] = sum / H
    units.sort()
    ;[low[time], high[time]] = BAND.map((share) => percentile(units, share))
  }
  return { mean, low, high }
}

// Between the neighbours, as NumPy computes it.
function percentile(sorted, share) {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (at - below) * (sorted[above] - sorted[below])
}
