"""A sweep of one's own: which settings are varied, over which values, with which seeds."""

import streamlit as st

from pages.components import corpora, settings
from pages.components.sweep_picker import take_up
from pages.components.sweep_work import begin, counted_runs, left_of
from pages.components.words import literal, network_name
from rnn_core.config import ConfigError, RunConfig
from rnn_core.experiments.questions import own_sweep
from rnn_core.experiments.results import Results
from rnn_core.experiments.sweep import Sweep, grid, parse_factor

_MOST_FACTORS = 3
_EVERY = 1.0  # seconds
_OWN = "own"
_USUAL = {"cell": "elman, gru, lstm", "max_length": "25, 100, 400", "vocab_size": "500, 2000, 5000"}


def ask_your_own() -> None:
    """The form, folded away; what is wrong with it is said before anything begins."""
    form = st.expander("Ask your own question", icon=":material/tune:", on_change="rerun", key="own_question")
    if not form.open:  # or its cases would be measured
        return
    with form:
        settings.begin(corpora.usual_data())
        try:
            base = settings.current_config()
        except ConfigError as error:
            st.error(f"{literal(str(error))}\\.")
            return
        st.markdown(
            f"All other settings are those of the page Train: {literal(network_name(base))}, "
            f"{base.training.epochs} epochs."
        )
        sweep = _filled_in(base)
        if sweep is None:
            return
        try:
            results, asked = Results(sweep.name), len(sweep)
            sweep = results.grown(sweep)
            missing = len(results.missing(sweep))
        except ConfigError as error:
            st.error(f"{literal(str(error))}\\.")
            return
        if not missing:
            st.info(f"All runs of {literal(sweep.name)} have ended: pick it above to see them.")
            return
        if len(sweep) > asked:
            together = counted_runs(len(sweep))
            st.caption(f"A sweep of this name was begun with other values: together they are {together}.")
        st.button(
            f"Start {counted_runs(missing)}", icon=":material/play_arrow:", type="primary",
            key="start_own_sweep", on_click=_start, args=(sweep,),
        )  # fmt: skip
        _show_time(sweep)


def _show_time(sweep: Sweep) -> None:
    """What it will take, as soon as that is measured.

    Apart from the button: of one in a fragment with a timer a click is lost at times.
    """
    is_measuring = left_of(sweep, _OWN).is_measuring

    @st.fragment(run_every=_EVERY if is_measuring else None)
    def takes() -> None:
        left = left_of(sweep, _OWN)
        if is_measuring and not left.is_measuring:
            st.rerun()  # without the timer
        if str(left):
            st.caption(f"Takes {left}." if left.seconds is not None else f"{str(left).capitalize()}.")

    takes()


def _filled_in(base: RunConfig) -> Sweep | None:
    name_place, factors_place, seeds_place = st.columns([2, 4, 1], gap="medium")
    name = name_place.text_input(
        "Its name", "my-sweep", key="own_name", max_chars=60, persist_state="session",
        help="Small letters, digits and hyphens. A sweep of this name goes on where it was.",
    )  # fmt: skip
    factors = factors_place.multiselect(
        "What is varied",
        [name for name in settings.DECLARED if name != "seed"],
        default=["cell"],
        max_selections=_MOST_FACTORS,
        format_func=settings.name_of,
        key="own_factors",
        persist_state="session",
        help="Up to three settings; every combination of their values is a run.",
    )
    seeds = seeds_place.number_input(
        "Seeds", 1, 10, 2, key="own_seeds", persist_state="session",
        help="Each combination is run with this many seeds, since chance alone makes a difference.",
    )  # fmt: skip
    if not factors:
        st.info("Pick at least one setting to vary.")
        return None
    texts = [
        place.text_input(
            f"Values of {settings.name_of(factor)}", _USUAL.get(factor, str(settings.value(factor))),
            key=f"own_values_{factor}", persist_state="session", help="With commas between them.",
        )
        for place, factor in zip(st.columns(len(factors)), factors, strict=True)
    ]  # fmt: skip
    try:
        cases = grid(
            dict(parse_factor(f"{factor}={text}") for factor, text in zip(factors, texts, strict=True))
        )
        return own_sweep(name, base, cases, range(int(seeds)))
    except ConfigError as error:
        st.error(f"{literal(str(error))}\\.")
        return None


def _start(sweep: Sweep) -> None:
    if begin(sweep):
        take_up(sweep.name)
