"""The button that measures what counting words is worth on a corpus of the user's own."""

from functools import partial

import streamlit as st

from pages.components.shared.format import literal
from pages.components.shared.job_progress import follow_job
from pages.components.shared.jobs import Job, jobs
from rnn_core.baselines import own
from rnn_core.baselines.scores import read_baselines
from rnn_core.config.corpora import CorpusRef
from rnn_core.errors import BaselineError

_AT_FIRST = "Reading the texts"


def offer_baselines(data: CorpusRef) -> None:
    """The button, or how far it is; nothing where baselines are published, or the corpus is not there."""
    if data.is_published or not data.is_prepared():
        return
    job = _job(data)
    if job is not None and job.running:
        follow_job(partial(_job, data), f"cancel_baselines_{data}")
        return
    if job is not None and job.error:
        st.error(literal(job.error), icon=":material/error:")
    why_not = own.why_not()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Measure again" if _are_measured(data) else "Measure baselines",
            icon=":material/bar_chart:",
            key=f"baselines_{data}",
            disabled=bool(why_not),
            on_click=_begin,
            args=(data,),
            help=f"Trains a bag of words and an NB-SVM on these {data.nouns.texts}, which takes seconds to "
            "minutes. A network can score less and still read what no count of words shows, such as a "
            "negation: the probe pairs test that.",
        )
        if why_not:
            st.caption(why_not, width="stretch")


def _are_measured(data: CorpusRef) -> bool:
    try:
        return bool(read_baselines(data))
    except BaselineError:  # a new measurement takes its place
        return False


def _begin(data: CorpusRef) -> None:
    jobs().forget(_name(data))
    jobs().start(_name(data), partial(own.measuring, data), _AT_FIRST)


def _job(data: CorpusRef) -> Job | None:
    return jobs().get(_name(data))


def _name(data: CorpusRef) -> str:
    return f"baselines of {data}"
