// Curves over time steps as paths of SVG: x counts time steps, a value of step t stands at t + 1/2.

const ALONE = 0.25 // a value without neighbours is a dash of half a time step

// Stretches of finite values: [[x, y], ...] each.
export function stretches(values) {
  const found = []
  let open = null
  values.forEach((value, step) => {
    if (!Number.isFinite(value)) open = null
    else if (open) open.push([step + 0.5, value])
    else found.push((open = [[step + 0.5, value]]))
  })
  return found
}

export function linePath(values, height) {
  return stretches(values).map((points) => path(points.length > 1 ? points : alone(points[0]), height)).join("")
}

// What lies between two curves.
export function bandPath(low, high, height) {
  const tops = stretches(high)
  const around = (points, place) => closed([...widened(tops[place]), ...widened(points).reverse()], height)
  return stretches(low).map(around).join("")
}

// What lies between a curve and the level `base`, on one side of it: 1 above, -1 below.
export function sidePath(values, base, side, height) {
  const clamp = (y) => (side > 0 ? Math.max(y, base) : Math.min(y, base))
  return stretches(values).map((stretch) => {
    const points = crossed(widened(stretch), base).map(([x, y]) => [x, clamp(y)])
    return closed([...points, [points.at(-1)[0], base], [points[0][0], base]], height)
  }).join("")
}

// With a point wherever a straight piece crosses the level, so that no corner of an area is cut.
export function crossed(points, level) {
  return points.flatMap(([x, y], place) => {
    const [nextX, nextY] = points[place + 1] ?? [x, y]
    if ((y - level) * (nextY - level) >= 0) return [[x, y]]
    return [[x, y], [x + ((level - y) / (nextY - y)) * (nextX - x), level]]
  })
}

function alone([x, y]) {
  return [[x - ALONE, y], [x + ALONE, y]]
}

function widened(points) {
  return points.length > 1 ? points : alone(points[0])
}

function path(points, height) {
  return `M${points.map(([x, y]) => `${x.toFixed(3)} ${height(y).toFixed(2)}`).join("L")}`
}

function closed(points, height) {
  return `${path(points, height)}Z`
}
