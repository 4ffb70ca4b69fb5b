// The chips of a token strip: what each says, before any of it is drawn. The app makes its own as here, and sends
// little of what was cut off, since they travel at every move (pages/components/shared/token_strip.py).

import { visible } from "../../text/visible.js"
import { number, say } from "../words.js"

const UNKNOWN = "<unk>"
const PADDING = "<pad>"
const SPECIAL = new Set([PADDING, "<start>", "<end>"])
const MOST = 1000 // pieces, notes among them; of more a stretch around the cursor
const MOST_CUT = 12 // chips of what was cut off, on either side

// One chip a token of the text, and one a special token that the network read:
// [{text, kind ("word", "unknown", "cut" or "special"), step (null where it was cut off), change, turns}].
export function chipsOf({ tokens, kept: [begin, end], unknown, window }, changes, turns) {
  let place = begin
  const seen = window.map((token, step) => {
    const more = { step, change: changes?.[step] ?? 0, turns: turns?.get(step) ?? "" }
    const isTyped = place < end && (!SPECIAL.has(token) || token === tokens[place])
    if (!isTyped) return { text: token, kind: "special", ...more }
    const kind = unknown[place] || token === UNKNOWN ? "unknown" : "word"
    place += 1
    return { text: visible(tokens[place - 1]), kind, ...more }
  })
  return [...tokens.slice(0, begin).map(cut), ...seen, ...tokens.slice(end).map(cut)]
}

// What is drawn: padding is one piece, of what was cut off the nearest words, of very long texts a stretch around
// the cursor that stands still while it moves within.
export function piecesOf(chips, time, unit = "word") {
  const pieces = joined(shortened(chips, unit))
  if (pieces.length <= MOST) return pieces
  const most = MOST - 2 // beside a note at each end
  const half = Math.floor(most / 2)
  const at = pieces.findLastIndex(({ step }) => step !== null && step <= time)
  const start = Math.max(0, Math.min(Math.floor(at / half) * half - Math.floor(half / 2), pieces.length - most))
  const rest = pieces.length - start - most
  return [...notDrawn(start), ...pieces.slice(start, start + most), ...notDrawn(rest)]
}

function shortened(chips, unit) {
  const first = chips.findIndex(({ kind }) => kind !== "cut")
  const begin = first < 0 ? chips.length : first
  const end = chips.findLastIndex(({ kind }) => kind !== "cut") + 1
  const [before, after] = [chips.slice(0, begin), chips.slice(Math.max(end, begin))]
  const note = (count) => (count > 0 ? [aside(say("more_cut", { count: number(count), unit: count === 1 ? unit : `${unit}s` }))] : [])
  return [
    ...note(before.length - MOST_CUT),
    ...before.slice(-MOST_CUT),
    ...chips.slice(begin, end),
    ...after.slice(0, MOST_CUT),
    ...note(after.length - MOST_CUT),
  ]
}

function joined(chips) {
  const pieces = []
  for (const chip of chips) {
    const last = pieces.at(-1)
    const isPadding = chip.kind === "special" && chip.text === PADDING
    if (isPadding && last?.isPadding) {
      last.count += 1
      last.change += chip.change
      last.text = `${PADDING} × ${number(last.count)}`
    } else pieces.push({ ...chip, isPadding, count: chip.step === null ? 0 : 1 })
  }
  return pieces
}

function notDrawn(count) {
  return count ? [{ ...aside(say("left_out", { count: number(count) })), count: 0 }] : []
}

function cut(token) {
  return { text: visible(token), kind: "cut", step: null, change: 0, turns: "" }
}

function aside(text) {
  return { ...cut(text), kind: "aside" }
}
