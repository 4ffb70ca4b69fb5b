// Numbers as people read them, with as many digits as what is shown needs.

const NONE = "–"
const SIGNS = { " ": "␣", "\n": "⏎", "\t": "⇥" }

export function fixed(value, digits) {
  if (!Number.isFinite(value)) return NONE
  const text = Math.abs(value).toFixed(digits)
  return value < 0 && Number(text) !== 0 ? `−${text}` : text
}

export function signed(value, digits = 2) {
  return value >= 0 ? `+${fixed(value, digits)}` : fixed(value, digits)
}

// Never a rounded 100 % or 0 %, which no network means.
export function percent(share) {
  if (!Number.isFinite(share)) return NONE
  if (share >= 0.9995) return "> 99.9%"
  return share < 0.0005 ? "< 0.1%" : `${(100 * share).toFixed(1)}%`
}

export function wholePercent(share) {
  return `${Math.round(100 * share)}%`
}

// How many digits after the point set values apart that lie within `span`.
export function digitsWithin(span) {
  return span > 0 ? Math.max(0, Math.min(2 - Math.floor(Math.log10(span)), 6)) : 2
}

export function grouped(count) {
  return count.toLocaleString("en")
}

// Time steps are shown from 1 and counted from 0; units are shown as they are counted.
export function counted(step) {
  return grouped(step + 1)
}

// A token as it is shown: one of white space by a sign for it.
export function visible(token) {
  return SIGNS[token] ?? token
}

export function shorten(text, most) {
  if (text.length <= most) return text
  const letters = Array.from(text)
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join("")}…`
}
