// The largest value of each unit.

export const readout = {
  mixesUnits: false,

  prepare: (_weights, width) => () => {
    const largest = new Float64Array(width).fill(-Infinity)
    return (h) => {
      for (let j = 0; j < width; j++) largest[j] = Math.max(largest[j], h[j])
      return largest
    }
  },
}
