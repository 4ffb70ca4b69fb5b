"""Networks that write: how many symbols a second, and how soon one writes words after a text was added."""

import json
import re
import subprocess
import sys
import time
from typing import Any

import click

from benchmarks.app.browser import own_artifacts
from benchmarks.app.write_page import keep_pen
from benchmarks.bench import Measurement, Measuring, bench
from rnn_core.data.sources import load_corpus
from rnn_core.nn.threads import use_threads
from rnn_core.paths import artifacts_folder
from rnn_core.writing.text import write

_NAME, _WRITTEN = "book", 2_000
_SYMBOLS, _FAST = 5_000, 3_000.0
_MINUTES, _WORDS = 4.0, 80.0
_WORD = re.compile(r"[^\W\d_]+")


@bench("writing")
def measure_writing() -> Measuring:
    """Let a GRU with 512 units write 5,000 symbols in one thread, with all that Write shows of them.

    They are drawn plainly, and with k and p.
    """
    use_threads(1)
    with own_artifacts():
        model = keep_pen()
    some: dict[str, Any] = {"top_k": 40, "top_p": 0.9}
    for what, settings in (("", {}), (", of the 40 most probable those that make up 0.9", some)):
        seconds = []
        for seed in range(3):
            began = time.perf_counter()
            write(model, length=_SYMBOLS, seed=seed, **settings).writer.trace()
            seconds.append(time.perf_counter() - began)
        yield Measurement(f"Symbols a second{what}", _SYMBOLS / min(seconds), "symbols", at_least=_FAST)


def _command(*words: str) -> str:
    """Run one of our commands; return what it printed. Raises CalledProcessError where it fails."""
    return subprocess.check_output([sys.executable, "-m", "rnn_core", *words], text=True)


@bench("book", click.option("--megabytes", default=1.0, show_default=True, help="Size of the text file."))
def measure_book(megabytes: float) -> Measuring:
    """Time three commands: add a text file, train with the settings that suit it, write 2,000 symbols.

    The file has reviews of IMDB, which must be prepared as characters. What is made is deleted again.
    """
    corpus = load_corpus("imdb-characters")
    texts = "\n\n".join(map(corpus.text, corpus.indices("training")[: round(2_000 * megabytes)]))
    text = texts.encode()[: round(1e6 * megabytes)].decode(errors="ignore")
    with own_artifacts():
        artifacts_folder().mkdir(parents=True, exist_ok=True)
        file = artifacts_folder() / f"{_NAME}.txt"
        file.write_text(text, encoding="utf-8")
        began = time.perf_counter()
        _command("data", "add", str(file), "--name", _NAME)
        run = json.loads(_command("train", "--data", _NAME, "--json"))["run"]
        written = json.loads(_command("write", run, "--length", str(_WRITTEN), "--goes-on", "--json"))
        minutes = (time.perf_counter() - began) / 60
    known, found = {*_WORD.findall(text)}, _WORD.findall(written["text"])
    what = f"A text file of {megabytes:g} MB"
    yield Measurement(
        f"{what}: from adding it to {_WRITTEN:,} written symbols", minutes, "min", at_most=_MINUTES
    )
    yield Measurement(
        f"{what}: written words that stand in it",
        100 * sum(word in known for word in found) / len(found),
        "%",
        at_least=_WORDS,
    )
