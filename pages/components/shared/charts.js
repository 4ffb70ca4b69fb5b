// Stands behind plotly.js itself, whose module leaves its name in `self`, and comes with it once (served.js).
const plotly = self.moduleName ?? window.Plotly
const given = new WeakMap()
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

// Words below the axis are turned, letters are not, and some left out, so that none lies on another.
function fitTicks({ xaxis, margin }, width) {
  const room = (width - margin.l - margin.r) / xaxis.tickvals.length
  if (room >= ROOM_LEVEL) return
  if (xaxis.ticktext.some((word) => word.length > 1)) xaxis.tickangle ||= -50
  const each = Math.ceil(ROOM_TURNED / room)
  const isKept = (_, place) => place % each === 0
  xaxis.tickvals = xaxis.tickvals.filter(isKept)
  xaxis.ticktext = xaxis.ticktext.filter(isKept)
}

// What live_chart.py packed: JSON, and behind it the arrays that are named in it.
async function unpacked(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))
  const buffer = await new Response(stream).arrayBuffer()
  const length = new DataView(buffer).getUint32(0, true)
  const text = new TextDecoder().decode(new Uint8Array(buffer, 4, length))
  return JSON.parse(text, (_, value) => (value?.dtype ? numbers(value, buffer, 4 + length) : value))
}

const KINDS = { i1: Int8Array, i2: Int16Array, i4: Int32Array, f4: Float32Array, f8: Float64Array }

// An array of one row, or of rows, as Plotly takes it; a number may have come in hundredths or the like.
function numbers({ dtype, at, shape, digits }, buffer, begin) {
  const size = shape.reduce((product, length) => product * length, 1)
  const stored = new KINDS[dtype](buffer, begin + at, size)
  const values = digits ? Float64Array.from(stored, (value) => value / 10 ** digits) : stored
  if (shape.length === 1) return values
  const columns = shape[1]
  return Array.from({ length: shape[0] }, (_, row) => values.subarray(row * columns, (row + 1) * columns))
}

// A page that runs again sends again what has not changed.
function isSame(bytes, others) {
  return bytes.length === others?.length && bytes.every((byte, place) => byte === others[place])
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

async function take(node, packed, setTriggerValue) {
  if (isSame(packed, given.get(node))) return
  given.set(node, packed)
  const { figure, config, height, alt, chooses } = await unpacked(packed)
  if (given.get(node) !== packed) return // a later one came
  node.style.height = height + "px"
  node.setAttribute("aria-label", alt)
  latest.set(node, {
    figure,
    config: { ...config, responsive: true },
    choose: chooses ? (point) => setTriggerValue("point", point) : null,
  })
  draw(node)
}

// Without data it is only there to be loaded, and no picture.
export function show({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".gs-chart")
  if (!node) return
  if (!data) {
    node.remove()
    return
  }
  take(node, data, setTriggerValue)
  return () => {
    given.delete(node)
    waiting.delete(node)
    listening.delete(node)
    plotly.purge(node)
  }
}
