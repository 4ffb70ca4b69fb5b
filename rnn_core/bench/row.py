"""A line of the benchmark."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Ours beside a reference, measured in turns in one run."""

    case: str
    against: str
    """What was compared, in words."""
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
        """How many times faster ours is."""
        return self.reference_ms / self.ours_ms

    def to_dict(self) -> dict[str, Any]:
        """What `bench --json` prints of it: everything that was measured, and the ratio."""
        values = {name: getattr(self, name) for name in (*self.__slots__, "ratio")}
        return {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in values.items()
            if value is not None
        }
