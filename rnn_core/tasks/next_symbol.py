"""Predicting the next symbol of a made-up language, whose true probability is known at each time step."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import override

from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import NEXT_SYMBOL, TASKS
from rnn_core.config.text_settings import TextConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, encode_texts_to_predict, split_reviews
from rnn_core.data.language_strings import LanguageStrings
from rnn_core.data.reading import Batch
from rnn_core.errors import DataError
from rnn_core.languages.along import Along, string_truth
from rnn_core.languages.language import Language
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.shapes import Amount, Share
from rnn_core.tasks.next_token import NextToken, NextTokenScores
from rnn_core.tasks.task import AtAGlance, FurtherScore, KeepGoing, Measure, ScoreWords, Task, corpus_fact
from rnn_core.text.vocabulary import END_ID, Vocabulary

_LONGER_STRINGS = 300  # that an evaluation reads beside those of the lengths trained on

_NO_SYMBOL = " "  # of no language: symbols can be seen


@lru_cache(maxsize=8)
def _longer(ref: LanguageStrings, config: TextConfig) -> EncodedReviews:
    """The longer strings of a language, drawn and encoded once for all splits of a run."""
    vocabulary = Vocabulary([*NextSymbol.specials, *ref.symbols])
    return encode_texts_to_predict(ref.longer(_LONGER_STRINGS), vocabulary, config, ref.identity.tokens)


cached_truth = lru_cache(maxsize=2_048)(string_truth)  # those of one evaluation, and more

_RIGHT = (
    "At each step the most probable symbol is one that the rule allows, and where a bracket closes, its kind "
    "is more probable than the other one."
)
_ABOVE = Measure("bits_above_truth", "Bits above the truth", ".4f", ".5f", higher_is_better=False)
_STRINGS = Measure("right_strings", "Right strings", ".1%", ".2%", True, "right at each step")
_LONGER = Measure(
    "right_longer_strings", "Right longer strings", ".1%", ".2%", True, "longer than all it learned from"
)


def _further(measure: Measure, column: str, in_column: str, meaning: str) -> FurtherScore:
    def kept_score(scores: Mapping[str, Any]) -> float:
        kept = scores[measure.field]
        return math.nan if kept is None else float(kept)

    return FurtherScore(measure, kept_score, column, in_column, meaning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strings(EncodedReviews):
    """Strings of a language as they are read."""

    language: Language
    longer: EncodedReviews
    """Strings that are longer than those a network learned from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextSymbolScores(NextTokenScores):
    """Scores of predicting the next symbol."""

    bits_above_truth: Amount | None
    """Mean over the time steps of KL(truth, network), in bits."""
    right_strings: Share
    """Share of the strings that were right at each time step, 0 to 1, see `Along.right`."""
    right_longer_strings: Share


_Answered = tuple[Along, NDArray[np.float64]]
"""The truth along a string, and what a network gives each next symbol: (T, K), as `Language.predicted`."""


