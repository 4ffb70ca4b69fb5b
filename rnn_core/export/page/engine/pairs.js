// Pairs of neighbouring words that a network knows, with a vector or with label odds: `rnn_core.nn.pairs`.

export const NO_PAIR = -1

// Makes a function that finds the place of a pair of ids among the known ones, NO_PAIR where it is none of them.
export function makePairs({ values: known }, vocabularySize) {
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
