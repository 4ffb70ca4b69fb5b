"""Everything a network computed while it read one review.

A trace is a step stacked over time: T time steps, H units. Gates are named by the symbols of the cells
(`rnn_core.nn.cells`), so what is shown is what the equation computed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.data.encoding import EncodedReviews
from rnn_core.data.reading import evaluation_batches
from rnn_core.errors import ConfigError, EmptyReviewError
from rnn_core.models.model import Model, check_can_be_read, check_is_text
from rnn_core.models.overflow import check_text
from rnn_core.nn.cells import State
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import Packing, packing
from rnn_core.nn.sequence import steps
from rnn_core.symbols import CELLS, CellDeclaration
from rnn_core.tasks.classes import (
    compared,
    log_odds_of,
    predicted_by,
    probabilities_of,
    probabilities_of_classes,
)
from rnn_core.tasks.task import task_of
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import UNK_ID
from rnn_core.text.window import ReadReview, read_tokens

if TYPE_CHECKING:
    import pandas as pd

DECIDED = 0.65
"""A class with a larger probability than this is what the verdict is decided for."""

NEXT_CLASSES = 2
"""The number of classes shown beside the one that is followed, where there are more than two."""

MOST_ROWS, _MOST_TOKENS = 512, 200_000
"""Rows, and time steps together, of one review that is read in many ways at once: what bounds the memory."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Trace:
    """Everything one network computed at each of the T time steps of one review.

    All are numbers: raises OverflowedError where one is not, or too large to compute with. Raises ConfigError
    where there is no class with the index `followed`.
    """

    cell: str
    """The name in `rnn_core.symbols.CELLS`."""
    review: ReadReview
    layer: int = 1
    """The layer that the arrays are of, from 1, the lowest."""
    layers: int = 1
    """The number of layers of the network; the verdicts are those of the whole network."""
    arrays: dict[str, NDArray[np.float32]]
    """(T, H) by the letters of `rnn_core.symbols`, of one layer.

    In a network that reads in both directions they are those of the cell that reads forwards.
    """
    answers: NDArray[np.float32]
    """The answer after each token: the head applied to the readout of what was read so far.

    It is the verdict so far, or what comes next where the network was trained to predict that.

    (T, 1) the logit of the second of two classes, (T, K) those of more. A network that reads in both
    directions read just that much, forwards and backwards.
    """
    classes: tuple[str, ...]
    """The names of the K classes, or of all that can come next, in the order of the head."""
    followed: int
    """Index of the class that is followed along the text: logits, probabilities and all that is drawn are of
    it. Of two classes it is the second one."""
    back: NDArray[np.float32] | None = None
    """(T, H) the part of the readout that comes from the end, as `read_back` returns it."""
    begin: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    """(H,) by letter: the states that came into the first time step, where these were no zeros."""

    def __post_init__(self) -> None:
        K = len(self.classes)
        if self.followed not in range(K):
            raise ConfigError(
                f"The class to follow must be given by its index, 0 to {K - 1}, got {self.followed!r}."
            )
        check_text("The network", self.review.window, self.answers, *self.arrays.values())

    def __repr__(self) -> str:
        T, H = self.arrays["h"].shape
        return f"<{self.declared.noun} with {H} units that read {T} tokens: {self.label}>"

    @property
    def declared(self) -> CellDeclaration:
        """Return the declaration of the cell."""
        return CELLS[self.cell]

    @property
    def states(self) -> dict[str, NDArray[np.float32]]:
        """(T, H) by letter: what goes from one time step to the next, h first."""
        return {letter: self.arrays[letter] for letter in self.declared.states}

    def states_before(self, time: int) -> dict[str, NDArray[np.float32]]:
        """(H,) by letter: the states that came into a time step, zeros into the first one of most cells."""
        if not time:
            return {
                letter: self.begin.get(letter, np.zeros_like(hs[0])) for letter, hs in self.states.items()
            }
        return {letter: hs[time - 1] for letter, hs in self.states.items()}

    def follow(self, followed: int) -> Self:
        """This trace with another class followed. Raises ConfigError where there is no such class."""
        return replace(self, followed=followed)

    @property
    def logits(self) -> NDArray[np.float32]:
        """(T,) log odds of the followed class after each token, log p - log(1 - p)."""
        return log_odds_of(self.answers, self.followed)

    @property
    def probabilities_of_classes(self) -> NDArray[np.float32]:
        """(T, K) probability of each class after each token; computed at each call."""
        return probabilities_of_classes(self.answers)

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """(T,) probability of the followed class after each token."""
        return probabilities_of(self.logits).astype(np.float32)

    @property
    def probability(self) -> float:
        """Probability of the followed class after the last token."""
        return float(self.probabilities[-1])

    @property
    def moves(self) -> NDArray[np.float32]:
        """(T,) how far each token moved the logit; before the first one all classes were equally probable."""
        return moves_of(self.answers, self.followed)

    @property
    def turns(self) -> dict[int, str]:
        """The name of the class that the verdict turned to, by the time step at which it did (`turns_of`)."""
        return {time: self.classes[number] for time, number in turns_of(self.answers).items()}

    @property
    def predicted(self) -> NDArray[np.int64]:
        """(T,) index of the most probable class after each token."""
        return predicted_by(self.answers)

    @property
    def coloured(self) -> tuple[int, ...]:
        """The classes that have a colour: the followed one, then the most probable others in the end.

        Of two classes the other one, of more the next `NEXT_CLASSES`.
        """
        if len(self.classes) == 2:
            return self.followed, 1 - self.followed
        ordered = np.argsort(-self.answers[-1], kind="stable").tolist()
        others = [number for number in ordered if number != self.followed]
        return self.followed, *others[:NEXT_CLASSES]

    @property
    def label(self) -> str:
        """The name of the most probable class after the last token."""
        return self.classes[self.predicted[-1]]

    def frame(self) -> "pd.DataFrame":
        """Table the verdict at each time step, norms of the states, gates over their units.

        logit, probability, those of the followed class, and of more than two classes the probability of each,
        probability_<class>; turned_to, the class to which the token turned the verdict; then the columns of
        `norms_and_gates`.
        """
        columns = {"logit": self.logits, "probability": self.probabilities, **self.class_columns}
        return self.time_table(columns | {"turned_to": self.turned_to} | self.norms_and_gates())

    def time_table(self, columns: Mapping[str, Any]) -> "pd.DataFrame":
        """Table columns (T,) with a row a time step, behind its number, its token and its word."""
        import pandas as pd  # which takes long to import

        review = self.review
        named = {"time_step": range(len(review.ids)), "token": review.window, "word": self.words_read}
        return pd.DataFrame({**named, **columns})

    @property
    def words_read(self) -> list[str | None]:
        """(T,) the word of the text at each time step; None where the window put something of its own."""
        kept = iter(self.review.tokens[self.review.kept])
        return [next(kept) if number >= UNK_ID else None for number in self.review.ids]

    @property
    def class_columns(self) -> dict[str, NDArray[np.float32]]:
        """(T,) the probability of each class by the name of its column; none where there are two classes."""
        if len(self.classes) == 2:
            return {}
        of_classes = self.probabilities_of_classes.T
        return {f"probability_{name}": values for name, values in zip(self.classes, of_classes, strict=True)}

    @property
    def turned_to(self) -> list[str | None]:
        """(T,) the class to which each token turned the verdict; None where it did not."""
        turns = self.turns
        return [turns.get(time) for time in range(len(self.answers))]

    def norms_and_gates(self) -> dict[str, NDArray[np.float32]]:
        """Return (T,) columns on the layer as a whole.

        Of each state its norm, norm_h, and the norm of what the time step changed in it, change_h; of each
        gate, or of the slope where there are none, <letter>_mean, <letter>_p10 and <letter>_p90, percentiles
        over the units.
        """
        columns: dict[str, Any] = {}
        for letter, values in self.states.items():
            columns |= {f"norm_{letter}": norms(values), f"change_{letter}": norms(changes(values))}
        for letter in (symbol.letter for symbol in self.declared.shares):
            low, high = np.percentile(self.arrays[letter], [10, 90], axis=1).astype(np.float32)
            mean = self.arrays[letter].mean(axis=1, dtype=np.float64).astype(np.float32)
            columns |= {f"{letter}_mean": mean, f"{letter}_p10": low, f"{letter}_p90": high}
        return columns

    @property
    def sides(self) -> tuple[str, str]:
        """Return the other side of the followed class, and the class: two classes, or "not x" and "x"."""
        name = self.classes[self.followed]
        return (self.classes[1 - self.followed] if len(self.classes) == 2 else f"not {name}", name)


