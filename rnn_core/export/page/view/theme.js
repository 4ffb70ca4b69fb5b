// Light and dark: that of the system, until the button is pressed; a print is always light.

import { make, setStyle } from "./dom.js"

const system = () => window.matchMedia("(prefers-color-scheme: dark)")

function isDark() {
  const chosen = document.documentElement.dataset.theme
  return chosen ? chosen === "dark" : system().matches
}

export function startTheme(button) {
  const label = () => {
    button.textContent = isDark() ? "Light" : "Dark"
    button.title = isDark() ? "Show the page light" : "Show the page dark"
  }
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark"
    label()
  })
  system().addEventListener("change", label)
  printLight()
  label()
}

function printLight() {
  const root = document.documentElement
  let before
  window.addEventListener("beforeprint", () => {
    before = root.dataset.theme
    root.dataset.theme = "light"
  })
  window.addEventListener("afterprint", () => {
    if (before === undefined) delete root.dataset.theme
    else root.dataset.theme = before
  })
}

// What a canvas needs to know of the theme: `watchTheme(node, changed)(text)` is [r, g, b] of any colour of CSS at this
// node, looked up once a theme; `changed` is called after each change.
export function watchTheme(node, changed) {
  const known = new Map()
  const forget = () => {
    known.clear()
    changed()
  }
  new MutationObserver(forget).observe(document.documentElement, { attributeFilter: ["data-theme"] })
  system().addEventListener("change", forget)
  return (text) => {
    if (!known.has(text)) known.set(text, lookUp(node, text))
    return known.get(text)
  }
}

function lookUp(node, colour) {
  const probe = setStyle(make("i"), { color: colour })
  node.append(probe)
  const found = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number)
  probe.remove()
  return found
}
