"""The corpora of the user's own texts: what each holds, its size, and a button that deletes it."""

import streamlit as st

from pages.components.shared import corpora
from pages.components.shared.format import listed, literal, size
from rnn_core.data.own.catalogue import OwnCorpus, own_corpora
from rnn_core.errors import DataError, RunError, SweepError
from rnn_core.runs.store import Store
from rnn_core.sweeps.own_corpus import remove_corpus

_CLASSES_NAMED = 4
_PROBLEM = "own_remove_problem"


def list_own() -> None:
    """A line for each, or a sentence where there is none."""
    there = own_corpora()
    if not there:
        st.caption(
            "None yet. Add a table, and everything here works with it: the views above, training, reading, "
            "experiments. In a shell: `python -m rnn_core data add FILE --name NAME`."
        )
    for corpus in there:
        line, button = st.columns([8, 2], gap="small", vertical_alignment="center")
        line.markdown(_described(corpus))
        with button.popover(
            "Delete", icon=":material/delete:", width="stretch", key=f"own_delete_{corpus.name}"
        ):
            st.markdown(
                f"Deletes {_all_of(corpus)} **{literal(corpus.name)}** ({size(corpus.bytes)}). "
                "A table on this machine that it was made of stays; an uploaded one was not kept, so that it "
                "must be given again. Networks that learned from it still read what you type."
            )
            st.button(
                "Delete it",
                type="primary",
                key=f"own_delete_now_{corpus.name}",
                on_click=_remove,
                args=(corpus.name,),
            )
    problem = st.session_state.pop(_PROBLEM, None)
    if problem is not None:
        st.error(literal(problem), icon=":material/error:")


def _described(corpus: OwnCorpus) -> str:
    if corpus.problem:
        return f"**{literal(corpus.name)}**: {literal(corpus.problem)}"
    names = [literal(name) for name in corpus.classes[:_CLASSES_NAMED]]
    more = len(corpus.classes) - len(names)
    named = f"{', '.join(names)} and {more} more" if more else listed(names)
    return (
        f"**{literal(corpus.name)}**: {corpus.texts:,} texts in {len(corpus.classes)} classes ({named}), "
        f"{size(corpus.bytes)}, added {corpus.added.astimezone():%d %B %Y}."
    )


def _all_of(corpus: OwnCorpus) -> str:
    """What is deleted with it, before its name."""
    return "the damaged files of" if corpus.problem else f"the {corpus.texts:,} texts of"


def _remove(name: str) -> None:
    corpora.close_all()
    try:
        remove_corpus(Store(), name)
    except (DataError, RunError, SweepError) as error:
        st.session_state[_PROBLEM] = str(error)
