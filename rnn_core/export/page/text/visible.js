// A token as it is shown: of signs that can't be seen, by others that say which; as rnn_core/text/readable.py.

const SIGNS = { " ": "␣", "\n": "↵", "\t": "⇥", "\r": "␍" }
const ALL_UNSEEN = /^[\s\p{Cc}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]+$/u

export function visible(token) {
  if (!ALL_UNSEEN.test(token)) return token
  return [...token].map((sign) => SIGNS[sign] ?? `\\u{${sign.codePointAt(0).toString(16)}}`).join("")
}
