// The reading as a table, for those who can't see the picture, and as CSV.

import { element, find } from "./dom.js"
import { meansAlong } from "./rows.js"
import { number } from "./words.js"
import { norms } from "../engine/verdict.js"

const MOST_ROWS = 1000

// Heads and rows: text and numbers, a row a time step.
function tableOf(data, { read, free, columns: answers }) {
  const { labels } = read
  const { T, H, arrays } = free
  const columns = [
    ["time step", labels.map((_, time) => time + 1)],
    ["token", labels],
    ...answers,
  ]
  for (const letter of data.memories) columns.push([`norm of ${letter}`, [...norms(arrays[letter], T, H)]])
  for (const { letter, isShare } of data.symbols)
    if (isShare) columns.push([`mean of ${letter}`, [...meansAlong(arrays[letter], T, H).mean]])
  return {
    heads: columns.map(([head]) => head),
    rows: labels.map((_, time) => columns.map(([, values]) => values[time])),
  }
}

// A cell that begins like a formula gets an apostrophe, since a spreadsheet would run it.
function csvOf({ heads, rows }) {
  const cell = (value) => {
    if (typeof value === "number") return Number.isFinite(value) ? String(value) : ""
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return [heads, ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n"
}

// The folded table; `seen()` is what is shown now, or null.
export function startTable(details, data, seen) {
  const draw = () => {
    if (!details.open) return
    const now = seen()
    find(details, ".scroll").replaceChildren(...(now === null ? [] : drawn(tableOf(data, now))))
  }
  details.addEventListener("toggle", draw)
  find(details, ".copy").addEventListener("click", async () => {
    const said = find(details, ".copied")
    const now = seen()
    if (now === null) return
    try {
      await navigator.clipboard.writeText(csvOf(tableOf(data, now)))
      said.textContent = "Copied."
    } catch (error) {
      said.textContent = `This browser does not let a page copy (${error.message}). Mark the table and copy it.`
    }
  })
  return draw
}

function drawn({ heads, rows }) {
  const cell = (name, value) => {
    const made = element(name, typeof value === "number" ? "number" : "")
    made.textContent =
      typeof value === "number" && !Number.isInteger(value) ? (Number.isFinite(value) ? value.toFixed(4) : "") : value
    made.dir = "auto"
    return made
  }
  const head = element("thead", "", element("tr", "", ...heads.map((value) => cell("th", value))))
  const body = element(
    "tbody",
    "",
    ...rows.slice(0, MOST_ROWS).map((row) => element("tr", "", ...row.map((value) => cell("td", value)))),
  )
  for (const th of head.querySelectorAll("th")) th.scope = "col"
  const table = element("table", "", head, body)
  if (rows.length <= MOST_ROWS) return [table]
  return [
    table,
    element("p", "note", `The first ${number(MOST_ROWS)} of ${number(rows.length)} rows; the CSV has all.`),
  ]
}
