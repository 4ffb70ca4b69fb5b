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


# What a cell is asked for and gives back.

_wrong(
    "wrong-return",
    "Something else is returned",
    "A cell with one state returns one tensor (B, H); one with two a tuple of two, h first.",
)
_wrong(
    "wrong-shape",
    "A wrong shape",
    "x is (B, E), a state is (B, H), and so is what is returned: a row for each review, a column for "
    "each unit.",
)
_wrong(
    "axes-exchanged",
    "The axes are exchanged",
    "In this course the batch comes first: row 0 of x, of h and of what is returned is the first review.",
)
_wrong(
    "wrong-sizes",
    "It works only where E = H",
    "A word has E numbers and a state H. The product with x needs a W of (E, H), the one with h a U "
    "of (H, H).",
)
_wrong(
    "whole-sequence",
    "It expects a whole sequence",
    "A cell computes one time step, x (B, E). The loop of Task 2 goes over the words.",
)
_wrong(
    "states-missing",
    "The states are not declared",
    'An LSTM has two states. The class says so with `states = ("h", "c")`; it then gets a tuple and '
    "returns one.",
)
_wrong(
    "states-too-many",
    "There are more states than this cell has",
    "A GRU and a plain cell have one state, h. Leave `states` out, and return the new h alone.",
)

# What training needs.

_wrong(
    "dtype-lost",
    "The number type is lost",
    "A tensor that is made inside of forward is float32 on the CPU. Make it with x.new_zeros(...) or "
    "torch.zeros_like(x), and it is what x is.",
)
_wrong(
    "device-lost",
    "The device is lost",
    "A tensor that is made inside of forward lies on the CPU, and the cell fails on a GPU. Make it "
    "with x.new_zeros(...) or torch.zeros_like(x).",
)
_wrong(
    "changes-input",
    "It changes its input",
    "x and the old state belong to the caller, who needs them again. Write h = h + ..., which makes a "
    "new tensor, not h += ...",
)
_wrong(
    "breaks-autograd",
    "A change in place breaks the gradient",
    "Autograd needs the numbers that were there. Operations that end in _ and slices that are "
    "assigned to overwrite them.",
)
_wrong(
    "detached",
    "The gradient is cut off",
    "detach(), .data, .item(), numpy() and no_grad() give numbers without their history, so that "
    "nothing before them learns.",
)
_wrong(
    "no-gradient",
    "There is no gradient",
    "What is returned must come from the parameters by operations of torch that autograd can follow.",
)
_wrong(
    "wrong-gradient",
    "The gradient is not the derivative",
    "A gradient is compared with what really changes when a number is moved a little.",
)
_wrong(
    "unregistered",
    "Weights that are not trained",
    "The optimizer gets module.parameters(). A tensor is among them as nn.Parameter or inside of a "
    "module such as nn.Linear that is an attribute; lists need nn.ModuleList or nn.ParameterList.",
)
_wrong(
    "random-inside",
    "Something random is inside",
    "The same word and state must give the same result, or the state is not a memory. Dropout belongs "
    "around the cell, not into it.",
)
_wrong(
    "kept-state",
    "A state is kept between calls",
    "The state comes in and goes out. What the module keeps for itself comes from another review.",
)
_wrong(
    "rows-mixed",
    "The rows of a batch are mixed",
    "Each row is another review. A mean, a softmax or a normalisation over dim 0 lets one review "
    "change the verdict on another, and so does a view that cuts elsewhere than between rows.",
)
_wrong(
    "not-finite",
    "Large numbers become nan",
    "exp of a large number is infinite, and infinite divided by infinite is nan. torch.sigmoid and "
    "torch.tanh are written so that this does not happen.",
)
_wrong(
    "saturates",
    "The first weights are too large",
    "Where the sum before a tanh or a sigmoid is far from 0, the slope is nearly 0 and nothing is "
    "learned. Weights of about 1 / sqrt(H) are usual.",
)
_wrong(
    "units-alike",
    "All units begin alike",
    "Units with the same weights get the same gradient and stay alike for ever, as if there was one. "
    "Draw the weights at random.",
)
_wrong(
    "uninitialised",
    "Weights without a first value",
    "torch.empty gives what lies in memory, which may be anything, nan included. Fill it, such as "
    "with uniform_(-0.1, 0.1).",
)
_wrong(
    "naive-products",
    "The products are not joined",
    "A product of x with all weights side by side gives the same numbers as one for each gate, in one call.",
)

