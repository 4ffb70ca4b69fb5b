// Pairs of probes and the answers of networks to them; a sentence that is clicked is read by the page.

import { element, make } from "./view/dom.js"

const drawn = new WeakMap()

function heading(name, below) {
  return make("th", { scope: "col" }, element("span", "", name), element("small", "", below))
}

function sentenceNode({ text, label }) {
  const sign = make("i", { class: label, role: "img", "aria-label": label }, label === "positive" ? "▲" : "▼")
  return element("td", "", make("button", { type: "button", "data-text": text }, sign, element("span", "", text)))
}

function answerNode({ share, verdict, isRight }) {
  const judged = isRight ? "right" : "wrong"
  const sign = make("span", { role: "img", "aria-label": judged }, isRight ? "✓" : "✗")
  return make("td", { class: `${verdict} ${judged}`, title: judged }, `${share} `, sign)
}

function rowNode(sentence) {
  return element("tr", "", sentenceNode(sentence), ...sentence.answers.map(answerNode))
}

function draw(table, { names, pairs }) {
  const answered = names.map((name) => heading(name, "positive"))
  table.tHead.replaceChildren(element("tr", "", heading("Sentence", "▲ positive, ▼ negative"), ...answered))
  for (const body of [...table.tBodies]) body.remove()
  table.append(...pairs.map((pair) => element("tbody", "", ...pair.map(rowNode))))
}

// What reads the sentence stands further up on the page.
function comeIntoSight(key) {
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches
  document
    .querySelector(`.st-key-${key}`)
    ?.scrollIntoView({ behavior: isCalm ? "auto" : "smooth", block: "center" })
}

export function show({ data, parentElement, setTriggerValue }) {
  const all = parentElement.querySelector(".all")
  const table = all.querySelector("table")
  all.setAttribute("aria-label", data.label)
  all.style.setProperty("--gs-height", data.height + "px")
  for (const [name, colour] of Object.entries(data.colours)) all.style.setProperty("--gs-" + name, colour)

  const given = JSON.stringify([data.names, data.pairs])
  if (drawn.get(all) !== given) {
    drawn.set(all, given)
    draw(table, data)
    all.scrollTop = 0
  }
  for (const button of table.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", button.dataset.text === data.read)
  }
  table.onclick = (event) => {
    const button = event.target.closest("button")
    if (!button) return
    setTriggerValue("sentence", button.dataset.text)
    comeIntoSight(data.reader)
  }
}
