// Elements of the page. What a user wrote or named, and what comes from data, is set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg"

export function find(root, selector) {
  const found = root.querySelector(selector)
  if (found === null) throw new Error(`The page has no ${selector}.`)
  return found
}

export function make(tag, attributes = {}, ...children) {
  return finish(document.createElement(tag), attributes, children)
}

export function makeSvg(tag, attributes = {}, ...children) {
  return finish(document.createElementNS(SVG, tag), attributes, children)
}

function finish(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}

export function element(tag, className = "", ...children) {
  return make(tag, className ? { class: className } : {}, ...children)
}

// The content policy forbids `style` in markup, not properties that a script sets.
export function setStyle(node, properties) {
  for (const [name, value] of Object.entries(properties)) node.style.setProperty(name, value)
  return node
}

// Only what differs is written: a cursor that moves touches few nodes.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

export function button(className, press, ...children) {
  const made = element("button", className, ...children)
  made.type = "button"
  made.addEventListener("click", press)
  return made
}

// A word of either direction in a line of ours.
export function word(text) {
  return element("bdi", "", text)
}

export function show(made, isShown) {
  made.hidden = !isShown
}

// One of several: a row of buttons of which one is pressed, with the arrow keys between them.
export function choice(container, options, pick) {
  const buttons = options.map(({ value, label, title = "" }) => {
    const one = button("", () => pick(value), label)
    one.setAttribute("role", "radio")
    one.dataset.value = value
    if (title) one.title = title
    return one
  })
  container.replaceChildren(...buttons)
  container.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key]
    const at = buttons.indexOf(event.target)
    if (by === undefined || at < 0) return
    event.preventDefault()
    const next = buttons[(at + by + buttons.length) % buttons.length]
    next.focus()
    next.click()
  }
  return (chosen) => {
    for (const one of buttons) {
      const isChosen = one.dataset.value === String(chosen)
      one.setAttribute("aria-checked", String(isChosen))
      one.tabIndex = isChosen ? 0 : -1
    }
  }
}
