const drawn = new WeakMap()

function element(name, text = "", className = "") {
  const node = document.createElement(name)
  node.textContent = text
  node.className = className
  return node
}

function heading(name, below) {
  const node = element("th")
  node.scope = "col"
  node.append(element("span", name), element("small", below))
  return node
}

function sentenceNode({ text, label }) {
  const cell = element("td")
  const button = element("button")
  button.type = "button"
  button.dataset.text = text
  const sign = element("i", label === "positive" ? "▲" : "▼", label)
  sign.setAttribute("role", "img")
  sign.setAttribute("aria-label", label)
  button.append(sign, element("span", text))
  cell.append(button)
  return cell
}

function answerNode({ share, verdict, isRight }) {
  const judged = isRight ? "right" : "wrong"
  const node = element("td", `${share} `, `${verdict} ${judged}`)
  const sign = element("span", isRight ? "✓" : "✗")
  sign.setAttribute("role", "img")
  sign.setAttribute("aria-label", judged)
  node.append(sign)
  node.title = judged
  return node
}

function rowNode(sentence) {
  const row = element("tr")
  row.append(sentenceNode(sentence), ...sentence.answers.map(answerNode))
  return row
}

function draw(table, { names, pairs }) {
  const head = element("tr")
  head.append(heading("Sentence", "▲ positive, ▼ negative"), ...names.map((name) => heading(name, "positive")))
  table.tHead.replaceChildren(head)
  for (const body of [...table.tBodies]) body.remove()
  for (const pair of pairs) {
    const body = element("tbody")
    body.append(...pair.map(rowNode))
    table.append(body)
  }
}

// What reads the sentence stands further up on the page.
function show(key) {
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches
  document
    .querySelector(`.st-key-${key}`)
    ?.scrollIntoView({ behavior: isCalm ? "auto" : "smooth", block: "center" })
}

export default function ({ data, parentElement, setTriggerValue }) {
  const all = parentElement.querySelector(".all")
  const table = all.querySelector("table")
  all.setAttribute("aria-label", data.label)
  all.style.setProperty("--gs-height", data.height + "px")
  for (const [name, colour] of Object.entries(data.colours)) all.style.setProperty("--gs-" + name, colour)

  const given = JSON.stringify([data.names, data.pairs])
  if (drawn.get(all) !== given) {
    drawn.set(all, given)
    draw(table, data)
    all.scrollTop = 0
  }
  for (const button of table.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", button.dataset.text === data.read)
  }
  table.onclick = (event) => {
    const button = event.target.closest("button")
    if (!button) return
    setTriggerValue("sentence", button.dataset.text)
    show(data.reader)
  }
}
