const EVERY = 150     // Python gets it at most so often, in milliseconds
const PACE = 250      // one token when it plays
const PATIENCE = 3000 // so long a page may take to draw before Python gets the token that a held key came to
const PLAY = "M8 5v14l11-7z"
const PAUSE = "M6 5h4v14H6zM14 5h4v14h-4z"
const KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }

const strips = new WeakMap()

function signed(change) {
  return (change < 0 ? "\u2212" : "+") + Math.abs(change).toFixed(2)
}

// Time steps are shown from 1; Python and the chips count them from 0.
function counted(step) {
  return (step + 1).toLocaleString("en")
}

function title({ kind, step, count, change, turns }, effect) {
  const at = count > 1 ? `time steps ${counted(step)} to ${counted(step + count - 1)}` : `time step ${counted(step)}`
  const note = kind === "unknown" ? "not in the vocabulary, read as <unk>; " : ""
  const turned = turns ? `; turned the verdict to ${turns}` : ""
  return `${note}${at}: ${effect} ${signed(change)}${turned}`
}

// A user's words are set as text only.
function chipNode(chip, place, { scale, strong, effect }) {
  const node = document.createElement("span")
  node.textContent = chip.text
  node.className = chip.kind
  node.setAttribute("role", "option")
  node.setAttribute("aria-selected", "false")
  node.id = "chip" + place
  if (chip.step === null) {
    node.setAttribute("aria-disabled", "true")
    if (chip.kind === "cut") node.title = "cut off: not read"
    return node
  }
  const strength = Math.min(Math.abs(chip.change) / scale, 1)
  node.dataset.step = chip.step
  node.title = title(chip, effect)
  node.style.setProperty("--strength", strength)
  node.classList.add(chip.change > 0 ? "up" : "down")
  node.classList.toggle("strong", strength >= strong)
  node.classList.toggle("turn", chip.turns !== "")
  return node
}

function draw(own, data) {
  const { chips } = data
  own.effect = data.effect
  own.strip.dir = data.direction
  let next = chips.first
  own.chips = chips.text.map((text, place) => {
    const chip = {
      text,
      change: chips.change[place],
      kind: chips.kind[place] ?? "word",
      count: chips.count[place] ?? 1,
      turns: chips.turns[place] ?? "",
    }
    chip.step = chip.count ? next : null
    next += chip.count
    chip.node = chipNode(chip, place, data)
    return chip
  })
  own.inside.replaceChildren(...own.chips.flatMap(({ node }) => [node, " "])) // a space for who copies them
  own.chosen = null
}

function mark(own) {
  const time = own.shared.value
  const chip = own.chips.find(({ step, count }) => step <= time && time < step + count)
  own.chosen?.setAttribute("aria-selected", "false")
  own.chosen = chip?.node
  const number = document.createElement("b")
  number.textContent = `Time step ${counted(time)}`
  own.at.replaceChildren(number, ` of ${own.steps.toLocaleString("en")}`)
  if (!chip) return own.strip.removeAttribute("aria-activedescendant")
  own.chosen.setAttribute("aria-selected", "true")
  own.strip.setAttribute("aria-activedescendant", own.chosen.id)
  const word = document.createElement("bdi") // a word of either direction in a line from left to right
  word.textContent = chip.text
  own.at.append(": ", word, `, ${own.effect} ${signed(chip.change)}`)
  reveal(own)
}

// Where the chips lie is known in the next frame; to ask before would lay out the page once more.
function reveal(own) {
  window.cancelAnimationFrame(own.frame)
  own.frame = window.requestAnimationFrame(() => scroll(own))
}

function scroll(own) {
  if (!own.chosen) return
  const { offsetTop, offsetHeight } = own.chosen
  const { scrollTop, clientHeight } = own.strip
  if (offsetTop < scrollTop || offsetTop + offsetHeight > scrollTop + clientHeight) {
    own.strip.scrollTop = offsetTop - (clientHeight - offsetHeight) / 2
  }
}

function send(own) {
  const { shared } = own
  if (shared.isWaiting) return
  const sendNow = () => {
    // A page that takes longer than a token would otherwise begin again for ever and never be drawn whole.
    if (own.isPatient && isDrawing() && performance.now() < own.sentAt + PATIENCE) {
      shared.wait(30, sendNow)
      return
    }
    own.sentAt = performance.now()
    shared.send(shared.value)
  }
  shared.wait(Math.max(own.sentAt + EVERY - performance.now(), 0), sendNow)
}

function move(own, time, isPatient) {
  const within = Math.max(0, Math.min(time, own.steps - 1))
  if (within === own.shared.value) return
  own.shared.value = within
  own.isPatient = isPatient
  mark(own)
  send(own)
}

function play(own, on) {
  window.clearInterval(own.player)
  own.player = on ? window.setInterval(() => next(own), PACE) : 0
  own.button.setAttribute("aria-label", on ? "Pause" : "Play")
  own.button.title = on ? "Pause" : "Play, up to four tokens a second: as fast as the charts follow"
  own.button.querySelector("path").setAttribute("d", on ? PAUSE : PLAY)
}

// The page has drawn the token that the strip is at, charts included, however long that takes.
function isFollowed(own) {
  return !own.shared.isWaiting && own.drawnAt === own.shared.value && !isDrawing()
}

function next(own) {
  if (!isFollowed(own)) return
  const time = own.shared.value
  if (time >= own.steps - 1) return play(own, false)
  move(own, time + 1, true)
}

function start(parentElement) {
  const find = (selector) => parentElement.querySelector(selector)
  const own = { strip: find(".strip"), inside: find(".chips"), at: find(".at"), button: find("button") }
  own.shared = new SharedValue()
  own.sentAt = 0
  own.strip.setAttribute("aria-label", "The tokens of the text")
  play(own, false)
  // Chips wrap again when the window or, as its font arrives, a word gets another width.
  own.wrapping = new ResizeObserver(() => reveal(own))
  own.wrapping.observe(own.inside)
  own.strip.onclick = (event) => {
    const node = event.target.closest("[data-step]")
    if (node) move(own, Number(node.dataset.step), false)
  }
  own.strip.onkeydown = (event) => {
    const by = KEYS[event.key]
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    const isTurned = own.strip.dir === "rtl" && Number.isFinite(by) // the next token stands left
    move(own, own.shared.value + (isTurned ? -by : by), event.repeat)
  }
  own.button.onclick = () => {
    const on = !own.player
    if (on && own.shared.value >= own.steps - 1) move(own, 0, false)
    play(own, on)
  }
  return own
}

export default function ({ data, parentElement, setStateValue }) {
  const all = parentElement.querySelector(".all")
  if (!strips.has(all)) strips.set(all, start(parentElement))
  const own = strips.get(all)
  all.style.setProperty("--height", data.height + "px")
  for (const [name, colour] of Object.entries(data.colours)) all.style.setProperty("--gs-" + name, colour)
  parentElement.querySelector(".key").innerHTML = data.key // escaped in Python

  const isMoved = own.shared.receive(data, setStateValue)
  own.drawnAt = data.value
  const drawn = JSON.stringify([data.chips, data.scale, data.effect])
  const isOther = own.drawn !== drawn
  if (isOther) {
    if (own.review !== data.review) play(own, false)
    Object.assign(own, { drawn, review: data.review, steps: data.steps })
    draw(own, data)
  }
  if (isMoved || isOther) mark(own)
  return () => {
    own.shared.cancel()
    window.clearInterval(own.player)
    window.cancelAnimationFrame(own.frame)
    own.wrapping.disconnect()
  }
}
