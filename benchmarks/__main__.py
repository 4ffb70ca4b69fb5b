"""`python -m benchmarks app`: the app in a browser; `sweep`: what a sweep costs; `own`: a million texts;
`sentences`: few ones, beside NB-SVM; `probes`: which probes stand near composed sentences;
`memory`: the server's, while browsers click.
"""

import contextlib
import os
from collections.abc import Generator

import click

from benchmarks.app.train_page import measure_app, where_measured
from benchmarks.memory import measure_memory
from benchmarks.own_texts import TEXTS, measure_own
from benchmarks.probes import write_overlap
from benchmarks.report import Measurement, table
from benchmarks.sentences import SIZES, measure_sentences
from benchmarks.sweep import measure_sweep
from rnn_core.cli.errors import ending_on_request, in_words
from rnn_core.cli.options import as_json, which_reviews
from rnn_core.cli.output import print_json, show_progress
from rnn_core.data.composed.overlap import overlap, sentences_within
from rnn_core.data.probes.nearness import NEAR
from rnn_core.data.probes.pairs import REPORTED, STRICT, THIRD, pairs
from rnn_core.data.sources import prepare, recommended_config
from rnn_core.machine import describe_machine
from rnn_core.nn.threads import use_threads
from rnn_core.sweeps.questions import QUESTIONS


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measurements that need a checkout: the app in a real browser, sweeps with their workers."""


@main.command("app")
@as_json
@in_words
def app(as_json: bool) -> None:
    """Time the app in a real browser. Takes about three minutes.

    The Train page is looked at while a run trains on all cores, after that the Read page, with a review of
    400 tokens, and the sliders of the Data page on IMDB, where it is prepared.

    Needs the command chromium and what requirements-dev.txt lists. The run, the server and the browser are
    its own, and have ended when it ends.
    """
    use_threads(os.cpu_count() or 1)
    machine = describe_machine()
    _print(_shown_as_they_come(measure_app()), where_measured(machine), as_json)


@main.command("sweep")
@which_reviews
@as_json
@in_words
def sweep(data: str, as_json: bool) -> None:
    """Time what a sweep costs beside its runs, and what a second worker brings. Takes about five minutes.

    On two idle cores; the runs are those of the published questions, and are not kept.
    """
    show_progress(prepare(data))
    base = QUESTIONS["vocabulary"].sweep.base if data == "imdb" else recommended_config(data)
    measurements = _shown_as_they_come(measure_sweep(base))
    _print(measurements, str(describe_machine()._replace(threads=1)), as_json)


@main.command("own")
@click.option("--texts", default=TEXTS, show_default=True, help="Rows of the table that is made.")
@as_json
@in_words
def own(texts: int, as_json: bool) -> None:
    """Time a million texts of one's own: adding, the sliders of Data, training. Takes about ten minutes.

    On two idle cores, with IMDB prepared; needs the command chromium. What is made is deleted again.
    """
    use_threads(1)
    machine = describe_machine()
    _print(_shown_as_they_come(measure_own(texts)), where_measured(machine), as_json)


@main.command("sentences")
@click.option(
    "--size",
    "sizes",
    multiple=True,
    type=click.IntRange(100, 10_000),
    default=SIZES,
    show_default=True,
    help="Sentences to learn from; may be given several times.",
)
@as_json
@in_words
def sentences(sizes: tuple[int, ...], as_json: bool) -> None:
    """Score networks and NB-SVM on few sentences. Takes some minutes.

    The last sentences of IMDB's training reviews become corpora of one's own. Networks with the settings
    that suit each learn from it with two seeds, in one thread. Needs IMDB, and what requirements-dev.txt
    lists. What is made is deleted again.
    """
    use_threads(1)
    machine = describe_machine()
    _print(_shown_as_they_come(measure_sentences(sizes)), str(machine), as_json)


@main.command("memory")
@click.option("--minutes", default=60.0, show_default=True, help="How long the browsers click.")
@as_json
@in_words
def memory(minutes: float, as_json: bool) -> None:
    """Watch the server's memory while five browsers click at random. Takes an hour, or --minutes.

    Needs the command chromium and what requirements-dev.txt lists. Nothing that is clicked trains or deletes.
    """
    machine = describe_machine()
    _print(_shown_as_they_come(measure_memory(minutes)), where_measured(machine), as_json)


@main.command("probes")
@in_words
def probes() -> None:
    """Find which probes stand near composed sentences, and write the lists again. Takes half a minute.

    After a change of the probes or of the composed sentences; a test says where that is needed.
    """
    write_overlap()
    click.echo(str(overlap()))
    for name in (REPORTED, THIRD):
        near = [sentences_within(words, name) for words in range(NEAR + 1)]
        click.echo(
            f"{name}: of {2 * len(pairs(name))} sentences {near} within 0, 1, 2 words of a composed one"
        )
    click.echo(f"{STRICT}: {len(pairs(STRICT))} of {len(pairs(REPORTED))} pairs")


def _shown_as_they_come(measured: Generator[Measurement, None, None]) -> list[Measurement]:
    """All measurements; what was started for them has ended when this returns, however it does."""
    measurements = []
    with ending_on_request(), contextlib.closing(measured):
        for measurement in measured:
            click.echo(str(measurement), err=True)
            measurements.append(measurement)
    return measurements


def _print(measurements: list[Measurement], where: str, as_json: bool) -> None:
    if as_json:
        print_json([{**measurement.to_dict(), "measured_on": where} for measurement in measurements])
    else:
        click.echo(table(measurements, where), nl=False)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
