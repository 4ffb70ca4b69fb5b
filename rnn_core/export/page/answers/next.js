// What a network says comes next after each token, beside what comes and the truth of a made-up language:
// as rnn_core/inspection/next_tokens.py.

import { along, END, UNK } from "../engine/law.js"
import { argmax, logitsAt, softmax } from "../engine/verdict.js"
import { SAID } from "../said.js"
import { makeBars } from "../view/charts/bars.js"
import { visible } from "../text/visible.js"
import { chipsOf } from "../view/charts/pieces.js"
import { element, find, show } from "../view/dom.js"
import { overlay, ROOM } from "../view/rows.js"
import { aboutString, comesInWords } from "../view/sentences.js"
import { say, shorten } from "../view/words.js"

const LONGEST_TOKEN = 12
const MOST_BARS = 10

export const answer = {
  says: () => "what comes next",
  make: (data, root) => new Next(data, root),
}

class Next {
  constructor(data, root) {
    Object.assign(this, { data, root, bars: makeBars(find(root, ".next")) })
    show(find(root, ".next"), true)
  }

  find(read, { answers, T }) {
    return nextTokens(this.data, read, answers, T)
  }

  telling({ along, firstWrong, breaks, T }) {
    return along === null ? T - 1 : (firstWrong ?? breaks ?? 0)
  }

  explainsFirst() {
    const ofTruth = " Where the rule leaves a choice, even the truth (dotted) is surprised."
    return (
      "How improbable the network found what came next: 0 bits where it was sure of it, one more each time the " +
      `probability halves.${this.data.language ? ofTruth : ""}`
    )
  }

  explainsStrip() {
    return ""
  }

  strip(read, { surprise }, tokens) {
    const surprised = (_, time) => (time && Number.isFinite(surprise[time - 1]) ? surprise[time - 1] : 0)
    const chips = chipsOf(read, Float32Array.from(tokens, surprised), new Map())
    return { chips, ways: { up: say("surprised"), down: "" }, says: SAID.by_surprise }
  }

  row({ along, surprise, trueSurprise, wrong, expected }, held, tokens) {
    const format = (value) => (Number.isFinite(value) ? `${value.toFixed(2)} bits` : "none")
    const colour = "var(--text)"
    const series = [{ name: "network", values: surprise, colour, width: 1.6, format }]
    if (along !== null) {
      const truth = { colour: "var(--muted)", dash: "dot", width: 3.5, format }
      series.unshift({ name: "truth", values: trueSurprise, ...truth })
    }
    if (held) series.push(overlay({ name: "network, held", values: held.surprise, colour, format }))
    const top = Math.max(1, ...series.flatMap(({ values }) => [...values].filter(Number.isFinite)))
    const marks = (along === null ? [] : wrong)
      .filter((time) => Number.isFinite(surprise[time]))
      .map((time) => ({
        time,
        value: surprise[time],
        colour: "var(--negative)",
        text: `wrong: it expects ${expected[time]}`,
      }))
    return {
      title: "Surprise at what comes next",
      aside: along === null ? "in bits" : "in bits; a diamond: wrong",
      sentence: `Surprise of the network at each of ${tokens.length} time steps.`,
      series: series.map((line) => ({
        ...line,
        values: line.values.map((bits) => (Number.isFinite(bits) ? bits : NaN)),
      })),
      tokens,
      marks,
      range: [0, ROOM * top],
    }
  }

  inside() {
    return ""
  }

  drawEnd({ read, found, labels }) {
    find(this.root, ".end").replaceChildren(...aboutString(read, found, labels))
  }

  held({ read, heldFound, labels }, heading) {
    const [lead] = aboutString(read, heldFound, labels)
    return element("div", "verdict held", element("div", "heading", heading), lead)
  }

  atCursor({ found, labels }, time) {
    const { K, shares, along, came } = found
    const row = shares.subarray(time * K, (time + 1) * K)
    const drawn = along === null ? mostProbable(row, MOST_BARS) : [...row.keys()]
    const of = (values) => Float32Array.from(drawn, (place) => values[place])
    const names = drawn.map((place) => found.names[place])
    const truth = found.truthAt(time)
    this.bars.update({
      title: "What comes next",
      aside: `after \u201c${shorten(labels[time], LONGEST_TOKEN)}\u201d`,
      names,
      network: of(row),
      truth: truth && of(truth),
      allowed: along === null ? null : names.map((name) => along[time].allowed.includes(name)),
      came: drawn.indexOf(came[time]),
    })
    return here(found, time)
  }

  columns({ came, names, surprise, right, isJudged }) {
    return [
      ["comes next", came.map((which) => (which === null ? "" : names[which]))],
      ["surprise in bits", [...surprise]],
      ["right", right.map((is, time) => (isJudged[time] ? (is ? "yes" : "no") : ""))],
    ]
  }

