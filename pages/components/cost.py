"""What a run will cost, said before it starts: the size of the network and the time."""

from concurrent.futures import Future, ThreadPoolExecutor, wait

import streamlit as st

from pages.components import corpora
from pages.components.words import duration, literal
from rnn_core.config import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.nn.classifier import count_parameters
from rnn_core.text.vocabulary import SPECIAL_TOKENS
from rnn_core.training.estimate import Estimate, estimate

_PATIENCE = 0.7
"""Seconds that the page waits for a measurement; a longer one appears when it is there."""
_EVERY = 0.5  # seconds
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
        known = self._futures.get(wanted)
        if known is not None and not known.cancelled():
            return known
        future = self._futures[wanted] = self._pool.submit(estimate, config, corpus)
        return future


@st.cache_resource(show_spinner=False)
def _desk() -> _Desk:
    return _Desk()


def expected_seconds(config: RunConfig) -> float | None:
    """How long a run with these settings takes, as soon as that was measured; it does not wait."""
    corpus = corpora.opened(config.corpus)
    if corpus is None:
        return None
    measured = _desk().ask(config, corpus)
    is_known = measured.done() and not measured.cancelled() and measured.exception() is None
    return measured.result().seconds if is_known else None


def show_cost(config: RunConfig) -> None:
    """Parameters and minutes of a run with these settings."""
    corpus = corpora.opened(config.corpus)
    if corpus is None:
        st.markdown(_parameters(count_parameters(config.model, config.text.vocab_size)))
        return
    first = _desk().ask(config, corpus)
    wait([first], timeout=_PATIENCE)
    if first.done() and not first.cancelled():
        # No fragment here: it would keep the reviews open after the page was drawn.
        _show_estimate(first)
        return

    @st.fragment(run_every=_EVERY)
    def measuring() -> None:
        future = _desk().ask(config, corpus)  # asked anew, since another session may have dropped it
        if future.done() and not future.cancelled():
            st.rerun()  # without the timer
        known = min(config.text.vocab_size, len(corpus.words) + len(SPECIAL_TOKENS))
        parameters = count_parameters(config.model, known)
        st.markdown(f"{_parameters(parameters)}  \n:material/timer: measuring a batch")

    measuring()


def _show_estimate(measured: Future[Estimate]) -> None:
    error = measured.exception()
    if error is not None:
        st.warning(literal(f"No estimate: {error}."))
    else:
        st.markdown(_sentence(measured.result()))


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
