// Stands behind plotly.js itself, whose module leaves its name in `self`. What draws the charts is here too: it
// comes once on a page, and what is in live_chart.js comes with every chart at each of its changes.
const plotly = self.moduleName ?? window.Plotly
const latest = new WeakMap()
const waiting = new Set()
const listening = new WeakSet()
let isDrawing = false
const ROOM_LEVEL = 60 // pixels of a word along the axis
const ROOM_TURNED = 15
const LETTER = 5.4
const TWO_LINES = 36 // pixels of a name on two lines that stands on end

// What has no room on a narrow page: of a figure on the token axis, and names of columns.
function fit(layout, width) {
  if (layout.xaxis?.autotickangles) fitNames(layout, width)
  if (layout.meta?.words === undefined) return
  if (layout.meta.words) fitTicks(layout, width)
  const titles = layout.annotations.filter(({ xref, x }) => xref === "paper" && x === 0)
  for (const title of titles) fitTitle(title, width - layout.margin.l)
}

// What stands quieter beside a title goes, from its end on, until the rest is not cut.
function fitTitle(title, room) {
  const isTooLong = () => title.text.replace(/<[^>]*>/g, "").length * LETTER > room
  const withoutLast = () => title.text.replace(/\s*<span[^>]*>(?:(?!<span).)*<\/span>$/, "")
  while (isTooLong() && withoutLast() !== title.text) title.text = withoutLast()
}

// A name on two lines that stands on end would lie on the next one.
function fitNames({ xaxis, margin }, width) {
  if ((width - margin.l - margin.r) / xaxis.tickvals.length >= TWO_LINES) return
  xaxis.ticktext = xaxis.ticktext.map((name) => name.replaceAll("<br>", " "))
}

// Words below the axis are turned, and some left out, so that none lies on another.
function fitTicks({ xaxis, margin }, width) {
  const room = (width - margin.l - margin.r) / xaxis.tickvals.length
  if (room >= ROOM_LEVEL) return
  xaxis.tickangle ||= -50
  const each = Math.ceil(ROOM_TURNED / room)
  const isKept = (_, place) => place % each === 0
  xaxis.tickvals = xaxis.tickvals.filter(isKept)
  xaxis.ticktext = xaxis.ticktext.filter(isKept)
}

// A z that came in hundredths or the like (sent_figure.py), as the numbers that it stands for.
function withNumbers(figure) {
  for (const trace of figure.data.filter(({ z }) => z?.digits !== undefined)) {
    const { dtype, bdata, shape, digits } = trace.z
    const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0))
    const values = dtype === "i1" ? new Int8Array(bytes.buffer) : new Int16Array(bytes.buffer)
    const [rows, columns] = shape.split(",").map(Number)
    const unit = 10 ** digits
    trace.z = Array.from({ length: rows }, (_, row) =>
      Array.from(values.subarray(row * columns, (row + 1) * columns), (value) => value / unit),
    )
  }
  return figure
}

// One chart a frame: the first is seen while the others are drawn, and a click need not wait for all of them.
function draw(node) {
  waiting.add(node)
  if (!isDrawing) drawNext()
}

function drawNext() {
  const [node] = waiting
  isDrawing = node !== undefined
  if (!isDrawing) return
  waiting.delete(node)
  requestAnimationFrame(drawNext)
  const { figure, config, choose } = latest.get(node)
  fit(figure.layout, node.clientWidth)
  plotly.react(node, figure.data, figure.layout, config)
  if (choose && !listening.has(node)) {
    listening.add(node)
    node.on("plotly_click", ({ points }) => latest.get(node).choose(points[0].customdata))
  }
}

window.GatescopeCharts = {
  show(node, data, setTriggerValue) {
    latest.set(node, {
      figure: withNumbers(structuredClone(data.figure)),
      config: { ...data.config, responsive: true },
      choose: data.chooses ? (point) => setTriggerValue("point", point) : null,
    })
    draw(node)
  },
  remove(node) {
    waiting.delete(node)
    listening.delete(node)
    plotly.purge(node)
  },
}
window.dispatchEvent(new Event("gatescope-charts-ready")) // live_chart.js waits for it
export default function () {}
