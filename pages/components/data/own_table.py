"""The form for the user's own table: its columns, tokens and classes, and what it holds by these."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.shared.format import literal
from rnn_core.config.identity import MOST_CLASSES
from rnn_core.config.tokens import TokenRules
from rnn_core.data.corpus import SPLITS
from rnn_core.data.own.choice import left_out_in_words
from rnn_core.data.own.recipe import FEW_TEXTS, OTHER
from rnn_core.data.own.survey import Look, Survey, texts_in
from rnn_core.text.readable import visible

_NONE = "none "  # in place of a column, which may be called none, but never ends in a space
_TOKENS = TokenRules.settings()
_COLUMNS = {
    "text": ("Text", "What the network reads."),
    "label": ("Class", "What it is to say of each text."),
    "split": (
        "Split",
        "A column that says train, validation or test. Without one, a share of each class is set aside for "
        "the test.",
    ),
    "group": (
        "Group",
        "Texts of one author, thread or product are alike. Rows with the same value here are never both "
        "learned from and scored.",
    ),
}
"""Use of a column -> the title of its control, and its help."""


def mark_of(path: Path, look: Look) -> str:
    """A key of the controls of one table, so that another one begins with its own guesses."""
    return hashlib.sha256(repr((str(path), look.columns)).encode()).hexdigest()[:10]


def choose_columns(look: Look, mark: str) -> dict[str, Any]:
    """A preview and the controls under it; the answers have the names of the recipe.

    Text and label may be empty, and the thresholds are as they are typed.
    """
    st.dataframe(pd.DataFrame(look.rows, columns=look.columns), hide_index=True, height="content")
    if look.nested:
        st.caption(f"Left out, since they hold lists or objects: {', '.join(map(literal, look.nested))}.")
    chosen = {}
    usual = {**look.guessed._asdict(), "split": look.guessed.split or _NONE, "group": _NONE}
    for place, (name, (title, help)) in zip(st.columns(4, gap="small"), _COLUMNS.items(), strict=True):
        names = look.columns if name in ("text", "label") else (_NONE, *look.columns)
        index = names.index(usual[name]) if usual[name] in names else None
        picked = place.selectbox(
            title, names, index=index, key=f"own_{name}_{mark}", help=help, placeholder="choose one"
        )
        chosen[name] = picked or ""
    rating, share, tokens = st.columns([3, 3, 6], gap="small")
    thresholds = rating.text_input(
        "Thresholds of a rating",
        key=f"own_thresholds_{mark}",
        placeholder="4, 7",
        help="For a class column of numbers, such as stars: 4, 7 makes the classes under 4, 4 to under 7, 7 "
        "and more.",
    )
    if look.distinct.get(chosen["label"], 0) > MOST_CLASSES:
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
        disabled=chosen["split"] != _NONE,
        help="Share of the texts of each class that no network learns from, to score it at the end. Without "
        "effect where a column names test texts.",
    )
    with tokens:
        rules = _choose_tokens(look, mark)
    named = {name: "" if column == _NONE else column for name, column in chosen.items()}
    return {**named, "thresholds": thresholds, "tokens": rules, "test_share": test_share}


def _choose_tokens(look: Look, mark: str) -> TokenRules:
    is_unspaced = look.guessed.text in look.without_spaces
    unit, case, accents, exact = st.columns([3, 2, 2, 2], gap="small", vertical_alignment="bottom")
    is_exact = exact.toggle(_TOKENS["exact"].label, key=f"own_exact_{mark}", help=_TOKENS["exact"].help)
    folding: dict[str, Any] = {"disabled": is_exact}
    chosen: dict[str, Any] = {
        "unit": unit.segmented_control(
            _TOKENS["unit"].label,
            _TOKENS["unit"].choices,
            default="characters" if is_unspaced else "words",
            required=True,
            key=f"own_unit_{mark}",
            help=_TOKENS["unit"].help,
        ),
        "lowercase": case.toggle(
            _TOKENS["lowercase"].label,
            True,
            key=f"own_lowercase_{mark}",
            help=_TOKENS["lowercase"].help,
            **folding,
        ),
    }
    keeps = accents.toggle(
        "Keep accents", True, key=f"own_accents_{mark}", help=_TOKENS["accents"].help, **folding
    )
    if is_unspaced:
        st.caption("This script puts no spaces between words, so each character is a token.")
    if is_exact:
        return TokenRules(unit=chosen["unit"], lowercase=False, exact=True)
    return TokenRules(**chosen, accents="keep" if keeps else "strip")


_CHOICES: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "duplicates": (
        "Same text, same class",
        {"keep-first": "keep the first", "keep-all": "keep all"},
        "A text that is there five times counts five times while the network learns.",
    ),
    "across_splits": (
        "Same text in training and test",
        {"leave-training": "keep it for the test", "keep-all": "keep both"},
        "A network may know by heart what it has learned from: kept in both, it makes the score too high.",
    ),
    "contradictory": (
        "Same text, two classes",
        {"leave-out": "leave out", "keep-first": "keep the first", "keep-all": "keep all"},
        "Of such texts nothing can be learned.",
    ),
    "small_classes": (
        f"Classes below {FEW_TEXTS} texts",
        {"leave-out": "leave out", "join": f"join as {OTHER}", "keep": "keep"},
        "Too few to learn from and to score.",
    ),
}
_MOST_LABELS = 200


def rename_classes(labels: Mapping[str, Mapping[str, int]], mark: str) -> tuple[tuple[str, str], ...]:
    """A table of the labels as they are written, each with the name of its class, to be changed by hand."""
    listed = list(labels)[:_MOST_LABELS]
    table = pd.DataFrame(
        {"in the table": listed, "rows": [sum(labels[label].values()) for label in listed], "class": listed}
    )
    edited = st.data_editor(
        table,
        key=f"own_classes_{mark}",
        hide_index=True,
        height=min(38 + 35 * len(listed), 318),
        disabled=["in the table", "rows"],
        column_config={
            "class": st.column_config.TextColumn(
                "class",
                required=True,
                max_chars=100,
                help="Type another name. Two labels with the same name become one class.",
            )
        },
    )
    if len(labels) > len(listed):
        st.caption(
            f"These are the {len(listed):,} most frequent of {len(labels):,} labels. In a shell, "
            "`data add --merge OLD=NEW` renames any of them."
        )
    pairs = zip(listed, edited["class"], strict=True)
    return tuple((old, str(new).strip()) for old, new in pairs if str(new).strip() not in ("", old))


def choose_rows(mark: str) -> dict[str, Any]:
    """Ask what becomes of each kind of row; the answers have the names of the recipe."""
    with st.grid(4, min_column_width=200, gap="small"):
        return {
            name: st.selectbox(
                label, list(names), format_func=names.__getitem__, key=f"own_{name}_{mark}", help=help
            )
            for name, (label, names, help) in _CHOICES.items()
        }


def show_survey(survey: Survey, unit: str) -> None:
    """Texts and tokens by class and split, lengths, what is left out; `unit` is what a token is called."""
    if survey.problem:
        st.warning(literal(survey.problem), icon=":material/block:")
        return
    st.markdown(
        f"**{texts_in(survey.classes):,} texts in {len(survey.classes)} classes**, of {survey.rows:,} rows; "
        f"{survey.left_out.empty / survey.rows:.1%} of the rows have no text."
    )
    st.dataframe(
        _table(survey, unit).style.format(thousands=","), height=min(73 + 35 * len(survey.classes), 353)
    )
    shortest, quarter, half, three_quarters, most, longest = survey.lengths
    st.caption(
        f"{unit.capitalize()}s of a text: the shortest has {shortest:,.0f}, a quarter of the texts have "
        f"{quarter:,.0f} at most, half {half:,.0f}, three quarters {three_quarters:,.0f}, 95 % {most:,.0f}, "
        f"the longest has {longest:,.0f}."
    )
    if left_out := left_out_in_words(survey.left_out._asdict()):
        st.caption(f"Rows left out: {'; '.join(left_out)}.")
    if survey.small:
        named = ", ".join(f"{literal(name)} ({count})" for name, count in survey.small[:10])
        st.caption(f"Small classes: {named}.")


def _table(survey: Survey, unit: str) -> pd.DataFrame:
    """A row for each class: texts and tokens of each split that has any, and the most telling words."""
    splits = [split for split in SPLITS if any(parts[split].texts for parts in survey.classes.values())]
    cells = {
        **{
            (split, what): [getattr(parts[split], field) for parts in survey.classes.values()]
            for split in splits
            for what, field in (("texts", "texts"), (f"{unit}s", "tokens"))
        },
        ("most telling", f"{unit}s"): [
            ", ".join(map(visible, survey.telling.get(name, ()))) or "none" for name in survey.classes
        ],
    }
    table = pd.DataFrame(cells, index=pd.Index(survey.classes, name="class"))
    table.columns = pd.MultiIndex.from_tuples(cells)
    return table
