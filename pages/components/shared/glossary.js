// The list of terms behind its button, and the sentence beside the first mention of a term (`explained`): while
// the pointer is over it or the keyboard at it, and at a tap, which is a click without either.

const MARGIN = 8 // pixels

// In a shadow root the event's own target is hidden.
const termAt = (event) => event.composedPath()[0].closest?.('a[href^="#term-"]')

function place(box, link) {
  const at = link.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = box
  const left = Math.min(at.left, window.innerWidth - width - MARGIN)
  const isRoomBelow = at.bottom + height + MARGIN < window.innerHeight
  box.style.left = Math.max(MARGIN, left) + "px"
  box.style.top = (isRoomBelow ? at.bottom + 4 : at.top - height - 4) + "px"
}

function explainTerms(sentences, find) {
  let shown = null // the link whose sentence is shown
  const show = (event) => {
    const link = termAt(event)
    const sentence = link && sentences.get(link.getAttribute("href"))
    if (!sentence) return false
    const box = find()
    box.textContent = sentence
    box.showPopover()
    place(box, link)
    link.setAttribute("aria-describedby", box.id)
    shown = link
    return true
  }
  const hide = () => {
    shown = null
    find().hidePopover()
  }
  document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && show(event))
  document.addEventListener("pointerout", (event) => event.pointerType === "mouse" && termAt(event) && hide())
  document.addEventListener("focusin", show)
  document.addEventListener("focusout", (event) => termAt(event) && hide())
  document.addEventListener("scroll", () => shown && place(find(), shown), { capture: true, passive: true })
  document.addEventListener("keydown", ({ key }) => key === "Escape" && hide())
  document.addEventListener(
    "click",
    (event) => {
      if (show(event)) event.preventDefault() // the address stays
      else hide()
    },
    { capture: true },
  )
}

function listTerms(dialog, terms) {
  const [list, none, input] = ["dl", "p", "input"].map((name) => dialog.querySelector(name))
  const rows = terms.map(([name, says]) => {
    const row = document.createElement("div")
    for (const [tag, text] of [["dt", name], ["dd", says]]) {
      row.appendChild(document.createElement(tag)).textContent = text
    }
    return row
  })
  list.replaceChildren(...rows)
  input.oninput = () => {
    const asked = input.value.trim().toLowerCase()
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(asked)
    none.textContent = rows.every((row) => row.hidden) ? "No term, and no sentence about one, has these letters." : ""
  }
  // Streamlit has shortcuts on letters.
  dialog.onkeydown = (event) => event.stopPropagation()
  dialog.onclick = (event) => event.target === dialog && dialog.close()
}

export default function ({ data, parentElement }) {
  const find = (selector) => parentElement.querySelector(selector)
  const dialog = find("dialog")
  if (!dialog.querySelector("dt")) listTerms(dialog, data)
  find(".gs-glossary-open").onclick = () => dialog.showModal()
  const box = find(".gs-term-says")
  if (!window.gatescopeTerms) explainTerms(new Map(data.map(([, says, link]) => [link, says])), () => window.gatescopeTerms)
  window.gatescopeTerms = box
}
