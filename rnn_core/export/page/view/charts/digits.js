// Numbers as people read them, with as many digits as what is shown needs.

export const NONE = "–" // in place of a value that is none

export function fixed(value, digits) {
  if (!Number.isFinite(value)) return NONE
  const text = Math.abs(value).toFixed(digits)
  return value < 0 && Number(text) !== 0 ? `−${text}` : text
}

export function signed(value, digits = 2) {
  return value >= 0 ? `+${fixed(value, digits)}` : fixed(value, digits)
}

// How many digits after the point set values apart that lie within `span`.
export function digitsWithin(span) {
  return span > 0 ? Math.max(0, Math.min(2 - Math.floor(Math.log10(span)), 6)) : 2
}
