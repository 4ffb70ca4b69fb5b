"""What was measured of the app, beside what was promised, as a table for people."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_HEADINGS = ("What", "Measured", "At most")
_DECIMALS = {"s": 2, "KB": 1, "%": 1, "times": 2}


class BenchError(Exception):
    """Something that could not be measured; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppFigure:
    """One number measured of the app."""

    what: str
    measured: float
    unit: str
    """ms, s, KB (1,000 bytes), %, times, or of how many: "of 30"."""
    at_most: float | None = None
    """What was promised, in the same unit, if anything was."""

    @property
    def over(self) -> bool:
        """Whether a promise is not kept."""
        return self.at_most is not None and self.measured > self.at_most

    def __str__(self) -> str:
        return f"{self.what}: {self._shown(self.measured)}{self._mark()}"

    def cells(self) -> tuple[str, ...]:
        """Its line of the table."""
        counted = self.unit.startswith("of ")
        at_most = "" if self.at_most is None else f"{self.at_most:g}{'' if counted else f' {self.unit}'}"
        return self.what, f"**{self._shown(self.measured)}**{self._mark()}", at_most

    def to_dict(self) -> dict[str, Any]:
        """What `bench app --json` prints of it."""
        promise = {} if self.at_most is None else {"at_most": self.at_most, "over": self.over}
        return {"what": self.what, "measured": round(self.measured, 3), "unit": self.unit, **promise}

    def _shown(self, number: float) -> str:
        return f"{number:,.{_DECIMALS.get(self.unit, 0)}f} {self.unit}"

    def _mark(self) -> str:
        return " (over)" if self.over else ""


def app_table(figures: Iterable[AppFigure], where: str) -> str:
    """Markdown: a line for each figure, and below what it was measured on."""
    lines = [_HEADINGS, tuple("---" for _ in _HEADINGS), *(figure.cells() for figure in figures)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + f"\n\nMeasured on: {where}.\n"
