// The window of a text that the network gets to see, as rnn_core/text/window.py lays it: truncation, <start> and
// padding. Sides are named as Keras names them: "pre" is the front, "post" the end.

import { makeTokenizer, unpacked } from "./tokens.js"
import { visible } from "./visible.js"

const PAD_ID = 0
export const START_ID = 1
const UNK_ID = 2

// data: of a network, {tokens, text, vocabulary, unicode}. read(text) gives {
//   tokens: all of the text,
//   rightToLeft: whether they are written so,
//   kept: [first, behind the last] of those in the window,
//   unknown: whether each token is missing in the vocabulary,
//   window: the token at each time step, <unk> for one that is missing,
//   ids: of these,
//   places: which token of the text is at each time step, null for <start> and padding,
//   labels: the name of each time step; an unknown word says that it is}
export function makeReader(data) {
  const words = data.vocabulary.split("\n").slice(0, -1).map(wordOf)
  const ids = new Map(words.map((word, id) => [word, id]))
  const idOf = (token) => ids.get(token) ?? UNK_ID
  const { tokenize } = makeTokenizer(data.tokens, data.unicode)
  const { isRightToLeft } = makeDirection(data.unicode)
  return {
    idOf,
    read(text) {
      const tokens = tokenize(text)
      const idOfEach = tokens.map(idOf)
      const kept = keptPart(tokens.length, roomForWords(data.text), data.text.truncation)
      const unknown = idOfEach.map((id) => id === UNK_ID)
      const seen = windowOf(tokens.map((_, place) => ({ id: idOfEach[place], place })).slice(...kept), data.text)
      const window = seen.map(({ id }) => words[id])
      const places = seen.map(({ place }) => place)
      const shown = (token, place) => (unknown[place] ? `${visible(tokens[place])} <unk>` : visible(token))
      const labels = window.map((token, time) => shown(token, places[time]))
      const ids = Int32Array.from(seen, ({ id }) => id)
      return { tokens, rightToLeft: isRightToLeft(tokens), kept, unknown, window, ids, places, labels }
    },
  }
}

// A line of the vocabulary -> its word, as rnn_core/text/vocabulary.py writes it: white space by its number.
const wordOf = (line) => line.replace(/\\u\{([0-9a-f]+)\}/g, (_, digits) => String.fromCodePoint(parseInt(digits, 16)))

// How many tokens of a text fit, since <start> counts in the maximum length.
const roomForWords = ({ max_length, start_token }) => max_length - Number(start_token)

// Which part of so many tokens stays where there is room for so many: [first, behind the last].
function keptPart(length, room, side) {
  const kept = Math.min(length, room)
  return side === "pre" ? [length - kept, length] : [0, kept]
}

// <start> put on what was kept, and filled up where padding is read. An empty window holds one <pad>.
function windowOf(kept, { start_token, skip_padding, max_length, padding }) {
  const special = (id) => ({ id, place: null })
  const started = start_token ? [special(START_ID), ...kept] : kept
  const length = skip_padding ? 1 : max_length
  const filling = Array(Math.max(length - started.length, 0)).fill(special(PAD_ID))
  return padding === "pre" ? [...filling, ...started] : [...started, ...filling]
}

// Whether tokens are written from right to left, as rnn_core/text/scripts.py finds it.
// unicode: sets of characters, "left" and "right" among them: those that have a direction of their own.
function makeDirection(unicode) {
  const { left, right } = unpacked({ left: unicode.left, right: unicode.right })
  const RIGHT_TO_LEFT = new RegExp(`^[^${left}${right}]*[${right}]`, "u")
  return { isRightToLeft: (tokens) => RIGHT_TO_LEFT.test(tokens.join(" ")) }
}