def trace(model: Model, text: str, followed: int | None = None, layer: int | None = None) -> Trace:
    """Let a model read a text and keep everything.

    `followed` is the index of the class to follow; without it the second one of two classes, and of more the
    one that is predicted in the end. Of a network that predicts what comes next, `classes` are all that can,
    and `rnn_core.inspection.next_tokens` says how well it did. `layer` is the one whose gates and states are
    kept, from 1; without it the top one. Raises ConfigError where there is no such class or layer,
    ModelFolderError where a network of this task can't be read, EmptyReviewError for a text without a word,
    and OverflowedError.
    """
    return trace_tokens(model, tokenize(check_is_text(text), model.config.tokens), followed, layer)


def trace_tokens(
    model: Model, tokens: Sequence[str], followed: int | None = None, layer: int | None = None
) -> Trace:
    """Let a model read a text that was cut into its tokens before, as `trace` does."""
    check_can_be_read(model.name, model.config)
    if not tokens and model.config.tokens.unit == "words" and not model.config.tokens.exact:
        raise EmptyReviewError(
            "There is no word in this text: the network reads letters, digits, ! and ? only."
        )
    if not tokens:
        raise EmptyReviewError("There is no character in this text that can be seen.")
    review = read_tokens(tokens, model.vocabulary, model.config.text)
    classifier, layer = model.classifier, chosen_layer(model, layer)
    with torch.inference_mode():
        xs, packed = window_inputs(classifier, review.ids)
        cell = classifier.layers[layer - 1]
        computed = steps(cell, classifier.below(layer, xs, packed), packed)
        stacked = model.config.model.declared.complete(computed._asdict())
        hs = stacked["h"]
        if not model.config.model.bidirectional:
            hs = classifier.above(layer, hs, packed)
        back = read_back(classifier, xs)
        answers = answers_after(classifier, xs, hs, back).numpy()
    read = assembled_trace(model, review, layer, stacked, answers, cell.initial_state(1), followed)
    return read if back is None else replace(read, back=back.numpy())


