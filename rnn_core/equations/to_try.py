"""Six cells to try, each a small change of one that comes with Gatescope: texts in `to_try/`.

Their head lines say the name, the cell that each is a change of, a sentence and the paper with its address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Self

_HEAD = "# "


@dataclass(frozen=True, slots=True)
class Idea:
    """A cell that is worth a try."""

    name: str
    of: str
    """The cell that it is a change of, by the name under which that is registered."""
    summary: str
    paper: str
    """Authors and year."""
    address: str
    """The address of the paper."""
    text: str
    """The equations of the cell, without the head lines."""

    @classmethod
    def read(cls, text: str) -> Self:
        """Returns the cell that a text of the folder describes."""
        lines = text.splitlines()
        head = dict(line.removeprefix(_HEAD).split(": ", 1) for line in lines if line.startswith(_HEAD))
        head["paper"], head["address"] = head["paper"].rsplit(", ", 1)
        return cls(**head, text="\n".join(line for line in lines if not line.startswith(_HEAD)))


@cache
def ideas() -> Mapping[str, Idea]:
    """The ideas by name, in alphabetical order.

    >>> ideas()["JANET"].of, [*ideas()][:2]
    ('lstm', ['GRU without reset', 'Identity RNN'])
    """
    folder = files("rnn_core.equations") / "to_try"
    found = [Idea.read(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".txt")]
    return {idea.name: idea for idea in sorted(found, key=lambda idea: idea.name.casefold())}
