"""The app while a run trains on all cores: how fast it answers, what it sends, whether its charts stay.

After that, when the run has ended, come the Read page, Data, a made-up language, a cell of one's own and
networks exported as pages, each in its own module.
"""

import io
import os
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.app.browser import Frame, Message, Visitor, Watched, browse, own_artifacts, serve
from benchmarks.app.data_page import measure_data
from benchmarks.app.exported_page import measure_exported_page
from benchmarks.app.language_page import measure_language
from benchmarks.app.own_cell_page import measure_own_cell
from benchmarks.app.read_page import measure_reading
from benchmarks.app.runs import PATIENCE, seconds_from_start, stop_all
from benchmarks.app.write_page import measure_writing
from benchmarks.bench import Measurement, Measuring, bench, middle_and_tail
from rnn_core.config.text_settings import TextConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import encode_reviews, learn_vocabulary
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.errors import BenchError, DataError
from rnn_core.figures.colours import run_colour
from rnn_core.figures.curves import RAW_POINTS
from rnn_core.machine import alternate
from rnn_core.nn.threads import use_threads
from rnn_core.runs import queue
from rnn_core.runs.run import RUNNING, Run
from rnn_core.runs.store import Store
from rnn_core.text.tokenizer import tokenize

_CLICKS, _PAGE_CLICKS, _TICKS = 40, 10, 30
_PICTURE_EVERY = 0.1  # seconds
_PAUSES = (0.15, 0.65)  # seconds that a hand rests before it clicks
_FIRST_STEPS = 2 * RAW_POINTS  # by then a curve has all the points that it ever has
_REPEATS = 3
_TEXT = TextConfig(vocab_size=5_000, max_length=256)

# Small batches, since one that fills the curves sooner is measured sooner; so many epochs take minutes.
_RUN = recommended_config("verdict").with_settings(batch_size=16, epochs=20, threads=os.cpu_count() or 1)
_WATCHED = "curve_loss"
_SIDES = [list(TextConfig.settings()["truncation"].choices).index(side) for side in ("post", "pre")]
_SAME_COLOUR = 24  # of 255, in each channel: the edge of a line is blended with what is behind it
_FIRST_CHART = ("curve_loss", "inside_reach")  # of the views of a run, in their order
_LAST_CHART = ("curve_learning_rate", "inside_weight_norms")


class Tick(NamedTuple):
    """Events between two looks at the run, of which there is one every second."""

    messages: list[Message]
    frames: list[Frame]

    def bytes(self, *, of_charts: bool = False) -> int:
        """The bytes that came, of all or of charts alone."""
        return sum(message.bytes for message in self.messages if message.chart or not of_charts)


def _measure_training(visitor: Visitor) -> Iterator[Measurement]:
    """The start of the app, and the Train page while a run trains on all cores."""
    yield from _encoding()
    began = time.perf_counter()
    with serve() as server:
        visitor.go(server.address)
        seconds = time.perf_counter() - began
        yield Measurement("Start-up: the server answers", server.seconds, "s")
        yield Measurement("Start-up: Home shows its title", seconds, "s", at_most=4)
        visitor.wait_for("bench.verdict() && bench.isAtRest()")
        answered = time.perf_counter() - began
        yield Measurement("Start-up: Home has answered", answered, "s")
        visitor.leave()  # an open page takes time from the training until it is needed
        store = Store()
        load_corpus("verdict")
        seconds = seconds_from_start(visitor, f"{server.address}/train?data=verdict", store)
        yield Measurement("Start training, until its first tick", seconds, "s", at_most=4)
        run = store.create(_RUN)
        queue.start_next(store)
        try:
            _wait_for_steps(store, run)
            visitor.go(f"{server.address}/train?run={run.id}")
            visitor.wait_for(f"bench.isDrawn('{_WATCHED}') && bench.cost() && bench.isAtRest()")
            yield from _charts(visitor)
            yield from _clicks(visitor)
            yield from _page_clicks(visitor)
            yield _pace(store, run)
        finally:
            stop_all(store)