  inWords() {
    return find(this.root, ".end").textContent
  }

  // Beside that of another network: the probability of what comes by both.
  beside({ surprise }, _other, theirs) {
    const values = [surprise, theirs.surprise].map((each) => each.map((bits) => 2 ** -bits))
    return { title: "Probability of what comes next", aside: "", values, says: "" }
  }
}

// The places of the largest shares, at most so many, the largest first.
const mostProbable = (shares, most) =>
  [...shares.keys()].sort((one, other) => shares[other] - shares[one]).slice(0, most)

// What comes at a time step, and whether the network was right there.
function here(next, time) {
  if (next.along === null && !next.isJudged[time]) return [say("comes_nothing")]
  if (next.came[time] === null) return [comesInWords(next, time)]
  const said = [comesInWords(next, time), " "]
  const { decided, allowed } = next.along?.[time] ?? { decided: null }
  if (decided !== null)
    said.push(allowed.length === 1 ? `Only ${decided} can come. ` : `If a bracket closes, it is ${decided}. `)
  const expects = `it expects ${visible(next.expected[time])}.`
  const isWrong = next.along === null ? `Here ${expects}` : `It is wrong here: ${expects}`
  if (next.isJudged[time]) said.push(next.right[time] ? "It is right here." : isWrong)
  if (next.breaks === time) said.push(" Here the rule is broken.")
  return said
}

// `answers` (T, K) in the order of data.classes; K names in the order shown, the end last.
// What comes after the last token of a text of no language is open.
export function nextTokens({ classes, language }, read, answers, T) {
  const names = [...classes.filter((name) => name !== END), END]
  const K = names.length
  const shares = sharesOf(answers, T, names.map((name) => classes.indexOf(name)))
  const tokens = read.tokens.slice(0, read.kept[1] + 1)
  const placeOf = new Map(names.map((name, place) => [name, place]))
  const placesOfTokens = tokens.map((token) => placeOf.get(token) ?? placeOf.get(UNK) ?? null)
  const came = [...placesOfTokens, language ? K - 1 : null].slice(0, T)
  const moments = language && along(language, tokens).slice(0, T)
  const rivals = language?.rivals ?? {}
  const times = Array.from({ length: T }, (_, time) => time)
  const expected = times.map((time) => names[argmax(shares.subarray(time * K, (time + 1) * K))])
  const isOpen = (time) => time === T - 1 && came[time] === null
  const isJudged = times.map((time) => (moments === null ? !isOpen(time) : moments[time].allowed.length > 0))
  const right = times.map((time) => isRight(expected[time], time))
  const trueShare = (time, name) => (moments?.[time].truth ? (moments[time].truth[name] ?? 0) : NaN)
  const bitsOf = (share) => Float32Array.from(came, (which, time) => bits(which === null ? NaN : share(which, time)))

  function isRight(name, time) {
    if (moments === null) return came[time] !== null && names[came[time]] === name
    const { allowed, decided } = moments[time]
    if (!allowed.includes(name)) return false
    const rival = decided === null ? undefined : rivals[decided]
    if (rival === undefined) return true
    return shares[time * K + names.indexOf(decided)] > shares[time * K + names.indexOf(rival)]
  }

  const isBroken = (time) => {
    const allowed = moments?.[time].allowed ?? []
    return allowed.length > 0 && (came[time] === null || !allowed.includes(names[came[time]]))
  }
  const isWrong = (time) => isJudged[time] && !right[time]
  const first = (holds) => times.find(holds) ?? null
  return {
    T,
    K,
    names,
    shares,
    came,
    along: moments,
    rivals,
    expected,
    isJudged,
    right,
    surprise: bitsOf((which, time) => shares[time * K + which]),
    trueSurprise: bitsOf((which, time) => trueShare(time, names[which])),
    truthAt: (time) => (moments?.[time].truth ? Float32Array.from(names, (name) => trueShare(time, name)) : null),
    wrong: times.filter(isWrong),
    firstWrong: first(isWrong),
    breaks: first(isBroken),
    withoutTruth: first((time) => moments !== null && moments[time].truth === null),
  }
}

function bits(share) {
  return share === 0 ? Infinity : Math.abs(Math.log2(share)) // of 1 it is 0, where -log2(1) is -0
}

// In 64 bits; (T, K), each from its column of the answers.
function sharesOf(answers, T, columns) {
  const K = columns.length
  const shares = new Float64Array(T * K)
  for (let time = 0; time < T; time++) {
    const row = softmax(logitsAt(answers, time, K))
    columns.forEach((column, place) => (shares[time * K + place] = row[column]))
  }
  return shares
}

