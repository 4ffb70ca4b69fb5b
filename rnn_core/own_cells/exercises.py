"""The seven tasks of Build: what each asks and how it is checked, its template, its hints and our solution.

The texts lie in `exercises/`: `my_gru.md` has TOML, then what is asked, then what a student begins with;
`my_gru.py` is what we write.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rnn_core.files import from_value
from rnn_core.registry import Registry
from rnn_core.symbols import Role

_FOLDER = Path(__file__).with_name("exercises")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One task of Build, "Task 4" on screen."""

    number: str
    """Number of the exercise as a word, "1" to "7"."""
    title: str
    short: str
    """The title in a word or two, for the row of steps."""
    file_name: str
    """The name of the student's file, such as my_gru.py."""
    check: str = "cell"
    """The name of its check in `own_cells.check.CHECKS`."""
    expects: tuple[str, ...] = ()
    """Families of cells that are right for it, by their names in `own_cells.family_mistakes.FAMILIES`."""
    most_products: int = 0
    """The most products of matrices in a time step; 0 for any number."""
    builds_on: tuple[str, ...] = ()
    """The numbers of the tasks whose files it is checked with."""
    cells: tuple[str, ...] = ()
    """Built-in cells that are right for it, by their names in `rnn_core.symbols.CELLS`."""
    asked: str
    """Three sentences."""
    equation: str
    """LaTeX, an equation a line."""
    roles: Mapping[str, Role]
    """The roles of the letters of the equations, which give them their colours."""
    shapes: str
    """A line for each thing that comes in, goes out or is between: "x (B, E): one word of each review"."""
    template: str
    """The source that a student begins with."""
    hints: tuple[str, ...]
    """Three, each saying more than the one before, in Markdown."""
    solution: str
    """The source that we write."""


def _read_exercise(path: Path) -> Exercise:
    """Read a task from a Markdown file and the solution beside it."""
    _, head, asked, template = path.read_text("utf-8").split("+++\n", maxsplit=3)
    said = tomllib.loads(head)
    exercise: Exercise = from_value(
        {
            **said,
            "file_name": path.with_suffix(".py").name,
            "asked": " ".join(asked.split()),
            "equation": "\n".join(said["equation"]),
            "shapes": "\n".join(said["shapes"]),
            "template": template,
            "solution": path.with_suffix(".py").read_text("utf-8"),
        },
        Exercise,
    )
    return exercise


_read = sorted(map(_read_exercise, _FOLDER.glob("my_*.md")), key=lambda one: one.number)
EXERCISES: Registry[Exercise] = Registry("task", {one.number: one for one in _read})
"""The tasks by number, in their order."""

BEGINNINGS: Registry[str] = Registry(
    "beginning",
    {
        "blank": (_FOLDER / "blank.py").read_text("utf-8"),
        "elman": EXERCISES["1"].solution,
        "gru": EXERCISES["4"].solution,
        "lstm": EXERCISES["5"].solution,
    },
)
"""Sources of a cell of one's own invention by the name that `gatescope cells new NAME --from` takes."""
