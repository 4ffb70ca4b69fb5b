"""The words of a review as the network saw them, the choice of one of them, and of a unit."""

import html
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.assets import style
from pages.components.shared.glossary import explained_html
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme
from rnn_core.figures.text import counted, shorten, shorten_apart
from rnn_core.inspection.next_tokens import NextTokens, next_tokens
from rnn_core.inspection.one_step import most_moved_unit, most_telling_token
from rnn_core.inspection.trace import DECIDED, Trace
from rnn_core.models.model import Model
from rnn_core.tasks.task import task_of
from rnn_core.text.scripts import is_right_to_left
from rnn_core.text.vocabulary import PAD, SPECIAL_TOKENS, UNK

MOST_CHIPS = 1_000
_MOST_CUT = 12
_OF_THE_TEXT = ("word", "unknown", "cut")  # kinds of chips; the others are special tokens and notes of ours
_LONGEST_NAME = 30  # characters of the name of a class that the key has room for
STRONG = 0.5
"""Share of the largest change from which a word also carries an arrow."""


class Effect(NamedTuple):
    """A way to measure what a token did to the verdict."""

    name: str
    label: str
    """The words before the number of a token."""
    full: str
    """The meaning of a full colour; {} is that number."""


CHANGE = Effect("by change", "logit", "the logit moved by {} at that token")
OCCLUSION = Effect("by occlusion", "contributes", "without that token the final logit differs by {}")
EFFECTS = (CHANGE, OCCLUSION)
SURPRISE = Effect("by surprise", "surprise in bits", "a surprise of {} bits, the largest here")
"""Colours tokens by -log2 of the probability that a network gave each before it came."""
_TURNED = f": turned the verdict beyond {DECIDED:.0%}."
"""The end of the sentence on an underlined token."""


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
    if len(trace.classes) > 2:
        return Ways(f"away from {name}", f"towards {name}", unit)
    return Ways(f"towards {against}", f"towards {name}", unit)


class Chip(NamedTuple):
    """One token on the strip."""

    text: str
    kind: str
    """ "word", "unknown", "cut" or "special"."""
    step: int | None
    """The time step of the token; None where it was cut off."""
    change: float
    """Its effect on the logit: above zero where it speaks for the followed class."""
    turns: str = ""
    """The class to which it turned the verdict; empty where it turned nothing."""


def chips(trace: Trace, effects: NDArray[np.float32] | None = None) -> list[Chip]:
    """Chips of all tokens of the text in order, of the special ones where the network read them.

    `effects` (T,) says what each did to the logit. Without it that is how far it moved the logit.
    """
    review = trace.review
    kept = range(*review.kept.indices(len(review.tokens)))
    if effects is None:
        effects = trace.moves
    turns = trace.turns
    words = iter(kept)
    seen = []
    for step, (token, change) in enumerate(zip(review.window, effects.tolist(), strict=True)):
        if token in SPECIAL_TOKENS and token != UNK:
            seen.append(Chip(token, "special", step, change, turns.get(step, "")))
            continue
        place = next(words)
        kind = "unknown" if review.unknown[place] else "word"
        seen.append(Chip(review.tokens[place], kind, step, change, turns.get(step, "")))
    before = [Chip(token, "cut", None, 0.0) for token in review.tokens[: kept.start]]
    after = [Chip(token, "cut", None, 0.0) for token in review.tokens[kept.stop :]]
    return [*before, *seen, *after]


def direction(strip: Sequence[Chip]) -> str:
    """ "rtl" for a text that is written from right to left, whose first token stands right; else "ltr"."""
    return direction_of(chip.text for chip in strip if chip.kind in _OF_THE_TEXT)


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


def chip_colours(theme: Theme) -> dict[str, str]:
    """The colours that the style sheet of the chips takes, by name."""
    ours = {"muted": theme.muted, "grid": theme.grid, "text": theme.text}
    return {**ours, "positive": POSITIVE, "negative": NEGATIVE}


def strip_html(strip: Sequence[Chip], means: Ways, theme: Theme, height: int = 168) -> str:
    """The strip as HTML. Everything a user wrote in it is escaped."""
    unshortened = strip
    strip = shorten_cut(strip, means.unit)
    largest = max((abs(chip.change) for chip in strip), default=0.0)
    scale = max(largest, 0.1)
    drawn = list(strip)
    if len(drawn) > MOST_CHIPS:
        half = MOST_CHIPS // 2
        left_out = f"… {len(drawn) - 2 * half:,} tokens not drawn here …"
        drawn = [*drawn[:half], Chip(left_out, "aside", None, 0.0), *drawn[-half:]]
    pieces = []
    for is_padding, group in groupby(drawn, key=lambda chip: chip.text == PAD):
        run = list(group)
        if is_padding and len(run) > 1:
            total = sum(chip.change for chip in run)
            run = [Chip(f"{PAD} × {len(run):,}", "special", run[0].step, total)]
        pieces += [_chip_html(chip, scale) for chip in run]
    return (
        style(__file__, "token_chips.css", **chip_colours(theme))
        + f'<div class="gs-strip gs-chips" dir="{direction(strip)}" tabindex="0" role="list" '
        + f'style="--gs-height:{height}px">'
        + f"{' '.join(pieces)}</div>"
        + key_html(unshortened, scale, means)
    )


