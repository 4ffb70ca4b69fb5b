// What the lowest cell gets for each token: `Classifier.embed` of rnn_core/nn/classifier.py.

const PADDING_ID = 0
const NO_PAIR = -1

// Makes a function from ids to vectors, (T, E) in one array.
export function makeInputs({ model }, tensors) {
  const { shape: [vocabularySize, E], values: words } = tensors["embedding.weight"]
  const extras = [
    ...(model.bigrams ? [vectorsOfPairs(tensors, vocabularySize)] : []),
    ...(model.counted_bigrams ? [oddsOfPairs(tensors, vocabularySize)] : []),
  ]
  return (ids) => {
    const xs = new Float64Array(ids.length * E)
    for (let t = 0; t < ids.length; t++) {
      const id = ids[t], before = t ? ids[t - 1] : PADDING_ID
      add(words, id * E, E, xs, t * E)
      for (const { find, table, width, first } of extras) {
        const place = find(before, id)
        if (place !== NO_PAIR) add(table, (place + first) * width, width, xs, t * E)
      }
    }
    return xs
  }
}

// A vector for each known pair; the first row is that of all others.
function vectorsOfPairs(tensors, vocabularySize) {
  const { shape: [, width], values: table } = tensors["bigrams.vectors.weight"]
  return { find: makePairs(tensors["bigrams.known"], vocabularySize), table, width, first: 1 }
}

// The label odds of each known pair, added to the first number of two classes, or to the first K of K.
function oddsOfPairs(tensors, vocabularySize) {
  const { shape: [, width = 1], values: table } = tensors["counted.odds"]
  return { find: makePairs(tensors["counted.known"], vocabularySize), table, width, first: 0 }
}

function add(from, begin, count, to, at) {
  for (let j = 0; j < count; j++) to[at + j] += from[begin + j]
}

// Pairs of neighbouring words that a network knows, with a vector or with label odds: `rnn_core.nn.pairs`.
// Makes a function that finds the place of a pair of ids among the known ones, NO_PAIR where it is none of them.
function makePairs({ values: known }, vocabularySize) {
  return (before, id) => {
    const number = before * vocabularySize + id
    let first = 0, end = known.length
    while (first < end) {
      const middle = (first + end) >> 1
      if (known[middle] < number) first = middle + 1
      else end = middle
    }
    return known[first] === number ? first : NO_PAIR
  }
}
