"""The texts that stand on the page: the one that is looked at, its branches or beams, and what is held."""

from collections.abc import Generator, Hashable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from pages.components.read.holding import holding, note_above, what_is_held, why_not_held
from pages.components.read.readings import Reading
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.format import literal
from pages.components.shared.found_by import forget, found_by
from pages.components.write.texts import MOST_TEXTS, Asked, Text, parse_asked
from rnn_core.errors import ConfigError
from rnn_core.models.model import KeptModel
from rnn_core.progress import Progress
from rnn_core.writing.beam import beam_search
from rnn_core.writing.text import Writing
from rnn_core.writing.writer import Writer

_AT_ONCE = 600
"""The symbols that are written while the page is drawn; of more one sees how they come."""
_A_TICK, _TICKS = 10, 40
"""The fewest symbols of a tick, and the ticks that a long text takes."""
_READ_AT_ONCE = 5_000
_ASKED, _OPEN, _SHOWN, _KEPT, _RECIPE = "texts_asked", "text_open", "text_shown", "texts_kept", "texts_of"


def begin(model: KeptModel, beginning: str, kind: str = "beginning", **held: Any) -> Writer | None:
    """A writer that has read a beginning; None while it reads a long one, whose progress is drawn."""
    patches = [(id(one.source), one.token, one.at) for one in held.get("patches", ())]
    recipe = id(model), beginning, {**held, "patches": patches}
    before: tuple[Any, Writer] | None = st.session_state.get(f"{kind}_read")
    if before is not None and before[0] == recipe:
        return before[1]

    def steps() -> Generator[Progress, None, Writer]:
        writer = Writer(model, **held)
        yield from writer.reading(writer.tokens_of(beginning))
        return writer

    if len(beginning) > _READ_AT_ONCE:
        writer: Writer | None = found_by(kind, str(hash(str(recipe))), steps, "Reading the beginning")
    else:
        forget(kind)
        writer = Writer(model, beginning, **held)
    st.session_state[f"{kind}_read"] = None if writer is None else (recipe, writer)
    return writer


def begin_held(reading: Reading, beginning: str) -> Writer | None:
    """The writer while all is held that is and can be; None where that is nothing, or while it reads.

    What can't be held is said.
    """
    clamps, patches = what_is_held(reading)
    for refused in filter(None, (why_not_held(clamp, reading) for clamp in holding().clamps.values())):
        st.caption(refused)
    note_above(holding())
    if not clamps and not patches:
        return None
    layer = reading.trace.layer
    return begin(reading.model, beginning, "held_beginning", clamps=clamps, patches=patches, layer=layer)


