"""The contents of the user's own table and what becomes of them: classes by name, rows that are left out."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.shared.format import literal
from rnn_core.data.corpus import SPLITS
from rnn_core.data.own.choice import left_out_in_words
from rnn_core.data.own.recipe import FEW_TEXTS, OTHER
from rnn_core.data.own.survey import Survey, texts_in

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
            ", ".join(survey.telling.get(name, ())) or "none" for name in survey.classes
        ],
    }
    table = pd.DataFrame(cells, index=pd.Index(survey.classes, name="class"))
    table.columns = pd.MultiIndex.from_tuples(cells)
    return table
