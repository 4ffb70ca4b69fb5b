"""Beginnings of a file with a cell of one's own invention: nothing yet, or a cell that works."""

from pathlib import Path

from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.registry import Registry

BEGINNINGS: Registry[str] = Registry(
    "beginning",
    {
        "blank": (Path(__file__).parent / "exercises" / "templates" / "blank.py").read_text("utf-8"),
        "elman": EXERCISES["1"].solution,
        "gru": EXERCISES["4"].solution,
        "lstm": EXERCISES["5"].solution,
    },
)
"""Sources by the name that `gatescope cells new NAME --from` takes."""
