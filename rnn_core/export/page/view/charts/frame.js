// What charts over time steps share: title, legend, y axis, the names below, the cursor. All have their left edge
// and their width from charts.css alone, so that the same time step lies at the same pixel in each.

import { counted, shorten } from "../words.js"
import { make, setStyle, setText } from "../dom.js"
import { fitNames } from "./axis.js"

const PAGE = 10 // time steps
const KEYS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -PAGE, PageDown: PAGE, Home: -Infinity, End: Infinity }
const LONGEST = 24 // letters of a token
const ON_PAPER = 600 // pixels that a sheet of paper has for sure

// `says(step)` are the values at a time step in words. `across`, where the rows of a picture can be chosen, too, is
// {point(share, isPressed): the pointer is so far from the top, move(by): a key}.
export function makeFrame(container, { cursor, height, says, labels = false, across = null }) {
  const part = (name, ...children) => make("div", { class: `chart-${name}` }, ...children)
  const [title, aside, legend, names] = [part("title"), part("aside"), part("legend"), part("names")]
  const [ticks, picture, hovered, chosen, flag] =
    [part("ticks"), part("picture"), part("hovered"), part("chosen"), part("flag")]
  const keys = make("div", { class: "chart-keys", role: "slider", tabindex: "0", "aria-valuemin": "1" })
  const area = part("area", ticks, picture, hovered, chosen, keys)
  const root = make("div", { class: "chart" }, part("head", title, aside, flag), legend, area)
  if (labels) root.append(names)
  picture.setAttribute("role", "img")
  setStyle(area, { "--height": `${height}px` })
  container.append(root)

  let tokens = []
  let isPointed = false
  const measure = textMeasure(names)
  cursor.onShow(mark)
  cursor.onChange(mark)
  pointing()
  if (labels) printing()
  let width = 0 // known from the observer alone: to ask for it would lay out the page once more
  let widened = () => {}
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === width) return
    width = contentRect.width
    nameSteps()
    widened()
  }).observe(area)
  keys.addEventListener("keydown", press)
  keys.addEventListener("focus", mark)
  keys.addEventListener("blur", mark)

  return {
    area,
    picture,
    legend,
    width: () => width,
    onWidth: (f) => (widened = f),
    setAside: (text) => setText(aside, text),
    setHeight: (height) => setStyle(area, { "--height": `${height}px` }),
    setTicks(shown) {
      ticks.replaceChildren(...shown.map(({ share, text, isBare = false }) => {
        const tick = part(isBare ? "tick chart-bare" : "tick", make("span", {}, text))
        return setStyle(tick, { top: `${100 * share}%` })
      }))
    },
    update(data) {
      tokens = data.tokens
      setText(title, data.title)
      picture.setAttribute("aria-label", data.sentence)
      keys.setAttribute("aria-label", `${data.title}: time step`)
      keys.setAttribute("aria-valuemax", String(tokens.length))
      names.classList.toggle("letters", tokens.every((token) => token.length === 1))
      nameSteps()
      mark()
    },
  }

  // The cursor stands in layers of its own: a move draws no data again.
  function mark() {
    const [chosenStep, step] = [cursor.get(), cursor.shown()]
    const isRead = step >= 0 && step < tokens.length
    root.classList.toggle("chart-empty", !isRead)
    if (!isRead) return
    setStyle(chosen, { left: middle(chosenStep) })
    setStyle(hovered, { left: middle(step) })
    hovered.hidden = step === chosenStep
    flag.hidden = !(isPointed || document.activeElement === keys)
    keys.setAttribute("aria-valuenow", String(step + 1))
    if (flag.hidden) return
    setText(flag, `${counted(step)} · \u2068${shorten(tokens[step], LONGEST)}\u2069`) // of either direction
    keys.setAttribute("aria-valuetext", `${counted(step)}, ${tokens[step]}: ${says(step)}`)
  }

  function middle(step) {
    return `${(100 * (step + 0.5)) / tokens.length}%`
  }

  function nameSteps(room = width) {
    if (!labels || !room) return
    const shown = fitNames(tokens, room, measure)
    names.classList.toggle("turned", shown.some(({ isTurned }) => isTurned))
    const nodes = shown.map(({ step, text, isTurned }) => {
      const name = make("span", isTurned ? { class: "turned" } : {}, text)
      return setStyle(name, { left: middle(step) })
    })
    names.replaceChildren(...nodes, make("b", {}, "time step"))
  }

  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const by = KEYS[event.key]
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key]
    if (up !== undefined && across) across.move(up)
    else if (by !== undefined || up !== undefined) cursor.set(cursor.get() + (by ?? up))
    else return
    event.preventDefault()
    mark()
  }

  function pointing() {
    const at = ({ clientX, clientY, buttons }) => {
      const box = area.getBoundingClientRect()
      across?.point((clientY - box.top) / box.height, buttons > 0)
      return Math.floor(((clientX - box.left) / box.width) * tokens.length)
    }
    const move = (event) => {
      isPointed = true
      const step = at(event)
      if (event.pointerType === "mouse" && !event.buttons) cursor.hover(step)
      else cursor.set(step)
      mark()
    }
    const leave = () => {
      isPointed = false
      cursor.hover(null)
      mark()
    }
    const ways = { pointermove: move, pointerdown: move, pointerleave: leave, pointercancel: leave }
    for (const [name, way] of Object.entries(ways)) keys.addEventListener(name, way)
  }

  // A sheet is narrower than most windows, and nothing says how wide before it is printed.
  function printing() {
    window.addEventListener("beforeprint", () => nameSteps(Math.min(width, ON_PAPER)))
    window.addEventListener("afterprint", () => nameSteps())
  }
}

// Not the whole `font`, which Firefox leaves empty where digits are of one width.
const fontOf = ({ fontSize, fontFamily }) => `${fontSize} ${fontFamily}`

// Pixels of a text in the letters of a node.
function textMeasure(node) {
  const context = document.createElement("canvas").getContext("2d")
  const widths = new Map()
  return (text) => {
    if (!widths.size) context.font = fontOf(getComputedStyle(node))
    if (!widths.has(text)) widths.set(text, context.measureText(text).width)
    return widths.get(text)
  }
}
