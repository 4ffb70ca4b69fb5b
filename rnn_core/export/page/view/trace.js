// What is shown of one reading: T time steps, H units.

import { norms } from "../engine/verdict.js"

const LOW = 0.1
const HIGH = 0.9

// The norm of a state after each token, and of what the token changed in it.
export function normsAlong(values, T, H) {
  const changed = new Float32Array(T * H)
  for (let at = 0; at < T * H; at++) changed[at] = values[at] - (at < H ? 0 : values[at - H])
  return { norm: norms(values, T, H), change: norms(changed, T, H) }
}

// The mean of a gate over its units at each time step, and the band that holds 80 % of them.
export function meansAlong(values, T, H) {
  const mean = new Float32Array(T)
  const low = new Float32Array(T)
  const high = new Float32Array(T)
  for (let time = 0; time < T; time++) {
    const units = values.slice(time * H, (time + 1) * H)
    let sum = 0
    for (const value of units) sum += value
    mean[time] = sum / H
    units.sort()
    low[time] = percentile(units, LOW)
    high[time] = percentile(units, HIGH)
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

// The name of every time step; an unknown word says that it is.
export function labelsOf(read) {
  return read.window.map((token, time) => {
    const place = placeOf(read, time)
    return place !== null && read.unknown[place] ? `${read.tokens[place]} <unk>` : token
  })
}

// The token at a time step as the text has it, known or not.
export function tokenAt(read, time) {
  const place = placeOf(read, time)
  return place === null ? read.window[time] : read.tokens[place]
}

// Which token of the text a time step reads; null for <start> and padding.
export function placeOf(read, time) {
  return placesOf(read)[time]
}

const places = new WeakMap()

export function placesOf(read) {
  if (!places.has(read)) {
    let next = read.kept[0]
    const isSpecial = (token) => token === "<start>" || token === "<pad>"
    places.set(
      read,
      read.window.map((token) => (isSpecial(token) ? null : next++)),
    )
  }
  return places.get(read)
}