# The equations.

_wrong(
    "no-nonlinearity",
    "No nonlinearity",
    "Without tanh or ReLU the new state is a sum of products, and many time steps are no more than "
    "one product.",
)
_wrong(
    "wrong-nonlinearity",
    "Another nonlinearity",
    "A candidate and a state lie between -1 and 1 by tanh, a gate between 0 and 1 by a sigmoid.",
)
_wrong(
    "candidate-by-sigmoid",
    "A candidate by a sigmoid",
    "A sigmoid lies between 0 and 1, so the memory could never be lowered. A candidate is a tanh.",
)
_wrong(
    "gate-not-sigmoid",
    "A gate that is no sigmoid",
    "A gate is a share between 0 and 1, for each unit by itself: a sigmoid.",
)
_wrong(
    "softmax-for-sigmoid",
    "Softmax in the place of a sigmoid",
    "Softmax makes all units of a row add up to 1, so that one unit can only open as others close. A "
    "gate decides for each unit by itself.",
)
_wrong(
    "outside-nonlinearity",
    "A part of the sum is outside of the tanh",
    "The products with x and with h are summed up first, then comes one tanh around the sum.",
)
_wrong(
    "extra-nonlinearity",
    "A nonlinearity too many",
    "The mixture of old state and candidate is the new state as it is; another function around it "
    "pushes it away from what it keeps.",
)
_wrong("old-state-ignored", "The old state is ignored", "Without h U the cell knows only the last word.")
_wrong("input-ignored", "The word is ignored", "Without x W the cell knows nothing of the text.")
_wrong(
    "own-unit-only",
    "Each unit sees only itself",
    "A vector in the place of the matrix U gives each unit its own old value alone. That is an IndRNN "
    "(Li et al., 2018), a cell of its own.",
)
_wrong(
    "one-bias",
    "One number as bias of all units",
    "b is (H,): a number for each unit, so that each has a place of its own where it is half open.",
)
_wrong(
    "state-added",
    "The old state is added",
    "The old state comes in by the product h U alone; h itself is not added.",
)
_wrong(
    "shared-weights",
    "x and h share their weights",
    "The word and the state mean different things: each needs weights of its own.",
)
_wrong(
    "shared-recurrent",
    "The gates share one matrix",
    "Each gate decides something else, and needs its own U to see the state with.",
)
_wrong(
    "shared-gates",
    "Two gates are one",
    "Gates that share their weights always agree, so that one of them could be left out.",
)
_wrong(
    "gate-without-state", "A gate does not see the state", "Without h U the gate decides by the word alone."
)
_wrong(
    "gate-without-input", "A gate does not see the word", "Without x W the gate decides by the state alone."
)
_wrong(
    "z-twice",
    "The same share twice",
    "What the gate keeps of the old state is 1 minus what it takes of the candidate: (1 - z) * h + z * n.",
)
_wrong(
    "update-unbalanced",
    "The shares do not add up to one",
    "The new state is a mixture: the shares of the old state and of the candidate add up to one. Where "
    "they add up to more, the state can grow without a bound; where they add up to less, it shrinks.",
)
_wrong(
    "old-state-not-kept",
    "Nothing of the old state is kept",
    "The long memory of a gated cell is the share of the old state that goes on unchanged.",
)
_wrong(
    "wrong-gate-in-update",
    "Another gate in the update",
    "Each gate has one place: the last line mixes with the update gate alone.",
)
_wrong(
    "gates-exchanged",
    "The gates are exchanged",
    "The update gate z mixes old state and candidate; the reset gate r decides how much of the old "
    "state the candidate sees.",
)
_wrong(
    "forget-input-exchanged",
    "Forget and input gate are exchanged",
    "The forget gate f says how much of the old c stays, the input gate i how much of the candidate "
    "comes in: c = f * c + i * g.",
)
_wrong(
    "reset-missing",
    "The reset gate is missing",
    "Without it this is a UGRNN (Collins et al., 2017), a right cell, and no GRU.",
)
_wrong(
    "reset-on-new-state",
    "The reset gate acts on the new state",
    "The reset gate hides the old state from the candidate. What is made of it is not touched again.",
)
_wrong(
    "reset-in-update",
    "The reset gate acts in the update",
    "The old state that is kept is h itself. The reset gate acts only inside of the candidate.",
)
_wrong(
    "reset-on-input",
    "The reset gate acts on the word",
    "The reset gate hides the old state, not the word: it belongs to h or to h U alone.",
)
_wrong(
    "forget-gate-missing",
    "The forget gate is missing",
    "c + i * g can only add up. The first LSTM of 1997 was so; since 2000 a forget gate is part of it.",
)
_wrong("input-gate-missing", "The input gate is missing", "Without it every candidate is written whole.")
_wrong(
    "gate-twice",
    "One gate for two things",
    "Keeping and writing are decided by two gates, f and i, or by one and the rest of 1 (coupled gates).",
)
_wrong(
    "memory-exchanged",
    "h and c are exchanged",
    "c is the memory that goes on; h is what the gates see of it.",
)
_wrong("c-returned-for-h", "c is returned for h", "h is what the output gate shows: o * tanh(c).")
_wrong(
    "h-returned-for-c", "The new c is not returned", "Both states go on to the next time step: return h, c."
)
_wrong("tuple-order", "The order of the states", "h comes first, in what comes in and in what is returned.")
_wrong(
    "tanh-of-c-missing",
    "The tanh of c is missing",
    "c may grow beyond 1; h = o * tanh(c) stays between -1 and 1.",
)
_wrong(
    "output-gate-missing",
    "The output gate is missing",
    "The output gate decides what of c is shown: h = o * tanh(c).",
)
_wrong(
    "wrong-gate-shown",
    "Another gate in the place of the output gate",
    "h = o * tanh(c): a gate of its own decides what is shown.",
)
_wrong("old-c-shown", "h is made of the old c", "First comes the new c, then h is made of it.")
_wrong("candidate-shown", "h is made of the candidate", "h shows the memory c, not the candidate alone.")
_wrong(
    "another-cell",
    "A right cell, but another one",
    "What the file computes is a cell of the literature, not the one that the task asks for.",
)
_wrong(
    "values-differ",
    "Other values",
    "With the same weights and inputs the numbers are others than those of the equations.",
)

