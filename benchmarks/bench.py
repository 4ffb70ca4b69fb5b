"""Benches: a function registers itself, and is measured, kept and printed like all others.

`@bench` makes a command of a function that yields measurements; its docstring is the command's help. Each
file of this folder may have one.
"""

import contextlib
import datetime
import functools
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, TypedDict

import click

from benchmarks.app.browser import chromium_version
from rnn_core.bench.compared import markdown, percentile
from rnn_core.cli.errors import ending_on_request, errors_in_words
from rnn_core.cli.options import as_json
from rnn_core.cli.output import answer
from rnn_core.files import from_json, to_json
from rnn_core.machine import describe_machine
from rnn_core.shapes import Line, Number

_DECIMALS = {"s": 2, "KB": 1, "MB": 0, "%": 1, "points": 1, "times": 2}
RESULTS = Path(__file__).with_name("results.jsonl")
ENOUGH = 3
"""Runs on different days or machines, from which on a median is a figure."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured number."""

    what: Line
    measured: Number
    unit: Line
    """ms, s, KB (1,000 bytes), MB, %, points, times, or of how many: "of 30"."""
    at_most: Number | None = None
    """The promise in the same unit, if there is one."""
    at_least: Number | None = None

    @property
    def is_over(self) -> bool:
        """True if it is more than was promised."""
        return self.at_most is not None and self.measured > self.at_most

    def __str__(self) -> str:
        return f"{self.what}: {self.shown(self.measured)}{self._mark()}"

    def cells(self) -> tuple[str, ...]:
        """Return the figure's line of the table."""
        bounds, unit = {"at most": self.at_most, "at least": self.at_least}, f" {self.unit}"
        counted = "" if self.unit.startswith("of ") else unit
        bound = "".join(f"{words} {one:g}{counted}" for words, one in bounds.items() if one is not None)
        return self.what, f"**{self.shown(self.measured)}**{self._mark()}", bound

    def to_dict(self) -> dict[str, Any]:
        """Return the entry in the file of results."""
        known = {name: value for name, value in asdict(self).items() if value is not None}
        return known | {"measured": round(self.measured, 3)}

    def shown(self, number: float) -> str:
        """A number in its unit."""
        return f"{number:,.{_DECIMALS.get(self.unit, 0)}f} {self.unit}"

    def _mark(self) -> str:
        is_short = self.at_least is not None and self.measured < self.at_least
        return " (over)" if self.is_over else " (short)" if is_short else ""


def table(measurements: Iterable[Measurement], where: str) -> str:
    """Markdown: a line for each measurement, and below them what they were made on."""
    return markdown(("What", "Measured", "Bound"), (each.cells() for each in measurements), where)


def middle_and_tail(
    what: str,
    times: Sequence[float],
    unit: str,
    *,
    at_most: float | None = None,
    tail_at_most: float | None = None,
) -> Iterator[Measurement]:
    """The median, and the slowest of times in seconds; of those in ms what nine in ten are within."""
    yield Measurement(f"{what}, median", median(times), unit, at_most=at_most)
    tail, slow = ("90th percentile", percentile(times, 0.9)) if unit == "ms" else ("the slowest", max(times))
    yield Measurement(f"{what}, {tail}", slow, unit, at_most=tail_at_most)


class KeptRun(TypedDict):
    """A run of a benchmark."""

    bench: Line
    date: Line
    machine: Line
    measured: list[Measurement]


def keep(bench: str, measurements: Iterable[Measurement], machine: str) -> None:
    """Add a run of today to the file of results."""
    figures = [figure.to_dict() for figure in measurements]
    run = {"bench": bench, "date": datetime.date.today().isoformat(), "machine": machine, "measured": figures}
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(f"{to_json(run)}\n")


def kept_runs() -> list[KeptRun]:
    """All runs that were kept, in the order of the file."""
    return [from_json(line, KeptRun) for line in RESULTS.read_bytes().splitlines()]


def benches() -> list[str]:
    """The benchmarks of which a run was kept."""
    return list(dict.fromkeys(run["bench"] for run in kept_runs()))


def kept_table(bench: str) -> str:
    """Markdown: a line for each thing that a benchmark measures, over all runs that were kept."""
    runs = [run for run in kept_runs() if run["bench"] == bench]
    by_what: dict[str, list[tuple[KeptRun, Measurement]]] = {}
    for run in runs:
        for figure in run["measured"]:
            by_what.setdefault(figure.what, []).append((run, figure))
    return markdown(("What", "Median", "Range", "Days", "Bound"), map(_row, by_what.values())) + "\n"


def _row(measured: Sequence[tuple[KeptRun, Measurement]]) -> Sequence[str]:
    """The bound is the one of the last run."""
    numbers = [figure.measured for _, figure in measured]
    days = len({(run["date"], run["machine"]) for run, _ in measured})
    middle = replace(measured[-1][1], measured=median(numbers))
    what, shown, bound = middle.cells()
    least, greatest = middle.shown(min(numbers)), middle.shown(max(numbers))
    between = f"{least.removesuffix(f' {middle.unit}')} to {greatest}" if least != greatest else ""
    return what, shown, between, f"{days}{'' if days >= ENOUGH else ', too few'}", bound


Measuring = Generator[Measurement, None, None]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measurements that need a checkout: the app in a real browser, sweeps with their workers."""


def bench(
    name: str, *options: Callable[..., Any], in_browser: bool = False, threads: int | None = None
) -> Callable[[Callable[..., Measuring]], Callable[..., Measuring]]:
    """Register a function as a command that prints what it measures, and on what.

    `options` are those of click, for its arguments. `threads` are those that it computes with, where they
    are others than torch has at its end.
    """

    def register(measure: Callable[..., Measuring]) -> Callable[..., Measuring]:
        @as_json
        @click.option("--keep", "keep_it", is_flag=True, help="Add the run to benchmarks/results.jsonl.")
        @errors_in_words
        @functools.wraps(measure)
        def command(as_json: bool, keep_it: bool, **given: Any) -> None:
            measurements = []
            with ending_on_request(), contextlib.closing(measure(**given)) as measured:
                for measurement in measured:
                    click.echo(str(measurement), err=True)
                    measurements.append(measurement)
            machine = describe_machine()
            where = str(machine._replace(threads=threads) if threads else machine)
            if in_browser:
                where = f"{where}, Streamlit {version('streamlit')}; {chromium_version()}"
            if keep_it:
                keep(name, measurements, where)
            values = [one.to_dict() | {"over": one.is_over, "measured_on": where} for one in measurements]
            answer(as_json, values, table(measurements, where))

        main.command(name)(functools.reduce(lambda made, option: option(made), reversed(options), command))
        return measure

    return register
