// Where a value lies on its scale of colours. A colour is laid over the background of the page, more or less opaque:
// what is transparent is the background, in every theme.

// A share of 0 to 1 of the colour for what lies above (side 1) or below zero (side -1).
export function shade(value, [low, high], isShare) {
  if (isShare) return { side: 1, share: clamp((value - low) / (high - low)) }
  return { side: value < 0 ? -1 : 1, share: clamp(Math.abs(value) / Math.max(-low, high)) }
}

// From where to where the colours go: the bounds of the quantity, or as far as the largest value on either side.
export function boundsOf(values, bounds) {
  if (bounds?.every(Number.isFinite)) return bounds
  const reach = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6)
  return [-reach, reach]
}

// The pixels (RGBA, row by row from the top) of T x H values, of which every `eachUnit`-th unit is drawn from the
// bottom up, and `eachStep` time steps give a column their mean. `above` and `below` are [r, g, b].
export function pixels({ values, T, H, order, eachUnit, eachStep, range, isShare, above, below }) {
  const [columns, rows] = [Math.ceil(T / eachStep), Math.ceil(H / eachUnit)]
  const found = new Uint8ClampedArray(4 * columns * rows)
  for (let row = 0; row < rows; row += 1) {
    const unit = unitOf(row * eachUnit, order)
    for (let column = 0; column < columns; column += 1) {
      const { side, share } = shade(mean(values, H, unit, column * eachStep, eachStep, T), range, isShare)
      const at = 4 * ((rows - 1 - row) * columns + column)
      found.set(side > 0 ? above : below, at)
      found[at + 3] = 255 * share
    }
  }
  return { columns, rows, data: found }
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

function clamp(share) {
  return Math.max(0, Math.min(share, 1))
}
