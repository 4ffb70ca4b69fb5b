"""Corpora by name: opening one, and the configurations to start from on it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rnn_core.config.corpora import CorpusRef, corpus_named
from rnn_core.config.identity import Identity
from rnn_core.config.run import RunConfig, defaults_for
from rnn_core.data.corpus import FILMS, Corpus
from rnn_core.errors import DataError
from rnn_core.progress import Progress


def prepare(data: str | CorpusRef, path: Path | None = None, *, again: bool = False) -> Iterator[Progress]:
    """Make a corpus ready; ends at once where it is, unless `again`. `CorpusRef.prepare` says more."""
    return corpus_named(data).prepare(path, again=again)


def load_corpus(data: str | CorpusRef) -> Corpus:
    """A corpus, prepared first where it is not or can't be read. Raises DataError."""
    corpus: Corpus = corpus_named(data).load()
    return corpus


class Recommendation(NamedTuple):
    """Settings, and why these: a sentence for each choice."""

    config: RunConfig
    reasons: tuple[str, ...]


def recommendation(data: str) -> Recommendation:
    """The settings to start from on a corpus, and why these. Raises DataError for one of the user's own that
    is gone or can't be read.
    """
    settings, identity, reasons = corpus_named(data).recommendation()
    return Recommendation(RunConfig.plain(data, identity).with_settings(**settings), reasons)


def recommended_config(data: str, identity: Identity = FILMS, task: str = "") -> RunConfig:
    """The settings to start from on a corpus; of one that is gone the defaults of this identity and task."""
    try:
        return recommendation(data).config
    except DataError:
        return RunConfig.plain(data, identity, task)


def bare_config(data: str, **settings: Any) -> RunConfig:
    """The settings without any ingredient but those given, so that what a sweep varies is alone.

    A corpus of one's own keeps its vocabulary, length and batches. Raises DataError as `recommendation`.
    """
    corpus = corpus_named(data)
    config = recommendation(data).config
    recommended = config.values()
    kept = {name: recommended[name] for name in corpus.kept_in_bare}
    bare = dataclasses.replace(config, **defaults_for(config.task))
    return bare.with_settings(**{**corpus.bare, **kept, **settings})