def chosen_layer(model: Model, layer: int | None) -> int:
    """The layer, from 1; the top one where none is given. Raises ConfigError where there is no such layer."""
    layers = model.config.model.layers
    layer = layers if layer is None else layer
    if layer not in range(1, layers + 1):
        raise ConfigError(f"The layer must be between 1 and {layers}, got {layer!r}.")
    return layer


def assembled_trace(
    model: Model, review: ReadReview, layer: int, computed: Mapping[str, Tensor],
    answers: NDArray[np.float32], begin: State, followed: int | None = None,
) -> Trace:  # fmt: skip
    """The trace of all that a layer computed, (T, H) by letter, the answers, and the states before it."""
    if followed is None:
        followed = 1 if answers.shape[1] == 1 else int(predicted_by(answers)[-1])
    states = zip(model.config.model.declared.states, begin, strict=True)
    return Trace(
        cell=model.config.model.variant,
        layer=layer,
        layers=model.config.model.layers,
        review=review,
        arrays={letter: values.numpy() for letter, values in computed.items()},
        answers=answers,
        classes=task_of(model.config).answers(model.config, model.vocabulary),
        followed=followed,
        begin={letter: state[0].detach().numpy() for letter, state in states if state.any()},
    )


def window_inputs(classifier: Classifier, ids: Sequence[int]) -> tuple[Tensor, Packing]:
    """Return the inputs of the lowest cell over one window: (T, E), or with one-hot input the ids, (T,).

    Time step after time step is also how one review is packed.
    """
    packed = packing(torch.tensor([len(ids)]))
    return classifier.inputs(torch.tensor([ids]), packed), packed


_TEXTS_AT_ONCE = 64


class ReadBatch(NamedTuple):
    """Some texts that are read together, N time steps of them."""

    rows: NDArray[np.int64]
    """Index of each among all texts."""
    packed: Packing
    xs: Tensor
    """Inputs of the lowest cell, (N, E), or with one-hot input the ids, (N,)."""
    places: NDArray[np.int64]
    """(N,) the place of each among the ids of all texts."""


