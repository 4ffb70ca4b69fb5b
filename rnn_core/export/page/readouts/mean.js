// The mean of all states.

export const readout = {
  mixesUnits: false,

  prepare: (_weights, width) => () => {
    const mean = new Float64Array(width)
    return (h, t) => {
      for (let j = 0; j < width; j++) mean[j] += (h[j] - mean[j]) / (t + 1)
      return mean
    }
  },
}
