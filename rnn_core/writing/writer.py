"""A network that writes: it reads a beginning, and then what was chosen of what it says comes next.

A text begins at `<start>`. `<pad>`, `<start>` and `<unk>` are never written, nor `<end>` where the texts that
a network learned from have none. After `<end>` the next text begins, with the first state. Symbols are
counted from 0 over all texts, and symbol t is expected after time step t: clamps and patches mean these time
steps, and may lie beyond what is written so far. A text may be longer than the windows of the training.
"""

import copy
import itertools
from collections import deque
from collections.abc import Callable, Generator, Sequence
from functools import lru_cache
from typing import NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.errors import ConfigError
from rnn_core.inspection.clamps import Clamp, Patch, check_from_any_time, held_at
from rnn_core.inspection.next_tokens import Floats, NextTokens, log2_of, next_tokens
from rnn_core.inspection.trace import Trace, assembled_trace, chosen_layer
from rnn_core.languages.along import NONE
from rnn_core.models.model import Model, check_is_text, check_says_what_comes
from rnn_core.models.overflow import check_text, fits
from rnn_core.nn.cells import PADDING_ID, State, Step
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.holds import Hold, Holds
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps, unroll
from rnn_core.nn.sequence import steps
from rnn_core.progress import Progress, finish
from rnn_core.refusals import shown
from rnn_core.tasks.classes import compared
from rnn_core.tasks.task import task_of
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import END, PAD, SPECIAL_TOKENS, START, START_ID, UNK, UNK_ID
from rnn_core.text.window import ReadReview
from rnn_core.writing.choice import Choosing, choose, distribution, random_number

States = tuple[State, ...]
Answers = NDArray[np.float32]
HoldsAt = Callable[[int, int], Holds | None]
"""Returns all that is held from a time step on, for so many; None where that is nothing."""

_INPUTS_KEPT = 2_048
"""Products of the lowest cell's input, which a symbol that comes again needs again."""
_AHEAD = 64
"""The time steps of which holds are made together."""


