// What a network says comes next after each token, beside what comes and the truth of a made-up language:
// as rnn_core/inspection/next_tokens.py.

import { along as truthAlong, END } from "../engine/law.js"

// `answers` (T, K) in the order of data.classes, the end first; K names in the order shown, the end last.
export function nextTokens(data, read, answers, T) {
  const [end, ...others] = data.classes
  const names = [...others, end]
  const K = names.length
  const shares = sharesOf(answers, T, K)
  const following = [...read.tokens.slice(0, read.kept[1] + 1), END].slice(0, T)
  const came = following.map((token) => (names.indexOf(token) < 0 ? null : names.indexOf(token)))
  const along = data.language && truthAlong(data.language, read.tokens.slice(0, read.kept[1] + 1)).slice(0, T)
  const rivals = data.language?.rivals ?? {}
  const expected = Array.from({ length: T }, (_, time) => names[mostProbable(shares, time, K)])
  const isJudged = expected.map((_, time) => along === null || along[time].allowed.length > 0)
  const right = expected.map((name, time) => isRight(name, time))
  const surprise = Float32Array.from(came, (which, time) => bits(which === null ? NaN : shares[time * K + which]))
  const trueSurprise = Float32Array.from(came, (which, time) =>
    bits(which === null ? NaN : truth(time, names[which])),
  )

  function truth(time, name) {
    const known = along === null ? null : along[time].truth
    return known === null ? NaN : (known[name] ?? 0)
  }

  function isRight(name, time) {
    if (along === null) return came[time] !== null && names[came[time]] === name
    const { allowed, decided } = along[time]
    if (!allowed.includes(name)) return false
    const rival = decided === null ? undefined : rivals[decided]
    if (rival === undefined) return true
    return shares[time * K + names.indexOf(decided)] > shares[time * K + names.indexOf(rival)]
  }

  const first = (holds) => {
    const time = expected.findIndex((_, at) => holds(at))
    return time < 0 ? null : time
  }
  return {
    T,
    K,
    names,
    shares,
    came,
    along,
    rivals,
    expected,
    isJudged,
    right,
    surprise,
    trueSurprise,
    truthAt: (time) =>
      along === null || along[time].truth === null ? null : Float32Array.from(names, (name) => truth(time, name)),
    wrong: expected.flatMap((_, time) => (isJudged[time] && !right[time] ? [time] : [])),
    firstWrong: first((time) => isJudged[time] && !right[time]),
    breaks: first(
      (time) => along !== null && along[time].allowed.length > 0 && !allows(along[time], came[time], names),
    ),
    withoutTruth: first((time) => along !== null && along[time].truth === null),
  }
}

function allows({ allowed }, came, names) {
  return came !== null && allowed.includes(names[came])
}

function bits(share) {
  return share === 0 ? Infinity : Math.abs(Math.log2(share)) // of 1 it is 0, where -log2(1) is -0
}

// In 64 bits; (T, K) with the end moved from the first place to the last.
function sharesOf(answers, T, K) {
  const shares = new Float64Array(T * K)
  for (let time = 0; time < T; time++) {
    const logits = answers.length === T ? [0, answers[time]] : [...answers.subarray(time * K, (time + 1) * K)]
    const largest = Math.max(...logits)
    const powers = logits.map((logit) => Math.exp(logit - largest))
    const sum = powers.reduce((one, other) => one + other)
    powers.forEach((power, place) => (shares[time * K + ((place + K - 1) % K)] = power / sum))
  }
  return shares
}

function mostProbable(shares, time, K) {
  let most = 0
  for (let place = 1; place < K; place++) if (shares[time * K + place] > shares[time * K + most]) most = place
  return most
}
