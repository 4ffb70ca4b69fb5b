// The verdict in words, a number and a bar, in the end and at the cursor; a list of more than two classes.

import { button, element, word } from "./dom.js"
import { followedOf, inSight, verdictInTheEnd } from "./trace.js"
import { counted, percent, plural, quoted, shorten } from "./words.js"

const LONGEST_NAME = 48
const LONGEST_END = 24

export function classColours(data, end, followed) {
  const colours = data.classes.length === 2 ? ["--positive", "--negative"] : ["--positive", "--shows", "--keeps"]
  const found = new Map(inSight(data, end, followed).map((place, at) => [place, `var(${colours[at]})`]))
  return (place) => found.get(place) ?? "var(--muted)"
}

// The box of a verdict; `heading` says which reading it is of.
export function verdictBox(data, end, chosen, { heading, isHeld = false }) {
  const name = element("bdi", "word", shorten(end.label, LONGEST_NAME))
  const line = element("div", "line", name, " ", element("span", "share", percent(end.share)))
  const bar = barOf(data, end, isHeld)
  const box = element("div", isHeld ? "verdict held" : "verdict", element("div", "heading", heading), line, bar)
  box.dataset.label = end.label
  box.dataset.share = end.share.toFixed(4)
  const colourOf = classColours(data, end, followedOf(data, end, chosen))
  box.style.setProperty("--colour", colourOf(end.most))
  return box
}

// Of two classes the bar goes from the middle, of more from 0.
function barOf(data, end, isShort) {
  const isOfTwo = data.classes.length === 2
  const second = end.shares[1]
  const [left, width] = isOfTwo ? [Math.min(second, 0.5), Math.abs(second - 0.5)] : [0, end.share]
  const filled = element("div", "filled")
  filled.style.setProperty("--left", `${100 * left}%`)
  filled.style.setProperty("--width", `${100 * width}%`)
  const track = element("div", "track", filled)
  if (isOfTwo) track.append(element("div", "middle"))
  const [low, high] = isOfTwo ? data.classes : ["0%", "100%"]
  const ends = element("div", "ends", word(shorten(low, LONGEST_END)), word(shorten(high, LONGEST_END)))
  const bar = element("div", "", track, ...(isShort ? [] : [ends]))
  bar.setAttribute("aria-hidden", "true")
  return bar
}

// More than two classes by their probability in the end; a click follows one, a second click the predicted one again.
export function listClasses(container, data, end, chosen, pick) {
  const followed = followedOf(data, end, chosen)
  const colourOf = classColours(data, end, followed)
  const order = data.classes.map((_, place) => place).sort((one, other) => end.shares[other] - end.shares[one])
  const focused = container.contains(document.activeElement) ? document.activeElement.dataset.place : null
  const rows = order.map((place) => {
    const isFollowed = place === followed
    const bar = element("span", "share-bar", element("i"))
    const name = word(data.classes[place])
    const one = button(
      "",
      () => pick(place === chosen ? null : place),
      element("span", "sign", isFollowed ? "\u25b6" : ""),
    )
    one.append(name, bar, element("span", "share", percent(end.shares[place])))
    one.dataset.place = place
    one.title = data.classes[place]
    one.setAttribute("aria-pressed", String(isFollowed))
    one.style.setProperty("--colour", colourOf(place))
    one.style.setProperty("--width", `${100 * end.shares[place]}%`)
    return one
  })
  const list = element("div", "list", ...rows)
  container.replaceChildren(element("div", "heading", "Followed along the text: click a class"), list)
  if (focused !== null) rows.find((one) => one.dataset.place === focused)?.focus()
}

// What the network would say if the text ended at the cursor.
export function atCursor(data, token, along, time, followed) {
  const most = along.label(time)
  const said = [
    `After ${quoted(token)} (time step ${counted(time)}): `,
    element("b", "", word(shorten(data.classes[most], LONGEST_NAME)), ` ${percent(along.of(most)[time])}`),
  ]
  if (most !== followed && data.classes.length > 2) {
    said.push(", ", word(shorten(data.classes[followed], LONGEST_NAME)), ` ${percent(along.followed[time])}`)
  }
  return [...said, "."]
}

// The verdict for a screen reader, in one sentence.
export function endInWords(data, reading, T) {
  const end = verdictInTheEnd(data, reading)
  return `${end.label}, ${percent(end.share)}, after ${plural(T, "time step")}`
}
