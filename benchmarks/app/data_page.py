"""The Data page: how soon everything on it follows a slider."""

from collections.abc import Iterator

from benchmarks.app.browser import SETTLED, Visitor, serve
from benchmarks.bench import Measurement, middle_and_tail
from rnn_core.config.corpora import corpus_named

PRESSES = 6
_VIEWS = {"One review": "One+review", "A batch": "A+batch", "Vocabulary": "Vocabulary", "Length": "Length"}
_SLIDERS = ("data_vocab_size", "data_max_length")
_FROM = "data_vocab_size=10000&data_max_length=128"
"""Initial values of the sliders, with steps left to the right on every corpus."""


def measure_data(visitor: Visitor) -> Iterator[Measurement]:
    """Measure keys that move a slider in each view, until the page is at rest; yield nothing where IMDB is
    not prepared.
    """
    if corpus_named("imdb").is_prepared():
        yield from measure_sliders(visitor, "imdb", "IMDB", at_most=200)


def measure_sliders(visitor: Visitor, data: str, called: str, at_most: float) -> Iterator[Measurement]:
    """Measures the sliders on a corpus that is prepared; the median is to be at most so many milliseconds."""
    with serve() as server:
        for view, written in _VIEWS.items():
            visitor.go(f"{server.address}/data?data_reviews={data}&data_view={written}&{_FROM}")
            times = _presses(visitor)
            what = f"{len(times)} keys on the sliders of Data, on {called}, {view}"
            yield from middle_and_tail(what, times, "ms", at_most=at_most)
        visitor.leave()


def _presses(visitor: Visitor) -> list[float]:
    """Milliseconds of each; the first of each slider, after which the server knows more, does not count.

    Always to the right, since the server keeps what it was asked before; so few that no end is reached.
    """
    times = []
    for slider in _SLIDERS:
        for number in range(PRESSES // len(_SLIDERS) + 1):
            visitor.wait_for(f"bench.metrics() && {SETTLED}")
            visitor.focus(f".st-key-{slider} input[type=range]")
            answered = visitor.press(
                "ArrowRight", "bench.metrics() !== bench.metricsBefore && bench.isAtRest()"
            )
            times += [answered] if number else []
    return times
