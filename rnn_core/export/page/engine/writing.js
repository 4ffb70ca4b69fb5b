// A network goes on writing: the choices and the random numbers of rnn_core/writing/choice.py, to the bit.

import { END, UNK } from "./law.js"
import { START_ID } from "../text/window.js"
import { argmax, logitsAt, softmax } from "./verdict.js"

const NUMBERS_OF_A_KEY = 256
const LOW = (1n << 64n) - 1n
const MULTIPLIERS = [0xd2e7470ee14c6c93n, 0xca5a826395121157n]
const WEYL = [0x9e3779b97f4a7c15n, 0xbb67ae8584caa73bn]
const ROUNDS = 10

// From 0 up to 1, of the symbol at a position: Philox 4x64 (Salmon et al., 2011), as NumPy counts.
function randomNumber(seed, position) {
  const place = position % NUMBERS_OF_A_KEY
  let words = [BigInt(1 + Math.floor(place / 4)), 0n, 0n, 0n]
  let key = [BigInt(seed), BigInt(Math.floor(position / NUMBERS_OF_A_KEY))]
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = [MULTIPLIERS[0] * words[0], MULTIPLIERS[1] * words[2]]
    words = [(second >> 64n) ^ words[1] ^ key[0], second & LOW, (first >> 64n) ^ words[3] ^ key[1], first & LOW]
    key = key.map((part, which) => (part + WEYL[which]) & LOW)
  }
  return Number(words[place % 4] >> 11n) * 2 ** -53
}

// Which of K symbols comes, given their logits, -Infinity for one that is never written.
function choose(logits, temperature, number) {
  if (temperature === 0) return argmax(logits)
  const shares = softmax(logits.map((logit) => logit / temperature))
  let left = number * shares.reduce((sum, share) => sum + share, 0)
  const found = shares.findIndex((share) => (left -= share) < 0)
  return found < 0 ? shares.findLastIndex((share) => share > 0) : found // rounded up to the sum
}

// Yields symbol after symbol of what follows a text, the end as the last one; before these "" for each token that is
// read. It stops where the numbers grow too large. `reader` is that of window.js.
export function* writing(network, { classes, textsEnd }, reader, text, { temperature, seed, ...held }) {
  const K = classes.length, next = network.reader(held), read = reader.read(text)
  const isWritten = classes.map((name) => name !== UNK && (textsEnd || name !== END))
  const firstId = reader.idOf(classes[K - 1]) - K + 1
  let answers = next(START_ID)
  for (const token of read.tokens) {
    answers = next(reader.idOf(token))
    yield ""
  }
  for (let position = read.tokens.length; answers.every(Number.isFinite); position++) {
    const logits = Array.from(logitsAt(answers, 0, K), (logit, k) => (isWritten[k] ? logit : -Infinity))
    const chosen = choose(logits, temperature, randomNumber(seed, position))
    yield classes[chosen]
    if (classes[chosen] === END) return
    answers = next(firstId + chosen)
  }
}
