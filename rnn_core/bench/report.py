"""The benchmark as a table for people."""

from collections.abc import Iterable

from rnn_core.bench.row import Row
from rnn_core.machine import Machine

_HEADINGS = ("Case", "Ours", "Reference", "Ratio", "At least", "Goal", "Floor", "Peak memory", "Against")


def table(rows: Iterable[Row], machine: Machine) -> str:
    """Markdown: a line for each row, and the machine below."""
    lines = [_HEADINGS, tuple("---" for _ in _HEADINGS), *(_cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + f"\n\nMeasured on: {machine}.\n"


def _cells(row: Row) -> tuple[str, ...]:
    short = row.at_least is not None and row.ratio < row.at_least
    return (
        f"`{row.case}`",
        _time(row.ours_ms),
        _time(row.reference_ms),
        f"**{row.ratio:.2f}**" + (" (short)" if short else ""),
        _plain(row.at_least),
        _plain(row.goal),
        "" if row.floor_ms is None else _time(row.floor_ms),
        "" if row.ours_mb is None else f"{row.ours_mb:.0f} / {row.reference_mb:.0f} MB",
        row.against,
    )


def _time(milliseconds: float) -> str:
    return f"{milliseconds:.1f} ms" if milliseconds < 1_000 else f"{milliseconds / 1e3:.1f} s"


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:g}"
