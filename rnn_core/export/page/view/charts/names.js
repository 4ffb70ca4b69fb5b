// Which names of time steps stand under an axis, so that none lies on another.

import { counted, shorten, visible } from "./digits.js"
import { niceTicks } from "./ticks.js"

export const LONGEST = 12 // letters
const GAP = 8 // pixels between two level names
const TURNED = 15 // pixels along the axis that a turned name takes
const MOST_LEFT_OUT = 3 // of more names that are left out for each that is shown, numbers say more
const NUMBER = 56 // pixels of a number of a time step

// What stands under an axis of `room` pixels: [{step, text}], and whether names are turned.
// `measure` says how many pixels a text takes.
export function fitNames(tokens, room, measure) {
  if (!tokens.length) return { isTurned: false, shown: [] }
  const each = room / tokens.length
  const texts = tokens.map((token) => shorten(visible(token), LONGEST))
  const widest = texts.reduce((most, text) => Math.max(most, measure(text)), 0)
  if (widest + GAP <= each) return { isTurned: false, shown: texts.map((text, step) => ({ step, text })) }
  const isNarrow = widest + GAP <= TURNED
  const stride = Math.ceil(TURNED / each)
  if (stride > MOST_LEFT_OUT + 1) return { isTurned: false, shown: numbers(tokens.length, room) }
  const shown = texts.map((text, step) => ({ step, text })).filter(({ step }) => step % stride === 0)
  return { isTurned: !isNarrow, shown }
}

// The first time step, and round ones after it.
function numbers(T, room) {
  const most = Math.max(2, Math.floor(room / NUMBER))
  const ticks = niceTicks(1, T, most).filter((tick) => tick > 1 && Number.isInteger(tick))
  const apart = ((ticks[0] - 1) / T) * room
  const first = ticks.length && apart < NUMBER ? [] : [1]
  return [...first, ...ticks].map((tick) => ({ step: tick - 1, text: counted(tick - 1) }))
}
