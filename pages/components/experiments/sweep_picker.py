"""What the page Experiments shows: a published question, what networks understand, or a sweep begun here."""

import streamlit as st

from pages.components.experiments.sweep_settings import varied_in_words
from pages.components.experiments.understanding import MEANS, TITLE, UNDERSTANDING
from pages.components.shared import address
from pages.components.shared.format import literal
from pages.components.shared.glossary import caption_with_terms
from rnn_core.errors import SweepError
from rnn_core.sweeps.questions import QUESTIONS, RENAMED, SEARCHES
from rnn_core.sweeps.results import Results, all_results
from rnn_core.sweeps.sweep import Sweep

_PICKED, _ADDRESS = "sweep_picked", "sweep"


def pick_question() -> str:
    """The name of what is picked, as the address says it: a sweep, or UNDERSTANDING."""
    begun = [results.path.stem for results in all_results()]
    own = [name for name in begun if name not in {*QUESTIONS, *SEARCHES}]
    names = [*QUESTIONS, UNDERSTANDING, *own]
    usual = next((name for name in names if name in begun), names[0])
    address.follow(_ADDRESS, _PICKED, names, lambda: usual, formerly=RENAMED)
    name = st.selectbox(
        "Question",
        names,
        format_func=_title,
        key=_PICKED,
        persist_state="session",
        help="Questions whose answers come with the app, then the sweeps of your own.",
    )
    address.write(_ADDRESS, _PICKED, name)
    return name


def sweep_of(name: str) -> Sweep | None:
    """The sweep that answers it; None for UNDERSTANDING, and, with the reason, where it can't be read."""
    if name == UNDERSTANDING:
        return None
    if name in QUESTIONS:
        return QUESTIONS[name].sweep
    try:
        return Results(name).sweep()
    except SweepError as error:
        st.error(literal(str(error)))
        return None


def describe(name: str, sweep: Sweep | None) -> None:
    """What a question asks; of one's own sweep its whole name, which a select may cut, and what is varied."""
    if name == UNDERSTANDING:
        caption_with_terms(MEANS, "question")
    elif name in QUESTIONS:
        caption_with_terms(literal(QUESTIONS[name].means), "question")
    elif sweep is not None:
        st.caption(f"{literal(name)}: {literal(varied_in_words(sweep))}.")


def take_up(name: str) -> None:
    """Show this sweep at the next run of the page; in a callback."""
    st.session_state[_PICKED] = name


def _title(name: str) -> str:
    """A question as it is asked; a sweep of one's own by its name."""
    if name == UNDERSTANDING:
        return TITLE
    return QUESTIONS[name].title if name in QUESTIONS else name
