"""Runs of the benchmarks that are kept, a line of a file each, and the table of their medians and ranges."""

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NotRequired, TypedDict

from benchmarks.report import Measurement
from rnn_core.bench.report import markdown
from rnn_core.files import from_json, to_json
from rnn_core.shapes import Line, Number

RESULTS = Path(__file__).with_name("results.jsonl")
ENOUGH = 3
"""Runs on different days or machines, from which on a median is a figure."""


class Figure(TypedDict):
    """A measured number of a kept run."""

    what: Line
    measured: Number
    unit: Line
    at_most: NotRequired[Number]
    at_least: NotRequired[Number]


class KeptRun(TypedDict):
    """A run of a benchmark."""

    bench: Line
    date: Line
    machine: Line
    measured: list[Figure]


def keep(bench: str, measurements: Iterable[Measurement], machine: str) -> None:
    """Add a run of today to the file of results."""
    figures: list[dict[str, Any]] = []
    for measurement in measurements:
        figure = measurement.to_dict()
        figures.append({name: figure[name] for name in Figure.__annotations__ if name in figure})
    run = {"bench": bench, "date": datetime.date.today().isoformat(), "machine": machine, "measured": figures}
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(f"{to_json(run)}\n")


def kept_runs() -> list[KeptRun]:
    """All runs that were kept, in the order of the file."""
    return [from_json(line, KeptRun) for line in RESULTS.read_bytes().splitlines()]


def benches() -> list[str]:
    """The benchmarks of which a run was kept."""
    return list(dict.fromkeys(run["bench"] for run in kept_runs()))


def table(bench: str) -> str:
    """Markdown: a line for each thing that a benchmark measures, over all runs that were kept."""
    runs = [run for run in kept_runs() if run["bench"] == bench]
    by_what: dict[str, list[tuple[KeptRun, Figure]]] = {}
    for run in runs:
        for figure in run["measured"]:
            by_what.setdefault(figure["what"], []).append((run, figure))
    return markdown(("What", "Median", "Range", "Days", "Bound"), map(_row, by_what.values())) + "\n"


def _row(measured: Sequence[tuple[KeptRun, Figure]]) -> Sequence[str]:
    """The bound is the one of the last run."""
    numbers = [figure["measured"] for _, figure in measured]
    days = len({(run["date"], run["machine"]) for run, _ in measured})
    values: dict[str, Any] = {**measured[-1][1], "measured": median(numbers)}
    middle = Measurement(**values)
    what, shown, bound = middle.cells()
    least, greatest = middle.shown(min(numbers)), middle.shown(max(numbers))
    between = f"{least.removesuffix(f' {middle.unit}')} to {greatest}" if least != greatest else ""
    return what, shown, between, f"{days}{'' if days >= ENOUGH else ', too few'}", bound