def read_in_batches(classifier: Classifier, texts: EncodedReviews) -> Iterator[ReadBatch]:
    """Every text once, the longest first."""
    for batch in evaluation_batches(texts, _TEXTS_AT_ONCE) if len(texts) else ():
        packed = packing(batch.lengths)
        with torch.inference_mode():
            xs = classifier.inputs(batch.ids, packed)
        places = texts.offsets[batch.rows[packed.rows.numpy()]] + packed.times.numpy()
        yield ReadBatch(batch.rows, packed, xs, places)


def layer_inputs(classifier: Classifier, ids: Sequence[int], layer: int) -> tuple[Tensor, Packing]:
    """Return the inputs of the cell of a layer: above the lowest the states below it, (T, D*H)."""
    xs, packed = window_inputs(classifier, ids)
    return classifier.below(layer, xs, packed), packed


def norms(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """(T, H) -> (T,), squared in 64 bits: in 32 the square of 1e-20 is none, and that of 1e20 too large."""
    return np.linalg.norm(values.astype(np.float64), axis=1).astype(values.dtype)


def changes(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the change of a state (T, H) at each time step: (T, H). The one before the first is zero."""
    return np.diff(values, axis=0, prepend=values.dtype.type(0))


def rows_at_once(T: int) -> int:
    """Return the most rows of T time steps that are read together where one review is read in many ways."""
    return max(1, min(MOST_ROWS, _MOST_TOKENS // T))


def answers_after(classifier: Classifier, xs: Tensor, hs: Tensor, back: Tensor | None = None) -> Tensor:
    """The logits as they are compared after each token, (T, 1) of two classes or (T, K).

    Given are what the lowest cell got, (T, E), the states of the top one, (T, H), and what `read_back`
    returns. A network that reads in both directions begins again at each token, since its way back starts
    there; where `back` is None it does so with all of it, and needs no states.
    """
    if not classifier.config.bidirectional:
        return compared(classifier.head(classifier.readout.so_far(hs)[0]))
    if back is not None:
        read = torch.cat([classifier.readout.so_far(hs)[0], back], dim=1)
        return compared(classifier.head(read))
    answers = [compared(classifier.answer(xs[packed.times], packed)) for packed in prefixes(len(xs))]
    return torch.cat(answers).flip(0)


def read_back(classifier: Classifier, xs: Tensor) -> Tensor | None:
    """The part of the readout that comes from the end, after each token: (T, H), given (T, E).

    None in a network without such a part, and where the two directions meet before the head: in a layer
    above, or in a readout that mixes units.
    """
    readout = classifier.readout
    if not classifier.config.bidirectional or classifier.config.layers > 1 or readout.mixes_units:
        return None
    read = [
        readout.read(classifier.backward_layers[0], xs[packed.times[packed.backwards()]], packed)
        for packed in prefixes(len(xs))
    ]
    return torch.cat(read).flip(0)


def prefixes(T: int) -> Iterator[Packing]:
    """The first T, T - 1, ..., 1 time steps as rows of batches."""
    for lengths in torch.arange(T, 0, -1).split(rows_at_once(T)):
        yield packing(lengths)


def turns_of(answers: NDArray[np.floating]) -> dict[int, int]:
    """The class that the verdict turned to, by the time step of the token that turned it, in their order.

    The verdict turns where it is decided for another class than it was before, or for the first time. It was
    turned by the token that moved the logit most towards the new class: among those after the last one that
    left the verdict decided for the old class (for the first turn: among all), up to the first one that
    decides it for the new class.

    `answers` are the logits after each token: (T, 1) of two classes, (T, K) of more.
    """
    probabilities = probabilities_of_classes(answers)
    side = np.where(probabilities.max(axis=1) > DECIDED, probabilities.argmax(axis=1), -1)  # (T,)
    decided = np.flatnonzero(side >= 0)
    moves = cache(lambda number: moves_of(answers, number))
    turns: dict[int, int] = {}
    begin, old = 0, -1
    for time, new in zip(decided.tolist(), side[decided].tolist(), strict=True):
        if new != old:
            turns[begin + int(moves(new)[begin : time + 1].argmax())] = new
        begin, old = time + 1, new
    return turns


def moves_of(answers: NDArray[np.floating], followed: int) -> NDArray[np.float32]:
    """(T,) how far each token moved the log odds of a class, from where all are equally probable."""
    nothing_read = -np.log(max(answers.shape[1], 2) - 1)
    return np.diff(log_odds_of(answers, followed), prepend=np.float32(nothing_read))
