"""Texts that a network writes, each known by what was asked for: how far it goes, and the symbols one chose.

All else follows from the beginning and the settings, so that this is what session and address keep. Places of
symbols are counted from 0, the beginning included.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile

from pages.components.read.readings import Reading
from rnn_core.errors import ConfigError
from rnn_core.models.model import KeptModel
from rnn_core.refusals import shown
from rnn_core.text.vocabulary import END
from rnn_core.writing.text import Writing, joined_text, writing
from rnn_core.writing.writer import Writer

MOST_SHOWN = 2_000
"""The symbols written last that strip and pictures have room for."""
MOST_TEXTS = 8
_ASKED = re.compile(r"[0-9]{1,6}(?:-[0-9]{1,6}\.[0-9]{1,6}){0,100}")


@dataclass(frozen=True, slots=True)
class Asked:
    """Length of a text, and those of its symbols that one chose oneself."""

    until: int
    """The number of its symbols, unless the network ends it before."""
    chosen: tuple[tuple[int, int], ...] = ()
    """The places of symbols that one chose, ascending, each with the index of its symbol."""

    def branch(self, place: int, column: int) -> "Asked":
        """The text that is the same up to a place, and has another symbol there."""
        before = tuple(one for one in self.chosen if one[0] < place)
        return Asked(max(self.until, place + 1), (*before, (place, column)))

    def __str__(self) -> str:
        """Return it as the address says it."""
        return "-".join([str(self.until), *(f"{place}.{column}" for place, column in self.chosen)])


def parse_asked(text: str, writer: Writer) -> list[Asked]:
    """Texts as the address says them. Raises ConfigError for what is none, or can't be written.

    >>> Asked(200, ((45, 12),)).branch(60, 3)
    Asked(until=200, chosen=((45, 12), (60, 3)))
    """
    found = []
    for one in text.split("_")[:MOST_TEXTS]:
        if not _ASKED.fullmatch(one):
            raise ConfigError(f"A text must be named by its length and its branches, got {shown(one)}.")
        until, *pairs = one.split("-")
        chosen = tuple((int(place), int(column)) for place, _, column in (p.partition(".") for p in pairs))
        places = [place for place, _ in chosen]
        if places != sorted({*places}) or any(
            column >= len(writer.names) or not writer.is_written[column] for _, column in chosen
        ):
            raise ConfigError(f"There are no such branches as {shown(one)} says.")
        found.append(Asked(int(until), chosen))
    return found


@dataclass
class Text:
    """A text that is being written."""

    writer: Writer
    how: Writing
    read: int
    """The number of its symbols that were read."""
    chosen: Mapping[int, str] = field(default_factory=dict)
    """Symbols that are not left to the network, by their places."""
    _reading: tuple[tuple[int, int], Reading] | None = None

    def go(self, until: int) -> None:
        """Write on or go back until there are so many symbols, or the network ends the text."""
        if (back := len(self.writer.symbols) - max(until, self.read)) > 0:
            self.writer.back(back)
        may_follow = {*self.chosen.values()} - (set() if self.how.goes_on else {END})
        while (place := len(self.writer.symbols)) < until and not self.is_ended:
            places = takewhile(lambda one: self.chosen.get(one) in may_follow, range(place, until))
            if given := [self.chosen[one] for one in places]:
                self.writer.read(given)
                continue
            ends = min([until, *(one for one in self.chosen if one > place)])
            for _ in writing(self.writer, replace(self.how, beam=0, length=ends - place)):
                pass

    @property
    def is_ended(self) -> bool:
        """True where the network ended the text; a beam draws nothing, and has its end among its symbols."""
        comes = self.chosen.get(len(self.writer.symbols))
        if comes is None and not self.how.beam:
            comes = self.writer.choose(self.how)
        return not self.how.goes_on and comes == END

    @property
    def beginning(self) -> str:
        """All that was read, as a text."""
        return self._joined(0, self.read)

    @property
    def written(self) -> str:
        """All that was written, as a text."""
        return self._joined(self.read, len(self.writer.symbols))

    def _joined(self, first: int, last: int) -> str:
        return joined_text(self.writer.symbols[first:last], self.writer.model.config.tokens)

    @property
    def bits(self) -> float:
        """The bits of all that was written."""
        return sum(self.writer.bits[self.read :])

    def reading(self, model: KeptModel, layer: int) -> Reading:
        """The text as the panels get it; while it stays as it is, the same one."""
        of = layer, len(self.writer.symbols)
        if self._reading is None or self._reading[0] != of:
            trace = self.writer.trace(layer, MOST_SHOWN)
            given = max(0, self.read - of[1] + len(trace.review.tokens))
            whole = self.beginning + self.written
            self._reading = of, Reading(model, whole, trace, self.writer.copy(), given)
        return self._reading[1]
