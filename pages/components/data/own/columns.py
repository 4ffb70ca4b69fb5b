"""The controls for the columns of the user's own table, and for how its texts are cut into tokens."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.format import literal
from rnn_core.config.identity import MOST_CLASSES
from rnn_core.config.tokens import TokenRules
from rnn_core.data.own.survey import Look

_NONE = "none "  # in place of a column, which may be called none, but never ends in a space
_TOKENS = TokenRules.settings()


class Columns(NamedTuple):
    """The choices so far; text and label may be empty."""

    text: str
    label: str
    split: str
    group: str
    thresholds: str
    """The thresholds as they are typed."""
    tokens: TokenRules
    test_share: float


def mark_of(path: Path, look: Look) -> str:
    """A key of the controls of one table, so that another one begins with its own guesses."""
    return hashlib.sha256(repr((str(path), look.columns)).encode()).hexdigest()[:10]


def choose_columns(look: Look, mark: str) -> Columns:
    """A preview and the controls under it."""
    st.dataframe(pd.DataFrame(look.rows, columns=look.columns), hide_index=True, height="content")
    if look.nested:
        st.caption(f"Left out, since they hold lists or objects: {', '.join(map(literal, look.nested))}.")
    places = st.columns(4, gap="small")
    text = _column(places[0], "Text", look.columns, look.text, f"own_text_{mark}", "What the network reads.")
    label = _column(
        places[1], "Class", look.columns, look.label, f"own_label_{mark}", "What it is to say of each text."
    )
    split = _column(
        places[2],
        "Split",
        [_NONE, *look.columns],
        look.split or _NONE,
        f"own_split_{mark}",
        "A column that says train, validation or test. Without one, a share of each class is set aside for "
        "the test.",
    )
    group = _column(
        places[3],
        "Group",
        [_NONE, *look.columns],
        _NONE,
        f"own_group_{mark}",
        "Texts of one author, thread or product are alike. Rows with the same value here are never both "
        "learned from and scored.",
    )
    rating, share, tokens = st.columns([3, 3, 6], gap="small")
    thresholds = rating.text_input(
        "Thresholds of a rating",
        key=f"own_thresholds_{mark}",
        placeholder="4, 7",
        help="For a class column of numbers, such as stars: 4, 7 makes the classes under 4, 4 to under 7, 7 "
        "and more.",
    )
    if look.distinct.get(label, 0) > MOST_CLASSES:
        rating.caption(
            f"This column has more than {MOST_CLASSES} different values, too many for classes. If it is a "
            "rating, type where one class ends and the next begins; if not, choose another column."
        )
    test_share = share.slider(
        "Test share",
        0.05,
        0.5,
        0.2,
        0.05,
        key=f"own_share_{mark}",
        disabled=split != _NONE,
        help="Share of the texts of each class that no network learns from, to score it at the end. Without "
        "effect where a column names test texts.",
    )
    with tokens:
        rules = _choose_tokens(look, mark)
    split, group = ("" if column == _NONE else column for column in (split, group))
    return Columns(text, label, split, group, thresholds, rules, test_share)


def _column(place: DeltaGenerator, label: str, names: Sequence[str], usual: str, key: str, help: str) -> str:
    index = names.index(usual) if usual in names else None
    return place.selectbox(label, names, index=index, key=key, help=help, placeholder="choose one") or ""


def _choose_tokens(look: Look, mark: str) -> TokenRules:
    unit, case, accents = st.columns(3, gap="small", vertical_alignment="bottom")
    chosen: dict[str, Any] = {
        "unit": unit.segmented_control(
            _TOKENS["unit"].label,
            _TOKENS["unit"].choices,
            default="characters" if look.without_spaces else "words",
            required=True,
            key=f"own_unit_{mark}",
            help=_TOKENS["unit"].help,
        ),
        "lowercase": case.toggle(
            _TOKENS["lowercase"].label, True, key=f"own_lowercase_{mark}", help=_TOKENS["lowercase"].help
        ),
    }
    keeps = accents.toggle("Keep accents", True, key=f"own_accents_{mark}", help=_TOKENS["accents"].help)
    if look.without_spaces:
        st.caption("This script puts no spaces between words, so each character is a token.")
    return TokenRules(**chosen, accents="keep" if keeps else "strip")
