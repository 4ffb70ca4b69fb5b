// Sets of characters, packed by rnn_core/export/unicode_ranges.py -> what stands between the brackets of a regular
// expression for each: {name: "1t,p 4"} -> {name: "\u{41}-\u{5a}\u{5f}-\u{5f}"}

export function unpacked(sets) {
  return Object.fromEntries(Object.entries(sets).map(([name, packed]) => [name, rangesOf(packed)]))
}

// Of each range: how many characters stand before it since the last one, and how many follow its first; in base 36.
function rangesOf(packed) {
  if (packed === "") return ""
  let end = 0
  const ranges = packed.split(" ").map((range) => {
    const [gap, more = 0] = range.split(",").map((digits) => parseInt(digits, 36))
    const first = end + gap
    end = first + more + 1
    return String.raw`\u{${first.toString(16)}}-\u{${(end - 1).toString(16)}}`
  })
  return ranges.join("")
}
