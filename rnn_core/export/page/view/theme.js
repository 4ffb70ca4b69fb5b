// Light and dark: that of the system, until the button is pressed; a print is always light, as the sheet of colours says.

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
  label()
}
