"""`python -m benchmarks app`: the app in a browser; `sweep`: what a sweep costs; `own`: a million texts;
`sentences`: few ones, beside NB-SVM; `probes`: which probes stand near composed sentences;
`memory`: the server's, while browsers click; `torch`, `speedrun`: what `python -m rnn_core bench` measures.
`--keep` keeps a run, `table` prints all that were kept.
"""

import contextlib
import csv
import os
from collections.abc import Generator

import click

from benchmarks.app.train_page import measure_app, where_measured
from benchmarks.kept import benches, keep
from benchmarks.kept import table as kept_table
from benchmarks.memory import measure_memory
from benchmarks.own_texts import TEXTS, measure_own
from benchmarks.report import Measurement, table
from benchmarks.sentences import SIZES, measure_sentences
from benchmarks.sweep import measure_sweep
from benchmarks.torch_modules import measure_speedrun, measure_torch
from rnn_core.cli.errors import ending_on_request, in_words
from rnn_core.cli.options import as_json, which_reviews
from rnn_core.cli.output import print_json, show_progress
from rnn_core.data.composed.composed import patterns_of_probes
from rnn_core.data.composed.overlap import MADE_FROM, PATTERNS, digest, overlap, sentences_within
from rnn_core.data.composed.reach import patterns_that_write, words_between
from rnn_core.data.composed.writer import grammar
from rnn_core.data.probes.pairs import COLUMNS, DISTANCES, NEAR, REPORTED, STRICT, THIRD, pairs
from rnn_core.data.sources import prepare, recommended_config
from rnn_core.machine import describe_machine
from rnn_core.nn.threads import use_threads
from rnn_core.sweeps.questions import QUESTIONS

keep_it = click.option("--keep", "keep_it", is_flag=True, help="Add the run to benchmarks/results.jsonl.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measurements that need a checkout: the app in a real browser, sweeps with their workers."""


@main.command("torch")
@as_json
@keep_it
@in_words
def torch(as_json: bool, keep_it: bool) -> None:
    """Time our networks against torch's, as `python -m rnn_core bench` does. Takes about five minutes."""
    use_threads(0)
    _print(_shown_as_they_come(measure_torch()), str(describe_machine()), as_json, keep_it)


@main.command("speedrun")
@as_json
@keep_it
@in_words
def speedrun(as_json: bool, keep_it: bool) -> None:
    """Train up to two marks, as `python -m rnn_core bench speedrun` does. Takes about ten minutes."""
    show_progress(prepare("imdb"))
    _print(_shown_as_they_come(measure_speedrun()), str(describe_machine()), as_json, keep_it)


@main.command("app")
@as_json
@keep_it
@in_words
def app(as_json: bool, keep_it: bool) -> None:
    """Time the app in a real browser. Takes about three minutes.

    The Train page is looked at while a run trains on all cores, after that the Read page, with a review of
    400 tokens, and the sliders of the Data page on IMDB, where it is prepared.

    Needs the command chromium and what requirements-dev.txt lists. The run, the server and the browser are
    its own, and have ended when it ends.
    """
    use_threads(os.cpu_count() or 1)
    machine = describe_machine()
    _print(_shown_as_they_come(measure_app()), where_measured(machine), as_json, keep_it)


@main.command("sweep")
@which_reviews
@as_json
@keep_it
@in_words
def sweep(data: str, as_json: bool, keep_it: bool) -> None:
    """Time what a sweep costs beside its runs, and what a second worker brings. Takes about five minutes.

    On two idle cores; the runs are those of the published questions, and are not kept.
    """
    show_progress(prepare(data))
    base = QUESTIONS["vocabulary"].sweep.base if data == "imdb" else recommended_config(data)
    measurements = _shown_as_they_come(measure_sweep(base))
    _print(measurements, str(describe_machine()._replace(threads=1)), as_json, keep_it)


@main.command("own")
@click.option("--texts", default=TEXTS, show_default=True, help="Rows of the table that is made.")
@as_json
@keep_it
@in_words
def own(texts: int, as_json: bool, keep_it: bool) -> None:
    """Time a million texts of one's own: adding, the sliders of Data, training. Takes about ten minutes.

    On two idle cores, with IMDB prepared; needs the command chromium. What is made is deleted again.
    """
    use_threads(1)
    machine = describe_machine()
    _print(_shown_as_they_come(measure_own(texts)), where_measured(machine), as_json, keep_it)


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
@keep_it
@in_words
def sentences(sizes: tuple[int, ...], as_json: bool, keep_it: bool) -> None:
    """Score networks and NB-SVM on few sentences. Takes some minutes.

    The last sentences of IMDB's training reviews become corpora of one's own. Networks with the settings
    that suit each learn from it with two seeds, in one thread. Needs IMDB, and what requirements-dev.txt
    lists. What is made is deleted again.
    """
    use_threads(1)
    machine = describe_machine()
    _print(_shown_as_they_come(measure_sentences(sizes)), str(machine), as_json, keep_it)


@main.command("memory")
@click.option("--minutes", default=60.0, show_default=True, help="How long the browsers click.")
@as_json
@keep_it
@in_words
def memory(minutes: float, as_json: bool, keep_it: bool) -> None:
    """Watch the server's memory while five browsers click at random. Takes an hour, or --minutes.

    Needs the command chromium and what requirements-dev.txt lists. Nothing that is clicked trains or deletes.
    """
    machine = describe_machine()
    _print(_shown_as_they_come(measure_memory(minutes)), where_measured(machine), as_json, keep_it)


@main.command("table")
@click.argument("bench", required=False)
@in_words
def show_table(bench: str | None) -> None:
    """Print the median and the range of all runs that were kept, of one BENCH or of all."""
    for name in [bench] if bench else benches():
        click.echo(f"{name}\n\n{kept_table(name)}")


@main.command("probes")
@in_words
def probes() -> None:
    """Find which probes stand near composed sentences, and write the lists again. Takes half a minute.

    After a change of the probes or of the composed sentences; a test says where that is needed.
    """
    sentences = [sentence for name in (REPORTED, THIRD) for _, *both in pairs(name) for sentence in both]
    with DISTANCES.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        rows.writerows(zip(sentences, words_between(sentences, grammar()), strict=True))
    patterns = patterns_that_write(sorted(patterns_of_probes()), grammar())
    PATTERNS.write_text("".join(f"{one}\n" for one in patterns), encoding="utf-8", newline="\n")
    MADE_FROM.write_text(f"{digest()}\n", encoding="utf-8", newline="\n")
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


def _print(measurements: list[Measurement], where: str, as_json: bool, keep_it: bool) -> None:
    if keep_it:
        keep(str(click.get_current_context().info_name), measurements, where)
    if as_json:
        print_json([{**measurement.to_dict(), "measured_on": where} for measurement in measurements])
    else:
        click.echo(table(measurements, where), nl=False)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
