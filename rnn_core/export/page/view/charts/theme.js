// What a canvas needs to know of the theme: colours as numbers, and when they change.

import { make, setStyle } from "./dom.js"

// [r, g, b] of any colour of CSS, as it is at this node.
export function colourAt(node, colour) {
  const probe = setStyle(make("i"), { color: colour })
  node.append(probe)
  const found = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number)
  probe.remove()
  return found
}

export function onTheme(f) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)")
  const observer = new MutationObserver(f)
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] })
  dark.addEventListener("change", f)
  return () => {
    observer.disconnect()
    dark.removeEventListener("change", f)
  }
}
