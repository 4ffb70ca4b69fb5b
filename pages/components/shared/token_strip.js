// The strip of the exported page as a component whose cursor Python sets, too. Paths are those of that page's folder.

import { makeCursor } from "./view/charts/cursor.js"
import { makeStrip } from "./view/charts/strip.js"

const EVERY = 150 // Python gets the time step at most so often, in milliseconds
const PATIENCE = 3000 // so long a page may take to draw before Python gets the token that a held key came to

const strips = new WeakMap()

// `chips` come as columns, in which a word that was read and turned nothing is not named.
function chipsOf({ text, kind, change, turns }) {
  let next = 0
  return text.map((one, place) => {
    const called = kind[place] ?? "word"
    const step = called === "cut" || called === "aside" ? null : next++
    return { text: one, kind: called, step, change: change[place], turns: turns[place] ?? "" }
  })
}

function start(root, isStill) {
  const [shared, cursor] = [new SharedValue(), makeCursor()]
  const own = { sentAt: 0, drawnAt: null, isHeldDown: false, isTaking: false }

  // The page has drawn the token that the strip is at, charts included, however long that takes.
  const isFollowed = () => !shared.isWaiting && own.drawnAt === cursor.get() && !isDrawing()
  const strip = makeStrip(root, { cursor: isStill ? null : cursor, mayGoOn: isFollowed })
  root.addEventListener("keydown", ({ repeat }) => (own.isHeldDown = repeat), { capture: true })
  root.addEventListener("pointerdown", () => (own.isHeldDown = false), { capture: true })
  cursor.onChange((step) => {
    if (own.isTaking) return
    shared.value = step
    if (!shared.isWaiting) shared.wait(Math.max(own.sentAt + EVERY - performance.now(), 0), send)
  })

  function send() {
    // A page that takes longer than a token would otherwise begin again for ever and never be drawn whole.
    const isHurried = own.isHeldDown || strip.isPlaying()
    if (isHurried && isDrawing() && performance.now() < own.sentAt + PATIENCE) return shared.wait(30, send)
    own.sentAt = performance.now()
    shared.send(shared.value)
  }

  return {
    show({ chips: columns, ...data }, setStateValue) {
      const chips = chipsOf(columns)
      own.isTaking = true
      shared.receive(data, setStateValue)
      cursor.resize(chips.filter(({ step }) => step !== null).length)
      cursor.set(shared.value)
      own.isTaking = false
      own.drawnAt = data.value
      strip.update({ ...data, chips })
    },
    end() {
      shared.cancel()
      strip.destroy()
    },
  }
}

export function show({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".token-strip")
  if (!strips.has(root)) strips.set(root, start(root, data.value === undefined))
  root.style.setProperty("--whole", `${data.height}px`)
  strips.get(root).show(data, setStateValue)
  return () => {
    strips.get(root)?.end()
    strips.delete(root)
  }
}