PARTS: Mapping[str, Callable[[Visitor], Iterator[Measurement]]] = {
    "train": _measure_training,
    "read": measure_reading,
    "data": measure_data,
    "language": measure_language,
    "write": measure_writing,
    "own-cell": measure_own_cell,
    "exported": measure_exported_page,
}
"""Measurements, in this order: after the first nothing trains but what is measured."""


@bench(
    "app",
    click.option(
        "--only",
        "parts",
        multiple=True,
        type=click.Choice(list(PARTS)),
        default=list(PARTS),
        show_default=True,
        help="What is measured; may be given several times.",
    ),
    in_browser=True,
)
def measure_app(parts: Sequence[str]) -> Measuring:
    """Time the app in a real browser. Takes about eight minutes.

    The Train page is looked at while a run trains on all cores, after that the Read page, with a review of
    400 tokens, the sliders of the Data page on IMDB, where it is prepared, and a made-up language: the preset
    Counting, and the Read page with its network and a string of 200 symbols. At last a cell of one's
    own is saved and checked on Build, trained, and read with beside ours.

    Needs the command chromium and what requirements-dev.txt lists. The run, the server and the browser are
    its own, and have ended when it ends.
    """
    use_threads(os.cpu_count() or 1)
    with browse() as visitor, own_artifacts():
        for part in parts:
            yield from PARTS[part](visitor)


def shows_colour(png: bytes, colour: str) -> bool:
    """True if a picture has a pixel of this colour, #rrggbb, or one that looks the same."""
    from PIL import Image  # comes with Streamlit

    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=np.int16)  # (height, width, 3)
    wanted = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)], np.int16)
    return bool((np.abs(pixels - wanted).max(axis=-1) <= _SAME_COLOUR).any())


def ticks(watched: Watched, chart: str) -> list[Tick]:
    """Return what happened between one arrival of this chart and the next."""
    begins = watched.frames[0].at
    arrivals = [message.at for message in watched.received if message.chart == chart and message.at >= begins]
    return [
        Tick(
            [message for message in watched.received if began <= message.at < ended],
            [frame for frame in watched.frames if began <= frame.at < ended],
        )
        for began, ended in pairwise(arrivals)
    ]


def _encoding() -> Iterator[Measurement]:
    """All training reviews of each corpus that is at hand, from text to tokens, from tokens to ids."""
    for data, name in (("verdict", "the verdict corpus"), ("imdb", "IMDB")):
        try:
            corpus = load_corpus(data)
        except DataError:
            continue
        training = corpus.indices("training")
        texts = [corpus.text(index) for index in training]
        reviews = f"{len(texts):,} training reviews of {name}"
        # No tokens are kept: to find room for them all would be timed, too.
        seconds = _seconds(partial(deque, map(tokenize, texts), maxlen=0), 1)
        yield Measurement(f"Tokenizing {reviews}", seconds, "s")
        yield Measurement(
            f"Encoding {reviews}: vocabulary {_TEXT.vocab_size:,}, length {_TEXT.max_length}",
            _seconds(partial(_encode, corpus, training), _REPEATS),
            "s",
        )


def _encode(corpus: Corpus, training: NDArray[np.int64]) -> None:
    encode_reviews(corpus, training, learn_vocabulary(corpus, training, _TEXT.vocab_size), _TEXT)


def _seconds(work: Callable[[], object], repeats: int) -> float:
    *_, medians = alternate({"it": work}, repeats, warm_up=False)
    return medians["it"] / 1e3


def _wait_for_steps(store: Store, run: Run) -> None:
    give_up = time.monotonic() + PATIENCE
    while (now := store.runs.get(run.id)).optimizer_step < _FIRST_STEPS:
        if not now.active:
            raise BenchError(f"The run that is looked at ended at once: {now.message}")
        if time.monotonic() > give_up:
            raise BenchError(
                f"The run that is looked at took {now.optimizer_step:,} optimizer steps in {PATIENCE:g} s. "
                "End what else keeps this machine busy, then try again."
            )
        time.sleep(0.2)


