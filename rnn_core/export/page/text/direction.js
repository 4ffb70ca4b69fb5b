// Whether tokens are written from right to left, as rnn_core/text/scripts.py finds it.

import { unpacked } from "./sets.js"

// unicode: sets of characters, "left" and "right" among them: those that have a direction of their own.
export function makeDirection(unicode) {
  const { left, right } = unpacked({ left: unicode.left, right: unicode.right })
  const RIGHT_TO_LEFT = new RegExp(`^[^${left}${right}]*[${right}]`, "u")
  return { isRightToLeft: (tokens) => RIGHT_TO_LEFT.test(tokens.join(" ")) }
}
