// Two networks on one text: their cursors go together, and one chart has both answers.

import { makeLines } from "./charts/lines.js"
import { find, show } from "./dom.js"
import { wholeTick } from "./rows.js"
import { percent, shorten } from "./words.js"

const LONGEST_NAME = 30
const NEARLY = 1e-9
const SPACES = /[\s\u2423]/g // the last one stands for a space where characters are tokens

const shares = new WeakMap()

// How much of a text was read after each time step, from 0 to 1, in characters of its tokens. It is kept, since each
// time step and each move of the cursor asks for it.
function shareRead(read) {
  if (!shares.has(read)) shares.set(read, computedShare(read))
  return shares.get(read)
}

function computedShare(read) {
  let sum = 0
  const upTo = read.tokens.map((token) => (sum += token.replaceAll(SPACES, "").length))
  let last = 0
  return read.places.map((place) => (last = place === null ? last : upTo[place] / Math.max(sum, 1)))
}

// The time step of another reading at which as much of the text was read.
function stepThere(read, there, time) {
  const share = shareRead(read)[time]
  const others = shareRead(there)
  const found = others.findIndex((other) => other >= share - NEARLY)
  return found < 0 ? others.length - 1 : found
}

// Moves the cursor of either where the other one goes. Returns what moves the second one to where the first is.
export function link(one, other) {
  let isMoving = false
  const follow = (from, to) => {
    const go = (move) => (time) => {
      const [here, there] = [from.seen(), to.seen()]
      if (isMoving || here === null || there === null || time < 0 || time >= here.free.T) return
      isMoving = true
      move(stepThere(here.read, there.read, time))
      isMoving = false
    }
    from.cursor.onChange(go((time) => to.cursor.set(time)))
    from.cursor.onShow(go((time) => to.cursor.hover(from.cursor.shown() === from.cursor.get() ? null : time)))
  }
  follow(one, other)
  follow(other, one)
  return () => {
    const [here, there] = [one.seen(), other.seen()]
    if (here === null || there === null) return
    isMoving = true
    other.cursor.set(stepThere(here.read, there.read, one.cursor.get()))
    isMoving = false
  }
}

// The chart of both answers, on the time steps of the first network.
export function makeBoth(section, panels) {
  const [one, other] = panels
  const names = panels.map(({ data }, place) =>
    one.data.name === other.data.name ? `${data.name} (${place + 1})` : data.name,
  )
  const chart = makeLines(find(section, ".verdicts"), { cursor: one.cursor, height: 120 })
  show(section, true)
  return () => {
    const [first, second] = panels.map((panel) => panel.seen())
    const both = first && second && one.answer.beside(first.found, other, second.found, names)
    show(section, Boolean(both))
    if (!both) return
    const { title, aside, values, says } = both
    const laid = first.labels.map((_, time) => values[1][stepThere(first.read, second.read, time)])
    const series = [values[0], Float32Array.from(laid)].map((line, place) => ({
      name: shorten(names[place], LONGEST_NAME),
      values: line,
      format: percent,
      colour: place ? "var(--writes)" : "var(--text)",
      dash: place ? "dash" : "solid",
      width: 2,
    }))
    chart.update({
      title,
      aside,
      tokens: first.labels,
      series,
      range: [0, 1],
      ticks: [0, 0.5, 1],
      tickFormat: wholeTick,
      sentence: "The answers of both networks.",
    })
    find(section, ".says").textContent = says
  }
}
