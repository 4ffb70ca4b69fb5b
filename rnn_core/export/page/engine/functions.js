// The functions of the equations, each right for every number, however large.

export const exp = Math.exp
export const expm1 = Math.expm1
export const log = Math.log
export const max = Math.max
export const sqrt = Math.sqrt
export const tanh = Math.tanh

export const sigmoid = (a) => 1 / (1 + exp(-a))

export const relu = (a) => max(a, 0)

// ln sigmoid(a), a number also where the sigmoid is too small for one.
export const logSigmoid = (a) => Math.min(a, 0) - Math.log1p(exp(-Math.abs(a)))

// ln(1 + e^a)
export const softplus = (a) => max(a, 0) + Math.log1p(exp(-Math.abs(a)))

// The logarithm of a gate: as computed, or that of what is held in its place.
export const logarithmOf = (gate, computed) => (gate === exp(computed) ? computed : log(gate))
