"""What users feel: how long until a network knows what it is doing."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from rnn_core.bench.reference import TorchClassifier
from rnn_core.bench.row import Row
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.sources import load_corpus
from rnn_core.errors import BenchError, DataError
from rnn_core.nn.classifier import Classifier
from rnn_core.training.trainer import Trainer

_ACCURACY = 0.87
_MAX_LENGTH = 400


def learning(_rounds: int) -> Iterator[Row]:
    """Seconds of training and evaluation, the data loaded, to the first validation accuracy of 87 % on IMDB.

    Once each, since either takes minutes, with the same seed and settings; nothing where IMDB is not at hand.
    Raises BenchError where a training ends below that.
    """
    try:
        corpus = load_corpus("imdb")
    except DataError:
        return
    config = RunConfig().with_settings(cell="gru", reset="after", max_length=_MAX_LENGTH)
    yield Row(
        case="imdb-to-87",
        against=f"the same on nn.GRU padded to {_MAX_LENGTH}: up to {_ACCURACY:.0%} of validation reviews",
        ours_ms=_milliseconds(config, corpus, Classifier),
        reference_ms=_milliseconds(config, corpus, partial(TorchClassifier, padding=_MAX_LENGTH)),
        at_least=3.0,
    )


def _milliseconds(
    config: RunConfig, corpus: Corpus, network: Callable[[ModelConfig, int, int], Classifier]
) -> float:
    trainer = Trainer(config, corpus, network, looks_inside=False)
    began = time.perf_counter()
    for record in trainer:
        if record.kind == "validation" and record.score >= _ACCURACY:
            return (time.perf_counter() - began) * 1e3
    reached = "no accuracy" if trainer.kept_score is None else f"{trainer.kept_score:.1%}"
    raise BenchError(f"The training of imdb-to-87 ended below {_ACCURACY:.0%}, at {reached}.")
