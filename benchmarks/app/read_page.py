"""The Read page while nothing trains: what a review of 400 tokens costs, and how soon a key is answered."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median
from typing import NamedTuple

from benchmarks.app.browser import SETTLED, Message, Visitor, serve
from benchmarks.bench import Measurement, middle_and_tail
from rnn_core.data.examples import EXAMPLE_REVIEWS
from rnn_core.errors import BenchError
from rnn_core.inspection.attribution import attribute, occlusion
from rnn_core.inspection.trace import trace
from rnn_core.machine import alternate
from rnn_core.models.catalogue import find_model
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.threads import threads_here
from rnn_core.text.tokenizer import tokenize

TOKENS = 400
MODEL = "lstm"  # 128 units, and of the pretrained ones that read so much the one with most to show
KEYS = 15
_REPEATS = 5
_BOX, _CHART, _LIBRARY = "review_text_box", "reading", "gatescope_chart.js"
_WORDS = ("dull", "great")


class AfterKey(NamedTuple):
    """Answer to one key, in milliseconds after it."""

    came: float
    """Time until the chart had come from the server."""
    stood: float
    """Time until everything on the page was drawn, and the server had nothing more to say."""
    bytes: int


def measure_reading(visitor: Visitor) -> Iterator[Measurement]:
    """Everything on the Read page as it is measured, first in the browser, then without one."""
    find_model(MODEL)
    yield from _typing(visitor)
    model = Model.load(find_model(MODEL))
    for layers in (1, 2):
        yield from _computed(model if layers == 1 else stacked(model, layers), layers)


def long_text() -> str:
    """The examples until the window is full, the last one favourable, so that each word moves the verdict."""
    favourable = [number for number, example in enumerate(EXAMPLE_REVIEWS) if example.says == "positive"]
    last = favourable[-1] + 1
    words = " ".join(example.text for example in (*EXAMPLE_REVIEWS[last:], *EXAMPLE_REVIEWS[:last])).split()
    while len(tokenize(" ".join(words))) > TOKENS:
        del words[0]
    return " ".join(words)


def endings() -> list[str]:
    """Words to type behind it, so that no text stands there twice: the page keeps what it has read."""
    return [_WORDS[number % len(_WORDS)] for number in range(KEYS)]


def stands(token: str) -> str:
    """JavaScript: whether the page shows one answer in all places, to a text that ends in this token."""
    return (
        f"bench.lastToken() === '{token}' && bench.isWritten('{_CHART}', bench.verdict()) && bench.isAtRest()"
    )


def answer(stood: float, received: Sequence[Message], chart: str = _CHART) -> AfterKey:
    """Return the answer to a key, given the moment when all stood there first and the messages since the key.

    A page that runs once more after that is not at rest before what this brings has come, too.
    """
    came = [message.at for message in received if message.chart == chart]
    if not came:
        raise BenchError("The Read page answered a key without its chart.")
    return AfterKey(came[-1], max(stood, received[-1].at), sum(message.bytes for message in received))


def _typing(visitor: Visitor) -> Iterator[Measurement]:
    """Measures from the last key of a word to its answer, with the pause in which the page waits for more.

    What the word was before that key has an answer of its own, which has come by then.
    """
    with serve() as server:
        open_long_text(visitor, server.address, MODEL)
        opening, library = visitor.received(), visitor.loaded(_LIBRARY)
        answers = type_behind(visitor)
        visitor.leave()
    keys = f"{KEYS} keys behind {TOKENS} tokens on the Read page"
    came, stood = [answer.came for answer in answers], [answer.stood for answer in answers]
    yield from middle_and_tail(f"{keys}, until its chart has come from the server", came, "ms")
    yield from middle_and_tail(f"{keys}, until everything on it is drawn", stood, "ms", at_most=500)
    each = median(answer.bytes for answer in answers)
    yield Measurement("Sent per key: all of it", each / 1e3, "KB")
    sent = f"Sent since the Read page was opened, until it shows {TOKENS} tokens"
    yield Measurement(sent, sum(message.bytes for message in opening) / 1e3, "KB", at_most=1_500)
    yield Measurement("And once: plotly.js, which draws it", library / 1e3, "KB")


def open_long_text(visitor: Visitor, address: str, model: str) -> None:
    """Open the Read page with a model, and let it read the long text."""
    text = long_text()
    visitor.go(f"{address}/read?model={model}")
    visitor.wait_for(f"bench.isWritten('{_CHART}', bench.verdict()) && {SETTLED}")
    visitor.paste(_BOX, text)
    visitor.wait_for(f"{stands(tokenize(text)[-1])} && {SETTLED}")


def type_behind(visitor: Visitor) -> list[AfterKey]:
    """Measure the answer to the last key of each word that is typed behind the long text."""
    answers = []
    for word in endings():
        visitor.type(f" {word[:-1]}")
        visitor.wait_for(f"{stands(word[:-1])} && {SETTLED}")
        stood = visitor.press(word[-1], f"bench.verdict() !== bench.before && {stands(word)}")
        visitor.wait_for(SETTLED)
        answers.append(answer(stood, visitor.received_since()))
    return answers


def stacked(model: Model, layers: int) -> Model:
    """A network of the same sizes with more layers, untrained, which computes as long as a trained one."""
    config = model.config.with_settings(layers=layers)
    network = Classifier(config.model, len(model.vocabulary), len(config.classes)).eval()
    return dataclasses.replace(model, config=config, classifier=network)


def _computed(model: Model, layers: int) -> Iterator[Measurement]:
    """The pictures of one review, with as many threads as the app takes; more layers may take longer."""
    with threads_here() as threads:
        text = long_text()
        read = trace(model, text)
        parts: dict[str, tuple[Callable[[], object], int]] = {
            "A trace": (partial(trace, model, text), layers * 60),
            "Saliency and connectivity": (partial(attribute, model, read), layers * 150),
            "Occlusion of every token": (partial(occlusion, model, read), layers * 1_000),
        }
        *_, medians = alternate({name: work for name, (work, _) in parts.items()}, _REPEATS)
    network = f"{MODEL}, {model.config.model.hidden_size} units, {len(read.logits)} tokens"
    network += f", {layers} layers" if layers > 1 else ""
    network += ", 1 thread" if threads == 1 else f", {threads} threads"
    for name, (_, at_most) in parts.items():
        yield Measurement(f"{name}: {network}", medians[name], "ms", at_most=at_most)
