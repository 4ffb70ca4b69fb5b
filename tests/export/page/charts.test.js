import assert from "node:assert/strict"
import test from "node:test"

import { makeCursor } from "../../../rnn_core/export/page/view/charts/cursor.js"
import { bandPath, crossed, linePath, sidePath, stretches } from "../../../rnn_core/export/page/view/charts/lines.js"
import { digitsWithin, fixed, signed } from "../../../rnn_core/export/page/view/charts/digits.js"
import { boundsOf, pixels, rowsOf } from "../../../rnn_core/export/page/view/charts/heat.js"
import { fitNames, LONGEST, niceTicks, rangeOf, tickTexts } from "../../../rnn_core/export/page/view/charts/axis.js"
import { chipsOf, piecesOf } from "../../../rnn_core/export/page/view/charts/pieces.js"

const level = (y) => y
const measure = (text) => 7 * text.length

test("ticks are round numbers within the range, all with the same digits", () => {
  assert.deepEqual(niceTicks(0, 1), [0, 0.5, 1])
  assert.deepEqual(niceTicks(0, 8.6), [0, 5])
  assert.deepEqual(niceTicks(0, 4.5, 2), [0, 2, 4])
  assert.deepEqual(niceTicks(-0.34, 0.34, 3), [-0.2, 0, 0.2])
  assert.deepEqual(niceTicks(0, 0.0071), [0, 0.002, 0.004, 0.006])
  assert.deepEqual(tickTexts([-0.5, 0, 0.5]), ["−0.5", "0.0", "0.5"])
})

test("a range holds all finite values and begins at zero where none is below", () => {
  const [low, high] = rangeOf([Float32Array.of(NaN, 2, 5)])
  assert.equal(low, 0)
  assert.ok(high > 5 && high < 6)
  assert.ok(rangeOf([[-2, 1]])[0] < -2)
  assert.ok(rangeOf([[NaN]])[1] > 0)
})

test("numbers have the digits that their range needs, and a minus of their own width", () => {
  assert.equal(fixed(-0.004, 2), "0.00")
  assert.equal(fixed(-1.236, 2), "−1.24")
  assert.equal(signed(0.5), "+0.50")
  assert.equal(fixed(NaN, 2), "–")
  assert.deepEqual([0.05, 1, 2, 20, 5000].map(digitsWithin), [4, 2, 2, 1, 0])
})

const turned = (shown) => shown.filter(({ isTurned }) => isTurned).length

test("names stand level where there is room, turned where it is narrow, and are left out before they overlap", () => {
  const words = Array.from({ length: 20 }, (_, place) => `word${place}`)
  assert.equal(turned(fitNames(words, 1200, measure)), 0)
  assert.equal(turned(fitNames(words, 400, measure)), 20)
  const some = fitNames(words, 150, measure)
  assert.deepEqual(some.map(({ step }) => step), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18])
  assert.equal(fitNames(["x".repeat(50)], 1000, measure)[0].text.length, LONGEST)
  assert.deepEqual(fitNames([], 500, measure), [])
})

test("letters are never turned, a longer name among them is", () => {
  const letters = ["<start>", ..."(()[])"]
  assert.equal(turned(fitNames(letters.slice(1), 120, measure)), 0)
  assert.deepEqual(fitNames(letters, 120, measure).map(({ isTurned }) => isTurned), [true, ...Array(6).fill(false)])
})

test("many time steps are numbered from 1, far enough apart", () => {
  for (const T of [41, 99, 400, 800, 100_000]) {
    const shown = fitNames(Array(T).fill("word"), 150, measure)
    assert.equal(turned(shown), 0)
    assert.ok(shown.length >= 2 && shown.every(({ step, text }) => text === (step + 1).toLocaleString("en")))
    assert.ok(shown.slice(1).every(({ step }, place) => ((step - shown[place].step) * 150) / T >= 40))
  }
})

test("a gap of a line stays a gap, and a value alone is seen", () => {
  assert.deepEqual(stretches([1, NaN, 2, 3]), [[[0.5, 1]], [[2.5, 2], [3.5, 3]]])
  assert.equal(linePath([1, NaN, 2, 3], level), "M0.250 1.00L0.750 1.00M2.500 2.00L3.500 3.00")
  assert.equal(bandPath([1, 1], [2, 3], level), "M0.500 2.00L1.500 3.00L1.500 1.00L0.500 1.00Z")
})

test("an area ends where the line crosses its base", () => {
  assert.deepEqual(crossed([[0, 0], [1, 1]], 0.25), [[0, 0], [0.25, 0.25], [1, 1]])
  const above = sidePath([0, 1], 0.5, 1, level)
  assert.equal(above, "M0.500 0.50L1.000 0.50L1.500 1.00L1.500 0.50L0.500 0.50Z")
})

