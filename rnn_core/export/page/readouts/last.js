// The last state.

export const readout = {
  mixesUnits: false,
  prepare: () => () => (h) => h,
}
