"""Beam search: the most probable texts, as far as a search finds them that keeps a few at a time.

At each symbol the `width` most probable beginnings are kept, by the sum of their log probabilities, whatever
their lengths. A text that ended stays as it is among them. Of equally probable ones the one from the earlier
beam counts as more probable, then the earlier symbol in the order of the head.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnn_core.config.setting import Setting
from rnn_core.inspection.next_tokens import Floats, log2_of
from rnn_core.models.overflow import check_texts
from rnn_core.text.vocabulary import END
from rnn_core.writing.stepper import States
from rnn_core.writing.writer import Writer

WIDEST = 10
"""The most beams."""
_WIDTH = Setting(label="The width of a beam search", default=1, low=1, high=WIDEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beam:
    """One way to write on."""

    symbols: tuple[str, ...] = ()
    """The symbols that it writes; the last one is `<end>` where the text ended."""
    log2: float = 0.0
    """The sum of log2 of their probabilities among all that is written."""

    @property
    def is_ended(self) -> bool:
        """True if nothing follows."""
        return self.symbols[-1:] == (END,)


@dataclass(frozen=True, slots=True, eq=False)
class _Beginning:
    """A beginning as its last symbol and the one that it goes on from, so that none is copied."""

    symbol: str = ""
    log2: float = 0.0
    before: "_Beginning | None" = None
    """None where nothing is written yet."""

    @property
    def is_ended(self) -> bool:
        return self.symbol == END

    def beam(self) -> Beam:
        """Join its symbols."""
        symbols, one = list[str](), self
        while one.before is not None:
            symbols.append(one.symbol)
            one = one.before
        return Beam(symbols=tuple(reversed(symbols)), log2=self.log2)


def beam_search(writer: Writer, width: int, length: int) -> tuple[Beam, ...]:
    """The best ways to write on by at most `length` symbols, at most `width` of them, the best first.

    The writer stays where it is. Raises ConfigError for a width that is no whole number from 1 to `WIDEST`: 1
    takes the most probable symbol each time.
    """
    width = _WIDTH.check(width)
    beams, states = [_Beginning()], writer.states
    log2 = writer.log2_of_written[None]  # (B, K), a row for each beam that goes on
    for time in range(len(writer.symbols), len(writer.symbols) + length):
        going_on = (number for number, beam in enumerate(beams) if not beam.is_ended)
        row_of = {number: row for row, number in enumerate(going_on)}
        if not row_of:
            break
        found = list[tuple[_Beginning, int]]()  # each with the row that it goes on from
        for number, beam in enumerate(beams):
            if (row := row_of.get(number)) is None:
                found.append((beam, -1))
                continue
            for column in np.argsort(-log2[row], kind="stable")[:width].tolist():
                if np.isfinite(log2[row, column]):
                    total = beam.log2 + float(log2[row, column])
                    found.append((_Beginning(writer.names[column], total, beam), row))
        found = sorted(found, key=lambda one: -one[0].log2)[:width]
        beams = [beam for beam, _ in found]
        if some := [(beam, row) for beam, row in found if not beam.is_ended]:
            log2, states = _stepped(writer, time + 1, some, states)
    return tuple(beam.beam() for beam in beams)


def _stepped(
    writer: Writer, time: int, beams: Sequence[tuple[_Beginning, int]], states: States
) -> tuple[Floats, States]:
    """Log2 of what comes after each of these beams, (B, K), and the states; each goes on from its row."""
    encode, rows = writer.model.vocabulary.encode, [row for _, row in beams]
    ids = encode([beam.symbol for beam, _ in beams])
    earlier = [beam.before.symbol for beam, _ in beams if beam.before and beam.before.before]
    before = encode(earlier) or [writer.last_id] * len(beams)  # all are equally long
    states = tuple(tuple(part[rows] for part in state) for state in states)
    every, answers = writer.stepper.step(time, ids, before, states)
    check_texts("The network", answers)
    return writer.renormalised(log2_of(answers)), writer.stepper.states_of(every)
