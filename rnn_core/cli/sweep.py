"""`sweep`: many runs that differ in some settings."""

from typing import Any

import click

from rnn_core.cli.shared import as_json, in_words, print_json, show_progress, told_to_end, with_settings
from rnn_core.config import DATA_SOURCES
from rnn_core.data.sources import load_corpus, prepare
from rnn_core.experiments.coordinator import coordinate
from rnn_core.experiments.kept import rebuild as rebuilt
from rnn_core.experiments.questions import QUESTIONS
from rnn_core.experiments.results import Result, Results
from rnn_core.experiments.sweep import Sweep, SweepError, grid, parse_factor, usual_base
from rnn_core.runs.process import lower_priority
from rnn_core.runs.store import Store
from rnn_core.training.estimate import estimate


@click.command()
@click.argument("name")
@click.option("--vary", multiple=True, metavar="SETTING=VALUE,VALUE", help="A factor; several make a grid.")
@click.option("--seeds", default="0", show_default=True, help="The seeds, with commas between them.")
@click.option(
    "--data", type=click.Choice(DATA_SOURCES), default="imdb", show_default=True, help="Which reviews."
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Runs at once.")
@click.option(
    "--backend",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="Processes of this machine, or the workers of a Dask cluster.",
)
@click.option("--address", default="", help="Of the scheduler of that cluster: tcp://HOST:8786.")
@click.option(
    "--rebuild", is_flag=True, help="Only make the file of results anew, from the runs in artifacts/runs."
)
@click.option("--plan", is_flag=True, help="Only say what is missing and how long it takes.")
@with_settings
@as_json
@in_words
def sweep(
    name: str, vary: tuple[str, ...], seeds: str, data: str, workers: int, backend: str, address: str,
    rebuild: bool, plan: bool, as_json: bool, **settings: Any,
) -> None:  # fmt: skip
    """Train a run for every combination of some settings, and every seed.

    Each run that has ended is a line of artifacts/results/NAME.jsonl, and a run of its own in the app.
    Without --vary, NAME is one of the questions whose answers come with the app, or a sweep that was begun
    here: it goes on where it was.
    """
    given = {setting: value for setting, value in settings.items() if value is not None}
    if (backend == "dask") != bool(address):
        raise click.UsageError("--backend dask and --address belong together: the cluster, and where it is.")
    if rebuild:
        results = rebuilt(Store(), name)
        click.echo(f"{results.path}: {len(results.all()):,} runs")
        return
    wanted = _wanted(name, vary, seeds, data, given)
    lower_priority()  # and with it that of the processes that train
    for corpus in wanted.corpora:
        show_progress(prepare(corpus))
    results = Results(name)
    missing = results.missing(wanted) if results.exists() else list(wanted.points())
    seconds = _seconds(wanted, len(missing), workers)
    click.echo(
        f"{len(missing):,} of {len(wanted.cases) * len(wanted.seeds):,} runs to do, about "
        f"{_duration(seconds)} with {workers} at once, by a measured batch of each case",
        err=True,
    )
    if plan:
        if as_json:
            print_json({"sweep": wanted.to_dict(), "missing": len(missing), "seconds": round(seconds)})
        return
    with told_to_end():
        for step in coordinate(wanted, workers, address):
            click.echo(f"{step.done:,} of {step.total:,}: {_in_a_line(step.result)}", err=as_json)
    if as_json:
        print_json({"file": str(results.path), "runs": [result.run for result in results.all()]})


def _wanted(name: str, vary: tuple[str, ...], seeds: str, data: str, given: dict[str, Any]) -> Sweep:
    if vary:
        factors = [parse_factor(words) for words in vary]
        if len(dict(factors)) < len(factors):
            raise SweepError("name each factor once, with all its values")
        return Sweep(
            name=name, base=usual_base(data, **given), cases=grid(dict(factors)), seeds=_numbers(seeds)
        )
    if given:
        raise SweepError("without --vary a sweep has settings of its own; leave the others out")
    if Results(name).exists():
        known = Results(name).sweep()
        return QUESTIONS[name].sweep if name in QUESTIONS else known
    if name not in QUESTIONS:
        raise SweepError(
            f"there is no sweep called {name}: say what to --vary, or take one of {', '.join(QUESTIONS)}"
        )
    return QUESTIONS[name].sweep


def _numbers(words: str) -> list[int]:
    try:
        return [int(word) for word in words.split(",")]
    except ValueError:
        raise SweepError(f"seeds must be whole numbers with commas between them, got {words!r}") from None


def _seconds(wanted: Sweep, missing: int, workers: int) -> float:
    """Of all runs to do, given what one of each case would take."""
    corpora = {name: load_corpus(name) for name in wanted.corpora}
    configs = [wanted.base.with_settings(**case, threads=1) for case in wanted.cases]
    each = [estimate(config, corpora[config.corpus]).seconds for config in configs]
    return sum(each) / len(each) * missing / workers


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"


def _in_a_line(result: Result) -> str:
    varied = ", ".join(f"{factor} {value}" for factor, value in result.case.items())
    if result.test_accuracy is None or result.validation_accuracy is None:
        return f"{varied}, seed {result.seed}: {result.outcome}"
    return (
        f"{varied}, seed {result.seed}: validation {result.validation_accuracy:.2%}, "
        f"test {result.test_accuracy:.2%}, {result.seconds:.0f} s"
    )
