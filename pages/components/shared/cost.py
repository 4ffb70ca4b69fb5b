"""The cost of a run, said before it starts: the size of the network and the time."""

import math
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared import corpora
from pages.components.shared.format import literal
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.errors import reason
from rnn_core.progress import roughly
from rnn_core.runs import ready
from rnn_core.tasks.task import task_of
from rnn_core.training.device import slower_here
from rnn_core.training.estimate import Estimate, estimate

_PATIENCE = 0.7  # seconds that the page waits for a measurement; a longer one appears when it is there
_LATELY = 5.0  # seconds; a page that waits for a measurement asks for it more often
_MOST_KEPT = 100
_COST = "cost"


class _Desk:
    """Measures one configuration at a time, in a thread of the server, for all sessions."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="estimate")
        self._futures: dict[str, Future[Estimate]] = {}
        self._wanted: dict[str, tuple[float, set[str]]] = {}
        self._lock = threading.Lock()

    def ask(self, whose: str, wanted: Sequence[tuple[RunConfig, Corpus]]) -> list["Future[Estimate]"]:
        """The measurements of these settings; what no part of a page has wanted lately is not begun."""
        keys, now = [config.to_json() for config, _ in wanted], time.monotonic()
        with self._lock:
            self._wanted[whose] = (now, set(keys))
            self._wanted = {who: (at, of) for who, (at, of) in self._wanted.items() if now - at < _LATELY}
            by_any = set().union(*(of for _, of in self._wanted.values()))
            for key, future in list(self._futures.items()):
                if key not in by_any and (future.cancel() or len(self._futures) > _MOST_KEPT):
                    del self._futures[key]
            for key, (config, corpus) in zip(keys, wanted, strict=True):
                if key not in self._futures:
                    self._futures[key] = self._pool.submit(estimate, config, corpus)
            return [self._futures[key] for key in keys]

    def close(self) -> None:
        """End the measurement that is under way, and begin no other."""
        self._pool.shutdown(cancel_futures=True)


@st.cache_resource(show_spinner=False, on_release=_Desk.close)
def _desk() -> _Desk:
    return _Desk()


def expected_seconds(whose: str, configs: Sequence[RunConfig]) -> list[float | None]:
    """Return the seconds of each run without waiting: None while measured, infinity where it can't be."""
    if any(corpora.asks_first(config.corpus) for config in configs):
        return [math.inf] * len(configs)
    opened = {name: corpora.opened(name) for name in {config.corpus for config in configs}}
    wanted = [(config, corpus) for config in configs if (corpus := opened[config.corpus]) is not None]
    if len(wanted) < len(configs):
        return [None] * len(configs)
    return [_seconds(measured) for measured in _desk().ask(whose, wanted)]


def _seconds(measured: Future[Estimate]) -> float | None:
    if not measured.done() or measured.cancelled():
        return None
    return _seconds_from_start(measured.result()) if measured.exception() is None else math.inf


def _seconds_from_start(cost: Estimate) -> float:
    """Seconds of the run, with the start of its worker where none is ready."""
    return cost.seconds + ready.place.start_up_seconds() / cost.share


def show_cost(config: RunConfig) -> None:
    """Parameters and minutes of a run with these settings, and what makes it slower than it need be."""
    if warning := slower_here(config.training.precision):
        st.caption(f":material/speed: {warning}")
    corpus = corpora.opened(config.corpus)
    if corpus is None:
        with _two_lines():
            st.markdown(_counted(config, config.text.vocab_size))
        return
    [first] = _desk().ask(_COST, [(config, corpus)])
    wait([first], timeout=_PATIENCE)
    if first.done() and not first.cancelled():
        # No fragment here: it would keep the reviews open after the page was drawn.
        _show_estimate(first)
        return

    @st.fragment(run_every=0.5)
    def measuring() -> None:
        # Asked again, since another session may have dropped it.
        [future] = _desk().ask(_COST, [(config, corpus)])
        if future.done() and not future.cancelled():
            st.rerun()  # without the timer
        known = min(config.text.vocab_size, len(corpus.words) + len(task_of(config).specials))
        with _two_lines():
            st.markdown(f"{_counted(config, known)}  \n:material/timer: measuring a batch")

    measuring()


def _counted(config: RunConfig, vocab_size: int) -> str:
    return _parameters(task_of(config).parameters(config, vocab_size))


def _two_lines() -> DeltaGenerator:
    """A place of fixed height, so that nothing below moves while a cost is measured."""
    return st.container(height=56, border=False)


def _show_estimate(measured: Future[Estimate]) -> None:
    error = measured.exception()
    if error is not None:
        st.warning(literal(f"No estimate: {reason(error)}."))
    else:
        with _two_lines().container(key="run_estimate"):  # benchmarks/app waits for it
            cost = measured.result()
            st.markdown(
                f"{_parameters(cost.parameters)}  \n:material/timer: about "
                f"**{roughly(_seconds_from_start(cost))}** for {cost.optimizer_steps:,} optimizer steps",
                help="From Start to the score on the test texts, with as much of the processor as other "
                "programs leave now. Measured on a few batches.",
            )


def _parameters(count: int) -> str:
    return f":material/scatter_plot: **{count:,}** parameters to learn"
