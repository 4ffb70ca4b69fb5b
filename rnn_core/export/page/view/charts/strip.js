// The tokens as chips: coloured by what each did, unknown ones dotted, cut ones struck, the cursor an outline. The
// app draws it, too (pages/components/shared/token_strip.js).

import { counted, fill, isolated, number, plural, say as inWords, shorten } from "../words.js"
import { makeCursor } from "./cursor.js"
import { fixed, signed } from "./digits.js"
import { make, setStyle, setText, word } from "../dom.js"
import { piecesOf } from "./pieces.js"

const KEYS = { Home: -Infinity, End: Infinity, PageUp: -10, PageDown: 10 }
const LEAST_SCALE = 0.1 // a full colour stands for no less
const LONGEST = 60 // letters of a chip
const PACE = 250 // milliseconds a token when it plays
const STRONG = 0.5 // share of the largest change from which a chip has an arrow
const [PLAY, PAUSE] = ["▶", "❚❚"]

const USUAL = { unit: "word", rightToLeft: false, ways: {}, says: null, terms: {}, cut: null }

let made = 0 // strips so far: names of chips differ between two of them

// Without a cursor it stands still, and each chip says on its own what is known of it. While it plays it goes on
// only where it `mayGoOn`.
export function makeStrip(container, { cursor: given = null, height = 132, mayGoOn = () => true } = {}) {
  const name = `strip${(made += 1)}`
  const isStill = given === null
  const cursor = given ?? makeCursor()
  const play = make("button", { type: "button", class: "strip-play", title: "Play, up to four tokens a second" })
  const at = make("span", { class: "strip-at" })
  const hint = make("span", { class: "strip-hint" }, "Click a token, play, or use the arrow keys.")
  const list = make("div", { class: "strip-tokens", role: isStill ? "list" : "listbox", tabindex: "0" })
  const inside = make("div", { role: "presentation" })
  const key = make("div", { class: "strip-key" })
  const root = make("div", { class: "strip" }, list, key)
  list.append(inside)
  if (!isStill) {
    root.prepend(make("div", { class: "strip-bar" }, play, at, hint))
    list.setAttribute("aria-orientation", "horizontal")
  }
  setStyle(list, { "--height": `${height}px` })
  container.append(root)

  const state = { chips: [], pieces: [], nodes: [], places: [], marked: null, hovered: null, data: null }
  Object.assign(state, { scale: LEAST_SCALE, player: 0, frame: 0, text: "", pointer: "" })
  // Chips wrap again when the window or, as its font arrives, a word gets another width.
  const wrapping = new ResizeObserver(() => reveal(state.marked))
  wrapping.observe(inside)
  const off = [cursor.onShow(mark), cursor.onChange(chose), () => run(false), () => wrapping.disconnect()]
  run(false)
  play.addEventListener("click", () => run(!state.player))
  list.addEventListener("keydown", press)
  list.addEventListener("click", ({ target }) => chosen(target, cursor.set))
  // A chip that scrolls below a pointer at rest, as keys are pressed, is not pointed at.
  list.addEventListener("pointerover", ({ target, pointerType, screenX, screenY }) => {
    const pointer = `${screenX} ${screenY}`
    if (pointerType === "mouse" && pointer !== state.pointer) chosen(target, cursor.hover)
    state.pointer = pointer
  })
  list.addEventListener("pointerleave", () => cursor.hover(null))

  return {
    // `chips` are [{text, kind, step, change, turns}]; `ways` {up, down} say what colours stand for, `says` {does,
    // full, turned} what a number, a full colour and a line below mean: without it no chip has a colour. `terms` are
    // words of `full` with the addresses that explain them, `cut` is how much was cut off, where not all of it is a chip.
    update(data) {
      state.data = { ...USUAL, ...data }
      state.chips = state.data.chips
      const whole = wholeOf(state.chips, state.data.cut)
      if (whole.text !== state.text) run(false)
      state.text = whole.text
      state.scale = Math.max(whole.largest, LEAST_SCALE)
      list.dir = state.data.rightToLeft ? "rtl" : "ltr"
      list.setAttribute("aria-label", `The ${state.data.unit}s of the text`)
      list.classList.toggle("one-way", !state.data.ways.down)
      list.classList.toggle("letters", state.chips.every((chip) => chip.kind === "special" || chip.text.length === 1))
      draw()
      key.replaceChildren(...keyOf(whole, state.scale, state.data))
      mark()
    },
    isPlaying: () => state.player !== 0,
    destroy() {
      for (const stop of off) stop()
      root.remove()
    },
  }

  // A letter that is typed changes few chips: only these are written.
  function draw() {
    const found = piecesOf(state.chips, cursor.get(), state.data.unit)
    const pieces = found.map((piece) => ({ ...piece, ...looksOf(piece, state.scale) }))
    pieces.forEach((piece, place) => {
      const node = state.nodes[place] ?? added(place)
      const { text, step, look, strength, kind } = piece
      const before = state.pieces[place]
      if (before?.text !== text) {
        setText(node, shorten(text, LONGEST))
        node.nextSibling.replaceWith(text.endsWith("↵") ? make("br") : " ") // a line that ends
      }
      if (before?.look !== look) node.className = look
      if (before?.step !== step && !isStill) node.setAttribute("aria-disabled", String(step === null)) // it can't be chosen
      if (before?.strength !== strength) setStyle(node, { "--strength": strength })
      node.title = kind === "cut" ? inWords("cut") : isStill && step !== null ? describe(piece) : ""
    })
    for (const node of state.nodes.splice(pieces.length)) {
      node.nextSibling.remove() // the space or break between two chips
      node.remove()
    }
    state.pieces = pieces
    state.places = []
    pieces.forEach(({ step, count }, place) => {
      for (let more = 0; more < count; more += 1) state.places[step + more] = place
    })
  }

  function added(place) {
    const node = make("span", { role: isStill ? "listitem" : "option", id: `${name}-${place}`, "data-place": place })
    if (!isStill) node.setAttribute("aria-selected", "false")
    inside.append(node, " ") // a space for who copies them
    state.nodes.push(node)
    return node
  }

  function chose(step) {
    if (state.data && state.places[step] === undefined) draw()
    mark()
    window.cancelAnimationFrame(state.frame)
    state.frame = window.requestAnimationFrame(() => reveal(state.nodes[state.places[step]]))
  }

  function mark() {
    if (!state.data) return
    const [step, shown] = [cursor.get(), cursor.shown()]
    const node = state.nodes[state.places[step]] ?? null
    if (state.marked !== node) unmark(state.marked)
    state.hovered?.classList.remove("hovered")
    state.marked = node
    state.hovered = shown === step ? null : (state.nodes[state.places[shown]] ?? null)
    state.hovered?.classList.add("hovered")
    say(shown)
    if (!node) return list.removeAttribute("aria-activedescendant")
    const piece = state.pieces[state.places[step]]
    node.setAttribute("aria-selected", "true")
    node.setAttribute("aria-label", `${piece.text}, ${describe(piece)}`)
    list.setAttribute("aria-activedescendant", node.id)
  }

  function unmark(node) {
    node?.setAttribute("aria-selected", "false")
    node?.removeAttribute("aria-label")
  }

  function say(step) {
    if (step < 0) return at.replaceChildren()
    const piece = state.pieces[state.places[step]]
    at.replaceChildren(make("b", {}, `Time step ${counted(step)}`), ` of ${number(cursor.count())}`)
    if (piece) at.append(": ", word(shorten(piece.text, LONGEST)), `, ${describe(piece)}`)
  }

  function describe({ kind, change, turns, step, count }) {
    const { says, ways } = state.data
    const written = ways.down ? signed(change) : fixed(change, 2)
    const steps = count > 1 ? `time steps ${counted(step)} to ${counted(step + count - 1)}` : `time step ${counted(step)}`
    return [
      ...(isStill || count > 1 ? [steps] : []),
      ...(kind === "unknown" ? [inWords("unknown")] : []),
      ...(says ? [fill(says.does, { number: written })] : []),
      ...(turns ? [inWords("turned_to", { name: isolated(turns) })] : []),
    ].join(", ")
  }

  function chosen(target, use) {
    const piece = state.pieces[target.closest("[role=option]")?.dataset.place]
    if (piece && piece.step !== null) use(piece.step)
  }

  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || isStill) return
    const forward = state.data.rightToLeft ? -1 : 1
    const along = { ArrowRight: forward, ArrowLeft: -forward, ...KEYS }[event.key]
    const line = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (along !== undefined) cursor.set(cursor.get() + along)
    else if (line !== undefined) cursor.set(onLine(line))
    else return
    event.preventDefault()
  }

  // The step of the chip on the next line whose middle is nearest.
  function onLine(by) {
    const middle = ({ offsetLeft, offsetWidth }) => offsetLeft + offsetWidth / 2
    const here = state.marked
    const isBeyond = ({ offsetTop }) => by * (offsetTop - here.offsetTop) > 0
    const beyond = state.nodes.filter((node, place) => state.pieces[place].step !== null && isBeyond(node))
    const tops = beyond.map(({ offsetTop }) => by * offsetTop)
    const next = tops.length ? by * tops.reduce((least, top) => Math.min(least, top)) : null
    const line = beyond.filter(({ offsetTop }) => offsetTop === next)
    const distance = (node) => Math.abs(middle(node) - middle(here))
    const nearest = line.reduce((best, node) => (best && distance(best) <= distance(node) ? best : node), null)
    return nearest ? state.pieces[nearest.dataset.place].step : cursor.get()
  }

  // Only the strip scrolls, never the page. Where a chip lies is known in the next frame; to ask before would lay
  // out the page once more.
  function reveal(node) {
    if (!node) return
    const { offsetTop, offsetHeight } = node
    const { scrollTop, clientHeight } = list
    if (offsetTop >= scrollTop && offsetTop + offsetHeight <= scrollTop + clientHeight) return
    list.scrollTop = offsetTop - (clientHeight - offsetHeight) / 2
  }

  function run(isOn) {
    window.clearInterval(state.player)
    state.player = 0
    if (isOn) {
      if (cursor.get() >= cursor.count() - 1) cursor.set(0)
      state.player = window.setInterval(() => {
        if (!mayGoOn()) return
        if (cursor.get() >= cursor.count() - 1) run(false)
        else cursor.set(cursor.get() + 1)
      }, PACE)
    }
    play.setAttribute("aria-label", isOn ? "Pause" : "Play")
    setText(play, isOn ? PAUSE : PLAY)
  }
}