def shorten_cut(strip: Sequence[Chip], unit: str = "word") -> list[Chip]:
    """The strip with long cut stretches shortened to what stands next to what was read."""
    shortened: list[Chip] = []
    for kind, group in groupby(strip, key=lambda chip: chip.kind):
        run = list(group)
        left_out = len(run) - _MOST_CUT
        if kind == "cut" and left_out > 0:
            note = Chip(f"… {left_out:,} more {unit}s cut off …", "aside", None, 0.0)
            run = [*run[:_MOST_CUT], note] if shortened else [note, *run[-_MOST_CUT:]]
        shortened += run
    return shortened


def _chip_html(chip: Chip, scale: float) -> str:
    text = html.escape(chip.text)
    if chip.kind == "cut":
        return f'<span role="listitem" class="cut" title="cut off: not read">{text}</span>'
    if chip.step is None:
        return f'<span role="listitem" class="aside">{text}</span>'
    strength = min(abs(chip.change) / scale, 1.0)
    kinds = [chip.kind, "up" if chip.change > 0 else "down"]
    if strength >= STRONG:
        kinds.append("strong")
    if chip.turns:
        kinds.append("turn")
    note = "not in the vocabulary, read as <unk>; " if chip.kind == "unknown" else ""
    turned = f"; turned the verdict to {chip.turns}" if chip.turns else ""
    title = html.escape(f"{note}time step {counted(chip.step)}: logit {chip.change:+.2f}{turned}")
    return (
        f'<span role="listitem" class="{" ".join(kinds)}" title="{title}" '
        f'style="--strength:{strength:.3f}">{text}</span>'
    )


def key_html(strip: Sequence[Chip], scale: float, means: Ways, effect: Effect = CHANGE) -> str:
    """Return the key: the meaning of colours, lines and a full colour. Names of classes are escaped."""
    down, up = (f"<bdi>{html.escape(words)}</bdi>" for words in (means.down, means.up))
    of_down = f'<span class="down" style="--strength:1"><small> ▼</small> {down}</span>'
    parts = [
        f'<span class="up" style="--strength:1"><small> ▲</small> {up}</span>',
        *([of_down] if means.down else []),
        f"full colour: {explained_html(effect.full.format(f'{scale:.1f}'), 'strip')}.",
    ]
    if any(chip.turns for chip in strip):
        parts.append(f'<span class="turn">underlined</span>{_TURNED}')
    if unknown := sum(chip.kind == "unknown" for chip in strip):
        noun = means.unit if unknown == 1 else f"{means.unit}s"
        share = unknown / sum(chip.kind in ("word", "unknown") for chip in strip)
        parts.append(f"<u>{unknown} unknown {noun}</u> ({share:.0%}).")
    if cut := sum(chip.kind == "cut" for chip in strip):
        parts.append(f"<s>{cut:,} cut off</s>, never read.")
    return f'<div class="gs-key gs-chips">{" ".join(parts)}</div>'


def token_strip(strip: Sequence[Chip], means: Ways, theme: Theme, height: int = 168) -> None:
    """Show the strip, at most `height` pixels high; it scrolls beyond that."""
    st.html(strip_html(strip, means, theme, height))


_OF_TEXT, _COLOURED = "token_of_text", "words_coloured"
_SLIDER = "token_slider"
"""Counts from 1, as all that is shown does; the address and the strip count tokens from 0."""
_AROUND = 40  # tokens shown on each side of the chosen one; what does not fit on the line is cut
_LONGEST_WORD = 24
_NUMBER = re.compile(r"[0-9]{1,9}")
"""The numbers that an address may say; Python refuses to read one of thousands of digits."""


def choose_token(model: Model, trace: Trace, text: str) -> int:
    """The time step to look at, from 0, kept in the address; at first the one that moved the verdict most.

    Of a network that says what comes next it is the first one where that is wrong, or the rule is broken.
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
        first = most_telling_token(trace) if gives_verdict else first_wrong(next_tokens(model, trace))
        st.session_state[keys.TOKEN] = first
    # Set by hand, since a slider of another length, or of another page, would begin at its first token.
    st.session_state[_SLIDER] = st.session_state[keys.TOKEN] + 1
    where = "token that moved the verdict most" if gives_verdict else "first one where something is wrong"
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


def show_around(strip: Sequence[Chip], time: int, theme: Theme) -> None:
    """The chosen token among its neighbours."""
    st.html(around_html([chip for chip in strip if chip.step is not None], time, theme))


def around_html(read: Sequence[Chip], time: int, theme: Theme) -> str:
    """The chosen token among its neighbours, as HTML. Everything a user wrote in it is escaped."""
    before = "".join(map(_word, read[max(time - _AROUND, 0) : time]))
    after = "".join(map(_word, read[time + 1 : time + 1 + _AROUND]))
    chosen = _word(read[time])
    return (
        style(__file__, "token_chips.css", **chip_colours(theme))
        + f'<div class="gs-around gs-chips" dir="{direction(read)}"><span>{before}</span>'
        + f"<b>{chosen}</b><span>{after}</span></div>"
    )


def _word(chip: Chip) -> str:
    unknown = ' class="unknown" title="not in the vocabulary, read as &lt;unk&gt;"'
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