test("a gate goes from nothing to its colour, a state from zero to one of two", () => {
  const one = { T: 1, H: 1, eachUnit: 1, eachStep: 1, above: [1, 2, 3], below: [4, 5, 6] }
  const pixel = (value, range, isShare) => Array.from(pixels({ ...one, values: [value], range, isShare }).data)
  assert.deepEqual(pixel(0.2, [0, 1], true), [1, 2, 3, 51])
  assert.deepEqual(pixel(-0.2, [-1, 1], false), [4, 5, 6, 51])
  assert.deepEqual(pixel(0, [-1, 1], false)[3], 0)
  assert.deepEqual(pixel(7, [-1, 1], false), [1, 2, 3, 255])
  assert.deepEqual(boundsOf([0.5, -3], null), [-3, 3])
  assert.deepEqual(boundsOf([0.5, -3], [-1, 1]), [-1, 1])
})

test("the first unit is the lowest row, time goes to the right, and a column may be the mean of several steps", () => {
  const given = { T: 4, H: 2, eachUnit: 1, range: [0, 1], isShare: true, above: [1, 2, 3], below: [4, 5, 6] }
  const values = Float32Array.of(0, 1, 1, 1, 0, 1, 1, 1) // unit 0: 0 1 0 1, unit 1: always 1
  const each = pixels({ ...given, values, eachStep: 1 })
  const opacity = ({ data }) => Array.from(data).filter((_, place) => place % 4 === 3)
  assert.deepEqual(opacity(each), [255, 255, 255, 255, 0, 255, 0, 255])
  assert.deepEqual(Array.from(each.data.slice(0, 3)), [1, 2, 3])
  assert.deepEqual(opacity(pixels({ ...given, values, eachStep: 2 })), [255, 255, 128, 128])
})

test("units are whole pixels high, and beyond 256 some are left out", () => {
  assert.deepEqual(rowsOf(128), { rows: 128, eachUnit: 1, pixels: 2 })
  assert.deepEqual(rowsOf(512), { rows: 256, eachUnit: 2, pixels: 1 })
  for (let H = 1; H <= 1100; H += 1) {
    const { rows, eachUnit, pixels } = rowsOf(H)
    assert.ok(Number.isInteger(pixels) && rows * pixels <= 288 && (rows - 1) * eachUnit < H)
  }
})

test("a cursor stays within the text, and says when it moves and what is shown", () => {
  const [cursor, said] = [makeCursor(5), []]
  const off = cursor.onChange((t) => said.push(["change", t]))
  cursor.onShow((t) => said.push(["show", t]))
  cursor.set(9)
  cursor.hover(2)
  cursor.hover(null)
  cursor.resize(3)
  off()
  cursor.set(0)
  cursor.resize(0)
  const expected = [["show", 4], ["change", 4], ["show", 2], ["show", 4], ["show", 2], ["change", 2], ["show", 0], ["show", -1]]
  assert.deepEqual(said, expected)
  assert.equal(cursor.get(), -1)
})

const read = {
  tokens: ["a", "b", "c", "d"],
  kept: [1, 3],
  unknown: [false, false, true, false],
  window: ["<start>", "b", "<unk>", "<pad>", "<pad>"],
}

test("a chip says of each token whether it was read, unknown or cut; one that looks like a special one is a word", () => {
  const chips = chipsOf(read, Float32Array.of(0, 1, -2, 0.5, 0.25), new Map([[2, "good"]]))
  assert.deepEqual(chips.map(({ text, kind, step }) => [text, kind, step]), [
    ["a", "cut", null], ["<start>", "special", 0], ["b", "word", 1], ["c", "unknown", 2],
    ["<pad>", "special", 3], ["<pad>", "special", 4], ["d", "cut", null],
  ])
  assert.deepEqual([chips[3].change, chips[3].turns], [-2, "good"])
  const typed = { tokens: ["<pad>"], kept: [0, 1], unknown: [false], window: ["<pad>"] }
  assert.equal(chipsOf(typed, null, null)[0].kind, "word")
})

test("padding is one chip, and little is shown of what was cut off", () => {
  const padded = piecesOf(chipsOf(read, null, null), 0)
  assert.deepEqual(padded.map(({ text, count }) => [text, count]), [
    ["a", 0], ["<start>", 1], ["b", 1], ["c", 1], ["<pad> × 2", 2], ["d", 0],
  ])
  const tokens = Array.from({ length: 5000 }, (_, place) => `w${place}`)
  const long = { tokens, kept: [100, 140], unknown: tokens.map(() => false), window: tokens.slice(100, 140) }
  const pieces = piecesOf(chipsOf(long, null, null), 0)
  assert.equal(pieces.length, 40 + 2 * 13)
  assert.equal(pieces[0].text, "… 88 more words cut off …")
  assert.equal(pieces.at(-1).text, "… 4,848 more words cut off …")
})

test("of a very long text the chips around the cursor are drawn", () => {
  const tokens = Array.from({ length: 5000 }, (_, place) => `w${place}`)
  const chips = chipsOf({ tokens, kept: [0, 5000], unknown: tokens.map(() => false), window: tokens }, null, null)
  for (const time of [0, 499, 2600, 4999]) {
    const pieces = piecesOf(chips, time)
    assert.ok(pieces.length <= 1002 && pieces.some(({ step }) => step === time))
  }
})
