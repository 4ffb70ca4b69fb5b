"""The words of a review as the network saw them, the choice of one of them, and of a unit."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.assets import component
from pages.components.shared.glossary import terms_in
from pages.components.shared.shared_value import SharedValue
from rnn_core.export.bundle import PAGE
from rnn_core.figures.sentences import SAID, say
from rnn_core.figures.text import shorten, shorten_apart
from rnn_core.inspection.next_tokens import NextTokens, next_tokens
from rnn_core.inspection.one_step import most_moved_unit, most_telling_token
from rnn_core.inspection.trace import DECIDED, Trace
from rnn_core.models.model import Model
from rnn_core.tasks.task import task_of
from rnn_core.text.readable import visible
from rnn_core.text.scripts import is_right_to_left
from rnn_core.text.vocabulary import SPECIAL_TOKENS, UNK

MOST_CHIPS = 1_000
_MOST_CUT = 12
_OF_THE_TEXT = ("word", "read", "unknown", "cut")  # chips; the others are special tokens and notes of ours
_LONGEST_NAME = 30  # characters of the name of a class that the key has room for
_LONGEST_CHIP = 60


class Effect(NamedTuple):
    """A way to measure what a token did to the verdict; `says` names its sentences."""

    name: str
    says: str


CHANGE, OCCLUSION = Effect("by change", "by_change"), Effect("by occlusion", "by_occlusion")
EFFECTS = (CHANGE, OCCLUSION)
SURPRISE = Effect("by surprise", "by_surprise")
"""Colours tokens by -log2 of the probability that a network gave each before it came."""

BY_UNIT = Effect("by unit", "by_unit")
"""Colours tokens by the value of a unit after each."""


class Ways(NamedTuple):
    """The meaning of up and down on the strip of a trace, in words."""

    down: str
    """Empty where nothing points down."""
    up: str
    unit: str = "word"
    """Noun for a token."""


def ways(trace: Trace, unit: str = "word") -> Ways:
    """Towards either of two classes; of more, towards the followed one or away. A token is called `unit`."""
    against, name = shorten_apart(trace.sides, _LONGEST_NAME)
    down = say("away", name=name) if len(trace.classes) > 2 else say("towards", name=against)
    return Ways(down, say("towards", name=name), unit)


class Chip(NamedTuple):
    """One token on the strip."""

    text: str
    kind: str
    """One of "word", "unknown", "cut" and "special"; "read" for one before those that were written."""
    step: int | None
    """The time step of the token; None where it was cut off."""
    change: float
    """Effect of the token on the logit: above zero where it speaks for the followed class."""
    turns: str = ""
    """The class to which it turned the verdict; empty where it turned nothing."""


def chips(
    trace: Trace, effects: NDArray[np.float32] | None = None, turns: Mapping[int, str] | None = None
) -> list[Chip]:
    """Chips of all tokens of the text in order, of the special ones where the network read them.

    `effects` (T,) says what each did to the logit. Without it that is how far it moved the logit. `turns` are
    the classes to which they turned the verdict, where there is one.
    """
    review = trace.review
    kept = range(*review.kept.indices(len(review.tokens)))
    if effects is None:
        effects = trace.moves
    turns = trace.turns if turns is None else turns
    words = iter(kept)
    seen = []
    for step, (token, change) in enumerate(zip(review.window, effects.tolist(), strict=True)):
        if token in SPECIAL_TOKENS and token != UNK:
            seen.append(Chip(token, "special", step, change, turns.get(step, "")))
            continue
        place = next(words)
        kind = "unknown" if review.unknown[place] else "word"
        seen.append(Chip(visible(review.tokens[place]), kind, step, change, turns.get(step, "")))
    before = [Chip(visible(token), "cut", None, 0.0) for token in review.tokens[: kept.start]]
    after = [Chip(visible(token), "cut", None, 0.0) for token in review.tokens[kept.stop :]]
    return [*before, *seen, *after]


def direction_of(tokens: Iterable[str]) -> str:
    """The direction of the tokens of a text, "rtl" or "ltr"."""
    return "rtl" if is_right_to_left(" ".join(tokens)) else "ltr"


def labels(strip: Sequence[Chip]) -> list[str]:
    """The name of every time step, for the axis of a figure; an unknown word says that it is."""
    return [
        f"{chip.text} {UNK}" if chip.kind == "unknown" else chip.text
        for chip in strip
        if chip.step is not None
    ]


_strip = component(
    "gatescope_token_strip",
    __file__,
    str(PAGE / "view" / "strip.css"),
    "term.css",
    "streamlit_names.js",
    "shared_value.js",
)


def cursor_strip(
    strip: Sequence[Chip], means: Ways, time: int, key: str, *, height: int = 216, effect: Effect = CHANGE
) -> int:
    """The strip with the cursor at time step `time`, `height` pixels high with its key, on a phone some more.

    A move on the strip is written into `st.session_state[key]` before the page runs again. Made on a longer
    review than is read now, it may lie beyond the end, so the page checks it and gives it back as `time`.
    """
    shared = SharedValue(key, f"{key}_strip", of_widget=True)
    data = strip_data(strip, means, effect) | {"height": height} | shared.offer(time)
    _strip(key=shared.mounted, data=data, on_changed_change=shared.take)
    return time


def still_strip(
    strip: Sequence[Chip], means: Ways, key: str, height: int = 168, effect: Effect = CHANGE
) -> None:
    """The strip without a cursor, at most `height` pixels high; it scrolls beyond that."""
    _strip(key=key, data=strip_data(strip, means, effect) | {"height": height})


def strip_data(strip: Sequence[Chip], means: Ways, effect: Effect) -> dict[str, Any]:
    """All that the strip is drawn from, for the browser; chips as columns, since they travel at every move.

    Not sent is what is usual, a known word that turns nothing, nor of what was cut off more than 12 words on
    either side. Of very long texts `view/charts/pieces.js` of the page draws a part.
    """
    sent, says = shorten_cut(strip, means.unit), SAID[effect.says]
    return {
        "chips": {
            "text": [shorten(chip.text, _LONGEST_CHIP) for chip in sent],
            "change": [round(chip.change, 3) for chip in sent],
            "kind": {place: chip.kind for place, chip in enumerate(sent) if chip.kind != "word"},
            "turns": {place: chip.turns for place, chip in enumerate(sent) if chip.turns},
        },
        "cut": sum(chip.kind == "cut" for chip in strip),
        "rightToLeft": direction_of(chip.text for chip in strip if chip.kind in _OF_THE_TEXT) == "rtl",
        "unit": means.unit,
        "ways": {"up": means.up, "down": means.down},
        "says": {**says, "turned": say("turned", share=f"{DECIDED:.0%}")},
        "terms": terms_in(says["full"], "strip"),
    }


def shorten_cut(strip: Sequence[Chip], unit: str = "word") -> list[Chip]:
    """The strip with long cut stretches shortened to what stands next to what was read."""
    shortened: list[Chip] = []
    for kind, group in groupby(strip, key=lambda chip: chip.kind):
        run = list(group)
        left_out = len(run) - _MOST_CUT
        if kind == "cut" and left_out > 0:
            units = unit if left_out == 1 else f"{unit}s"
            note = Chip(say("more_cut", count=f"{left_out:,}", unit=units), "aside", None, 0.0)
            run = [*run[:_MOST_CUT], note] if shortened else [note, *run[-_MOST_CUT:]]
        shortened += run
    return shortened


def not_drawn(count: int) -> list[Chip]:
    """A note in place of so many chips; none in place of none."""
    return [Chip(say("left_out", count=f"{count:,}"), "aside", None, 0.0)] if count else []


_OF_TEXT, _COLOURED = "token_of_text", "words_coloured"
_SLIDER = "token_slider"
"""Counts from 1, as all that is shown does; the address and the strip count tokens from 0."""
_AROUND = 40  # tokens shown on each side of the chosen one; what does not fit on the line is cut
_LONGEST_WORD = 24
_NUMBER = re.compile(r"[0-9]{1,9}")
"""The numbers that an address may say; Python refuses to read one of thousands of digits."""


def choose_token(model: Model, trace: Trace, text: str, begins_at: int | None = None) -> int:
    """The time step to look at, from 0, kept in the address; at first the one that moved the verdict most.

    Of a network that says what comes next it is the first one where that is wrong, or the rule is broken;
    `begins_at` is another one. A different `text` lets it begin again.
    """
    gives_verdict = task_of(model.config).gives_verdict
    steps = len(trace.logits)
    if st.session_state.get(_OF_TEXT, text) != text:
        st.session_state.pop(keys.TOKEN, None)
    elif (wanted := address.new_value(keys.TOKEN, keys.TOKEN)) is not None and _NUMBER.fullmatch(wanted):
        st.session_state[keys.TOKEN] = int(wanted)
    st.session_state[_OF_TEXT] = text
    if steps == 1:
        return 0
    if st.session_state.get(keys.TOKEN) not in range(steps):
        if begins_at is None:
            begins_at = most_telling_token(trace) if gives_verdict else first_wrong(next_tokens(model, trace))
        st.session_state[keys.TOKEN] = begins_at
    # Set by hand, since a slider of another length, or of another page, would begin at its first token.
    st.session_state[_SLIDER] = st.session_state[keys.TOKEN] + 1
    where = (
        "token that moved the verdict most" if gives_verdict else "first one where it expected something else"
    )
    if begins_at is not None:
        where = "last one"
    st.slider(
        "Token",
        min_value=1,
        max_value=steps,
        key=_SLIDER,
        on_change=lambda: st.session_state.update({keys.TOKEN: st.session_state[_SLIDER] - 1}),
        help=f"The time step to look at. The arrow keys move it by one. It begins at the {where}.",
    )
    time = int(st.session_state[keys.TOKEN])
    # Not bound to the address: a slider of another length would take the token of the text before from there.
    address.write(keys.TOKEN, keys.TOKEN, str(time))
    return time


def first_wrong(found: NextTokens) -> int:
    """The first time step at which a network is wrong, or else after which the rule is broken, or else 0."""
    return next((time for time in (found.first_wrong, found.breaks) if time is not None), 0)


def choose_effect(unit: str = "word") -> Effect:
    """Ask for the effect by which tokens are coloured; `unit` is what one is called."""
    return st.selectbox(
        f"{unit.capitalize()}s coloured",
        EFFECTS,
        format_func=lambda effect: effect.name,
        key=_COLOURED,
        persist_state="session",
        help=f"By how far the logit moved when the network read the {unit}, or by what the final logit would "
        f"lose with `<unk>` in its place (occlusion): a {unit} may move the logit and be forgotten later.",
    )


def show_around(strip: Sequence[Chip], time: int) -> None:
    """The chosen token among its neighbours."""
    st.html(around_html([chip for chip in strip if chip.step is not None], time))


def around_html(read: Sequence[Chip], time: int) -> str:
    """The chosen token among its neighbours, as HTML. Everything a user wrote in it is escaped."""
    before = "".join(map(_word, read[max(time - _AROUND, 0) : time]))
    after = "".join(map(_word, read[time + 1 : time + 1 + _AROUND]))
    towards = direction_of(chip.text for chip in read if chip.kind in _OF_THE_TEXT)
    return (
        f'<div class="gs-around gs-chips" dir="{towards}"><span>{before}</span>'
        f"<b>{_word(read[time])}</b><span>{after}</span></div>"
    )


def _word(chip: Chip) -> str:
    unknown = f' class="unknown" title="{html.escape(say("unknown"))}"'
    text = html.escape(shorten(chip.text, _LONGEST_WORD))
    return f"<i{unknown if chip.kind == 'unknown' else ''}>{text}</i>"


def choose_unit(trace: Trace, time: int) -> tuple[int, str]:
    """The unit to look at, kept in the address as `unit`, and in words why it is this one."""
    units = trace.arrays["h"].shape[1]
    chosen = st.session_state.get(keys.UNIT)
    if chosen is not None and not 0 <= chosen < units:
        st.session_state[keys.UNIT] = None
    chosen = st.number_input(
        "Unit",
        min_value=0,
        max_value=units - 1,
        value=None,
        step=1,
        **address.bound(keys.UNIT),
        persist_state="session",
        placeholder="the one that changes most",
        help="Which of the numbers of the hidden state to follow, counted from 0. Left empty it is the one "
        "that changes most at this token.",
    )
    most = most_moved_unit(trace, time)
    unit = most if chosen is None else chosen
    if unit == most:
        return unit, f"unit {unit} of {units:,}, the one whose hidden state changes most at this token"
    return unit, f"unit {unit} of {units:,}, as you chose; unit {most} changes most at this token"
