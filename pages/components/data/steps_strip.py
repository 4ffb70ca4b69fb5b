"""One review through every step: cleaned, tokens, ids, truncated, padded. One row each."""

import html
from collections.abc import Iterable, Sequence
from itertools import groupby

import streamlit as st

from pages.components.shared.assets import style
from pages.components.shared.token_strip import MOST_CHIPS, Chip, chip_colours, direction_of, shorten_cut
from rnn_core.config.text_settings import TextConfig
from rnn_core.figures.colours import Theme
from rnn_core.text.readable import readable
from rnn_core.text.vocabulary import PAD, SPECIAL_TOKENS, UNK_ID
from rnn_core.text.window import ReviewSteps

_MOST_CHARACTERS = 4_000


def steps_strip(steps: ReviewSteps, config: TextConfig, theme: Theme, unit: str = "word") -> None:
    """Show the steps below each other, in rows of a fixed height; `unit` is what a token is called."""
    st.html(steps_html(steps, config, theme, unit))


def steps_html(steps: ReviewSteps, config: TextConfig, theme: Theme, unit: str = "word") -> str:
    """The rows as HTML. Everything a user wrote in them is escaped."""
    unknown = sum(steps.review.unknown)
    cut = len(steps.tokens) - len(steps.truncated)
    kept_side = "end" if config.truncation == "pre" else "beginning"
    rows = (
        ("2 Cleaned", f"{len(steps.cleaned):,} characters", _text(steps.cleaned)),
        ("3 Tokens", f"{len(steps.tokens):,}, {unknown:,} unknown", _row(_word_chips(steps))),
        ("4 Ids", f"vocabulary {config.vocab_size:,}", _row(_id_chips(steps.ids, steps.tokens))),
        (
            "5 Truncated",
            f"{cut:,} cut, {kept_side} kept" if cut else "nothing cut",
            _row(shorten_cut(_cut_chips(steps), unit)),
        ),
        (
            "6 Padded",
            f"to {len(steps.padded):,}: {steps.padding:,} padding",
            _row(_id_chips(steps.padded, steps.review.window)),
        ),
    )
    towards = direction_of(steps.tokens)
    drawn = "".join(
        f'<div class="name">{name}<small>{aside}</small></div>'
        f'<div class="what" dir="{towards}" tabindex="0" role="group" aria-label="{name[2:]}">{what}</div>'
        for name, aside, what in rows
    )
    styles = style(__file__, "token_chips.css", **chip_colours(theme))
    return f'{styles}<div class="gs-steps gs-chips">{drawn}</div>'


def _text(cleaned: str) -> str:
    shown = cleaned[:_MOST_CHARACTERS]
    left_out = len(cleaned) - len(shown)
    note = f' <span class="aside">… {left_out:,} more characters …</span>' if left_out else ""
    return html.escape(readable(shown)) + note


def _word_chips(steps: ReviewSteps) -> list[Chip]:
    return [
        Chip(token, "unknown" if unknown else "word", None, 0.0)
        for token, unknown in zip(steps.tokens, steps.review.unknown, strict=True)
    ]


def _cut_chips(steps: ReviewSteps) -> list[Chip]:
    kept = range(*steps.review.kept.indices(len(steps.tokens)))
    return [
        chip if place in kept else chip._replace(kind="cut") for place, chip in enumerate(_word_chips(steps))
    ]


def _id_chips(ids: Iterable[int], tokens: Iterable[str]) -> list[Chip]:
    """The numbers; the special tokens with their name."""
    return [
        Chip(f"{number} {token}", "special", None, 0.0)
        if token in SPECIAL_TOKENS and number != UNK_ID
        else Chip(str(number), "unknown number" if number == UNK_ID else "number", None, 0.0)
        for number, token in zip(ids, tokens, strict=True)
    ]


def _row(chips: Sequence[Chip]) -> str:
    """The chips of a row, padding in one piece, a long middle left out."""
    if len(chips) > MOST_CHIPS and not any(chip.text.endswith(PAD) for chip in chips):
        half = MOST_CHIPS // 2
        note = Chip(f"… {len(chips) - 2 * half:,} not drawn here …", "aside", None, 0.0)
        chips = [*chips[:half], note, *chips[-half:]]
    pieces = []
    for is_padding, group in groupby(chips, key=lambda chip: chip.kind == "special" and PAD in chip.text):
        run = list(group)
        if is_padding:
            pieces.append(f'<span class="special padding">{html.escape(run[0].text)} × {len(run):,}</span>')
        else:
            pieces += [f'<span class="{chip.kind}">{html.escape(chip.text)}</span>' for chip in run]
    return " ".join(pieces)
