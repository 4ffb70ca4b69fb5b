// What is known of a network: its scores, what it is not good at, what is in the file.

import { element } from "./dom.js"
import { capital } from "./words.js"

export function cardOf(data) {
  const { about, storage } = data
  const card = element("article", "card", element("h2", "", `About ${data.name}`))
  card.append(element("p", "", `${capital(data.noun)}. It learned from ${about.learned_from}.`))
  const lines = about.lines.flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)])
  card.append(lines.length ? element("dl", "", ...lines) : element("p", "", "It has no score on test texts."))
  if (about.warnings.length) {
    card.append(
      element("h3", "", "What it is not good at"),
      element("ul", "warnings", ...about.warnings.map((words) => element("li", "", words))),
    )
  }
  card.append(element("h3", "", "What this file holds"), element("p", "", `${about.inside} ${storage.sentence}`))
  return card
}

export function footOf(datas) {
  const { version } = datas[0]
  const offline = "This page asks for nothing and sends nothing, so it works without the internet."
  const made = `It was made with Gatescope ${version}.`
  return [element("p", "", `Everything here is computed in your browser. ${offline} ${made}`)]
}
