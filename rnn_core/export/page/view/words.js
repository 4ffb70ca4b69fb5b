// Numbers and words as people read them: the forms of rnn_core/figures/text.py.

import { SAID } from "../said.js"
import { visible } from "../text/visible.js"

// Signs that take the room of two letters: those of East Asia (UAX 11), and pictures.
const WIDE = new RegExp(
  String.raw`[\u1100-\u115f\u2e80-\u303e\u3041-\u3247\u3250-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff` +
    String.raw`\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2ff}\u{20000}-\u{3fffd}]` +
    String.raw`|(?![\u{1f1e6}-\u{1f1ff}])\p{Emoji_Presentation}`,
  "gu",
)

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

export function shorten(written, most) {
  const text = visible(written)
  if (2 * text.length <= most || roomOf(text) <= most) return text // the first of nearly all: a strip asks for a thousand
  const letters = [...text].slice(0, most - 1)
  while (roomOf(letters.join("")) >= most) letters.pop()
  return `${letters.join("")}\u2026`
}

// The letters that a text takes the room of.
function roomOf(text) {
  return [...text].length + (text.match(WIDE)?.length ?? 0)
}

export function say(name, places = {}) {
  return fill(SAID[name], places)
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
  return `\u201c${isolated(shorten(token, SAID.longest.word))}\u201d`
}

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

// Words in a row: "r, z and n".
export const listed = (words) => new Intl.ListFormat("en-GB").format(words)

export function plural(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`
}

// The name of a quantity without the letter that sets one of a family apart, such as "kept share" of a1.
export function commonName({ name, letter }) {
  return name.endsWith(` ${letter}`) ? name.slice(0, -letter.length - 1) : name
}
