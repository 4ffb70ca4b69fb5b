"""A network that learns while it reads: dynamic evaluation (Mikolov et al., 2010; Krause et al., 2018).

Each block of symbols is scored before anything is learned from it, from the state in which the block before
ended. Then comes one step down the gradient g of its mean cross-entropy in nats, which is divided for each
weight by the root of the mean of g^2 over the blocks so far (RMS, as by Krause et al.), and the weights are
drawn back to the first ones, w0:

    w <- w - rate * g / (rms + 1e-4) + decay * (w0 - w)

It happens on a copy of the weights; the model itself stays as it is.
"""

import copy
import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnn_core.config.setting import Setting, Settings, setting
from rnn_core.data.corpus import Corpus
from rnn_core.errors import DataError, OverflowedError
from rnn_core.inspection.next_tokens import Floats
from rnn_core.languages.along import NONE
from rnn_core.models.model import Model, check_is_text, check_says_what_comes, splits_to_score
from rnn_core.nn.packing import packing
from rnn_core.progress import Progress, finish
from rnn_core.tasks.classes import cross_entropies
from rnn_core.tasks.task import task_of
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import END, START_ID, UNK

Tokens = str | list[str] | tuple[str, ...]
"""A text, or the tokens that it was cut into."""
BLOCK = 64
"""Symbols that are scored together, and then learned from."""
_LEAST_RMS = 1e-4
"""A part of each divisor, so that weights whose gradients are tiny hardly move."""
_BLOCK = Setting(label="The size of a block", default=BLOCK, low=1, high=1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning(Settings):
    """The settings by which a network learns while it reads; the defaults were chosen on validation texts."""

    rate: float = setting(0.0002, between=(0, 1_000))
    """Rate of learning. How far each step moves the weights. A larger one takes up what is new sooner,
    and unlearns sooner what the network knew; 0 learns nothing.
    """
    decay: float = setting(0.0, between=(0, 1))
    """Decay of learning. The share of the way back to the first weights that is gone at each step, so that
    what was read long ago counts less; 0 keeps all.
    """


class BothWays(NamedTuple):
    """The bits of the T symbols of a text, (T,) each, read in two ways; nan where a network can't predict."""

    fixed: Floats
    """Bits of the network as it is."""
    learning: Floats
    """Bits of a copy that learned from each block after it was scored."""


class LearningReader:
    """A reader that goes on learning from text to text.

    >>> reader = LearningReader(Model.load("tiny-anbn", None), rate=0.1)
    >>> reader.read("aaabbb", ends=True).shape  # bits
    (7,)
    """

    def __init__(self, model: Model, *, rate: float, decay: float = 0.0, block: int = BLOCK) -> None:
        """Copy the network; a `rate` of 0 learns nothing.

        Raises ConfigError for what is out of range, and ModelFolderError for a network that does not say what
        comes next.
        """
        check_says_what_comes(model.name, model.config)
        self.how, self.block = Learning(rate=rate, decay=decay), _BLOCK.check(block)
        network = copy.deepcopy(model.classifier).requires_grad_().eval()
        self.model = replace(model, classifier=network)
        """The network as it is by now: a copy, which can write, too."""
        self._first = [weight.detach().clone() for weight in network.parameters()]
        self._steps, self._squares = 0, [torch.zeros_like(weight) for weight in self._first]
        names = task_of(model.config).answers(model.config, model.vocabulary)
        self._column = {name: number for number, name in enumerate(names)}

    def read(self, text: Tokens, *, ends: bool = False) -> Floats:
        """(T,) the bits of each of T tokens of a text, -log2 of the probability that the network gave it.

        nan for one that it can't predict. Where the text `ends`, the last ones are those of `<end>`. Raises
        OverflowedError where the rate is too large.
        """
        return finish(self.reading(text, ends=ends))

    def reading(
        self, text: Tokens, *, ends: bool = False, done: int = 0, total: int = 0
    ) -> Generator[Progress, None, Floats]:
        """Read as `read` does, with how far it is after each block; `done` of a `total` were done before."""
        is_cut = isinstance(text, list | tuple)
        tokens = [*text] if is_cut else tokenize(check_is_text(text), self.model.config.tokens)
        targets = [*tokens, END] if ends else tokens
        ids = torch.tensor([[START_ID, *self.model.vocabulary.encode(tokens)]])  # (1, 1 + T)
        columns = np.array([self._column.get(one, self._column.get(UNK, NONE)) for one in targets], np.int64)
        bits, network = np.full(len(targets), np.nan), self.model.classifier
        begin = network.begin(torch.tensor([-1]), None)
        for first in range(0, len(targets), self.block):
            block = slice(first, min(first + self.block, len(targets)))
            row, packed = ids[:, block], packing(torch.tensor([block.stop - first]))
            hs, left = network.read_on(network.inputs(row, packed, last=begin.last), packed, begin, row)
            begin, is_asked = left.detached(), columns[block] != NONE
            if is_asked.any():
                asked = torch.from_numpy(columns[block][is_asked])
                losses = cross_entropies(network.head(hs[torch.from_numpy(is_asked)]), asked)
                bits[block][is_asked] = losses.detach().double().numpy() / math.log(2)
                if not losses.isfinite().all():
                    raise OverflowedError(
                        f"It overflows while it learns at the rate {self.how.rate:g}: choose a smaller one."
                    )
                if self.how.rate:
                    self._learn(losses.mean())
            yield Progress("Reading", done + block.stop, total or len(targets))
        return bits

    def _learn(self, loss: Tensor) -> None:
        network = self.model.classifier
        weights = list(network.parameters())
        gradients = torch.autograd.grad(loss, weights, allow_unused=True)
        self._steps += 1
        with torch.no_grad():
            for weight, first, squares, gradient in zip(
                weights, self._first, self._squares, gradients, strict=True
            ):
                if gradient is not None:
                    rms = squares.addcmul_(gradient, gradient).div(self._steps).sqrt_()
                    step = gradient / rms.add_(_LEAST_RMS)
                    weight.add_(self.how.decay * (first - weight) - self.how.rate * step)
        network.constrain()


def read_both_ways(
    model: Model, texts: Sequence[Sequence[str]], how: Learning, *, ends: bool = False
) -> Generator[Progress, None, list[BothWays]]:
    """Read each text, given as its tokens, as the network is, and with a copy that learns from it alone.

    Raises as `LearningReader` does.
    """
    total, done, bits = sum(2 * (len(text) + ends) for text in texts), 0, list[Floats]()
    for text in texts:
        for rate in (0.0, how.rate):
            reader = LearningReader(model, rate=rate, decay=how.decay)
            bits.append((yield from reader.reading([*text], ends=ends, done=done, total=total)))
            done += len(bits[-1])
    return [*map(BothWays, bits[::2], bits[1::2])]


def gains(
    model: Model, corpus: Corpus, part: str, how: Learning, *, texts: int, least: int
) -> Generator[Progress, None, dict[int, BothWays]]:
    """Read the first texts of a part that have at least so many symbols in both ways, by their numbers.

    Raises DataError where there is none, and as `LearningReader` and `splits_to_score` do.
    """
    check_says_what_comes(model.name, model.config)
    rows = getattr(splits_to_score(model, corpus, part), part)
    long = rows[corpus.lengths()[rows] >= least][:texts].tolist()
    if not long:
        raise DataError(f"No {part} {corpus.ref.nouns.text} of {corpus.name} has {least:,} symbols or more.")
    cut = [tokenize(corpus.text(row), corpus.tokens) for row in long]
    found = yield from read_both_ways(model, cut, how, ends=model.config.texts_end)
    return dict(zip(long, found, strict=True))
