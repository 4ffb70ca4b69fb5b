// A network of the page by itself, with all cells and readouts, for the tests.

import { cell as elman } from "../../../rnn_core/export/page/cells/elman.js"
import { cell as gru } from "../../../rnn_core/export/page/cells/gru.js"
import { cell as indrnn } from "../../../rnn_core/export/page/cells/indrnn.js"
import { cell as lstm } from "../../../rnn_core/export/page/cells/lstm.js"
import { cell as mingru } from "../../../rnn_core/export/page/cells/mingru.js"
import { cell as minlstm } from "../../../rnn_core/export/page/cells/minlstm.js"
import { cell as rglru } from "../../../rnn_core/export/page/cells/rglru.js"
import { cell as s6 } from "../../../rnn_core/export/page/cells/s6.js"
import { cell as slstm } from "../../../rnn_core/export/page/cells/slstm.js"
import { cell as ugrnn } from "../../../rnn_core/export/page/cells/ugrnn.js"
import { makeNetwork } from "../../../rnn_core/export/page/engine/network.js"
import { logOdds, moves, norms, probabilities, turns } from "../../../rnn_core/export/page/engine/verdict.js"
import { readout as attention } from "../../../rnn_core/export/page/readouts/attention.js"
import { readout as last } from "../../../rnn_core/export/page/readouts/last.js"
import { readout as max } from "../../../rnn_core/export/page/readouts/max.js"
import { readout as mean } from "../../../rnn_core/export/page/readouts/mean.js"
import { makeReader } from "../../../rnn_core/export/page/text/window.js"

const cells = { elman, gru, indrnn, lstm, mingru, minlstm, rglru, s6, slstm, ugrnn }
const readouts = { attention, last, max, mean }

// The network that this data is of.
export const networkOf = (data) => makeNetwork(data, { cells, readouts })

// What a network reads and computes in each of several readings, {text, layer, holds}: the ids, all answers, the last
// one, and every quantity by its letter.
export function computed(data, readings) {
  const reader = makeReader(data), network = networkOf(data)
  return readings.map(({ text, layer, holds }) => {
    const { ids } = reader.read(text)
    const reading = network.read(ids, { layer, holds })
    const last = [...reading.last]
    for (const share of network.answersAlong(reading)) if (!(share > 0 && share <= 1)) throw new Error(`share ${share}`)
    const arrays = Object.entries(reading.arrays).map(([letter, values]) => [letter, [...values]])
    return { ids: [...ids], answers: [...reading.answers], last, arrays: Object.fromEntries(arrays) }
  })
}

// What the page makes of answers.
export function said(answers, T, followed, states) {
  return {
    probabilities: [...probabilities(answers, T)],
    logOdds: [...logOdds(answers, T, followed)],
    moves: [...moves(answers, T, followed)],
    norms: [...norms(states, T, states.length / T)],
    turns: turns(answers, T),
  }
}
