// What is shown of one reading: T time steps, H units, K classes.

import { logOdds, moves, norms, probabilities, turns } from "../engine/verdict.js"

const NEXT_CLASSES = 2 // so many are drawn beside the followed one, where there are more than two
const LOW = 0.1
const HIGH = 0.9

export function argmax(values) {
  let most = 0
  for (let at = 1; at < values.length; at++) if (values[at] > values[most]) most = at
  return most
}

// The verdict after the last token: the probability of each class, and the most probable one.
export function verdictInTheEnd(data, reading) {
  const shares = probabilities(reading.last, 1)
  const most = argmax(shares)
  return { shares, most, label: data.classes[most], share: shares[most] }
}

// The class that is followed along the text: of two the second one, of more the chosen or the predicted one.
export function followedOf(data, end, chosen) {
  if (data.classes.length === 2) return 1
  return chosen ?? end.most
}

// The classes that have a colour: the followed one, then the most probable others in the end.
export function inSight(data, end, followed) {
  if (data.classes.length === 2) return [1, 0]
  const others = data.classes.map((_, place) => place).filter((place) => place !== followed)
  others.sort((one, other) => end.shares[other] - end.shares[one])
  return [followed, ...others.slice(0, NEXT_CLASSES)]
}

// The verdict after each token; null as long as it is not known.
export function verdictsAlong(reading, T, K, followed) {
  if (reading.answers === null) return null
  const shares = probabilities(reading.answers, T)
  const of = (place) => Float32Array.from({ length: T }, (_, time) => shares[time * K + place])
  return {
    of,
    followed: of(followed),
    moves: moves(reading.answers, T, followed),
    odds: logOdds(reading.answers, T, followed),
    turns: turns(reading.answers, T),
    label: (time) => argmax(shares.subarray(time * K, (time + 1) * K)),
  }
}

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
