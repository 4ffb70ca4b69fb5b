"""`bench`: ours beside torch's own; `bench app`: the app in a browser; `bench sweep`: what a sweep costs."""

import contextlib
import os
from collections.abc import Generator

import click

from rnn_core.bench.app import measure_app, where_measured
from rnn_core.bench.app_report import AppFigure, app_table
from rnn_core.bench.report import table
from rnn_core.bench.suite import CASES, ROUNDS, run_benchmark
from rnn_core.cli.shared import (
    as_json,
    in_words,
    print_json,
    refuse_without_effect,
    show_progress,
    told_to_end,
)
from rnn_core.config import DATA_SOURCES, default_config
from rnn_core.data.sources import prepare
from rnn_core.experiments.overhead import measure_sweep
from rnn_core.experiments.questions import QUESTIONS
from rnn_core.machine import describe_machine
from rnn_core.nn.threads import use_threads


@click.group(invoke_without_command=True)
@click.option(
    "--case", "cases", type=click.Choice(CASES), multiple=True, help="Only this one; may be repeated."
)
@click.option(
    "--rounds",
    type=click.IntRange(1),
    default=ROUNDS,
    show_default=True,
    help="How often the short cases are measured; the median counts.",
)
@click.option(
    "--threads", type=click.IntRange(0), default=0, help="Processor threads. 0 takes all cores but one."
)
@as_json
@click.pass_context
@in_words
def bench(context: click.Context, cases: tuple[str, ...], rounds: int, threads: int, as_json: bool) -> None:
    """Time our recurrent networks against torch's, in turns, on this machine. Takes about five minutes.

    A ratio above 1 says that ours is faster; the floor is the time of its matrix products alone.
    """
    if context.invoked_subcommand is not None:
        refuse_without_effect(f"before {context.invoked_subcommand}", "cases", "rounds", "threads", "as_json")
        return
    use_threads(threads)
    machine = describe_machine()
    rows = []
    try:
        for row in run_benchmark(cases or CASES, rounds):
            click.echo(f"{row.case}: {row.ratio:.2f} times as fast", err=True)
            rows.append(row)
    finally:  # what was measured took minutes
        if as_json:
            print_json([{**row.to_dict(), "machine": str(machine)} for row in rows])
        else:
            click.echo(table(rows, machine), nl=False)


@bench.command("app")
@as_json
@in_words
def bench_app(as_json: bool) -> None:
    """Time the app in a real browser. Takes about three minutes.

    The Train page is looked at while a run trains on all cores, after that the Read page, with a review of
    400 tokens, and the sliders of the Data page on IMDB, where it is prepared.

    Needs the command chromium and what requirements-dev.txt lists. The run, the server and the browser are
    its own, and have ended when it ends.
    """
    use_threads(os.cpu_count() or 1)
    machine = describe_machine()
    _print_figures(_shown_as_they_come(measure_app()), where_measured(machine), as_json)


@bench.command("sweep")
@click.option(
    "--data", type=click.Choice(DATA_SOURCES), default="imdb", show_default=True, help="Which reviews."
)
@as_json
@in_words
def bench_sweep(data: str, as_json: bool) -> None:
    """Time what a sweep costs beside its runs, and what a second worker brings. Takes about five minutes.

    On two idle cores; the runs are those of the published questions, and are not kept.
    """
    show_progress(prepare(data))
    base = QUESTIONS["vocabulary"].sweep.base if data == "imdb" else default_config(data)
    figures = _shown_as_they_come(measure_sweep(base))
    _print_figures(figures, str(describe_machine()._replace(threads=1)), as_json)


def _shown_as_they_come(measured: Generator[AppFigure, None, None]) -> list[AppFigure]:
    """All figures; what was started to measure them has ended when this returns, however it does."""
    figures = []
    with told_to_end(), contextlib.closing(measured):
        for figure in measured:
            click.echo(str(figure), err=True)
            figures.append(figure)
    return figures


def _print_figures(figures: list[AppFigure], where: str, as_json: bool) -> None:
    if as_json:
        print_json([{**figure.to_dict(), "measured_on": where} for figure in figures])
    else:
        click.echo(app_table(figures, where), nl=False)
