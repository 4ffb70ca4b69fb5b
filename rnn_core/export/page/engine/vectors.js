// Vectors, and matrices that vectors are multiplied with.

// Puts f(j) at each place j of a vector, and returns the vector.
export function fill(vector, f) {
  for (let j = 0; j < vector.length; j++) vector[j] = f(j)
  return vector
}

// Some columns of a table, as `x W_z` needs those of the gate z. Kept in 64 bits, in which a sum is exact enough in
// any order, and in which JavaScript computes without converting each number.
export class Matrix {
  constructor({ shape: [rows, width], values }, first = 0, columns = width) {
    this.rows = rows
    this.columns = columns
    this.product = new Float64Array(columns)
    this.values = new Float64Array(rows * columns)
    for (let k = 0; k < rows; k++) {
      const begin = k * width + first
      this.values.set(values.subarray(begin, begin + columns), k * columns)
    }
  }

  // The product of a vector, which begins at a place of a longer one, and the matrix: `v @ W`. The next product is
  // written over it.
  times(v, at = 0) {
    const { rows, columns, values: W, product } = this
    product.fill(0)
    let k = 0
    // Eight rows at once, so that each sum is loaded and stored an eighth as often.
    for (; k + 8 <= rows; k += 8, at += 8) {
      const a = v[at], b = v[at + 1], c = v[at + 2], d = v[at + 3]
      const e = v[at + 4], f = v[at + 5], g = v[at + 6], h = v[at + 7]
      const A = k * columns, B = A + columns, C = B + columns, D = C + columns
      const E = D + columns, F = E + columns, G = F + columns, H = G + columns
      for (let j = 0; j < columns; j++) {
        product[j] +=
          a * W[A + j] + b * W[B + j] + c * W[C + j] + d * W[D + j] +
          e * W[E + j] + f * W[F + j] + g * W[G + j] + h * W[H + j]
      }
    }
    for (; k < rows; k++, at++) {
      const a = v[at], A = k * columns
      for (let j = 0; j < columns; j++) product[j] += a * W[A + j]
    }
    return product
  }
}