class Stepper:
    """A network that reads on, a time step or a piece of a text at a time, from states that are handed in.

    T time steps, B rows, K symbols that can come next. A state of the network is one of each layer, the
    lowest first. The weights are those that it has when this is made; `held` says what is held in the layer
    with this number, from 1.
    """

    def __init__(self, network: Classifier, layer: int, held: HoldsAt) -> None:
        self.network, self.layer, self.held = network, layer, held
        with torch.inference_mode():
            self._cells = [cell.fixed() for cell in network.layers]
        self._ahead = lru_cache(maxsize=4)(self._holds_ahead)
        self._input = lru_cache(maxsize=_INPUTS_KEPT)(self._embedded)

    def _embedded(self, number: int, before: int) -> tuple[Tensor, Tensor]:
        """The lowest cell's input for a symbol, (1, E) or (1,), and its products, (1, G*H)."""
        x = self.network.embed(torch.tensor([number]), torch.tensor([before]))
        return x, self._cells[0][0](x)

    def _holds_ahead(self, block: int, rows: int) -> Callable[[int], Hold] | None:
        holds = self.held(block * _AHEAD, _AHEAD)
        return None if holds is None else holds.step_holds([rows] * _AHEAD)

    def states_of(self, every: Sequence[Step]) -> States:
        """The states after a time step, given that of each layer."""
        return tuple(step[: cell.state_size] for step, cell in zip(every, self.network.layers, strict=True))

    @torch.inference_mode()
    def step(
        self, time: int, ids: Sequence[int], before: Sequence[int], states: States
    ) -> tuple[tuple[Step, ...], Answers]:
        """All that each layer computes at one time step of B rows, and the answers, (B, 1 or K)."""
        before = before if self.network.reads_pairs else (PADDING_ID,) * len(ids)
        found = [*map(self._input, ids, before)]
        x, projected = found[0] if len(found) == 1 else tuple(map(torch.cat, zip(*found, strict=True)))
        every, hold_at = list[Step](), self._ahead(time // _AHEAD, len(ids))
        for number, (project, update) in enumerate(self._cells):
            state = states[number]
            if hold_at is not None and number + 1 == self.layer:
                step = self.network.layers[number].naive(x, state, hold_at(time % _AHEAD))
            else:
                step = update(project(x) if number else projected, state)
            every.append(step)
            x = step[0]
        return tuple(every), compared(self.network.head(x)).numpy()

    @torch.inference_mode()
    def read(
        self, first: int, ids: Sequence[int], before: int, states: States
    ) -> tuple[tuple[Step, ...], Answers]:
        """All that each layer computes at T time steps from the first on, (T, H), and the answers."""
        packed = packing(torch.tensor([len(ids)]))
        xs = self.network.inputs(torch.tensor([ids]), packed, last=torch.tensor([before]))
        every, holds = list[Step](), self.held(first, len(ids))
        for number, (cell, state) in enumerate(zip(self.network.layers, states, strict=True), 1):
            if holds is not None and number == self.layer:
                step = packed_steps(unroll(cell, xs, packed, naive=True, state=state, holds=holds))
            else:
                step = steps(cell, xs, packed, state)
            every.append(step)
            xs = step[0]
        return tuple(every), compared(self.network.head(xs)).numpy()


_BYTES_KEPT, _BYTES_BESIDE = 64 * 2**20, 4_096
"""Memory for the last time steps, to which a writer goes back without reading, and which a trace has. Each
takes some beside its numbers."""
_PIECE, _ANSWERS_AT_ONCE = 1_024, 4_000_000
"""Time steps of a piece of the beginning, and their answers together."""


class Moment(NamedTuple):
    """All that a network computed at one time step, a value to go on from."""

    steps: tuple[Step, ...]
    """Step of each layer, (1, H) each."""
    answers: Answers
    """(1 or K,) the logits of what comes next, as they are compared."""


def written(names: Sequence[str], *, ends: bool) -> NDArray[np.bool_]:
    """(K,) True for the symbols that are written: no special ones, `<end>` where texts have an end."""
    never = {*SPECIAL_TOKENS} if ends else {*SPECIAL_TOKENS, END}
    return np.array([name not in never for name in names])


class Writer:
    """A text that a network writes on, symbol by symbol.

    >>> writer = Writer(Model.load("tiny-anbn", None), "aaab")
    >>> writer.choose(Choosing(temperature=0))
    'b'
    >>> writer.write("b") < 0.1  # bits
    True
    >>> writer.back(2)
    >>> writer.symbols
    ['a', 'a', 'a']
    """

    def __init__(
        self,
        model: Model,
        beginning: str | list[str] | tuple[str, ...] = "",
        *,
        clamps: Sequence[Clamp] = (),
        patches: Sequence[Patch] = (),
        layer: int | None = None,
    ) -> None:
        """`beginning` is a text or its tokens; unknown ones are read as `<unk>`. It may be empty.

        What is held is held in `layer`, from 1, without it in the top one. Raises ModelFolderError for a
        network that does not say what comes next, ConfigError for one that can write nothing, for no such
        layer and no symbol, ClampError for what can't be held, and OverflowedError.
        """
        check_says_what_comes(model.name, model.config)
        network, layer = model.config.model, chosen_layer(model, layer)
        check_from_any_time(clamps, patches, network.declared, network.hidden_size, layer)
        self.model, self.layer, self.clamps, self.patches = model, layer, (*clamps,), (*patches,)
        self.names = task_of(model.config).answers(model.config, model.vocabulary)
        """The K symbols that can come next, in the order of the head."""
        self.column = {name: number for number, name in enumerate(self.names)}
        self.is_written = written(self.names, ends=model.config.texts_end)
        """(K,) True for the symbols that are written."""
        if not self.is_written.any():
            raise ConfigError(
                f"{model.name} can write nothing: its vocabulary has no token of the texts that it learned "
                "from. Train a network with a larger vocabulary size."
            )
        self.stepper = Stepper(model.classifier, layer, self._held)
        """The network as it goes on from states, with what is held."""
        self.symbols: list[str] = []
        """All that was read and written, `<end>` between two texts."""
        self.bits: list[float] = []
        """The surprise of each symbol, -log2 of the probability that the network gave it; nan where none."""
        self._ids: list[int] = []
        self._moments: deque[Moment] = deque()
        self._known: tuple[Answers, Floats] = np.empty(0, np.float32), np.empty(0)
        """The answers after the last symbol, and what follows from them."""
        self._begin()
        self.read(beginning if isinstance(beginning, list | tuple) else self.tokens_of(beginning))

    def tokens_of(self, text: str) -> list[str]:
        """Cuts a text into the tokens that the network reads."""
        return tokenize(check_is_text(text), self.model.config.tokens)

    def _held(self, first: int, count: int) -> Holds | None:
        is_any = any(first <= patch.at < first + count for patch in self.patches) or any(
            clamp.first < first + count and (clamp.last is None or first <= clamp.last)
            for clamp in self.clamps
        )
        shape = count, self.model.config.model.hidden_size
        return held_at(shape, self.clamps, self.patches, first) if is_any else None

    def _begin(self) -> None:
        """Reads `<start>` where nothing is read yet."""
        moment = self._stepped(0, START_ID)
        size = moment.answers.nbytes + sum(part.nbytes for step in moment.steps for part in step)
        self._moments = deque([moment], max(2, _BYTES_KEPT // (size + _BYTES_BESIDE)))

    def _before(self, number: int) -> tuple[int, States]:
        """The id and the states before one that is read: `<start>` begins again."""
        is_new = number == START_ID
        return (PADDING_ID, self.model.classifier.first_states()) if is_new else (self.last_id, self.states)

    def _stepped(self, time: int, number: int) -> Moment:
        before, states = self._before(number)
        every, [answers] = self.stepper.step(time, [number], [before], states)
        if not fits(answers):
            check_text("The network", [self.model.vocabulary.words[number]], answers[None])
        return Moment(every, answers)

    @property
    def begins(self) -> int:
        """The place in `symbols` where the text begins that it is writing: behind the last `<end>`."""
        return max((place + 1 for place, one in enumerate(self.symbols) if one == END), default=0)

    @property
    def states(self) -> States:
        """The states from which it writes on, a value: rows of (1, H) for each layer."""
        return self.stepper.states_of(self._moments[-1].steps)

    @property
    def log2(self) -> Floats:
        """(K,) log2 of the probability that the network gives each symbol to come next."""
        answers, log2 = self._known
        if answers is not self._moments[-1].answers:
            answers = self._moments[-1].answers
            self._known = answers, (log2 := log2_of(answers[None])[0])
        return log2

    @property
    def log2_of_written(self) -> Floats:
        """(K,) log2 of the probability of each symbol among those that are written; -inf for the others."""
        return self.renormalised(self.log2)

    def renormalised(self, log2: Floats) -> Floats:
        """Log probabilities (..., K) without what is never written, so that the rest adds up to 1."""
        if self.is_written.all():
            return log2
        some = np.where(self.is_written, log2, -np.inf)
        return some - np.logaddexp2.reduce(some, axis=-1, keepdims=True)

    @property
    def last_id(self) -> int:
        """The id that was read last."""
        return self._ids[-1] if self._ids else START_ID

    def probabilities(self, choosing: Choosing) -> Floats:
        """(K,) the probabilities by which the next symbol is chosen."""
        return distribution(self.log2_of_written * np.log(2), choosing)

    def choose(self, choosing: Choosing) -> str:
        """The symbol that is chosen to come next; asked again, it is the same."""
        number = random_number(choosing.seed, len(self.symbols))
        return self.names[choose(self.probabilities(choosing), number)]

    def surprise(self, symbol: str) -> float:
        """The bits of a symbol if it came next; nan for one that the network can't predict."""
        number = self.column.get(symbol, self.column.get(UNK))
        return float("nan") if number is None else 0.0 - float(self.log2[number])

    def write(self, symbol: str) -> float:
        """Goes on with a symbol; returns its bits. Raises ConfigError for no symbol, and OverflowedError."""
        bits, number = self.surprise(symbol), self._id_of(symbol)
        self._moments.append(self._stepped(len(self.symbols) + 1, number))
        self.symbols.append(symbol)
        self._ids.append(number)
        self.bits.append(bits)
        return bits

    def _id_of(self, symbol: str) -> int:
        """The id that is read where a symbol came: after `<end>` that of `<start>`. Raises ConfigError."""
        if symbol in (PAD, START):
            raise ConfigError(f"{symbol} is no symbol of a text. A text begins by itself, and behind {END}.")
        return START_ID if symbol == END else self.model.vocabulary.encode([symbol])[0]

    def read(self, tokens: Sequence[str]) -> None:
        """Reads on, by the sequence form. Raises ConfigError for no symbol, and OverflowedError."""
        finish(self.reading(tokens))

    def reading(self, tokens: Sequence[str]) -> Generator[Progress, None, None]:
        """Reads on in pieces, with how far it is after each."""
        ids = [*map(self._id_of, tokens)]
        most = max(1, min(_PIECE, _ANSWERS_AT_ONCE // len(self.names)))
        ends = [place for place, token in enumerate(tokens) if token == END]
        cuts = sorted({0, len(tokens), *range(0, len(tokens), most), *ends})
        for first, last in itertools.pairwise(cuts):
            self._read_piece(tokens[first:last], ids[first:last])
            yield Progress("Reading", last, len(tokens))

    def _read_piece(self, tokens: Sequence[str], ids: list[int]) -> None:
        """Reads tokens of which only the first one may be `<end>`."""
        last = self._moments[-1]
        every, answers = self.stepper.read(len(self.symbols) + 1, ids, *self._before(ids[0]))
        check_text("The network", tokens, answers)
        log2 = log2_of(np.concatenate([last.answers[None], answers[:-1]]))
        columns = [self.column.get(token, self.column.get(UNK, NONE)) for token in tokens]
        bits = np.where(np.array(columns) == NONE, np.nan, 0.0 - log2[np.arange(len(ids)), columns])
        self.symbols += tokens
        self.bits += bits.tolist()
        self._ids += ids
        for t in range(max(0, len(ids) - (self._moments.maxlen or 0)), len(ids)):
            steps = tuple(type(step)(*(part[t : t + 1] for part in step)) for step in every)
            self._moments.append(Moment(steps, answers[t]))

    def back(self, count: int = 1) -> None:
        """Goes back by so many symbols; what is longer ago than it kept is read again. Raises ConfigError."""
        if type(count) is not int or not 0 <= count <= len(self.symbols):
            raise ConfigError(f"It can go back by 0 to {len(self.symbols):,} symbols, got {shown(count)}.")
        left = len(self.symbols) - count
        kept, again = len(self._moments) - count, self.symbols[:left]
        del self.symbols[left:], self.bits[left:], self._ids[left:]
        if kept > min(1, left):  # a trace needs the one before, too
            while len(self._moments) > kept:
                self._moments.pop()
            return
        self.symbols, self.bits, self._ids = [], [], []
        self._begin()
        self.read(again)

    def copy(self) -> Self:
        """Returns a writer that goes on from here by itself: a branch."""
        other = copy.copy(self)
        other.symbols, other.bits, other._ids = [*self.symbols], [*self.bits], [*self._ids]
        other._moments = self._moments.copy()
        return other

    def trace(self, layer: int | None = None, last: int | None = None) -> Trace:
        """Everything the network computed along the text that it is writing, as far as that is kept.

        The numbers are those of `rnn_core.inspection.trace`, without a maximum length. Where the beginning is
        not kept, the window has no `<start>`, and `Trace.begin` has the states before it. `layer` is the one
        of gates and states, from 1; without it the one in which something may be held. `last` is the most
        symbols, of which those written last are kept.
        """
        layer, count = self.layer if layer is None else layer, len(self.symbols)
        since = self.begins
        first = max(since, count + 1 - len(self._moments), 0 if last is None else count - max(last, 1))
        is_whole = first == since
        declared = self.model.config.model.declared
        moments = list(self._moments)[first - count - 1 :]
        state = self.model.classifier.first_states()[layer - 1]
        if not is_whole:
            state = self.stepper.states_of(moments.pop(0).steps)[layer - 1]
        ids = ([START_ID] if is_whole else []) + self._ids[first:]
        review = ReadReview(
            tokens=(tokens := tuple(self.symbols[first:])),
            kept=slice(0, len(tokens)),
            unknown=tuple(number == UNK_ID for number in self._ids[first:]),
            window=tuple(self.model.vocabulary.words[number] for number in ids),
            ids=tuple(ids),
        )
        with torch.inference_mode():
            stacked = declared.complete(packed_steps(one.steps[layer - 1] for one in moments)._asdict())
        return assembled_trace(
            self.model, review, layer, stacked, np.stack([one.answers for one in moments]), state
        )

    def next_tokens(self, trace: Trace | None = None) -> NextTokens:
        """The predictions along the text that it is writing; what comes after its last symbol is open."""
        return next_tokens(self.model, trace or self.trace()).opened()
