// The head: a logit for each class, as they are compared. Of two logits it is their difference, since softmax sees no
// more of them: `compared` of rnn_core/tasks/classes.py.

export function makeHead({ weight: { shape: [outputs, width], values }, bias: { values: bias } }) {
  const logits = new Float64Array(outputs)
  const K = outputs === 2 ? 1 : outputs

  // Puts K answers into `answers` from a place on, given the parts of the readout, which stand side by side.
  function answer(parts, answers, at) {
    for (let k = 0; k < outputs; k++) {
      let logit = bias[k], place = k * width
      for (const part of parts) for (let j = 0; j < part.length; j++) logit += values[place++] * part[j]
      logits[k] = logit
    }
    if (outputs === 2) answers[at] = logits[1] - logits[0]
    else answers.set(logits, at)
  }

  return { K, answer }
}
