"""What a run will cost, said before it starts: the size of the network and the time."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import streamlit as st
import torch

from pages.components import corpora
from pages.components.words import duration, literal
from rnn_core.config import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.nn.classifier import count_parameters
from rnn_core.training.estimate import Estimate, estimate

_PATIENCE = 0.7
"""Seconds that the page waits for a measurement; a longer one appears when it is there."""
_MOST_KEPT = 100


class _Desk:
    """Measures one configuration at a time, in a thread of the server."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="estimate")
        self._futures: dict[str, Future[Estimate]] = {}

    def ask(self, config: RunConfig, corpus: Corpus) -> "Future[Estimate]":
        """The measurement of these settings, done or on its way; others that have not begun are dropped."""
        wanted = config.to_json()
        for key, future in list(self._futures.items()):
            if key != wanted and future.cancel():
                self._futures.pop(key, None)
        while len(self._futures) > _MOST_KEPT:
            self._futures.pop(next(iter(self._futures)), None)
        future = self._futures.get(wanted)
        if future is None or future.cancelled():
            future = self._futures[wanted] = self._pool.submit(_measure, config, corpus)
        return future


@st.cache_resource(show_spinner=False)
def _desk() -> _Desk:
    return _Desk()


def _measure(config: RunConfig, corpus: Corpus) -> Estimate:
    # As many as the worker will use, or the measured batch is not the one it will train on.
    torch.set_num_threads(config.training.threads or max(1, (os.cpu_count() or 1) - 1))
    return estimate(config, corpus)


def show_cost(config: RunConfig) -> None:
    """Parameters and minutes of a run with these settings."""
    corpus = corpora.opened(config.data)
    if corpus is None:
        st.markdown(f"{_parameters(count_parameters(config.model, config.text.vocab_size))}")
        return
    future = _desk().ask(config, corpus)

    @st.fragment(run_every=None if future.done() else 0.5)
    def line() -> None:
        waited = list(_wait(future))
        if not waited:
            st.markdown(
                f"{_parameters(count_parameters(config.model, config.text.vocab_size))}  \n"
                ":material/timer: measuring a batch"
            )
        elif isinstance(waited[0], Estimate):
            st.markdown(_sentence(waited[0]))
        else:
            st.warning(literal(f"No estimate: {waited[0]}."))

    line()


def _wait(future: "Future[Estimate]") -> Iterator[Estimate | BaseException]:
    """The measurement or why there is none, if it is there in time."""
    if future.cancelled():
        return
    try:
        error = future.exception(_PATIENCE)
    except TimeoutError:
        return
    yield future.result() if error is None else error


def _sentence(cost: Estimate) -> str:
    return (
        f"{_parameters(cost.parameters)}  \n"
        f":material/timer: about **{_roughly(cost.seconds)}** for {cost.optimizer_steps:,} steps, "
        "by a measured batch"
    )


def _parameters(count: int) -> str:
    return f":material/scatter_plot: **{count:,}** parameters to learn"


def _roughly(seconds: float) -> str:
    if seconds < 60:
        return f"{max(5 * round(seconds / 5), 5)} s"
    if seconds < 5_400:
        minutes = seconds / 60
        return f"{minutes:.1f} min" if minutes < 10 else f"{minutes:.0f} min"
    return duration(seconds)
