"""Beam search: the most probable texts, as far as a search finds them that keeps a few at a time.

At each symbol the `width` most probable beginnings are kept, by the sum of their log probabilities, whatever
their lengths. A text that ended stays as it is among them. Of equally probable ones the one from the earlier
beam counts as more probable, then the earlier symbol in the order of the head.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.setting import Setting
from rnn_core.inspection.next_tokens import log2_of
from rnn_core.models.overflow import check_texts
from rnn_core.text.vocabulary import END
from rnn_core.writing.writer import Writer

Numbers = NDArray[np.int64]
WIDEST = 10
"""The most beams."""
_WIDTH = Setting(label="The width of a beam search", default=1, low=1, high=WIDEST)


class Beam(NamedTuple):
    """One way to write on."""

    symbols: tuple[str, ...]
    """The symbols that it writes; the last one is `<end>` where the text ended."""
    log2: float
    """The sum of log2 of their probabilities among all that is written."""


def beam_search(writer: Writer, width: int, length: int) -> tuple[Beam, ...]:
    """The best ways to write on by at most `length` symbols, at most `width` of them, the best first.

    The writer stays where it is. Raises ConfigError for a width that is no whole number from 1 to `WIDEST`: 1
    takes the most probable symbol each time.
    """
    width, end = _WIDTH.check(width), writer.column.get(END, -1)
    totals, has_ended = np.zeros(1), np.zeros(1, np.bool_)
    kept = list[tuple[Numbers, Numbers]]()  # (B,) each: the beam before that each goes on from, and with what
    # (B, K), ids and states: a row for each beam that goes on
    log2, ids, states = writer.log2_of_written[None], [writer.last_id], writer.states
    for time in range(len(writer.symbols) + 1, len(writer.symbols) + 1 + length):
        sums = np.full((len(totals), len(writer.names)), -np.inf)
        sums[has_ended, end] = totals[has_ended]
        sums[~has_ended] = totals[~has_ended, None] + log2
        best = np.argsort(-sums, axis=None, kind="stable")[:width]
        best = best[np.isfinite(sums.flat[best])]
        rows, columns = np.divmod(best, sums.shape[1])
        kept.append((rows, columns))
        of_going_on, totals, has_ended = (~has_ended).cumsum() - 1, sums.flat[best], columns == end
        if has_ended.all():
            break
        some = of_going_on[rows[~has_ended]].tolist()
        before, states = [ids[row] for row in some], tuple(tuple(part[some] for part in of) for of in states)
        ids = writer.model.vocabulary.encode([writer.names[column] for column in columns[~has_ended]])
        every, answers = writer.stepper.step(time, ids, before, states)
        check_texts("The network", answers)
        log2, states = writer.renormalised(log2_of(answers)), writer.stepper.states_of(every)
    found = list[Beam]()
    for row, total in enumerate(totals.tolist()):
        backwards = list[str]()
        for rows, columns in reversed(kept):
            symbol, row = writer.names[columns[row]], rows[row]
            if symbol != END or not backwards:  # once where the text ended long ago
                backwards.append(symbol)
        found.append(Beam(tuple(backwards[::-1]), total))
    return tuple(found)
