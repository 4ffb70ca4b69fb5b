// What a picture shows, in one sentence, computed from what is drawn: as rnn_core/figures/in_words.py.

import { element } from "./dom.js"
import { counted, number, percent, quoted, shorten, wholePercent } from "./words.js"

const LONGEST_NAME = 40

// Where the verdict turns last, or else moves most, and which gate moves most there.
// `means` are [{symbol, mean: Float32Array}] of the gates.
export function insideInWords(labels, along, classes, followed, means) {
  const p = along.followed
  if (labels.length < 2) return ""
  const turn = along.turns[along.turns.length - 1]
  const time = turn?.time ?? largestMove(p)
  const what = turn === undefined ? "moves most" : `turns to ${shorten(classes[turn.to], LONGEST_NAME)}`
  const drawn = turn === undefined || classes.length === 2 ? followed : turn.to
  const passed = `probability of ${shorten(classes[drawn], LONGEST_NAME)}: ${passes(along.of(drawn), time)}`
  const sentence = `The verdict ${what} at ${quoted(labels[time])} (${passed})`
  if (means.length === 0 || time === 0) return `${sentence}.`
  const moved = ({ mean }) => Math.abs(mean[time] - mean[time - 1])
  const most = means.reduce((one, other) => (moved(other) > moved(one) ? other : one))
  const [before, after] = [most.mean[time - 1], most.mean[time]].map((value) => value.toFixed(2))
  return `${sentence}; the ${most.symbol.name} moves most there, ${before} to ${after}.`
}

function largestMove(p) {
  let most = 1
  for (let time = 2; time < p.length; time++) {
    if (Math.abs(p[time] - p[time - 1]) > Math.abs(p[most] - p[most - 1])) most = time
  }
  return most
}

function passes(p, time) {
  return time ? `${wholePercent(p[time - 1])} to ${wholePercent(p[time])}` : wholePercent(p[0])
}

// At how many time steps a network was right about what comes next, and where it was wrong first.
function nextInWords(labels, found) {
  const judged = found.isJudged.filter(Boolean).length
  const right = found.right.filter((is, time) => is && found.isJudged[time]).length
  if (found.along === null) {
    return `What it found most probable came at ${number(right)} of ${number(judged)} time steps.`
  }
  const time = found.firstWrong
  if (time === null) {
    const until = judged === found.T ? "" : " up to where the rule is broken"
    const all = judged > 1 ? `all ${number(judged)} time steps` : "the only time step"
    return `Right at ${all}${until}.`
  }
  return (
    `Right at ${number(right)} of ${number(judged)} time steps, wrong first after ${quoted(labels[time])} ` +
    `(time step ${counted(time)}): ${whyWrong(found, time)}.`
  )
}

function whyWrong(found, time) {
  const expected = found.expected[time]
  const { allowed, decided } = found.along[time]
  if (!allowed.includes(expected)) return `it expects ${expected}, which the rule does not allow`
  return `only ${decided} can close, and it finds ${found.rivals[decided]} as probable or more`
}

// Two readings of one text: the probability of one class by each in the end.
export function bothInWords(names, shares, name) {
  const said = shares.map((share, place) => `${names[place]} says ${percent(share)} ${shorten(name, LONGEST_NAME)}`)
  return `In the end ${said.join(", ")}.`
}

// What is said of a whole string: how often the network was right, and where the rule is broken.
export function aboutString(read, found, labels) {
  const said = [element("p", "lead", nextInWords(labels, found))]
  const paragraph = (words) => said.push(element("p", "", words))
  if (found.breaks !== null) {
    const symbol =
      found.breaks < found.T - 1 || found.came[found.breaks] === null ? read.tokens[found.breaks] : undefined
    const what = symbol === undefined ? "The end" : `${quoted(symbol)} at time step ${counted(found.breaks + 1)}`
    paragraph(`${what} breaks the rule. After it there is no truth, and nothing is right or wrong.`)
  } else if (found.withoutTruth !== null) {
    const since = `From time step ${counted(found.withoutTruth)} on`
    paragraph(
      `${since} no training string begins like this: there is no truth. Right there means: allowed by the rule.`,
    )
  }
  const finite = found.trueSurprise.every(Number.isFinite) && found.surprise.every(Number.isFinite)
  if (finite && found.along !== null) {
    const mean = (values) => (values.reduce((one, other) => one + other) / found.T).toFixed(3)
    const [ours, best] = [mean(found.surprise), mean(found.trueSurprise)]
    paragraph(`Its mean surprise is ${ours} bits, that of the truth ${best}: nobody can do better on average.`)
  }
  return said
}
