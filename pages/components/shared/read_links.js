// Scrolls to where it stands, again while the page still grows, until the reader moves it or some seconds passed.

const PATIENCE = 8000 // milliseconds
const MOVES = ["wheel", "touchstart", "keydown", "pointerdown"]

export default function ({ parentElement }) {
  const here = parentElement.host ?? parentElement
  here.style.scrollMarginTop = "5rem" // the bar above the page
  const show = () => here.isConnected && here.scrollIntoView({ block: "start" })
  const grows = new ResizeObserver(show)
  const end = () => {
    grows.disconnect()
    MOVES.forEach((move) => window.removeEventListener(move, end, true))
  }
  for (let part = here; part; part = part.parentElement) grows.observe(part)
  MOVES.forEach((move) => window.addEventListener(move, end, true))
  window.setTimeout(end, PATIENCE)
  show()
}
