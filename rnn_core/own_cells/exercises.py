"""The seven tasks of Build: what each asks, its template, its hints and our solution.

The texts lie in `exercises/`: `my_gru.md` has TOML above what is asked, `templates/my_gru.py` is what a
student begins with, `solutions/my_gru.py` is what we write.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rnn_core.registry import Registry
from rnn_core.symbols import Role

_FOLDER = Path(__file__).with_name("exercises")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One task of Build, "Task 4" on screen."""

    number: str
    """ "1" to "7"."""
    title: str
    short: str
    """The title in a word or two, for the row of steps."""
    file_name: str
    """The name of the student's file, such as my_gru.py."""
    builds_on: tuple[str, ...]
    """The numbers of the tasks whose files it is checked with."""
    cells: tuple[str, ...]
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


def _read(file_name: str) -> Exercise:
    text = (_FOLDER / file_name).with_suffix(".md").read_text("utf-8")
    _, head, asked = text.split("+++\n", maxsplit=2)
    said = tomllib.loads(head)
    return Exercise(
        number=said["number"],
        title=said["title"],
        short=said["short"],
        file_name=file_name,
        builds_on=tuple(said.get("builds_on", ())),
        cells=tuple(said.get("cells", ())),
        asked=" ".join(asked.split()),
        equation="\n".join(said["equation"]),
        roles={letter: Role(role) for letter, role in said["roles"].items()},
        shapes="\n".join(said["shapes"]),
        template=(_FOLDER / "templates" / file_name).read_text("utf-8"),
        hints=tuple(said["hints"]),
        solution=(_FOLDER / "solutions" / file_name).read_text("utf-8"),
    )


EXERCISES: Registry[Exercise] = Registry("task")
"""The tasks by number, in their order."""

for _name in ("rnn", "loop", "classifier", "gru", "lstm", "fused", "padding"):
    _exercise = _read(f"my_{_name}.py")
    EXERCISES.register(_exercise.number, _exercise)
