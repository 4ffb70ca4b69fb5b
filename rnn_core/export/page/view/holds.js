// What is held: each quantity at a value, from where to where along the text, in all units or in some. What a hold
// does is written in rnn_core/inspection/clamps.py.

import { button, element, find, show } from "./dom.js"
import { capital, commonName, number } from "./words.js"

const MOST = 20
const LARGEST = 1000

// The units of a text such as "3, 7-9", counted from 0; null for all. Throws an Error in words.
function parseUnits(text, H) {
  if (text.trim() === "" || text.trim().toLowerCase() === "all") return null
  const units = new Set()
  for (const part of text.split(/[,\s]+/).filter(Boolean)) {
    const found = /^([0-9]{1,9})(?:-([0-9]{1,9}))?$/.exec(part)
    if (found === null) throw new Error(`Units are written as numbers and ranges, such as 3, 7-9. Got "${part}".`)
    const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])]
    if (first > last) throw new Error(`A range of units begins with its smaller number. Got "${part}".`)
    if (last >= H)
      throw new Error(`There are ${number(H)} units, counted from 0 to ${number(H - 1)}. Got ${number(last)}.`)
    for (let unit = first; unit <= last; unit++) units.add(unit)
  }
  return [...units].sort((one, other) => one - other)
}

// A time step as it is typed, counted from 1; it is counted from 0 in what is held. Throws an Error in words.
function parseTime(text, otherwise) {
  if (text.trim() === "") return otherwise
  const time = Number(text)
  if (!Number.isInteger(time) || time < 1) throw new Error(`Time steps are whole numbers from 1 on. Got "${text}".`)
  return time - 1
}

// From where to where a slider goes; without bounds as far as the values do in this text.
function sliderBounds(symbol, values, value) {
  const [low, high] = symbol.bounds ?? [null, null]
  if (low !== null && high !== null) return [low, high]
  let reach = Math.max(1, Math.abs(value))
  for (const one of values) reach = Math.max(reach, Math.abs(one))
  reach = Math.min(Math.ceil(reach), LARGEST)
  return [Math.max(low ?? -reach, -reach), Math.min(high ?? reach, reach)]
}

// The section of one network. `changed()` is called after each change of what is held.
export function startHolds(section, data, changed) {
  const holdable = data.symbols.filter((symbol) => symbol.isHoldable)
  const rows = find(section, ".held")
  const held = []
  let place = { time: 0, T: 0, H: data.model.hidden_size, layer: data.model.layers, arrays: {} }

  find(section, ".explains").textContent =
    "Press a letter: from the cursor on it stays at one value. Dashed lines show what the network does then."

  const buttons = holdable.map((symbol) => {
    const made = button("hold", () => add(symbol), element("b", "", symbol.letter), ` ${commonName(symbol)}`)
    made.title = `${symbol.letter} is ${symbol.meaning}`
    made.style.setProperty("--colour", symbol.colour)
    return made
  })
  const letAllGo = button(
    "quiet",
    () => {
      held.splice(0)
      rows.replaceChildren()
      refresh()
    },
    "Let all go",
  )
  find(section, ".holdable").replaceChildren(...buttons, letAllGo)

  function add(symbol) {
    const [low, high] = sliderBounds(symbol, [], 0)
    const hold = {
      letter: symbol.letter,
      value: low <= 0 && high >= 0 ? 0 : low,
      first: place.time,
      last: null,
      units: null,
    }
    const row = makeRow(symbol, hold)
    held.push({ hold, row })
    rows.append(row.node)
    refresh()
    row.slider.focus({ preventScroll: true })
  }

  function letGo(hold) {
    const at = held.findIndex((each) => each.hold === hold)
    held[at].row.node.remove()
    held.splice(at, 1)
    refresh()
    buttons[0].focus()
  }

  function refresh() {
    for (const made of buttons) made.disabled = held.length >= MOST
    show(letAllGo, held.length > 1)
    changed()
  }

  function makeRow(symbol, hold) {
    const slider = field("range", `${commonName(symbol)} ${symbol.letter}`, { step: "0.01" })
    const value = element("output", "value")
    const layer = element("span")
    const from = field("number", "From time step", { min: "1" })
    const to = field("number", "To time step", { min: "1", placeholder: "end" })
    const units = field("text", "Units", { placeholder: "all", maxLength: 200 })
    const wrong = element("p", "wrong")
    wrong.setAttribute("role", "status")
    const read = () => {
      hold.value = Number(slider.value)
      try {
        hold.first = parseTime(from.value, 0)
        hold.last = parseTime(to.value, null)
        hold.units = parseUnits(units.value, place.H)
        hold.isWrong = false
        wrong.textContent = ""
      } catch (error) {
        hold.isWrong = true
        wrong.textContent = error.message
      }
      draw()
      changed()
    }
    function draw() {
      const [low, high] = sliderBounds(symbol, place.arrays[symbol.letter] ?? [], hold.value)
      Object.assign(slider, { min: low, max: high, value: hold.value })
      value.textContent = hold.value.toFixed(2).replace("-", "\u2212")
      if (data.model.layers > 1) layer.textContent = ` of layer ${place.layer}`
      if (!hold.isWrong) wrong.textContent = whyNot(hold, place.T)
    }
    for (const input of [slider, from, to, units]) input.addEventListener("input", read)
    from.value = hold.first + 1
    const title = element(
      "div",
      "what",
      element("b", "", `${capital(commonName(symbol))} ${symbol.letter}`),
      layer,
      " held at ",
      value,
    )
    const go = button("quiet", () => letGo(hold), "Let go")
    go.setAttribute("aria-label", `Let go of ${symbol.letter}`)
    title.append(go)
    const where = element("div", "where", labelled("from", from), labelled("to", to), labelled("units", units))
    const node = element("div", "row", title, slider, where, wrong)
    node.style.setProperty("--colour", symbol.colour)
    draw()
    return { node, slider, draw }
  }

  show(letAllGo, false)
  return {
    // What of it can be held in a text of T time steps.
    active: (T) => held.map(({ hold }) => hold).filter((hold) => !hold.isWrong && whyNot(hold, T) === ""),
    // Where the cursor is, and what the network computed without anything held.
    setPlace(now) {
      place = { ...place, ...now }
    },
    refresh() {
      for (const { row } of held) row.draw()
    },
    letters: () => [...new Set(held.map(({ hold }) => hold.letter))],
  }
}

function whyNot({ first, last }, T) {
  if (T === 0) return ""
  if (last !== null && last < first) return "It ends before it begins, so nothing is held."
  if (first >= T) return `It begins after the last of ${number(T)} time steps, so nothing is held in this text.`
  if (last !== null && last >= T) return `This text has ${number(T)} time steps: choose an end within it.`
  return ""
}

function field(type, name, settings) {
  const input = element("input")
  input.type = type
  input.setAttribute("aria-label", name)
  return Object.assign(input, settings)
}

function labelled(name, input) {
  return element("label", "", name, input)
}
