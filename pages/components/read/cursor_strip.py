"""The token strip with a cursor on it: a click, the arrow keys or a button that plays move it along."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from pages.components.read.readings import Reading
from pages.components.shared.assets import component
from pages.components.shared.panel_chart import saying_why_not
from pages.components.shared.shared_value import SharedValue
from pages.components.shared.token_strip import (
    CHANGE,
    MOST_CHIPS,
    OCCLUSION,
    STRONG,
    SURPRISE,
    Chip,
    Effect,
    Ways,
    chip_colours,
    chips,
    direction,
    key_html,
    shorten_cut,
    ways,
)
from rnn_core.figures.colours import Theme
from rnn_core.figures.text import shorten
from rnn_core.text.vocabulary import PAD

_strip = component(
    "gatescope_cursor_strip", __file__, "token_chips.css", "term.css", "streamlit_names.js", "shared_value.js"
)


@saying_why_not()
def show_strip(reading: Reading, time: int, effect: Effect, theme: Theme) -> None:
    """The strip of a reading, its words coloured by one of the effects."""
    if effect == SURPRISE:  # of a token when it came, which is what was expected one time step before
        surprise = np.nan_to_num(np.append(0.0, reading.next_tokens.surprise[:-1])).astype(np.float32)
        strip = [chip._replace(turns="") for chip in chips(reading.trace, surprise)]
        means = Ways("", "surprised the network", reading.unit)
    else:
        effects = reading.contributions if effect == OCCLUSION else None
        strip, means = chips(reading.trace, effects), ways(reading.trace, reading.unit)
    cursor_strip(strip, means, time, theme, "token", height=156, effect=effect)


def cursor_strip(
    strip: Sequence[Chip],
    means: Ways,
    time: int,
    theme: Theme,
    key: str,
    *,
    height: int = 216,
    effect: Effect = CHANGE,
) -> int:
    """The strip with the cursor at time step `time`, `height` pixels high with its key, on a phone some more.

    A move on the strip is written into `st.session_state[key]` before the page runs again. Made on a longer
    review than is read now, it may lie beyond the end, so the page checks it and gives it back as `time`.
    """
    shared = SharedValue(key, f"{key}_strip", of_widget=True)
    data = _data(strip, means, time, theme, effect) | {"height": height} | shared.offer(time)
    _strip(key=shared.mounted, data=data, on_changed_change=shared.take)
    return time


class _Piece(NamedTuple):
    """What is drawn as one chip."""

    chip: Chip
    steps: int
    """Time steps it stands for, from that of the chip on; 0 for what was not read."""


def _pieces(strip: Sequence[Chip], time: int, unit: str = "word") -> list[_Piece]:
    """About 1,000 pieces around the cursor: padding is one piece, little is shown of what was cut off.

    Which stretch is drawn changes only every 500 pieces, so that it stands still while the cursor moves.
    """
    pieces: list[_Piece] = []
    for is_padding, group in groupby(shorten_cut(strip, unit), key=lambda chip: chip.text == PAD):
        run = list(group)
        if is_padding and len(run) > 1:
            total = sum(chip.change for chip in run)
            pieces.append(_Piece(Chip(f"{PAD} × {len(run):,}", "special", run[0].step, total), len(run)))
        else:
            pieces += [_Piece(chip, int(chip.step is not None)) for chip in run]
    if len(pieces) <= MOST_CHIPS:
        return pieces
    half = MOST_CHIPS // 2
    read = [place for place, (chip, _) in enumerate(pieces) if chip.step is not None and chip.step <= time]
    start = max(0, min(read[-1] // half * half - half // 2, len(pieces) - MOST_CHIPS))
    stop = start + MOST_CHIPS
    before, after = (
        [_Piece(Chip(f"… {count:,} not drawn here …", "aside", None, 0.0), 0)] if count else []
        for count in (start, len(pieces) - stop)
    )
    return [*before, *pieces[start:stop], *after]


def _where_not(usual: Any, values: Sequence[Any]) -> dict[int, Any]:
    return {place: value for place, value in enumerate(values) if value != usual}


def _data(
    strip: Sequence[Chip], means: Ways, time: int, theme: Theme, effect: Effect = CHANGE
) -> dict[str, Any]:
    """What the strip is drawn from. Columns, since it travels at every move: some 20 KB for 1,000 chips.

    What is so of nearly all chips, a word of one time step that turns nothing, is not sent; the time step is
    that of the chip before and what that one stands for.
    """
    changes = [abs(chip.change) for chip in strip if chip.step is not None]
    scale = max([0.1, *changes])
    pieces = _pieces(strip, time, means.unit)
    return {
        "chips": {
            "first": next((chip.step for chip, _ in pieces if chip.step is not None), 0),
            "text": [shorten(chip.text, 60) for chip, _ in pieces],
            "change": [round(chip.change, 3) for chip, _ in pieces],
            "kind": _where_not("word", [chip.kind for chip, _ in pieces]),
            "count": _where_not(1, [steps for _, steps in pieces]),
            "turns": _where_not("", [chip.turns for chip, _ in pieces]),
        },
        "review": hash(tuple(chip.text for chip in strip)),
        "direction": direction(strip),
        "steps": len(changes),
        "scale": scale,
        "strong": STRONG,
        "effect": effect.label,
        "key": key_html(strip, scale, means, effect),
        "colours": chip_colours(theme),
    }