def _charts(visitor: Visitor) -> Iterator[Measurement]:
    """While nobody clicks: what a tick brings, and what the zoomed chart looks like all the while."""
    zoom = visitor.zoom(_WATCHED)
    watched = visitor.watch(_WATCHED, _TICKS, _PICTURE_EVERY)
    seen = ticks(watched, _WATCHED)[:_TICKS]
    whole, charts = (median(tick.bytes(of_charts=alone) for tick in seen) for alone in (False, True))
    yield Measurement("Sent per tick: all of it", whole / 1e3, "KB", at_most=40)
    yield Measurement("Sent per tick: its charts alone", charts / 1e3, "KB")
    lost = sum(any(frame.range != zoom for frame in tick.frames) for tick in seen)
    yield Measurement("Ticks that lost the zoom", lost, f"of {len(seen)}", at_most=0)
    empty = sum(not shows_colour(picture, run_colour(0)) for picture in watched.pictures)
    of = f"of {len(watched.pictures)}"
    yield Measurement("Pictures without a curve", empty, of, at_most=0)
    empty, of = sum(not frame.drawn for frame in watched.frames), f"of {len(watched.frames):,}"
    yield Measurement("Frames without a curve", empty, of, at_most=0)


def _clicks(visitor: Visitor) -> Iterator[Measurement]:
    """Measures from one view of the run to the other and back."""
    rng = random.Random(0)
    answers = []
    for number in range(_CLICKS):
        view = (1, 0)[number % 2]
        first, last = _FIRST_CHART[view], _LAST_CHART[view]
        visitor.wait_for(f"!bench.isDrawn('{first}') && !bench.isDrawn('{last}')")
        conditions = {"first": f"bench.isDrawn('{first}')", "last": f"bench.isDrawn('{last}')"}
        answers.append(visitor.click("run_view", view, conditions, rng.uniform(*_PAUSES), first))
    first_drawn = [answer["first"] for answer in answers]
    yield from _times("the other view", "its first chart is drawn", first_drawn, promised=True)
    # A chart that the browser still has from the last time does not come again.
    came = [answer["arrived"] for answer in answers if answer["arrived"] <= answer["first"]]
    yield from _times("the other view", "its first chart has come from the server", came)
    yield from _times("the other view", "its last chart is drawn", [answer["last"] for answer in answers])


def _page_clicks(visitor: Visitor) -> Iterator[Measurement]:
    """A click on a setting, after which the whole page runs again, and not only what is looked at.

    It has run once it is at rest with another address, which it writes on the way.
    """
    rng = random.Random(0)
    conditions = {"settled": "location.search !== bench.address && bench.isAtRest()"}
    times = []
    for number in range(_PAGE_CLICKS + 2):
        visitor.wait_for("bench.cost() && bench.isAtRest()")
        answer = visitor.click("setting_truncation", _SIDES[number % 2], conditions, rng.uniform(*_PAUSES))
        times.append(answer["settled"])
    # After the first two the page measured how long such a run would take.
    yield from _times("a setting", "the whole page has run again", times[2:])


def _times(clicked: str, what: str, times: Sequence[float], promised: bool = False) -> Iterator[Measurement]:
    """Milliseconds from pressing the button of the mouse: the median, and what nine in ten are within."""
    clicks = f"{len(times)} clicks on {clicked}, until {what}"
    most, nine_in_ten = (150, 300) if promised else (None, None)
    yield from middle_and_tail(clicks, times, "ms", at_most=most, tail_at_most=nine_in_ten)


def _pace(store: Store, run: Run) -> Measurement:
    """Measure the pace of the training meanwhile.

    Raises BenchError where it had ended before all was measured.
    """
    now = store.runs.get(run.id)
    if now.state != RUNNING or now.started is None:
        raise BenchError(f"The run that was looked at ended before all was measured: {now.message}")
    pace = now.optimizer_step / (time.time() - now.started)
    return Measurement("The run meanwhile, on all cores", pace, "optimizer steps/s")
