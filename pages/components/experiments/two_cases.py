"""Is the difference between these two real? Any two cases of a sweep, with what their seeds say."""

from collections.abc import Collection

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared import address_keys as keys
from pages.components.shared.address_keys import Key
from pages.components.shared.choose_view import kept_choice
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained
from rnn_core.sweeps.findings.sentences import UNTESTED
from rnn_core.sweeps.findings.side_by_side import case_results, difference
from rnn_core.sweeps.sweep import Sweep
from rnn_core.tasks.task import Measure


def compare_two_cases(sweep: Sweep, table: pd.DataFrame, measure: Measure) -> None:
    """Two selects and a sentence on the chosen cases: at first the best, and the next with another result.

    Nothing where there is one case, or where seeds only disturb what is measured.
    """
    cases = {case.name: case for case in case_results(sweep, table, measure)}
    if len(cases) < 2 or measure.field in UNTESTED:
        return
    st.markdown("**Is the difference between these two real?**")
    left, right = st.columns(2, gap="medium")
    one = cases[_choose(left, "One case", keys.CASE, cases)]
    others = [name for name in cases if name != one.name]
    # First those on the same texts, and of these the ones with another result.
    others.sort(key=lambda name: (cases[name].corpus != one.corpus, cases[name].seeds.mean == one.seeds.mean))
    other = cases[_choose(right, "Another case", keys.OTHER_CASE, others)]
    found = difference(one, other, measure, len(cases))
    st.markdown(explained(f"**{found.conclusion}**: {literal(found.numbers)}", "two cases"))
    st.caption(explained(found.how_known, "two cases, how known"))


def _choose(place: DeltaGenerator, label: str, name: Key, options: Collection[str]) -> str:
    key = f"{name}_picked"
    return kept_choice(label, options, name, key, lambda: next(iter(options)), draw=place.selectbox)
