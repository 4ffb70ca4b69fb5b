"""`bench`: ours beside torch's own; `bench speedrun`: how soon a network is as good as a mark."""

from typing import Annotated

import click

from rnn_core.baselines.counting import need_scikit_learn
from rnn_core.bench.compared import table
from rnn_core.bench.speedrun import MARKS, MarkOutcome, Timed, speedrun, training_line
from rnn_core.bench.speedrun import table as speedrun_table
from rnn_core.bench.suite import CASES, ROUNDS, run_benchmark
from rnn_core.cli.command import command
from rnn_core.cli.errors import ending_on_request
from rnn_core.cli.options import refuse_without_effect
from rnn_core.cli.output import answer, show_progress
from rnn_core.data.sources import load_corpus, prepare
from rnn_core.machine import describe_machine
from rnn_core.nn.threads import use_threads


@command("bench", cls=click.Group, invoke_without_command=True)
def bench(
    *,
    case: Annotated[tuple[str, ...], click.Choice(CASES)] = (),
    rounds: Annotated[int, click.IntRange(1)] = ROUNDS,
    threads: Annotated[int, click.IntRange(0)] = 0,
    as_json: bool,
) -> None:
    """Time our recurrent networks against torch's, in turns, on this machine. Takes about five minutes.

    A ratio above 1 says that ours is faster; the floor is the time of its matrix products alone.

    --case: Only this one; may be repeated.
    --rounds: How often the short cases are measured; the median counts.
    --threads: Processor threads. 0 takes all cores but one.
    """
    if (invoked := click.get_current_context().invoked_subcommand) is not None:
        before = f"before {invoked}, which has options of its own behind it"
        refuse_without_effect(before, "case", "rounds", "threads", "as_json")
        return
    use_threads(threads)
    machine = describe_machine()
    rows = []
    try:
        for row in run_benchmark(case or CASES, rounds):
            click.echo(f"{row.case}: {row.ratio:.2f} times as fast", err=True)
            rows.append(row)
    finally:  # what was measured took minutes
        measured = [{**row.to_dict(), "machine": str(machine)} for row in rows]
        answer(as_json, measured, table(rows, machine))


@command("speedrun", bench)
def speedrun_(*, seeds: Annotated[int, click.IntRange(1, 100)] = 5, as_json: bool) -> None:
    """Train on IMDB against the clock, up to two marks of test accuracy. Takes about ten minutes.

    87.0 % with one thread, 90.6 % with two: a fixed recipe each, with a fixed number of optimizer steps.
    The clock runs from loaded reviews to trained weights, and the test reviews are scored once after it.
    Beside them, once, the same network on nn.GRU padded to the maximum length with the recipe of the
    assignment, and an NB-SVM. Needs scikit-learn, which requirements-baselines.txt lists. Ctrl-C prints what
    was measured so far.

    --seeds: How many: 0, 1, ...
    """
    need_scikit_learn()
    show_progress(prepare("imdb"))
    corpus = load_corpus("imdb")
    timed: list[Timed] = []

    def take(ended: Timed) -> None:
        click.echo(training_line(ended), err=True)
        timed.append(ended)

    try:
        with ending_on_request():
            show_progress(speedrun(corpus, range(seeds)), take)
    finally:  # what was measured took minutes
        if outcomes := [outcome for mark in MARKS if (outcome := MarkOutcome.of(mark, timed)) is not None]:
            machine = describe_machine()._replace(threads=max(one.threads for one in timed))
            answer(
                as_json,
                {"machine": str(machine), "marks": [outcome.to_dict() for outcome in outcomes]},
                speedrun_table(outcomes, machine),
            )
