// What stands beside an axis: names of time steps below, so that none lies on another, and round ticks on the left.

import { counted, shorten } from "../words.js"
import { fixed } from "./digits.js"

export const LONGEST = 12 // letters
const GAP = 8 // pixels between two level names
const TURNED = 15 // pixels along the axis that a turned name takes
const MOST_LEFT_OUT = 3 // of more names that are left out for each that is shown, numbers say more
const NUMBER = 56 // pixels of a number of a time step
const FACTORS = [1, 2, 5, 10]

// What stands under an axis of `room` pixels: [{step, text, isTurned}]. `measure` says how many pixels a text takes.
export function fitNames(tokens, room, measure) {
  const each = room / tokens.length
  const names = tokens.map((token, step) => {
    const text = shorten(token, LONGEST)
    return { step, text, width: measure(text) + GAP }
  })
  if (names.every(({ width }) => width <= each)) return names.map((name) => ({ ...name, isTurned: false }))
  const stride = Math.ceil(TURNED / each)
  if (stride > MOST_LEFT_OUT + 1) return numbers(tokens.length, room)
  // Among letters a longer name is turned alone; among words all are, or they would look untidy.
  const areLetters = names.filter(({ width }) => width <= TURNED).length > names.length / 2
  const isTurned = ({ width }) => !areLetters || width > TURNED
  return names.filter(({ step }) => step % stride === 0).map((name) => ({ ...name, isTurned: isTurned(name) }))
}

// The first time step, and round ones after it.
function numbers(T, room) {
  const most = Math.max(2, Math.floor(room / NUMBER))
  const ticks = niceTicks(1, T, most, 0).filter((tick) => tick > 1 && Number.isInteger(tick))
  const apart = ((ticks[0] - 1) / T) * room
  const first = ticks.length && apart < NUMBER ? [] : [1]
  return [...first, ...ticks].map((tick) => ({ step: tick - 1, text: counted(tick - 1), isTurned: false }))
}

// Round numbers between `low` and `high`, at most `most` of them, but at least `fewest`: one tick alone says no scale.
export function niceTicks(low, high, most = 4, fewest = 2) {
  const least = (high - low) / most
  const power = 10 ** Math.floor(Math.log10(least))
  const found = FACTORS.map((factor) => fitting(low, high, factor * power)).filter(({ length }) => length >= fewest)
  return found.find(({ length }) => length <= most) ?? found.at(-1) ?? []
}

function fitting(low, high, step) {
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  const ticks = Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step)
  return ticks.map((tick) => Number(tick.toPrecision(12)))
}

// As many digits as the ticks need to differ, the same for all.
export function tickTexts(ticks) {
  const digits = ticks.map((tick) => (String(tick).split(".")[1] ?? "").length)
  const most = Math.max(0, ...digits)
  return ticks.map((tick) => fixed(tick, most))
}

// What of several curves is finite, with some room above; from zero on where nothing is below.
export function rangeOf(curves) {
  let [low, high] = [0, -Infinity]
  for (const curve of curves) {
    for (const value of curve) {
      if (!Number.isFinite(value)) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  high = Math.max(high, low + 1e-6)
  const room = 0.08 * (high - low)
  return [low < 0 ? low - room : 0, high + room]
}
