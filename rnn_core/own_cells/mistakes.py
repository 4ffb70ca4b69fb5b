"""What a check can name, by code: mistakes, and variants that are right and worth knowing.

The explanation is what the page unfolds below the sentence of a remark: why it is wrong, or why it is not.
"""

from typing import NamedTuple

from rnn_core.registry import Registry


class Mistake(NamedTuple):
    """What a code stands for."""

    title: str
    explanation: str
    is_wrong: bool = True


MISTAKES: Registry[Mistake] = Registry("mistake")
"""Those of cells; a check that names others registers them here."""


def _wrong(code: str, title: str, explanation: str) -> None:
    MISTAKES.register(code, Mistake(title, explanation))


def _right(code: str, title: str, explanation: str) -> None:
    MISTAKES.register(code, Mistake(title, explanation, is_wrong=False))


_wrong("no-nonlinearity", "No nonlinearity", "Without tanh or ReLU the new state is a sum of products.")
_right(
    "keep-gate",
    "z keeps the old state",
    "Both ways round are right: a network that learns can turn its gate. Say which one you mean.",
)


# What the source says, and what a loop, a classifier and its loss can do wrong.

_wrong("syntax", "No Python", "Python could not read the file, so nothing in it has run.")
_wrong(
    "ready-made",
    "A ready-made module",
    "What the task asks for is taken from a library. Build it from matrix products, sums, sigmoid and tanh.",
)
_wrong(
    "our-cell-imported",
    "Our own cell imported",
    "What the task asks for is taken from Gatescope. Only `see` may be imported from rnn_core.",
)
_wrong(
    "not-written",
    "Not written yet",
    "A place that the template leaves open is still open. Write your lines in the place of `raise`.",
)
_wrong("raises", "An error", "The code stopped with an error, so nothing could be compared.")
_wrong(
    "not-defined",
    "Something is missing",
    "The task asks for a function or a class by name, and the file does not define it, or with other "
    "arguments.",
)
_wrong(
    "result-shape",
    "The result has another shape",
    "A loop returns one state for each review, (B, H): the one after the review's own last word.",
)
_wrong(
    "cell-not-called",
    "The cell is not called",
    "The loop must give each word to the cell that it gets, and do nothing of a cell's work itself.",
)
_wrong(
    "batch-as-time",
    "Batch and time exchanged",
    "`for x in xs` goes over the reviews, since they come first in (B, T, E). A time step is xs[:, t], one "
    "word of every review.",
)
_wrong(
    "words-changed",
    "The cell gets other words",
    "What the cell reads must be the words as they came, (rows, E), each with the state of its own review.",
)
_wrong(
    "starts-late",
    "The loop begins at the second word",
    "Indices begin at 0 in Python: range(1, T) leaves out the first word.",
)
_wrong(
    "stops-early",
    "The loop is one step short",
    "range(T) ends at T - 1, which is the last index: range(T - 1) leaves out the last word.",
)
_wrong("words-skipped", "Words are left out", "Each word of a review must be read once, in its order.")
_wrong(
    "reads-the-future",
    "It reads from the end",
    "The state of a word may depend on the words before it alone: a network that reads on as a text goes on "
    "does not know the words behind.",
)
_wrong(
    "state-not-zero",
    "The initial state is not zero",
    "Before the first word nothing was read. The cells here are checked with a state of zeros.",
)
_wrong(
    "state-random",
    "The initial state is random",
    "The same review would get another result each time that it is read: torch.zeros in the place of "
    "torch.randn or torch.empty.",
)
_wrong(
    "kept-state",
    "The state is kept between batches",
    "What was read in one batch has nothing to do with the next one: make the zeros inside of `run`.",
)
_wrong(
    "state-shape",
    "The initial state has another shape",
    "A state has a row for each review and a column for each unit: (B, H).",
)
_right(
    "state-broadcast",
    "The initial state is spread over the rows",
    "A state of (H,) or (1, H) works where the cell only adds and multiplies; a cell that joins x and h "
    "needs (B, H).",
)
_wrong(
    "state-not-handed-on",
    "The state is not handed on",
    "What the cell returns must be what it gets at the next time step. Else there is no memory.",
)
_wrong(
    "state-changed",
    "The state is changed between two time steps",
    "What the cell returned must be what it gets next, without anything done to it.",
)
_wrong(
    "rows-mixed",
    "Reviews are mixed",
    "Each row of a batch is a review of its own: no number may go from one row to another.",
)
_wrong(
    "rows-not-put-back",
    "The rows are in another order",
    "After sorting by length the results are sorted, too: `h[order.argsort()]` puts them back.",
)
_wrong(
    "reads-padding",
    "The readout is taken at a padded step",
    "After its last word a short review goes on with padding, which changes the state: the last state of "
    "the loop is not the state after the last word.",
)
_wrong(
    "readout-off-by-one",
    "The readout is one step off",
    "The last word of a review of 5 words has index 4, since indices begin at 0: lengths - 1.",
)
_wrong(
    "ended-rows-change",
    "Rows that have ended still change",
    "A review that has ended must keep its state. torch.where(running, new, old) keeps it, where running is "
    "(B, 1).",
)
_wrong(
    "mask-inverted",
    "The mask is the wrong way round",
    "The new state belongs where a review is still running (t < length), the old one where it has ended.",
)
_wrong(
    "mask-off-by-one", "The mask is one step off", "With t from 0 on, a review of 5 words runs while t < 5."
)
_wrong(
    "mask-zeroes",
    "Rows that have ended are set to zero",
    "Multiplying with a mask of zeros and ones wipes the state out. The old state must stay.",
)
_right(
    "computes-on-padding",
    "The padding is computed",
    "The result is right, since what was computed of padding is thrown away. Rows that have ended can be "
    "left out, which saves the time.",
)
_right(
    "skips-padding", "No computation on padding", "The cell got the words of the reviews and nothing else."
)
_right(
    "one-state",
    "A loop for one state",
    "It works for a plain RNN and for a GRU. An LSTM hands on a tuple of two states.",
)
_wrong(
    "c-returned-for-h",
    "c is returned for h",
    "Of an LSTM's two states the hidden state h is what others read; c is the memory behind it.",
)
_wrong(
    "detached",
    "The gradient is cut off",
    "`detach`, `.data`, `.item()` and `torch.no_grad()` cut the gradient: what was read before the cut is "
    "not learned from.",
)
_wrong(
    "wrong-gradient",
    "The gradient is another one",
    "The values are right, but what training would do with them is not.",
)
_wrong(
    "breaks-autograd",
    "Something is changed in place",
    "autograd needs what the cell computed with as it was then. `h[rows] = new` and `h += ...` overwrite it: "
    "make a new tensor.",
)
_wrong(
    "changes-input",
    "An argument is changed",
    "The code that calls the function still needs what it was called with.",
)
_wrong(
    "dtype-lost",
    "The dtype is lost",
    "What is made without a dtype and a device is float32 on the CPU. `xs.new_zeros(...)` is like xs.",
)
_wrong(
    "unregistered",
    "A weight is not registered",
    "A tensor is trained only as an nn.Parameter, or as part of a module, that is an attribute.",
)
_wrong(
    "random-inside",
    "Something is random inside",
    "The same text must get the same answer. Only nn.Dropout is random, and only in training.",
)
_wrong("values-differ", "The values are others", "No known mistake computes the same.")
_right(
    "writes-files", "It writes files", "That is allowed, and it is your machine: but a cell has no need to."
)
_right(
    "earlier-cell",
    "Your own cell does not go with it",
    "A task never fails for a mistake in an earlier one: this loop was checked with our cell.",
)
_wrong(
    "logits-shape",
    "The logits have another shape",
    "A classifier returns one logit for each review, or two: what it thinks of each class.",
)
_wrong(
    "head-at-all-steps",
    "The head is applied to all words",
    "Only the state after the last word of a review has read all of it.",
)
_wrong(
    "pad-as-word",
    "`<pad>` is read as a word",
    "Padding only fills a batch up. Its vector must not reach the logits.",
)
_right("pad-has-a-vector", "`<pad>` has a vector", "It does no harm where padding is never read.")
_wrong(
    "embedding-not-trained",
    "The embedding is not trained",
    "Each word begins with a random vector. Only training makes one that says something.",
)
_right("not-trained", "A weight without use", "It takes memory, and training does not change it.")
_right(
    "other-readout",
    "Another readout",
    "The mean or the maximum over a review's own states is a readout, too, and often a good one.",
)
_right("one-logit", "One logit", "One logit and two say the same of two classes.")
_right("two-logits", "Two logits", "One logit and two say the same of two classes.")
_right(
    "returns-probabilities",
    "It returns probabilities",
    "Right together with a loss of probabilities; a loss with logits is exact where they are near 0 or 1.",
)
_wrong(
    "softmax-before-loss",
    "Softmax or sigmoid before the loss",
    "Applied twice it presses all probabilities together, so that a network that is sure still seems to "
    "hesitate, and learns slowly.",
)
_wrong(
    "loss-shape",
    "The loss is not one number",
    "Training goes down one number. The mean over the reviews makes one of many.",
)
_right(
    "loss-sum",
    "The loss is a sum",
    "A sum and a mean have their minimum at the same place; a sum's gradient grows with the batch.",
)
_wrong(
    "loss-arguments-exchanged",
    "Logits and targets are exchanged",
    "torch's losses take what the network says first, and what is right second.",
)
_wrong(
    "loss-without-gradient",
    "The loss has no gradient",
    "argmax, round and a comparison have a gradient of zero, and `.item()` and numpy have none.",
)
_wrong(
    "loss-targets-reversed",
    "The loss is that of the other class",
    "It would teach the network the opposite of what is meant.",
)
_wrong(
    "loss-sign", "The loss has the wrong sign", "Training goes down: it would make what is right unlikely."
)
_wrong(
    "loss-squared",
    "A squared error",
    "Its gradient is small where a network is sure and wrong, which is where it should be large.",
)
_wrong(
    "loss-of-probabilities",
    "A loss of probabilities gets logits",
    "binary_cross_entropy and BCELoss are for numbers between 0 and 1.",
)
_wrong(
    "loss-without-softmax",
    "A loss without its softmax",
    "nll_loss expects log_softmax. Of raw logits it has no minimum.",
)
_wrong(
    "loss-other",
    "Another loss",
    "Asked is the mean over the reviews of -log of the probability of what is right.",
)
