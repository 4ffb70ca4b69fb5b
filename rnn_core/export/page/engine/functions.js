// The functions of the equations, each right for every number, however large.

export const { exp, log, max, tanh } = Math
const { abs, cos, min, pow, sin, sqrt } = Math

export const sigmoid = (a) => 1 / (1 + exp(-a))

// ln(1 + e^a)
export const softplus = (a) => max(a, 0) + Math.log1p(exp(-abs(a)))

// ln sigmoid(a), a number also where the sigmoid is too small for one.
export const logSigmoid = (a) => -softplus(-a)

// The logarithm of a gate: as computed, or that of what is held in its place.
export const logarithmOf = (gate, computed) => (gate === exp(computed) ? computed : log(gate))

// i / (f + i), given the logarithms of both; 0 where i is 0, whatever f is.
const share = (log_i, log_f) => (log_i === -Infinity ? 0 : sigmoid(log_i - log_f))

// sqrt(1 - a^2), given the logarithm of a, exact also where a is next to 1.
const squareRootBeside = (log_a) => sqrt(max(-Math.expm1(2 * log_a), 0))

// A quotient by a quantity, and what is divided where that is held at 0.
const divided = (a, quantity) => a / (quantity === 0 ? 1 : quantity)

const relu = (a) => max(a, 0)

function mean(places, f) {
  let sum = 0
  for (let j = 0; j < places; j++) sum += f(j)
  return sum / places
}


// What a time step is given, by the names that it has in the cells.
export const FUNCTIONS = {
  abs, cos, divided, exp, log, logarithmOf, logSigmoid, max, mean, min, pow, relu, share, sigmoid, sin, softplus,
  sqrt, squareRootBeside, tanh,
}
