"""A made-up language in the app: from the click on Start to a network with its score, and reading with it."""

from collections.abc import Iterator
from urllib.parse import urlencode

from benchmarks.app.browser import SETTLED, Visitor, own_artifacts, serve
from benchmarks.app.read_page import answer
from benchmarks.app.runs import seconds_from_start
from benchmarks.bench import Measurement, middle_and_tail
from rnn_core.config.presets import COUNTING
from rnn_core.data.sources import bare_config, load_corpus
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder
from rnn_core.runs.store import Store

SYMBOLS, KEYS = 200, 15
READER = "counter"
_SCORED = "bench.labels().includes('Right strings') && bench.isAtRest()"
_CHART = "next_tokens"
_BOX, _CURSOR = "review_text_box", ".st-key-token_slider input[type=range]"


def measure_language(visitor: Visitor) -> Iterator[Measurement]:
    """The preset as it trains, then the Read page with its network; its corpus is prepared."""
    load_corpus(COUNTING.config.data)
    with own_artifacts(), serve() as server:
        config, store = COUNTING.config, Store()
        settings = {"data": config.data, **config.differences(bare_config(config.data))}
        train = f"{server.address}/train?{urlencode(settings)}"
        seconds = seconds_from_start(visitor, train, store, _SCORED)
        what = f"{COUNTING.title}, from the click to the score on the page"
        yield Measurement(what, seconds, "s", at_most=40)
        [run] = store.runs.all()
        keep_reader(Model.load(store.folder(run.id), task=None))
        keys = f"{KEYS} keys that move the cursor over {SYMBOLS} symbols, until everything is drawn"
        yield from middle_and_tail(keys, _reading(visitor, server.address), "ms", at_most=450)
        visitor.leave()


def keep_reader(model: Model) -> None:
    """Keep a network among the pretrained ones so that it reads as many symbols as are measured.

    Its weights know no length; that of its settings is the one of the strings that it is tested with.
    """
    config = model.config.with_settings(max_length=SYMBOLS + 1)  # and <start>
    save_model(pretrained_folder() / READER, config, model.vocabulary, model.classifier.state_dict())


def string() -> str:
    """The string that is read."""
    return "a" * (SYMBOLS // 2) + "b" * (SYMBOLS // 2)


def stands_at(time: int, steps: int) -> str:
    """JavaScript: whether the page has its cursor at this time step, from 0, in table, chart and panel."""
    return (
        f"bench.says('time step {time + 1} of {steps:,}') && bench.says('At time step {time + 1}') && "
        f"bench.cursor('{_CHART}').includes({time + 1}) && bench.isAtRest()"
    )


def _reading(visitor: Visitor, address: str) -> list[float]:
    """Milliseconds from each key that moves the cursor by one symbol until everything is drawn."""
    visitor.go(f"{address}/read?model={READER}")
    visitor.wait_for(SETTLED)
    visitor.paste(_BOX, string())
    visitor.wait_for(f"bench.says('of {SYMBOLS + 1}') && {SETTLED}")
    return move_cursor(visitor, SYMBOLS + 1)


def move_cursor(visitor: Visitor, steps: int) -> list[float]:
    """Milliseconds from each key that moves the cursor by one of so many time steps until all is drawn."""
    visitor.focus(_CURSOR)
    visitor.press("Home", stands_at(0, steps))  # it began somewhere else
    visitor.wait_for(SETTLED)
    answers = []
    for time_step in range(1, KEYS + 1):
        visitor.focus(_CURSOR)
        stood = visitor.press("ArrowRight", stands_at(time_step, steps))
        visitor.wait_for(SETTLED)
        answers.append(answer(stood, visitor.received_since(), _CHART).stood)
    return answers
