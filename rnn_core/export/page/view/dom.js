// Elements of the page. What comes from data or from a user is set as text only.

export function find(root, selector) {
  const found = root.querySelector(selector)
  if (found === null) throw new Error(`The page has no ${selector}.`)
  return found
}

export function element(name, className = "", ...children) {
  const made = document.createElement(name)
  if (className) made.className = className
  made.append(...children)
  return made
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
