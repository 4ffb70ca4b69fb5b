// The box that a text is typed into, its examples and, of a made-up language, its symbols.

import { button, find, show, word } from "./dom.js"
import { capital, number, shorten } from "./words.js"

const LONGEST = 100_000 // characters
const PAUSE = 120 // milliseconds without a key until the network reads
const LONGEST_EXAMPLE = 34

// Calls `read(text, isTyped)` at once and a moment after each change. `data` is that of the (first) network. Returns
// {box, readNow}: the element, and a function that reads what stands in it.
export function startTextBox(root, data, read) {
  const box = find(root, "textarea")
  const note = find(root, ".note")
  let timer = 0

  function readNow(isTyped) {
    window.clearTimeout(timer)
    const text = box.value.slice(0, LONGEST)
    const isCut = box.value.length > LONGEST
    note.textContent = isCut ? `The first ${number(LONGEST)} of ${number(box.value.length)} characters are read.` : ""
    markExample(root, box.value)
    read(text, isTyped)
    box.setAttribute("aria-busy", "false")
  }

  function readSoon() {
    window.clearTimeout(timer)
    box.setAttribute("aria-busy", "true")
    timer = window.setTimeout(() => readNow(true), PAUSE)
  }

  function put(text) {
    box.value = text
    readNow(false)
  }

  find(root, "label").textContent = data.language
    ? `A string of ${data.language.title}`
    : capital(data.nouns.described)
  box.placeholder = placeholder(data)
  if (data.language) box.rows = 2
  box.addEventListener("input", readSoon)
  listExamples(find(root, ".examples"), data.examples, put)
  if (data.language) {
    find(root, ".rule").textContent = `The rule: ${data.language.rule}`
    show(find(root, ".rule"), true)
    offerSymbols(find(root, ".symbols"), data.language.symbols, box, put)
  }
  put(data.examples[0]?.[1] ?? "")
  return { box, readNow }
}

function placeholder(data) {
  if (data.language) return `Type symbols: ${data.language.symbols.join(" ")}`
  return `Type a ${data.nouns.described}. The network reads it while you type.`
}

function listExamples(container, examples, put) {
  const buttons = examples.map(([title, text]) => {
    const one = button("example", () => put(text), word(title || shorten(text, LONGEST_EXAMPLE)))
    one.title = text
    one.dataset.text = text
    return one
  })
  container.replaceChildren(...buttons)
  show(container, buttons.length > 0)
}

function markExample(root, text) {
  for (const one of root.querySelectorAll(".example"))
    one.setAttribute("aria-pressed", String(one.dataset.text === text))
}

function offerSymbols(container, symbols, box, put) {
  const write = (symbol) => button("symbol", () => put(box.value + symbol), symbol)
  const back = button("", () => put(box.value.slice(0, -1)), "Delete last")
  const clear = button("", () => put(""), "Clear")
  container.replaceChildren(...symbols.map(write), back, clear)
  show(container, true)
}
