// Ranges and round ticks of an axis.

import { fixed } from "./digits.js"

const FACTORS = [1, 2, 5, 10]

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
