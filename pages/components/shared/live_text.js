const boxes = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const find = (selector) => parentElement.querySelector(selector)
  const box = find("textarea")
  const isNew = !boxes.has(box)
  if (isNew) {
    const lines = data.notes && new MarkedLines(box, data.height)
    boxes.set(box, { shared: new SharedValue(), sentAt: -Infinity, lines })
    box.addEventListener("compositionend", () => boxes.get(box).wait())
  }
  const own = boxes.get(box)
  const { shared, lines } = own

  find("label").textContent = data.label
  find(".help").hidden = !data.help
  find(".help button").setAttribute("aria-label", "Help for " + data.label)
  find("#help").textContent = data.help
  box.placeholder = data.placeholder
  if (isNew) box.style.height = data.height + "px" // later it is as high as it was dragged

  if (shared.receive(data, setStateValue)) {
    box.value = shared.value
    shared.value = box.value // which has its own ends of lines
  }
  lines?.take(data.notes, data.lines)

  own.send = () => {
    shared.cancel()
    if (box.value === shared.value) return
    own.sentAt = performance.now()
    shared.send(box.value)
  }
  own.wait = () => {
    const isBusy = isDrawing() || performance.now() < own.sentAt + data.pause
    shared.wait(isBusy ? data.pause : 0, () => own.send())
  }
  // Half a composed sign is no text yet.
  box.oninput = (event) => {
    lines?.draw()
    if (event.isComposing) shared.cancel()
    else own.wait()
  }
  box.onblur = own.send
  box.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) own.send()
    // From a shadow root a key looks as if pressed on the page, where Streamlit has shortcuts on letters.
    event.stopPropagation()
  }
  return () => shared.cancel()
}
