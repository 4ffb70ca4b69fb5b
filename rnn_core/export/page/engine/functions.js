// The functions of the equations, each right for every number, however large.

export const { exp, expm1, log, max, sqrt, tanh } = Math

export const sigmoid = (a) => 1 / (1 + exp(-a))

export const relu = (a) => max(a, 0)

// ln sigmoid(a), a number also where the sigmoid is too small for one.
export const logSigmoid = (a) => Math.min(a, 0) - Math.log1p(exp(-Math.abs(a)))

// ln(1 + e^a)
export const softplus = (a) => max(a, 0) + Math.log1p(exp(-Math.abs(a)))

// The logarithm of a gate: as computed, or that of what is held in its place.
export const logarithmOf = (gate, computed) => (gate === exp(computed) ? computed : log(gate))
