"""What the user's own table holds, and what becomes of it: classes by name, rows that are left out."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from pages.components.shared.format import literal
from rnn_core.data.labelled_text import SPLITS
from rnn_core.data.own.recipe import FEW_TEXTS, OTHER
from rnn_core.data.own.survey import Survey

_WHY_LEFT_OUT = {
    "without_class": "without a class",
    "empty": "without a text",
    "contradictory": "with a text that is in another class, too",
    "duplicates": "with a text that stands there before",
    "across_splits": "with a text, or of a group, that is kept for the test",
    "small_classes": f"of a class with fewer than {FEW_TEXTS} texts",
}
_CHOICES: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "duplicates": (
        "Same text, same class",
        {"keep-first": "keep the first", "keep-all": "keep all"},
        "A text that is there many times counts as often while the network learns.",
    ),
    "across_splits": (
        "Same text in training and test",
        {"leave-training": "keep it for the test", "keep-all": "keep both"},
        "A network knows by heart what it has learned from: kept in both, the test is easier than it is.",
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
        {
            "in the table": listed,
            "rows": [sum(labels[label].values()) for label in listed],
            "class": listed,
        }
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


def choose_rows(mark: str) -> dict[str, str]:
    """What becomes of each kind of row, by the names of the recipe."""
    chosen = {}
    with st.grid(4, min_column_width=200, gap="small"):
        for name, (label, names, help) in _CHOICES.items():
            chosen[name] = st.selectbox(
                label, list(names), format_func=names.__getitem__, key=f"own_{name}_{mark}", help=help
            )
    return chosen


def show_survey(survey: Survey) -> None:
    """Texts by class and split, lengths, and what is left out."""
    if survey.problem:
        st.warning(literal(survey.problem), icon=":material/block:")
        return
    texts = sum(sum(splits.values()) for splits in survey.classes.values())
    _, _, middle, _, most, longest = survey.lengths
    st.markdown(
        f"**{texts:,} texts in {len(survey.classes)} classes**, of {survey.rows:,} rows. The rows have "
        f"{survey.tokens:,} tokens: half of the texts {middle:,.0f} at most, 95 % {most:,.0f} at most, the "
        f"longest {longest:,.0f}."
    )
    left_out = [
        f"{count:,} {_WHY_LEFT_OUT[why]}" for why, count in survey.left_out._asdict().items() if count
    ]
    if left_out:
        st.caption(f"Left out: {'; '.join(left_out)}.")
    if survey.small:
        named = ", ".join(f"{literal(name)} ({count})" for name, count in survey.small[:10])
        st.caption(f"Small classes: {named}.")
    splits = [split for split in SPLITS if any(counts[split] for counts in survey.classes.values())]
    table = pd.DataFrame(
        [
            {
                "class": name,
                **{split: counts[split] for split in splits},
                "most telling": ", ".join(survey.telling.get(name, ())),
            }
            for name, counts in survey.classes.items()
        ]
    )
    st.dataframe(table, hide_index=True, height=min(38 + 35 * len(table), 318))
