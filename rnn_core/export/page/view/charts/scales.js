// Where a value lies on its scale of colours. A colour is laid over the background of the page, more or less opaque:
// what is transparent is the background, in every theme.

// From where to where the colours go: the bounds of the quantity, or as far as the largest value on either side.
export function boundsOf(values, bounds) {
  if (bounds?.every(Number.isFinite)) return bounds
  const reach = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6)
  return [-reach, reach]
}

// The pixels (RGBA, row by row from the top) of T x H values, of which every `eachUnit`-th unit is drawn from the
// bottom up, and `eachStep` time steps give a column their mean. `above` and `below` are [r, g, b]: a share has
// `above` alone, from nothing at the low end of its range, other values one of two, from nothing at zero.
export function pixels({ values, T, H, order, eachUnit, eachStep, range: [low, high], isShare, above, below }) {
  const [columns, rows] = [Math.ceil(T / eachStep), Math.ceil(H / eachUnit)]
  const data = new Uint8ClampedArray(4 * columns * rows) // keeps to 0 and 255 by itself
  const zero = isShare ? low : 0
  const opacity = 255 / (isShare ? high - low : Math.max(-low, high))
  for (let row = 0; row < rows; row += 1) {
    const unit = unitOf(row * eachUnit, order)
    let at = 4 * (rows - 1 - row) * columns
    for (let column = 0; column < columns; column += 1, at += 4) {
      const value = mean(values, H, unit, column * eachStep, eachStep, T) - zero
      const colour = value < 0 && !isShare ? below : above
      data[at] = colour[0]
      data[at + 1] = colour[1]
      data[at + 2] = colour[2]
      data[at + 3] = opacity * (isShare ? value : Math.abs(value))
    }
  }
  return { columns, rows, data }
}

export function unitOf(place, order) {
  return order ? order[place] : place
}

function mean(values, H, unit, begin, count, T) {
  const end = Math.min(begin + count, T)
  let sum = 0
  for (let step = begin; step < end; step += 1) sum += values[step * H + unit]
  return sum / (end - begin)
}