function looksOf({ kind, step, change, turns }, scale) {
  const strength = step === null ? 0 : Math.min(Math.abs(change) / scale, 1)
  const direction = change > 0 ? ["up"] : change < 0 ? ["down"] : []
  const marks = [...(strength >= STRONG ? ["strong"] : []), ...(turns ? ["turn"] : [])]
  return { look: [kind, ...direction, ...marks].join(" "), strength: strength.toFixed(3) }
}

// What is known of all chips of a text, `largest` of their changes among it.
function wholeOf(chips, cut) {
  const count = (which) => chips.filter(({ kind }) => kind === which).length
  return {
    text: chips.map(({ text }) => text).join(" "),
    largest: chips.reduce((most, { change }) => Math.max(most, Math.abs(change) || 0), 0),
    known: count("word") + count("read"),
    isRead: count("read") > 0,
    unknown: count("unknown"),
    cut: cut ?? count("cut"),
    isTurned: chips.some(({ turns }) => turns),
  }
}

// What colours and lines mean, and how far a full colour goes.
function keyOf({ known, unknown, cut, isTurned, isRead }, scale, { ways, unit, says, terms }) {
  const part = (...children) => make("span", {}, ...children)
  const chip = (kind, ...children) => setStyle(make("span", { class: kind }, ...children), { "--strength": "1" })
  const parts = []
  if (says && ways.up) parts.push(chip("up", word(`▲ ${ways.up}`)))
  if (says && ways.down) parts.push(chip("down", word(`▼ ${ways.down}`)))
  if (says) parts.push(part("full colour: ", ...linked(fill(says.full, { number: fixed(scale, 1) }), terms), "."))
  if (isRead) parts.push(part(chip("read", inWords("read")), "."))
  if (isTurned) parts.push(part(chip("turn", "underlined"), `: ${says.turned}.`))
  const share = Math.round((100 * unknown) / (known + unknown))
  if (unknown) parts.push(chip("unknown", plural(unknown, `unknown ${unit}`)), `(${share}%).`)
  if (cut) parts.push(part(chip("cut", `${number(cut)} cut off`), inWords("never_read")))
  return parts.flatMap((one) => [one, " "])
}

// A text whose terms are links.
function linked(text, terms) {
  const parts = []
  let from = 0
  const found = Object.entries(terms).map(([term, href]) => ({ begin: text.indexOf(term), term, href }))
  for (const { begin, term, href } of found.sort((one, other) => one.begin - other.begin)) {
    parts.push(text.slice(from, begin), make("a", { href }, term))
    from = begin + term.length
  }
  return [...parts, text.slice(from)]
}
