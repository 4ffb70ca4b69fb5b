"""The settings of a sweep that reads several texts: what follows from texts suits all of them."""

from collections.abc import Collection, Sequence

from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.sweeps.sweep import Case

_LARGEST = ("vocab_size", "max_length")
"""Settings of which the largest suits the other texts, too."""


def wide_enough(base: RunConfig, cases: Sequence[Case], given: Collection[str] = ()) -> RunConfig:
    """The settings with a vocabulary and a length that suit all texts of the cases, but for those given.

    Texts that have no such settings of their own change nothing. Raises DataError as `recommendation`.
    """
    values = base.values()
    for name in dict.fromkeys(case["data"] for case in cases if "data" in case):
        corpus = corpus_named(name)
        suits = corpus.recommendation().settings
        for setting in _LARGEST:
            if setting in corpus.kept_in_bare and setting not in given:
                values[setting] = max(values[setting], suits[setting])
    return base.with_settings(**{setting: values[setting] for setting in _LARGEST})
