"""Predicting the next symbol of a made-up language, whose true probability is known at each time step."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import override

from rnn_core.config.run import RunConfig
from rnn_core.config.text_settings import TextConfig
from rnn_core.data.batches import Batch
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, encode_texts_to_predict
from rnn_core.data.language_strings import LanguageStrings
from rnn_core.errors import DataError
from rnn_core.files import from_json
from rnn_core.languages.along import Along, along
from rnn_core.languages.language import Language
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.shapes import Amount, Share
from rnn_core.tasks.next_token import KeptScores, NextToken, NextTokenScores
from rnn_core.tasks.task import KeepGoing, Measure
from rnn_core.text.vocabulary import END_ID, Vocabulary

_LONGER = 300  # strings that an evaluation reads beside those of the lengths trained on

along_string = lru_cache(maxsize=8_192)(along)


class NextSymbol(NextToken):
    """The next symbol of strings of a language."""

    curves = (
        NextToken.score,
        Measure(
            "right_strings", "Strings right at each step", ".1%", ".2%", True, "of the lengths trained on"
        ),
        Measure("right_longer_strings", "Longer strings right at each step", ".1%", ".2%", True),
        Measure("bits_above_truth", "Bits above the truth", ".4f", ".5f", higher_is_better=False),
    )

    @override
    def encode(
        self, corpus: Corpus, indices: NDArray[np.int64], vocabulary: Vocabulary, config: TextConfig
    ) -> "Strings":
        strings = super().encode(corpus, indices, vocabulary, config)
        ref = corpus.ref
        if not isinstance(ref, LanguageStrings):
            raise DataError(f"Of {corpus.name} no next symbol has a known probability: it is no language.")
        longer = encode_texts_to_predict(ref.longer(_LONGER), vocabulary, config, corpus.tokens)
        of_texts = {one.name: getattr(strings, one.name) for one in fields(strings)}
        return Strings(**of_texts, language=ref.language, longer=longer)

    @override
    def evaluate(
        self,
        network: Classifier,
        texts: EncodedReviews,
        device: torch.device,
        keep_going: KeepGoing = lambda share: True,
    ) -> "NextSymbolScores":
        if not isinstance(texts, Strings):
            raise TypeError("the next symbol is predicted of strings that this task encoded")
        losses: list[NDArray[np.float64]] = []
        above: list[NDArray[np.float64]] = []
        most_probable: list[NDArray[np.bool_]] = []
        right_strings: list[bool] = []
        right_longer: list[bool] = []

        def read(batch: Batch, read: Tensor) -> None:
            for truth, given in self._beside_the_truth(network, texts.language, batch, read):
                steps = np.arange(len(given))
                losses.append(-np.log(given[steps, truth.targets]))
                most_probable.append(given.argmax(axis=1) == truth.targets)
                above.append(truth.bits_above(given))
                right_strings.append(bool(truth.right(given).all()))

        def read_longer(batch: Batch, read: Tensor) -> None:
            for truth, given in self._beside_the_truth(network, texts.language, batch, read):
                right_longer.append(bool(truth.right(given).all()))

        share = len(texts.ids) / (len(texts.ids) + len(texts.longer.ids))
        self.read_all(network, texts, device, lambda done: keep_going(share * done), read)
        self.read_all(
            network, texts.longer, device, lambda done: keep_going(share + (1 - share) * done), read_longer
        )
        loss = float(np.concatenate(losses).mean())
        return NextSymbolScores(
            bits_per_token=loss / math.log(2),
            accuracy=float(np.concatenate(most_probable).mean()),
            loss=loss,
            reviews=len(texts),
            bits_above_truth=float(np.concatenate(above).mean()),
            right_strings=float(np.mean(right_strings)),
            right_longer_strings=float(np.mean(right_longer)),
        )

    def _beside_the_truth(
        self, network: Classifier, language: Language[Any], batch: Batch, read: Tensor
    ) -> Iterator[tuple[Along, NDArray[np.float64]]]:
        """Of each string of a batch the truth and what a network gives, (T, K), as `Language.predicted`."""
        packed = packing(self.steps(batch.lengths.cpu()))
        given = network.head(read).double().softmax(dim=1).cpu().numpy()  # (N, K), <end> first
        given = np.roll(given, -1, axis=1)[packed.rows.argsort(stable=True).numpy()]
        ends = packed.lengths.cumsum(0).tolist()
        for ids, of_string in zip(batch.ids.tolist(), np.split(given, ends[:-1]), strict=True):
            T = len(of_string)
            symbols = (language.symbols[number - END_ID - 1] for number in ids[1 : T + 1] if number != END_ID)
            yield along_string(language, "".join(symbols)).first(T), of_string

    @override
    def read_scores(self, text: bytes | str, config: RunConfig) -> Mapping[str, Any]:
        return from_json(text, _KeptScores) if from_json(text, dict[str, Any]) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Strings(EncodedReviews):
    """Strings of a language as they are read."""

    language: Language[Any]
    longer: EncodedReviews
    """Strings that are longer than those a network learned from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextSymbolScores(NextTokenScores):
    """How well the next symbol was predicted."""

    bits_above_truth: float
    """Mean over the time steps of KL(truth, network), in bits."""
    right_strings: float
    """Share of the strings that were right at each time step, 0 to 1, see `Along.right`."""
    right_longer_strings: float


class _KeptScores(KeptScores):
    bits_above_truth: Amount | None
    right_strings: Share
    right_longer_strings: Share
