"""`bench`: ours beside torch's own."""

import click

from rnn_core.bench.report import table
from rnn_core.bench.suite import CASES, ROUNDS, run_benchmark
from rnn_core.cli.errors import in_words
from rnn_core.cli.options import as_json
from rnn_core.cli.output import print_json
from rnn_core.machine import describe_machine
from rnn_core.nn.threads import use_threads


@click.command()
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
@in_words
def bench(cases: tuple[str, ...], rounds: int, threads: int, as_json: bool) -> None:
    """Time our recurrent networks against torch's, in turns, on this machine. Takes about five minutes.

    A ratio above 1 says that ours is faster; the floor is the time of its matrix products alone.
    """
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
