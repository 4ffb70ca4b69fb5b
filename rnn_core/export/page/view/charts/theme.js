// What a canvas needs to know of the theme: colours as numbers, and when they change.

import { make, setStyle } from "./dom.js"

// `colour(text)` is [r, g, b] of any colour of CSS at this node, looked up once a theme; `changed` is called after
// each change.
export function watchTheme(node, changed) {
  const known = new Map()
  const dark = window.matchMedia("(prefers-color-scheme: dark)")
  const observer = new MutationObserver(forget)
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] })
  dark.addEventListener("change", forget)
  return {
    colour(text) {
      if (!known.has(text)) known.set(text, lookUp(node, text))
      return known.get(text)
    },
    stop() {
      observer.disconnect()
      dark.removeEventListener("change", forget)
    },
  }

  function forget() {
    known.clear()
    changed()
  }
}

function lookUp(node, colour) {
  const probe = setStyle(make("i"), { color: colour })
  node.append(probe)
  const found = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number)
  probe.remove()
  return found
}
