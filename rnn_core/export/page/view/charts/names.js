// Which names of time steps stand under an axis, so that none lies on another.

import { counted, shorten } from "../words.js"
import { visible } from "./digits.js"
import { niceTicks } from "./ticks.js"

export const LONGEST = 12 // letters
const GAP = 8 // pixels between two level names
const TURNED = 15 // pixels along the axis that a turned name takes
const MOST_LEFT_OUT = 3 // of more names that are left out for each that is shown, numbers say more
const NUMBER = 56 // pixels of a number of a time step

// What stands under an axis of `room` pixels: [{step, text, isTurned}]. `measure` says how many pixels a text takes.
export function fitNames(tokens, room, measure) {
  const each = room / tokens.length
  const names = tokens.map((token, step) => {
    const text = shorten(visible(token), LONGEST)
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
