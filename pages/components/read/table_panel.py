"""A whole table at once: the network says of each text which class it is of."""

import shutil
from pathlib import Path

import pandas as pd
import streamlit as st

from pages.components.read.panels import gives_verdict, panel
from pages.components.read.readings import Reading
from pages.components.shared.belongings import belongings
from pages.components.shared.downloads import offer_file
from pages.components.shared.found_by import forget, found_by
from pages.components.shared.model_picker import changed_at
from pages.components.shared.table_source import choose_source, file_state
from rnn_core.data.own.survey import TableLook
from rnn_core.figures.colours import Theme
from rnn_core.labelling import label_apart

_KIND, _WORK, _ASKED = "labelled", "labelled_table", "labelled_asked"
_FORMATS = "CSV, TSV, JSON Lines, Parquet, Excel (.xlsx), a folder of .txt files, or one of these in a zip."


@panel("A whole table", "What does it say of many texts?", needs=gives_verdict)
def show_table(reading: Reading, time: int, theme: Theme) -> None:
    """A table, its column of texts, and the labelled table to download."""
    st.markdown(
        "A table with a text in each row, without labels: this network reads all of them. The table comes "
        f"back with three more columns: the class, its probability, and the three {reading.unit}s that "
        "counted most."
    )
    source = choose_source(_KIND, _FORMATS)
    if source is None:
        st.caption(
            "In a shell: `python -m rnn_core predict MODEL --file NEW.csv --text COLUMN --out labelled.csv`."
        )
        return
    path, look = source
    st.dataframe(pd.DataFrame(look.rows[:5], columns=look.columns), hide_index=True)
    column, button = st.columns([7, 3], gap="medium", vertical_alignment="bottom")
    place = look.columns.index(look.guessed.text) if look.guessed.text in look.columns else 0
    text = column.selectbox("Column with the texts", look.columns, place, key=f"labelled_text_{path}")
    model = reading.model
    about = f"{model.name} {changed_at(model.folder)} {path} {file_state(path)} {text} {look.options}"
    if button.button("Read the table", icon=":material/menu_book:", type="primary", width="stretch"):
        forget(_WORK)
        shutil.rmtree(belongings().folder / _WORK, ignore_errors=True)  # the table of before
        st.session_state[_ASKED] = about
    if st.session_state.get(_ASKED) == about:
        _show_labelled(reading, path, look, text, about)


def _show_labelled(reading: Reading, path: Path, look: TableLook, text: str, about: str) -> None:
    folder = belongings().folder / _WORK
    found = found_by(
        _WORK,
        about,
        lambda: label_apart(reading.model.folder, path, look.options, text, folder),
        "Opening the table",
    )
    if found is None:
        return
    out, counts = found
    total = sum(counts.values())
    st.markdown(f"**{total:,} texts read.** Of each class:")
    table = pd.DataFrame({"class": list(counts), "texts": list(counts.values())})
    st.dataframe(table.sort_values("texts", ascending=False), hide_index=True)
    offer_file("The labelled table", out.read_bytes, f"{path.stem}-labelled.csv", "text/csv")
    st.caption("It is deleted when you close this tab, or read another table.")
