// Short explanations, each beside what it explains.

import { element } from "./dom.js"
import { placesOf } from "./trace.js"
import { commonName, number, plural } from "./words.js"

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
