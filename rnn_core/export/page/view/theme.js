// Light and dark: that of the system, until the button is pressed; a print is always light.

const root = document.documentElement

function isDark() {
  const chosen = root.dataset.theme
  return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches
}

export function startTheme(button) {
  const label = () => {
    button.textContent = isDark() ? "Light" : "Dark"
    button.title = isDark() ? "Show the page light" : "Show the page dark"
  }
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark"
    label()
  })
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label)
  printLight()
  label()
}

function printLight() {
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
