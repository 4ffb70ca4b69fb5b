"""Things compared, which were timed in turns: their rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from rnn_core.machine import Machine


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share (0 to 1) of them does not exceed."""
    return float(np.quantile(values, share, method="inverted_cdf"))


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRow:
    """Ours beside a reference, measured in turns in one run."""

    case: str
    against: str
    ours_ms: float
    reference_ms: float
    floor_ms: float | None = None
    """The matrix products of ours alone."""
    ours_mb: float | None = None
    """Memory that ours needs at its highest point, where it was measured."""
    reference_mb: float | None = None
    at_least: float | None = None
    """The ratio that was promised, if one was."""
    goal: float | None = None

    @property
    def ratio(self) -> float:
        """Times that ours is as fast as torch's."""
        return self.reference_ms / self.ours_ms

    def to_dict(self) -> dict[str, Any]:
        """Return the entry in `bench --json`: everything that was measured, and the ratio."""
        values = {name: getattr(self, name) for name in (*self.__slots__, "ratio")}
        return {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in values.items()
            if value is not None
        }


class Case(NamedTuple):
    """One form of ours beside a reference, both by the names under which they are timed."""

    name: str
    against: str
    reference: str = "torch"
    at_least: float | None = None
    """The ratio that is promised, if one is."""
    goal: float | None = None
    ours: str = "sequence"
    memory: Callable[[], Mapping[str, float | None]] = dict
    """Measures the memory that a row has: `ours_mb` and `reference_mb`."""


class Compared(NamedTuple):
    """Forms that are timed together, in turns, and the cases that this answers."""

    milliseconds: Callable[[int], Mapping[str, float]]
    """Rounds -> the median of each form; without those that this machine can't be asked for."""
    cases: Sequence[Case]
    where: Callable[[], str] = str
    """Says the place of the measurement, behind the name of each reference."""

    def rows(self, rounds: int) -> Iterator[BenchRow]:
        """Measure, and yield a row for each case whose forms were timed."""
        medians = self.milliseconds(rounds)
        for case in self.cases:
            if case.ours in medians and case.reference in medians:
                yield BenchRow(
                    case=case.name,
                    against=case.against + self.where(),
                    ours_ms=medians[case.ours],
                    reference_ms=medians[case.reference],
                    floor_ms=medians.get("floor"),
                    at_least=case.at_least,
                    goal=case.goal,
                    **case.memory(),
                )


def markdown(headings: Sequence[str], rows: Iterable[Sequence[str]], where: object = "") -> str:
    """A table, and below it on what it was measured."""
    lines = [headings, ["---" for _ in headings], *rows]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"{table}\n\nMeasured on: {where}." if where else table


_HEADINGS = ("Case", "Ours", "Reference", "Ratio", "At least", "Goal", "Floor", "Peak memory", "Against")


def table(rows: Iterable[BenchRow], machine: Machine) -> str:
    """Markdown: a line for each row, and the machine below."""
    return markdown(_HEADINGS, map(_cells, rows), machine)


def _cells(row: BenchRow) -> Sequence[str]:
    short = row.at_least is not None and row.ratio < row.at_least
    return (
        f"`{row.case}`",
        _time(row.ours_ms),
        _time(row.reference_ms),
        f"**{row.ratio:.2f}**" + (" (short)" if short else ""),
        *("" if bound is None else f"{bound:g}" for bound in (row.at_least, row.goal)),
        "" if row.floor_ms is None else _time(row.floor_ms),
        "" if row.ours_mb is None else f"{row.ours_mb:.0f} / {row.reference_mb:.0f} MB",
        row.against,
    )


def _time(milliseconds: float) -> str:
    return f"{milliseconds:.1f} ms" if milliseconds < 1_000 else f"{milliseconds / 1e3:.1f} s"
