// The lines of a text, on a layer behind its area, with what is noted of them, and the notes below it, each
// with its place. A note is on a line as it was: where that was changed since, nothing is marked.
class MarkedLines {
  constructor(box, height) {
    const made = (tag, name) => Object.assign(document.createElement(tag), { className: name })
    const paper = made("div", "paper")
    Object.assign(this, { box, layer: made("div", "lines"), list: made("ol", "notes") })
    this.layer.style.minHeight = height + "px"
    this.layer.ariaHidden = "true"
    this.list.ariaLive = "polite"
    box.replaceWith(paper, this.list)
    paper.append(this.layer, box)
    // An equation goes from left to right, whatever its names are written in.
    Object.assign(box, { dir: "ltr", spellcheck: false, autocapitalize: "off", autocomplete: "off" })
  }

  take(notes, lines) {
    Object.assign(this, { notes, lines })
    this.list.replaceChildren(...notes.map((note) => this.said(note)))
    this.box.ariaInvalid = String(notes.some((note) => note.kind === "wrong"))
    this.draw()
  }

  draw() {
    this.layer.replaceChildren(...this.box.value.split("\n").map((line, place) => this.drawn(line, place + 1)))
  }

  drawn(line, number) {
    const row = document.createElement("div")
    const own = this.notes.filter((note) => note.line === number && this.lines[number] === line)
    if (own.length) row.className = own[0].kind
    const signs = [...line, " "] // something can be missing at the end
    let at = 0
    for (const { column, length } of own) {
      const begin = Math.min(column, signs.length) - 1
      if (begin < at) continue
      const mark = document.createElement("mark")
      mark.textContent = signs.slice(begin, begin + length).join("")
      row.append(signs.slice(at, begin).join(""), mark)
      at = begin + length
    }
    row.append(signs.slice(at, -1).join(""))
    return row
  }

  said({ kind, line, column, length, sentence }) {
    const item = document.createElement("li")
    item.className = kind
    if (line) {
      const place = document.createElement("button")
      Object.assign(place, { type: "button", textContent: `Line ${line}, column ${column}` })
      place.onclick = () => this.show(line, column, length)
      item.append(place)
    }
    item.append(sentence)
    return item
  }

  show(line, column, length) {
    const before = this.box.value.split("\n").slice(0, line)
    const signs = [...(before.pop() ?? "")]
    const count = (from, to) => signs.slice(from, to).join("").length
    const begin = [...before, ""].join("\n").length + count(0, column - 1)
    this.box.focus()
    this.box.setSelectionRange(begin, begin + count(column - 1, column - 1 + length))
  }
}