@dataclass
class Desk:
    """The texts behind one beginning, written with the same settings."""

    model: KeptModel
    begun: Writer
    how: Writing

    def __post_init__(self) -> None:
        """Take up what session and address ask for; other settings begin again with one text."""
        state, recipe = st.session_state, (id(self.model), tuple(self.begun.symbols), self.how)
        self._kept: dict[Hashable, Text] = state.setdefault(_KEPT, {})
        if state.get(_RECIPE) != recipe:
            self._kept.clear()
            state.update({_RECIPE: recipe, _ASKED: self._usual, _OPEN: 0, _SHOWN: None})
        if (asked := address.read_once(keys.TEXTS, _ASKED)) is not None and not self.how.beam:
            try:
                state[_ASKED] = parse_asked(asked, self.begun)
            except ConfigError as error:
                st.warning(f"The branches in this link can't be read. {literal(str(error))}")
        wanted = address.read_once(keys.OPEN_TEXT, _OPEN)
        if wanted is not None and wanted in map(str, range(len(self.asked))):
            state[_OPEN] = int(wanted)
        elif wanted is not None:
            st.warning("The text that this link is about does not stand here; the first one is shown.")

    @property
    def _usual(self) -> list[Asked]:
        return [Asked(len(self.begun.symbols) + self.how.length)] * max(1, self.how.beam)

    @property
    def asked(self) -> list[Asked]:
        """The texts as they are asked for, the first one without a branch; or the beams."""
        found: list[Asked] = st.session_state[_ASKED]
        return found

    @property
    def open(self) -> int:
        """The number of the text that is looked at, from 0."""
        return min(st.session_state[_OPEN], len(self.asked) - 1)

    @property
    def is_writing(self) -> bool:
        """True while one sees how it writes."""
        return st.session_state[_SHOWN] is not None

    def text(self, number: int, held: Writer | None = None) -> Text:
        """One of the texts, or what it is while something is held: behind this writer it is begun."""
        asked, begun = self.asked[number], held or self.begun
        key = number if self.how.beam else asked.chosen, begun
        if key not in self._kept:
            self._kept |= self._beams(begun) if self.how.beam else {key: self._branch(asked, begun)}
        text = self._kept[key]
        until, there = asked.until, len(text.writer.symbols)
        if number == self.open and self.is_writing:
            until = min(until, st.session_state[_SHOWN])
        text.go(until if self.how.beam else min(until, max(there, text.read) + _AT_ONCE))
        return text

    def _branch(self, asked: Asked, begun: Writer) -> Text:
        chosen = {place: begun.names[column] for place, column in asked.chosen}
        read = min([len(begun.symbols), *chosen])
        writer = begun.copy()
        writer.back(len(begun.symbols) - read)
        return Text(writer, self.how, read, chosen)

    def _beams(self, begun: Writer) -> dict[Hashable, Text]:
        """All beams by their numbers; of fewer than asked for the last one more than once."""
        beams, read = beam_search(begun, self.how.beam, self.how.length), len(begun.symbols)
        symbols = [beams[min(number, len(beams) - 1)].symbols for number in range(self.how.beam)]
        of_each = [dict(enumerate(some, read)) for some in symbols]
        return {(n, begun): Text(begun.copy(), self.how, read, some) for n, some in enumerate(of_each)}

    @property
    def count(self) -> int:
        """The number of symbols that the open text has now."""
        return len(self.text(self.open).writer.symbols)

    def reading(self, layer: int) -> Reading:
        """The text that is looked at, as the panels get it."""
        return self.text(self.open).reading(self.model, layer)

    def follow(self, held: Writer | None) -> None:
        """Begin to show how it writes where much is missing; behind the last symbol it ends."""
        state, until = st.session_state, self.asked[self.open].until
        texts = [self.text(self.open), self.text(self.open, held)]
        counts = [len(text.writer.symbols) for text in texts if not text.is_ended]
        missing = [count for count in counts if count < until]
        if not missing:
            state[_SHOWN] = None
        elif state[_SHOWN] is None:
            state[_SHOWN] = min(missing)

    def tick(self) -> None:
        """Show some more symbols."""
        text = self.text(self.open)
        count = self.asked[self.open].until - text.read
        st.session_state[_SHOWN] += max(_A_TICK, count // _TICKS)

    def write(self, count: int, shown: int | None = None) -> None:
        """Let the open text have so many symbols, from a callback; `shown` of them are seen at first."""
        self._ask(self.open, replace(self.asked[self.open], until=count))
        st.session_state[_SHOWN] = shown

    def why_full(self, place: int) -> str:
        """The reason why no other symbol can stand at a place of the open text; empty where one can."""
        is_full = place < self.count and len(self.asked) >= MOST_TEXTS
        return f"{MOST_TEXTS} texts stand here: take one away first." if is_full else ""

    def branch(self, place: int, symbol: str) -> None:
        """Put another symbol at a place of the open text, from a callback: behind its end, or as a branch."""
        other = self.asked[self.open].branch(place, self.begun.column[symbol])
        self._ask(self.open if place >= self.count else len(self.asked), other)

    def _ask(self, number: int, asked: Asked) -> None:
        st.session_state[_ASKED] = [*self.asked[:number], asked, *self.asked[number + 1 :]]
        st.session_state.update({_OPEN: number, _SHOWN: None})

    def look_at(self, number: int) -> None:
        """Look at another text, from a callback."""
        st.session_state.update({_OPEN: number, _SHOWN: None})

    def take_away(self, number: int) -> None:
        """Take a text away, from a callback."""
        st.session_state[_ASKED] = [*self.asked[:number], *self.asked[number + 1 :]]
        self.look_at(max(0, self.open - (number <= self.open)))

    def write_address(self) -> None:
        """Let the address say which texts stand there, and which one is looked at."""
        is_usual = self.how.beam or self.asked == self._usual
        address.write(keys.TEXTS, _ASKED, None if is_usual else "_".join(map(str, self.asked)))
        address.write(keys.OPEN_TEXT, _OPEN, str(self.open) if self.open else None)