# Right, and worth knowing.

_right(
    "no-equations",
    "It has no equations here",
    "A cell is trained, drawn and exported as equations, which are read from what it computes. They have "
    "sums, products by matrices, the usual functions and means, and no choice by a value but torch.where.",
)
_right(
    "first-weights-ours",
    "Some weights begin as ours",
    "Recognised are numbers, uniform and normal ones, with a size that depends on E and H in the usual ways, "
    "the identity and orthogonal matrices.",
)

_right(
    "keep-gate",
    "z keeps the old state",
    "Both ways round are right: a network that learns can turn its gate. PyTorch keeps with z, Chung "
    "et al. (2014) take the candidate. Say which you mean.",
)
_right(
    "reset-before",
    "The reset before the product",
    "(r * h) U, as in the first paper (Cho et al., 2014). Right, and with a product that has to wait for r.",
)
_right(
    "reset-after",
    "The reset after the product",
    "r * (h U), as in PyTorch and cuDNN. Right, and all products with h can be one.",
)
_right(
    "two-biases",
    "Two biases",
    "Two biases that are added are one: harmless. PyTorch has both since cuDNN asked for them.",
)
_right(
    "no-bias",
    "No bias",
    "A bias moves the place where a gate is half open. Without it the cell still learns, often nearly "
    "as well.",
)
_right(
    "relu",
    "ReLU for tanh",
    "A plain cell with ReLU is right, too. Its state has no upper bound; Le et al. (2015) start U at the "
    "identity, so that at first each unit keeps what it holds.",
)
_right(
    "peepholes", "Peepholes", "Gates that see c (Gers and Schmidhuber, 2000) are a right variant of the LSTM."
)
_right(
    "coupled-gates",
    "Coupled gates",
    "f = 1 - i: as much is forgotten as is written (Greff et al., 2017). A right variant with fewer weights.",
)
_right(
    "joined-input",
    "x and h in one product",
    "[x, h] times one matrix is x W + h U with both below each other. Right.",
)
_right(
    "transposed-weights",
    "Weights as (H, E)",
    "nn.Linear keeps its matrix the other way round and turns it in the product. Right.",
)
_right(
    "built-in-offset",
    "A constant inside of a gate",
    "A constant that is added before the sigmoid is a bias that does not learn. A forget gate that "
    "begins open is a known good start (Jozefowicz et al., 2015).",
)
_right(
    "orthogonal",
    "Orthogonal first weights",
    "An orthogonal U neither lengthens nor shortens the state at first (Saxe et al., 2014).",
)
_right(
    "unused-weights",
    "Weights without use",
    "Weights that nothing depends on do no harm, but they are counted, stored and never learn.",
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
    "The task asks for a function or a class, and the file does not define it, or with other arguments.",
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
    "`for x in xs` goes over the reviews, since they come first in (B, T, E). A time step is xs[:, "
    "t], one word of every review.",
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
    "The loop ends too early",
    "A batch has T = xs.shape[1] steps. range(T) ends at T - 1, which is the last index: range(T - 1) leaves "
    "out the last word.",
)
_wrong("words-skipped", "Words are left out", "Each word of a review must be read once, in its order.")
_wrong(
    "word-before",
    "Each step reads the word before",
    "Step t, from 0 on, reads `xs[:, t]`. The index t - 1 is -1 at first, which Python counts from the end.",
)
_wrong("word-twice", "A word is read twice", "Each word of a review must be read once.")
_wrong(
    "reads-the-future",
    "It reads from the end",
    "The state of a word may depend on the words before it alone: a network that reads on as a text "
    "goes on does not know the words behind.",
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
    "state-shape",
    "The initial state has another shape",
    "A state has a row for each review and a column for each unit: (B, H).",
)
_right(
    "state-broadcast",
    "The initial state is spread over the rows",
    "A state of (H,) or (1, H) works where the cell only adds and multiplies; a cell that joins x and "
    "h needs (B, H).",
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
    "rows-not-sorted",
    "The rows are not sorted",
    "The first rows are those still running only where the longest review comes first: sort the words and "
    "the lengths with `lengths.argsort(descending=True)`.",
)
_wrong(
    "rows-not-put-back",
    "The rows are in another order",
    "After sorting by length the results are sorted, too: `h[order.argsort()]` puts them back.",
)
_wrong(
    "reads-padding",
    "The readout is taken at a padded step",
    "After its last word a short review goes on with padding, which changes the state: the last state "
    "of the loop is not the state after the last word.",
)
_wrong(
    "readout-off-by-one",
    "The readout is one step off",
    "The last word of a review of 5 words has index 4, since indices begin at 0: lengths - 1.",
)
_wrong(
    "ended-rows-change",
    "Rows that have ended still change",
    "A review that has ended must keep its state. torch.where(running, new, old) keeps it, where "
    "running is (B, 1).",
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
    "The result is right, since what was computed of padding is thrown away. Rows that have ended can "
    "be left out, which saves the time.",
)
_right(
    "skips-padding", "No computation on padding", "The cell got the words of the reviews and nothing else."
)
_right(
    "one-state",
    "A loop for one state",
    "It works for a plain RNN and for a GRU. An LSTM hands on a tuple of two states.",
)
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
_wrong(
    "word-as-pad",
    "A word is taken for `<pad>`",
    "`<pad>` is 0. The row that padding_idx names, or that a mask hides, stays as it is, so that this word "
    "never says anything.",
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
    "Applied twice it presses all probabilities together, so that a network that is sure still seems "
    "to hesitate, and learns slowly.",
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
    "loss-broadcast",
    "Each logit meets all targets",
    "torch spreads (B, 1) and (B,) to (B, B) without a word: row b belongs to target b alone.",
)
_wrong(
    "loss-infinite",
    "The loss becomes infinite",
    "In float32 the sigmoid of a logit from 17 on is exactly 1, as is the softmax of two logits that far "
    "apart, so log(1 - p) is infinite, and training ends with nan. Functions that have the logarithm built "
    "in are finite for every logit.",
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
