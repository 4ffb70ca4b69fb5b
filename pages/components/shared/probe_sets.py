"""Which probes are asked, one choice for Read and Experiments; and what a score on them is worth."""

import streamlit as st

from pages.components.shared import address
from pages.components.shared.read_links import PROBE_SET
from rnn_core.data.composed.overlap_words import what_is_shared
from rnn_core.data.probes.pairs import DEVELOPMENT, REPORTED, SETS, STRICT, THIRD

_LABELS = {
    STRICT: "Reported half, strict",
    REPORTED: "Reported half",
    THIRD: "Third set",
    DEVELOPMENT: "Development half",
}


def choose_probe_set() -> str:
    """A list of all sets of probes, kept in the address."""
    address.follow(PROBE_SET, PROBE_SET, SETS, lambda: STRICT)
    chosen = str(
        st.selectbox(
            "Pairs of sentences",
            SETS,
            format_func=_LABELS.__getitem__,
            key=PROBE_SET,
            persist_state="session",
            help="The halves have different authors, other words and other patterns; settings of networks "
            "are chosen on the development half alone. The strict part leaves out what stands near a "
            "composed sentence. The third set asks for other phenomena.",
        )
    )
    address.write(PROBE_SET, PROBE_SET, chosen)
    return chosen


def show_what_is_shared() -> None:
    """What probes and composed sentences have in common, folded away."""
    with st.expander("What probes and composed sentences share"):
        st.markdown(what_is_shared())
