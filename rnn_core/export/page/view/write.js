// The network writes on where the text ends, symbol by symbol.

import { END } from "../engine/law.js"
import { button, element, make, setText, show } from "./dom.js"

const MOST = 200 // symbols
const SLICE = 30 // milliseconds after which what is written is shown
const FIELDS = { Temperature: { max: 2, step: 0.1, value: 0.7 }, Seed: { max: 2 ** 31 - 1, value: 0 } }

// `typed` is the text box, as text_box.js returns it.
export function startWriting(container, panel, { box, readNow }) {
  const { answer, tokens, language } = panel.data
  if (answer !== "next" || !(tokens.exact || language)) return
  const inputs = Object.values(FIELDS).map((field) => make("input", { type: "number", min: 0, required: "", ...field }))
  const labels = Object.keys(FIELDS).map((name, place) => make("label", {}, name, inputs[place]))
  const go = button("", write, "Write on")
  const said = element("span", "note")
  said.setAttribute("role", "status")
  container.append(go, ...labels, said)
  show(container, true)

  async function write() {
    if (box.readOnly || !inputs.every((input) => input.reportValidity())) return // the other network may be writing
    const [temperature, seed] = inputs.map((input) => input.valueAsNumber)
    box.readOnly = true
    setText(said, "")
    let began = performance.now(), left = MOST
    for (const symbol of panel.write(box.value, { temperature, seed })) {
      if (symbol === END) setText(said, "Here it ends the text.")
      else box.value += symbol
      if (symbol && --left === 0) break
      if (performance.now() - began < SLICE) continue
      box.scrollTop = box.scrollHeight
      await new Promise((done) => window.setTimeout(done))
      began = performance.now()
    }
    box.readOnly = false
    readNow(true)
  }
}
