// Numbers and words as people read them: the forms of rnn_core/figures/text.py.

const LONGEST_WORD = 30

// The number of a time step as it is shown: from 1. Arrays count from 0.
export function counted(time) {
  return (time + 1).toLocaleString("en")
}

export function number(value) {
  return value.toLocaleString("en")
}

// A share as people read it; never a rounded 100 % or 0 %, which no network means.
export function percent(share) {
  if (share >= 0.9995) return "> 99.9%"
  return share < 0.0005 ? "< 0.1%" : `${(100 * share).toFixed(1)}%`
}

export function wholePercent(share) {
  if (share >= 0.995) return "> 99%"
  return share < 0.005 ? "< 1%" : `${Math.round(100 * share)}%`
}

export function shorten(text, most) {
  if (text.length <= most) return text // nearly all, and a strip asks for a thousand
  const letters = [...text]
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join("")}\u2026`
}

// A sentence with its places filled, each in braces.
export function fill(sentence, places) {
  return sentence.replace(/\{(\w+)\}/g, (_, place) => places[place])
}

// A text of either direction, which does not change the order of what stands beside it.
export function isolated(text) {
  return `\u2068${text}\u2069`
}

// A token in a sentence.
export function quoted(token) {
  return `\u201c${isolated(shorten(token, LONGEST_WORD))}\u201d`
}

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export function listed(words) {
  if (words.length < 2) return words.join("")
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`
}

export function plural(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`
}

// The name of a quantity without the letter that sets one of a family apart, such as "kept share" of a1.
export function commonName({ name, letter }) {
  return name.endsWith(` ${letter}`) ? name.slice(0, -letter.length - 1) : name
}
