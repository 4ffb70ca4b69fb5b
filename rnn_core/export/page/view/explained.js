// Short explanations, each beside what it explains.

import { DECIDED } from "../engine/verdict.js"
import { element } from "./dom.js"
import { placesOf } from "./trace.js"
import { capital, commonName, number, plural, shorten, wholePercent } from "./words.js"

const LONGEST_NAME = 30

export function explainFirst(data) {
  if (data.task === "next-symbol") {
    return (
      "How improbable the network found what came next: 0 bits where it was sure of it, one more each time the " +
      "probability halves. Where the rule leaves a choice, even the truth (dotted) is surprised."
    )
  }
  const counts = `above ${wholePercent(DECIDED)} it counts`
  const from = data.classes.length === 2 ? `At 50% it is undecided, ${counts}.` : `${capital(counts)}.`
  return `What the network would say if the text ended here. ${from} Diamonds: tokens that turned it.`
}

// What the colours of the strip are a measure of.
export function explainStrip(data, followed) {
  if (data.task === "next-symbol") return ""
  const [other, name] = [1 - followed, followed].map((place) => shorten(data.classes[place] ?? "", LONGEST_NAME))
  const below = data.classes.length === 2 ? `, below 0 for ${other}` : ""
  return `A colour says how far a ${data.tokenNoun} moved the logit, the verdict as a number: above 0 for ${name}${below}.`
}

export function explainNorm(data, state) {
  if (state.letter !== "h") return `${state.letter} is ${state.meaning}.`
  return `The memory of the network is h, ${plural(data.model.hidden_size, "number")}. The norm says how much is in it.`
}

export function explainGates(shares) {
  const said = [...new Set(shares.map(({ meaning }) => meaning))].map((meaning) => {
    const alike = shares.filter((symbol) => symbol.meaning === meaning)
    return `${alike.map(({ letter }) => letter).join(", ")} (${commonName(alike[0])}): ${meaning}`
  })
  return `From 0, shut, to 1, open. ${said.join(". ")}.`
}

// Of which part of the network gates, states and units are shown; empty where there is one part only.
export function explainPart(data, layer) {
  const said = []
  const { layers, bidirectional } = data.model
  if (layers > 1) {
    const reads = layer > 1 ? `the states of layer ${layer - 1}` : `the ${data.tokenNoun}s`
    said.push(`Gates, states and units are those of layer ${layer} of ${layers}, which reads ${reads}.`)
  }
  if (bidirectional) {
    said.push("This network reads in both directions: shown is the cell that reads forwards, the verdict uses both.")
  }
  return said.join(" ")
}

// What is special about the tokens of this text, for those who meet it here first.
export function notesOn(data, read) {
  const code = (text) => element("code", "", text)
  const unit = data.tokenNoun
  const said = []
  const all = read.tokens.length
  const cut = all - (read.kept[1] - read.kept[0])
  if (cut) {
    const side = data.text.truncation === "pre" ? "first" : "last"
    said.push(`The network reads at most ${plural(data.text.max_length, "token")}: `)
    said.push(`the ${side} ${number(cut)} of ${number(all)} ${unit}s are cut off (struck through). `)
  }
  if (placesOf(read).some((place, time) => place === null && read.window[time] === "<pad>")) {
    said.push(code("<pad>"), " fills the window up, and this network reads it, too. ")
  }
  return said
}
