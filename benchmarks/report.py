"""Measurements beside promises: a table for people, JSON for machines."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rnn_core.bench.report import markdown

_DECIMALS = {"s": 2, "KB": 1, "MB": 0, "%": 1, "points": 1, "times": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One measured number."""

    what: str
    measured: float
    unit: str
    """ms, s, KB (1,000 bytes), MB, %, points, times, or of how many: "of 30"."""
    at_most: float | None = None
    """The promise in the same unit, if there is one."""
    at_least: float | None = None

    @property
    def over(self) -> bool:
        """True if it is more than was promised."""
        return self.at_most is not None and self.measured > self.at_most

    def __str__(self) -> str:
        return f"{self.what}: {self.shown(self.measured)}{self._mark()}"

    def cells(self) -> tuple[str, ...]:
        """Its line of the table."""
        bounds = [
            f"{words} {bound:g}"
            for words, bound in (("at most", self.at_most), ("at least", self.at_least))
            if bound is not None
        ]
        counted = self.unit.startswith("of ")
        bound = "".join(bounds) + ("" if counted or not bounds else f" {self.unit}")
        return self.what, f"**{self.shown(self.measured)}**{self._mark()}", bound

    def to_dict(self) -> dict[str, Any]:
        """Return the entry in `--json`."""
        promise = {} if self.at_most is None else {"at_most": self.at_most, "over": self.over}
        if self.at_least is not None:
            promise |= {"at_least": self.at_least}
        return {"what": self.what, "measured": round(self.measured, 3), "unit": self.unit, **promise}

    def shown(self, number: float) -> str:
        """A number in its unit."""
        return f"{number:,.{_DECIMALS.get(self.unit, 0)}f} {self.unit}"

    def _mark(self) -> str:
        is_short = self.at_least is not None and self.measured < self.at_least
        return " (over)" if self.over else " (short)" if is_short else ""


def table(measurements: Iterable[Measurement], where: str) -> str:
    """Markdown: a line for each measurement, and below them what they were made on."""
    return markdown(("What", "Measured", "Bound"), (each.cells() for each in measurements), where)
