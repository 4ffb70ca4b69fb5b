// The weights as the file holds them, in base64, and as the network computes with them.

const HALVES = halves()

// Every number that 16 bits can say (IEEE 754), by its bits.
function halves() {
  return Float32Array.from({ length: 2 ** 16 }, (_, bits) => {
    const sign = bits >> 15 ? -1 : 1
    const exponent = (bits >> 10) & 31
    const fraction = bits & 1023
    if (exponent === 31) return fraction ? NaN : sign * Infinity
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024))
  })
}

// The bytes of a text in base64. `atob` alone knows it everywhere.
function bytesOf(text) {
  const letters = atob(text)
  const bytes = new Uint8Array(letters.length)
  for (let place = 0; place < bytes.length; place++) bytes[place] = letters.charCodeAt(place)
  return bytes
}

// All numbers lie with their lowest byte first, as in the memory of every machine that a browser runs on today.
const floats = (text) => new Float32Array(bytesOf(text).buffer)

const DECODERS = {
  float32: ({ data }) => floats(data),

  float16({ data }) {
    const bits = new Uint16Array(bytesOf(data).buffer)
    const values = new Float32Array(bits.length)
    for (let place = 0; place < bits.length; place++) values[place] = HALVES[bits[place]]
    return values
  },

  // A row is what its whole numbers say, times the scale of the row.
  int8({ data, scales, shape: [rows, columns] }) {
    const whole = new Int8Array(bytesOf(data).buffer)
    const values = new Float32Array(whole.length)
    const scaleOf = floats(scales)
    for (let row = 0, place = 0; row < rows; row++) {
      const scale = scaleOf[row]
      for (let column = 0; column < columns; column++, place++) values[place] = whole[place] * scale
    }
    return values
  },

  // Whole numbers in ascending order: how much larger each is than the one before, seven bits to a byte, the lowest
  // first; the highest bit of a byte says that more follow (LEB128). Places that were left free come last.
  ascending({ data, shape: [length] }) {
    const values = new Float64Array(length).fill(Infinity)
    let value = 0, unit = 1, place = 0
    for (const byte of bytesOf(data)) {
      value += (byte & 127) * unit
      unit *= 128
      if (byte < 128) {
        values[place++] = value
        unit = 1
      }
    }
    return values
  },
}

// {name: tensor} as the file holds it -> {name: {shape, values}}.
export function decodeTensors(tensors) {
  const decode = ([name, tensor]) => {
    const decoder = DECODERS[tensor.dtype]
    if (!decoder) throw new Error(`${name} is stored as ${tensor.dtype}, which this page can't read.`)
    return [name, { shape: tensor.shape, values: decoder(tensor) }]
  }
  return Object.fromEntries(Object.entries(tensors).map(decode))
}
