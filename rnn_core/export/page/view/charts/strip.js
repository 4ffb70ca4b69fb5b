// The tokens as chips: coloured by what each did, unknown ones dotted, cut ones struck, the cursor an outline.

import { counted, number, plural, shorten } from "../words.js"
import { fixed, signed } from "./digits.js"
import { make, setStyle, setText } from "../dom.js"
import { chipsOf, piecesOf } from "./pieces.js"

const KEYS = { Home: -Infinity, End: Infinity, PageUp: -10, PageDown: 10 }
const LEAST_SCALE = 0.1 // a full colour stands for no less
const LONGEST = 60 // letters of a chip
const PACE = 250 // milliseconds a token when it plays
const STRONG = 0.5 // share of the largest change from which a chip has an arrow
const [PLAY, PAUSE] = ["▶", "❚❚"]

const USUAL = {
  changes: null,
  turns: null,
  unit: "word",
  rightToLeft: false,
  ways: {},
  effect: (change) => `moved the log odds by ${change}`,
  full: (change) => `the log odds moved by ${change} at that token`,
}

let made = 0 // strips so far: names of chips differ between two of them

export function makeStrip(container, { cursor, height = 132 }) {
  const name = `strip${(made += 1)}`
  const play = make("button", { type: "button", class: "strip-play", "aria-label": "Play" }, PLAY)
  const at = make("span", { class: "strip-at" })
  const hint = make("span", { class: "strip-hint" }, "Click a token, play, or use the arrow keys.")
  const list = make("div", { class: "strip-tokens", role: "listbox", tabindex: "0", "aria-orientation": "horizontal" })
  const key = make("div", { class: "strip-key" })
  const root = make("div", { class: "strip" }, make("div", { class: "strip-bar" }, play, at, hint), list, key)
  setStyle(list, { "--height": `${height}px` })
  container.append(root)

  const state = { chips: [], pieces: [], nodes: [], places: [], marked: null, hovered: null, data: null }
  Object.assign(state, { scale: LEAST_SCALE, player: 0, frame: 0 })
  const off = [cursor.onShow(mark), cursor.onChange(chose), () => run(false)]
  play.addEventListener("click", () => run(!state.player))
  list.addEventListener("keydown", press)
  list.addEventListener("click", ({ target }) => chosen(target, cursor.set))
  list.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") chosen(event.target, cursor.hover)
  })
  list.addEventListener("pointerleave", () => cursor.hover(null))

  return {
    update(data) {
      const given = { ...USUAL, ...data }
      state.data = given
      state.chips = chipsOf(given.read, given.changes, given.turns)
      state.scale = state.chips.reduce((most, { change }) => Math.max(most, Math.abs(change) || 0), LEAST_SCALE)
      list.dir = given.rightToLeft ? "rtl" : "ltr"
      list.setAttribute("aria-label", `The ${given.unit}s of the text`)
      list.classList.toggle("one-way", !given.ways.down)
      list.classList.toggle("letters", given.read.tokens.every((token) => token.length === 1))
      draw()
      key.replaceChildren(...keyOf(state.chips, state.scale, given))
      mark()
    },
    destroy() {
      for (const stop of off) stop()
      root.remove()
    },
  }

  // A letter that is typed changes few chips: only these are written.
  function draw() {
    const found = piecesOf(state.chips, cursor.get(), state.data.unit)
    const pieces = found.map((piece) => ({ ...piece, ...looksOf(piece, state.scale) }))
    pieces.forEach(({ text, step, look, strength }, place) => {
      const node = state.nodes[place] ?? added(place)
      const before = state.pieces[place]
      if (before?.text !== text) setText(node, shorten(text, LONGEST))
      if (before?.look !== look) node.className = look
      if (before?.step !== step) node.setAttribute("aria-disabled", String(step === null)) // it can't be chosen
      if (before?.strength !== strength) setStyle(node, { "--strength": strength })
    })
    for (const node of state.nodes.splice(pieces.length)) {
      node.nextSibling.remove() // the space between two chips
      node.remove()
    }
    state.pieces = pieces
    state.places = []
    pieces.forEach(({ step, count }, place) => {
      for (let more = 0; more < count; more += 1) state.places[step + more] = place
    })
  }

  function added(place) {
    const node = make("span", { role: "option", id: `${name}-${place}`, "aria-selected": "false", "data-place": place })
    list.append(node, " ") // a space for who copies them
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
    node.setAttribute("aria-selected", "true")
    node.setAttribute("aria-label", `${state.pieces[state.places[step]].text}, ${describe(step)}`)
    list.setAttribute("aria-activedescendant", node.id)
  }

  function unmark(node) {
    node?.setAttribute("aria-selected", "false")
    node?.removeAttribute("aria-label")
  }

  function say(step) {
    const piece = state.pieces[state.places[step]]
    if (!piece) return at.replaceChildren()
    const word = make("bdi", {}, shorten(piece.text, LONGEST))
    const which = make("b", {}, `Time step ${counted(step)}`)
    at.replaceChildren(which, ` of ${number(cursor.count())}: `, word, `, ${describe(step)}`)
  }

  function describe(step) {
    const { kind, change, turns } = state.pieces[state.places[step]]
    const { effect, ways, changes } = state.data
    const written = ways.down ? signed(change) : fixed(change, 2)
    return [
      ...(kind === "unknown" ? ["not in the vocabulary, read as <unk>"] : []),
      ...(changes ? [effect(written)] : []),
      ...(turns ? [`turned the verdict to ${turns}`] : []),
    ].join(", ")
  }

  function chosen(target, use) {
    const piece = state.pieces[target.closest("[role=option]")?.dataset.place]
    if (piece && piece.step !== null) use(piece.step)
  }

  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return
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

// What colours and lines mean, and how far a full colour goes.
function keyOf(chips, scale, { ways, unit, changes, full }) {
  const chip = (kind, text) => setStyle(make("span", { class: kind }, text), { "--strength": "1" })
  const parts = []
  if (changes && ways.up) parts.push(chip("up", make("bdi", {}, `▲ ${ways.up}`)))
  if (changes && ways.down) parts.push(chip("down", make("bdi", {}, `▼ ${ways.down}`)))
  if (changes) parts.push(`full colour: ${full(fixed(scale, 1))}.`)
  if (chips.some(({ turns }) => turns)) parts.push(make("span", { class: "turn" }, "underlined"), "turned the verdict.")
  const count = (kinds) => chips.filter(({ kind }) => kinds.includes(kind)).length
  const unknown = count(["unknown"])
  const share = Math.round((100 * unknown) / count(["word", "unknown"]))
  if (unknown) parts.push(make("span", { class: "unknown" }, plural(unknown, `unknown ${unit}`)), `(${share}%).`)
  const cut = count(["cut"])
  if (cut) parts.push(make("span", { class: "cut" }, `${number(cut)} cut off`), "never read.")
  return parts.flatMap((part) => [part, " "])
}
