"""`python -m benchmarks app`: the app in a browser; `sweep`: what a sweep costs; `own`: a million texts;
`sentences`: few ones, beside NB-SVM; `probes`: which probes stand near composed sentences;
`memory`: the server's, while browsers click; `grade`: what a class handed in; `torch`, `speedrun`: what
`python -m rnn_core bench` measures.
`--keep` keeps a run, `table` prints all that were kept.
"""

import contextlib
import csv
import functools
import os
from collections.abc import Callable, Generator
from typing import Any

import click

from benchmarks.app.train_page import PARTS, measure_app, where_measured
from benchmarks.grade import AT_ONCE, ENDLESS, STUDENTS, measure_grading
from benchmarks.kept import benches, keep
from benchmarks.kept import table as kept_table
from benchmarks.memory import measure_memory
from benchmarks.own_texts import TEXTS, measure_own
from benchmarks.report import Measurement, table
from benchmarks.sentences import SIZES, measure_sentences
from benchmarks.sweep import measure_sweep
from rnn_core.baselines.counting import need_scikit_learn
from rnn_core.bench.speedrun import MARKS, Outcome
from rnn_core.bench.speedrun import speedrun as run_speedrun
from rnn_core.bench.suite import run_benchmark
from rnn_core.cli.errors import ending_on_request, in_words
from rnn_core.cli.options import as_json, which_reviews
from rnn_core.cli.output import answer, show_progress
from rnn_core.data.composed.composed import patterns_of_probes
from rnn_core.data.composed.overlap import MADE_FROM, PATTERNS, digest, overlap, sentences_within
from rnn_core.data.composed.reach import patterns_that_write, words_between
from rnn_core.data.composed.writer import grammar
from rnn_core.data.probes.pairs import COLUMNS, DISTANCES, NEAR, REPORTED, STRICT, THIRD, pairs
from rnn_core.data.sources import load_corpus, prepare, recommended_config
from rnn_core.machine import describe_machine
from rnn_core.nn.threads import use_threads
from rnn_core.progress import Progress
from rnn_core.sweeps.questions import QUESTIONS

_SEEDS = 5
Measuring = Generator[Measurement, None, None]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measurements that need a checkout: the app in a real browser, sweeps with their workers."""


def measuring(asked: Callable[..., tuple[Measuring, str]]) -> Callable[..., None]:
    """A command that prints what is measured, and on what; `asked` has the options that are its own."""

    @as_json
    @click.option("--keep", "keep_it", is_flag=True, help="Add the run to benchmarks/results.jsonl.")
    @in_words
    @functools.wraps(asked)
    def command(as_json: bool, keep_it: bool, **options: Any) -> None:
        measured, where = asked(**options)
        measurements = []
        with ending_on_request(), contextlib.closing(measured):
            for measurement in measured:
                click.echo(str(measurement), err=True)
                measurements.append(measurement)
        if keep_it:
            keep(asked.__name__, measurements, where)
        values = [{**measurement.to_dict(), "measured_on": where} for measurement in measurements]
        answer(as_json, values, table(measurements, where))

    return command


@main.command("torch")
@measuring
def torch() -> tuple[Measuring, str]:
    """Time our networks against torch's, as `python -m rnn_core bench` does. Takes about five minutes."""
    use_threads(0)
    return measure_torch(), str(describe_machine())


def measure_torch() -> Measuring:
    """Measure ours beside torch's, case by case."""
    for row in run_benchmark():
        what = f"`{row.case}`: {row.against}"
        yield Measurement(what=what, measured=row.ratio, unit="times", at_least=row.at_least)


@main.command("speedrun")
@measuring
def speedrun() -> tuple[Measuring, str]:
    """Train up to two marks, as `python -m rnn_core bench speedrun` does. Takes about ten minutes."""
    show_progress(prepare("imdb"))
    return measure_speedrun(), str(describe_machine())


