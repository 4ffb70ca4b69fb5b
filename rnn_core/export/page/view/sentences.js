// One sentence on each picture, computed from the numbers that it is drawn from. The sentences themselves are those of
// rnn_core/figures/sentences.json, as are those of rnn_core/figures/in_words.py.

import { SAID } from "../said.js"
import { element } from "./dom.js"
import { counted, isolated, number, percent, quoted, say, shorten, wholePercent } from "./words.js"

const named = (name) => isolated(shorten(name, SAID.longest.name))

// Where the verdict turns last, or else moves most, and which gate moves most there.
// `means` are [{symbol, mean: Float32Array}] of the gates.
export function insideInWords(labels, along, classes, followed, means) {
  const p = along.followed
  if (labels.length < 2) return ""
  const turn = along.turns[along.turns.length - 1]
  const time = turn?.time ?? largestMove(p)
  const drawn = turn === undefined || classes.length === 2 ? followed : turn.to
  const share = passes(along.of(drawn), time)
  const to = turn === undefined ? "" : named(classes[turn.to])
  const places = { to, token: quoted(labels[time]), name: named(classes[drawn]), share }
  const sentence = say(turn === undefined ? "moves" : "turns", places)
  if (means.length === 0 || time === 0) return `${sentence}.`
  const moved = ({ mean }) => Math.abs(mean[time] - mean[time - 1])
  const most = means.reduce((one, other) => (moved(other) > moved(one) ? other : one))
  const [before, after] = [most.mean[time - 1], most.mean[time]].map((value) => value.toFixed(2))
  return `${sentence}${say("gate", { gate: most.symbol.name, before, after })}.`
}

function largestMove(p) {
  let most = 1
  for (let time = 2; time < p.length; time++) {
    if (Math.abs(p[time] - p[time - 1]) > Math.abs(p[most] - p[most - 1])) most = time
  }
  return most
}

function passes(p, time) {
  const after = wholePercent(p[time])
  return time ? say("passes", { before: wholePercent(p[time - 1]), after }) : after
}

// At how many time steps a network was right about what comes next, and where it was wrong first.
function nextInWords(labels, found) {
  const all = found.isJudged.filter(Boolean).length
  const right = number(found.right.filter((is, time) => is && found.isJudged[time]).length)
  const counts = { right, judged: number(all) }
  if (found.along === null) return say("most_probable", counts)
  const time = found.firstWrong
  if (time === null) {
    const until = all === found.T ? "" : say("until_broken")
    return say(all > 1 ? "right_at_all" : "right_at_one", { ...counts, until })
  }
  return say("wrong_first", { ...counts, token: quoted(labels[time]), time: counted(time), why: whyWrong(found, time) })
}

function whyWrong(found, time) {
  const expected = found.expected[time]
  const { allowed, decided } = found.along[time]
  if (!allowed.includes(expected)) return say("not_allowed", { name: expected })
  return say("wrong_bracket", { name: decided, rival: found.rivals[decided] })
}

// What comes after a time step, and how surprising it is.
export function comesInWords(found, time) {
  const came = found.came[time]
  if (came === null) return say("comes_unknown")
  const bits = (surprises) => surprises[time].toFixed(2)
  const sentence = say("comes", { name: named(found.names[came]), bits: bits(found.surprise) })
  const truth = found.trueSurprise[time]
  if (truth === Infinity) return `${sentence}${say("impossible")}.`
  return Number.isFinite(truth) ? `${sentence}${say("by_truth", { bits: bits(found.trueSurprise) })}.` : `${sentence}.`
}

// Two readings of one text: the probability of one class by each in the end.
export function bothInWords(names, shares, name) {
  const [first, second] = names.map((reader) => `by ${reader}`)
  const [one, other] = shares.map(percent)
  return say("both_readings", { one, other, first, second, name: named(name) })
}

// What is said of a whole string: how often the network was right, and where the rule is broken.
export function aboutString(read, found, labels) {
  const said = []
  if (found.along !== null && found.trueSurprise.every(Number.isFinite)) {
    const mean = (values) => (values.reduce((one, other) => one + other) / found.T).toFixed(3)
    said.push(say("mean_surprise", { ours: mean(found.surprise), best: mean(found.trueSurprise) }))
  }
  const { breaks, withoutTruth, T, came } = found
  if (breaks !== null) {
    const isEnd = breaks === T - 1 && came[breaks] !== null
    const place = { token: quoted(read.tokens[breaks] ?? ""), time: counted(breaks + 1) }
    const bits = found.surprise[breaks]
    const gave = Number.isFinite(bits) ? say("gave", { bits: bits.toFixed(1) }) : ""
    said.push(say("breaks", { what: isEnd ? say("the_end") : say("at_time", place), gave }))
  } else if (withoutTruth !== null) said.push(say("without_truth", { time: counted(withoutTruth) }))
  return [element("p", "lead", nextInWords(labels, found)), ...said.map((words) => element("p", "", words))]
}
