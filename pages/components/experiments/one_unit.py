"""A question that no sweep answers, “Is there one unit that knows the verdict?”: a command measured it."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.glossary import explained
from pages.components.shared.panel_chart import panel_chart
from pages.components.shared.went_wrong import saying
from rnn_core.errors import SweepError
from rnn_core.figures.colours import Theme
from rnn_core.figures.effects import named_cases
from rnn_core.sweeps.one_unit import read_one_unit

_NETWORKS = {"trained": "Trained", "untrained": "Before training"}


@saying(SweepError)
def show_one_unit(_controls: DeltaGenerator, theme: Theme) -> None:
    """The finding, its numbers, and the share that unit or units of each network have right."""
    results = read_one_unit()
    if results is None:
        st.info("Nobody has asked a network yet: `python -m rnn_core one-unit MODEL --keep` does.")
        return
    rows = [
        (f"{_NETWORKS[one.network]}, {which}, {one.state} state", share, "")
        for which in ("all units", "one unit")
        for one in results.found
        for share in [one.all_units if which == "all units" else one.one_unit]
    ]
    table = pd.DataFrame(rows, columns=["case", "right", "run"])
    if said := results.in_words():
        st.markdown(explained(f"**{said[0]}**", "finding"))
        with st.expander("What it rests on", icon=":material/format_list_numbered:"):
            st.markdown(explained(said[1], "all numbers"))
            st.caption(explained(said[2], "limits"))
    title = "Test reviews that are right, each verdict counting alike"
    panel_chart(
        named_cases(table, "right", table["case"], title=title, lines={"Guessing": 0.5}, theme=theme),
        key="one_unit",
        alt=f"{title}, for the best unit and all units of a network before and after training.",
        table=lambda: table.drop(columns="run"),
        saved_as="gatescope-one-unit",
        whose=results.model,
    )
    st.caption(f"Made by `python -m rnn_core one-unit {results.model} --texts {results.texts} --keep`.")