def measure_speedrun() -> Measuring:
    """The seconds until each mark, and the test accuracy there. IMDB has to be prepared."""
    need_scikit_learn()
    events = run_speedrun(load_corpus("imdb"), range(_SEEDS))
    timed = [event for event in events if not isinstance(event, Progress)]
    for mark in MARKS:
        if (outcome := Outcome.of(mark, timed)) is not None:
            ours = f"{mark}, mean of {_SEEDS} seeds"
            accuracy, least = 100 * outcome.test_accuracy, 100 * mark.accuracy
            yield Measurement(what=f"{ours}: seconds", measured=outcome.seconds, unit="s")
            yield Measurement(what=f"{ours}: test accuracy", measured=accuracy, unit="%", at_least=least)


@main.command("app")
@click.option(
    "--only",
    "parts",
    multiple=True,
    type=click.Choice(list(PARTS)),
    default=list(PARTS),
    show_default=True,
    help="What is measured; may be given several times.",
)
@measuring
def app(parts: tuple[str, ...]) -> tuple[Measuring, str]:
    """Time the app in a real browser. Takes about eight minutes.

    The Train page is looked at while a run trains on all cores, after that the Read page, with a review of
    400 tokens, the sliders of the Data page on IMDB, where it is prepared, and a made-up language: the preset
    Counting, and the Read page with its network and a string of 200 symbols. At last a cell of one's
    own is saved and checked on Build, trained, and read with beside ours.

    Needs the command chromium and what requirements-dev.txt lists. The run, the server and the browser are
    its own, and have ended when it ends.
    """
    use_threads(os.cpu_count() or 1)
    return measure_app(parts), where_measured(describe_machine())


@main.command("sweep")
@which_reviews
@measuring
def sweep(data: str) -> tuple[Measuring, str]:
    """Time what a sweep costs beside its runs, and what a second worker brings. Takes about five minutes.

    On two idle cores; the runs are those of the published questions, and are not kept.
    """
    show_progress(prepare(data))
    base = QUESTIONS["vocabulary"].sweep.base if data == "imdb" else recommended_config(data)
    return measure_sweep(base), str(describe_machine()._replace(threads=1))


@main.command("own")
@click.option("--texts", default=TEXTS, show_default=True, help="Rows of the table that is made.")
@measuring
def own(texts: int) -> tuple[Measuring, str]:
    """Time a million texts of one's own: adding, the sliders of Data, training. Takes about ten minutes.

    On two idle cores, with IMDB prepared; needs the command chromium. What is made is deleted again.
    """
    use_threads(1)
    return measure_own(texts), where_measured(describe_machine())


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
@measuring
def sentences(sizes: tuple[int, ...]) -> tuple[Measuring, str]:
    """Score networks and NB-SVM on few sentences. Takes some minutes.

    The last sentences of IMDB's training reviews become corpora of one's own. Networks with the settings
    that suit each learn from it with two seeds, in one thread. Needs IMDB, and what requirements-dev.txt
    lists. What is made is deleted again.
    """
    use_threads(1)
    return measure_sentences(sizes), str(describe_machine())


@main.command("memory")
@click.option("--minutes", default=60.0, show_default=True, help="How long the browsers click.")
@measuring
def memory(minutes: float) -> tuple[Measuring, str]:
    """Watch the server's memory while five browsers click at random. Takes an hour, or --minutes.

    Needs the command chromium and what requirements-dev.txt lists. Nothing that is clicked trains or deletes.
    """
    return measure_memory(minutes), where_measured(describe_machine())


@main.command("grade")
@click.option("--students", default=STUDENTS, show_default=True, help="Students who hand in all seven tasks.")
@click.option("--endless", default=ENDLESS, show_default=True, help="Those whose GRU never ends.")
@measuring
def grade(students: int, endless: int) -> tuple[Measuring, str]:
    """Time the grading of a class on two idle cores, two students at once. Takes about four minutes.

    Their files are our solutions, some with a mistake. What is made is deleted again.
    """
    return measure_grading(students, endless), str(describe_machine()._replace(threads=AT_ONCE))


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


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
