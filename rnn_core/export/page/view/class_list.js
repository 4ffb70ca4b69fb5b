// More than two classes, each a button with its share as a bar. The app draws it, too (pages/components/read/answers.js).

import { button, element, setStyle, word } from "./dom.js"

// `classes` are [{name, share, width, colour}] in order, `share` in words; a click picks one by its name.
export function drawClasses(list, { classes, followed, isChosen = false }, pick) {
  const { activeElement } = list.getRootNode()
  const focused = list.contains(activeElement) ? activeElement.dataset.name : null
  const rows = classes.map(({ name, share, width, colour }) => {
    const isFollowed = name === followed
    const one = button("", () => pick(name), element("span", "sign", isFollowed ? "\u25b6" : ""), word(name))
    one.append(element("span", "share-bar", element("i")), element("span", "share", share))
    one.dataset.name = name
    one.title = isFollowed && isChosen ? `${name}: click to follow the predicted class again` : name
    one.setAttribute("aria-pressed", String(isFollowed))
    return setStyle(one, { "--colour": colour, "--width": `${width}%` })
  })
  list.replaceChildren(...rows)
  rows.find((one) => one.dataset.name === focused)?.focus()
}