class NextSymbol(NextToken):
    """The next symbol of strings of a language."""

    token = "symbol"
    result = NextSymbolScores
    compared_by = _LONGER.field
    curves = (NextToken.score, _STRINGS, _LONGER, _ABOVE)
    further = (
        _further(
            _ABOVE,
            "Above the truth",
            "Bits above the truth on all test strings.",
            "How far its probabilities are from the true ones, in bits per symbol (the Kullback-Leibler "
            "divergence). 0 is the truth itself.",
        ),
        _further(
            _STRINGS,
            "Right strings",
            "Share of the test strings in which each step is right.",
            "Share of the test strings, as long as those it learned from, in which each step is right. "
            f"{_RIGHT}",
        ),
        _further(
            _LONGER,
            "Right, longer",
            "Share of longer strings than it learned from in which each step is right.",
            "Share of strings that are longer than all it learned from in which each step is right: they "
            "show whether it learned the rule, or only these lengths.",
        ),
    )
    at_a_glance = AtAGlance((_STRINGS, _LONGER), _ABOVE)
    words = ScoreWords(
        truth="Dotted: the truth, the mean entropy of the next symbol on the validation strings. What is "
        "random can't be predicted, so no network stays below it for long."
    )

    @property
    @override
    def variants(self) -> tuple[type[Task], ...]:
        return ()

    @override
    def for_run(self, config: RunConfig) -> Task:
        return self

    @override
    def text_truth(self, config: RunConfig, tokens: Sequence[str]) -> Along:
        language: Language = config.corpus.language
        return cached_truth(
            language, "".join(one if one in language.symbols else _NO_SYMBOL for one in tokens)
        )

    @override
    def encode(
        self, corpus: Corpus, indices: NDArray[np.int64], vocabulary: Vocabulary, config: TextConfig
    ) -> Strings:
        strings = super().encode(corpus, indices, vocabulary, config)
        ref = corpus.ref
        if not isinstance(ref, LanguageStrings):
            raise DataError(f"Of {corpus.name} no next symbol has a known probability: it is no language.")
        of_texts = {one.name: getattr(strings, one.name) for one in fields(strings)}
        return Strings(**of_texts, language=ref.language, longer=_longer(ref, config))

    @override
    def steps_beside(self, config: RunConfig) -> int:
        ref = config.corpus
        if not isinstance(ref, LanguageStrings):
            return 0
        longer = _longer(ref, config.text)
        return int(self.steps(torch.from_numpy(longer.lengths())).sum())

    @override
    def evaluate(
        self, network: Classifier, texts: EncodedReviews, keep_going: KeepGoing = lambda share: True
    ) -> NextSymbolScores:
        if not isinstance(texts, Strings):
            raise TypeError("the next symbol is predicted of strings that this task encoded")
        share = len(texts.ids) / (len(texts.ids) + len(texts.longer.ids))

        def answers(some: EncodedReviews, begun: float, part: float) -> list[_Answered]:
            found = list[_Answered]()
            for batch in self.reads(network, some, lambda done: keep_going(begun + part * done)):
                found += self._truth_and_answers(network, texts.language, *batch)
            return found

        strings, longer = answers(texts, 0.0, share), answers(texts.longer, share, 1 - share)
        losses = [-np.log(given[np.arange(len(given)), truth.targets]) for truth, given in strings]
        right = [given.argmax(axis=1) == truth.targets for truth, given in strings]
        above = [truth.bits_above(given) for truth, given in strings]
        loss = float(np.concatenate(losses).mean())
        return NextSymbolScores(
            bits_per_token=loss / math.log(2),
            accuracy=float(np.concatenate(right).mean()),
            loss=loss,
            reviews=len(texts),
            bits_above_truth=float(np.concatenate(above).mean()),
            right_strings=float(np.mean([_is_right(*one) for one in strings])),
            right_longer_strings=float(np.mean([_is_right(*one) for one in longer])),
        )

    @override
    def needs_further(self, scores: Mapping[str, Any]) -> bool:
        return bool(scores)

    @override
    def further_in_words(self, scores: Mapping[str, Any]) -> str:
        above, right, longer = (f"{one.of(scores):{one.measure.number}}" for one in self.further)
        return (
            f"That is {above} bits above the truth. Each step is right in {right} of these strings, and in "
            f"{longer} of {_LONGER_STRINGS} longer ones."
        )

    @override
    def truth(self, config: RunConfig) -> float | None:
        ref = config.corpus
        if not isinstance(ref, LanguageStrings):
            return None
        return _entropy(ref, config.training.seed, config.text.max_length)

    @override
    def right_by_guessing(self, config: RunConfig) -> float | None:
        language: Language = config.corpus.language
        return language.right_by_guessing

    def _truth_and_answers(
        self, network: Classifier, language: Language, batch: Batch, read: Tensor
    ) -> Iterator[_Answered]:
        """Yields the truth and the answers of each string of a batch."""
        packed = packing(self.steps(batch.lengths.cpu()))
        given = network.head(read).double().softmax(dim=1).cpu().numpy()  # (N, K), <end> first
        given = np.roll(given, -1, axis=1)[packed.rows.argsort(stable=True).numpy()]
        ends = packed.lengths.cumsum(0).tolist()
        for ids, of_string in zip(batch.ids.tolist(), np.split(given, ends[:-1]), strict=True):
            T = len(of_string)
            symbols = (language.symbols[number - END_ID - 1] for number in ids[1 : T + 1] if number != END_ID)
            yield cached_truth(language, "".join(symbols)).first(T), of_string


def _is_right(truth: Along, given: NDArray[np.float64]) -> bool:
    """True if each step of a string is right, and its end was asked: a window may have cut it."""
    K = given.shape[1]
    return bool(truth.right(given).all() and truth.targets[-1] == K - 1)


@corpus_fact
def _entropy(ref: LanguageStrings, seed: int, max_length: int) -> float:
    """Mean entropy of the true next symbol over the validation strings of a run, in bits."""
    corpus: Corpus = ref.load()
    entropies = [
        string_truth(ref.language, corpus.text(row)).first(max_length).entropies
        for row in split_reviews(corpus, len(corpus), seed).validation.tolist()
    ]
    return float(np.concatenate(entropies).mean())


TASKS.complete(NEXT_SYMBOL, implementation=NextSymbol)
