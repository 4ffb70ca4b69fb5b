"""A sweep of one's own: which settings are varied, over which values, with which seeds."""

from typing import Any

import streamlit as st

from pages.components.experiments.sweep_picker import other_settings, take_up
from pages.components.experiments.sweep_work import begin, choose_place, counted_runs, left_of
from pages.components.shared import corpora, settings
from pages.components.shared.format import literal
from pages.components.shared.went_wrong import saying
from rnn_core.config.run import RunConfig
from rnn_core.config.setting import NONE
from rnn_core.config.words import name_of, short_name
from rnn_core.errors import ConfigError, DataError
from rnn_core.runs.at_work import is_at_work
from rnn_core.sweeps.permutation import enough_seeds
from rnn_core.sweeps.questions import own_sweep
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, grid, parse_factor, wide_enough
from rnn_core.sweeps.without import LEFT_OUT, cells_without, without
from rnn_core.symbols import CELLS

_OWN = "own"


def ask_your_own(picked: Sweep | None, *, asks_where: bool) -> None:
    """The form, folded away, that knows the sweep shown above; it may ask where runs are to run, too."""
    form = st.expander("Ask your own question", icon=":material/tune:", on_change="rerun", key="own_question")
    if not form.open:  # or its cases would be measured
        return
    with form, saying(ConfigError, DataError):
        settings.read_controls(corpora.usual_data())
        sweep = _filled_in(settings.current_config())
        if sweep is None:
            return
        others = literal(other_settings(sweep.base, sweep.factors))
        st.caption(
            f"All other settings are those of the page Train: {others}. All that are not named have the "
            "default of `python -m rnn_core sweep`."
        )
        _offer(sweep, picked, asks_where=asks_where)


def _offer(sweep: Sweep, picked: Sweep | None, *, asks_where: bool) -> None:
    """The button that starts what is missing of it, or where to see it. Raises SweepError."""
    results, asked = Results(sweep.name), len(sweep)
    sweep = results.grown(sweep)
    missing = len(results.missing(sweep))
    if not missing:
        is_picked = picked is not None and picked.name == sweep.name
        where = "they are shown above" if is_picked else "pick it above to see them"
        st.info(f"All runs of {literal(sweep.name)} have ended: {where}.")
        return
    if is_at_work(sweep.name):
        st.info(f"{literal(sweep.name)} is at work, with {counted_runs(missing)} to do.")
        return
    if len(sweep) > asked:
        together = counted_runs(len(sweep))
        st.caption(f"A sweep of this name was begun with other values: together they are {together}.")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Start {counted_runs(missing)}",
            icon=":material/play_arrow:",
            type="primary",
            key="start_own_sweep",
            on_click=_start,
            args=(sweep,),
        )
        if asks_where:
            choose_place()
    _show_time(sweep)


def _show_time(sweep: Sweep) -> None:
    """The cost of the sweep, apart from the button: a click on one that a timer draws is lost at times."""
    is_measuring = left_of(sweep, _OWN).is_measuring

    @st.fragment(run_every=1.0 if is_measuring else None)
    def takes() -> None:
        left = left_of(sweep, _OWN)
        if is_measuring and not left.is_measuring:
            st.rerun()  # without the timer
        if str(left):
            st.caption(f"Takes {left}." if left.seconds is not None else f"{str(left).capitalize()}.")

    takes()


def _filled_in(base: RunConfig) -> Sweep | None:
    """The sweep of the form; None where nothing is varied. Raises ConfigError and DataError."""
    name_place, factors_place, cell_place, seeds_place = st.columns([2, 3, 2, 1], gap="medium")
    name = name_place.text_input(
        "Its name",
        "my-sweep",
        key="own_name",
        max_chars=60,
        persist_state="session",
        help="Small letters, digits and hyphens. A sweep of this name goes on where it was.",
    )
    cell = cell_place.selectbox(
        "Without …",
        ["", *CELLS],
        format_func=lambda cell: CELLS[cell].title if cell else "no cell",
        key="own_without",
        persist_state="session",
        help="In place of the settings to the left: a cell, and the same without each of its parts in turn.",
    )
    factors = factors_place.multiselect(
        "What is varied",
        [*settings.FACTORS],
        default=["cell"],
        max_selections=3,
        format_func=name_of,
        key="own_factors",
        persist_state="session",
        disabled=bool(cell),
        help="Up to three settings; every combination of their values is a run.",
    )
    help = (
        "Each combination is run with this many seeds, since the same network with another seed ends a "
        "little higher or lower."
    )
    seeds = seeds_place.number_input("Seeds", 1, 10, 2, key="own_seeds", persist_state="session", help=help)
    if cell:
        return _parts_out(name, base, cell, range(int(seeds)))
    if not factors:
        st.info("Pick at least one setting to vary.")
        return None
    texts = [
        place.text_input(
            f"Values of {name_of(factor)}",
            values_at_first(factor),
            key=f"own_values_{factor}",
            persist_state="session",
            help="With commas between them.",
        )
        for place, factor in zip(st.columns(len(factors)), factors, strict=True)
    ]
    typed = zip(factors, texts, strict=True)
    cases = grid(dict(parse_factor(f"{factor}={coded(factor, text)}") for factor, text in typed))
    return own_sweep(name, wide_enough(base, cases), cases, range(int(seeds)))


def _parts_out(name: str, base: RunConfig, cell: str, seeds: range) -> Sweep | None:
    """The sweep of a cell and its ticked parts; None where none is. Raises SweepError where it has none."""
    words = [*cells_without(cell, base.model.forget_bias)][1:]
    asked = st.pills(
        "The whole cell, and",
        words,
        selection_mode="multi",
        default=words,
        format_func=literal,
        key=f"own_parts_{cell}",
        persist_state="session",
        help=f"Where a part is left out, {LEFT_OUT}. Fewer units are so few that the whole cell has no more "
        "parameters than the smallest of the others.",
    )
    if not asked:
        st.info("Tick at least one.")
        return None
    base, cases = without(base, cell, asked)
    differs = f"It takes {enough_seeds(len(cases) - 1)} seeds to show that one of the others differs from it."
    st.caption(f"The whole cell has {base.model.hidden_size:,} units. {differs}")
    return own_sweep(name, base, cases, seeds)


def _start(sweep: Sweep) -> None:
    if begin(sweep):
        take_up(sweep.name)


_USUAL = {"max_length": "25, 100, 400", "vocab_size": "500, 2000, 5000"}


def values_at_first(factor: str) -> str:
    """The values to begin with: all choices but cells of one's own, both sides of a switch, or numbers around
    the one on Train.
    """
    declared, value = settings.FACTORS[factor], settings.value(factor)
    if factor in ("device", "threads"):  # no question about a network
        return _shown(value)
    if declared.choices:
        own = {*CELLS.finder.names()} if factor == "cell" else set()
        return ", ".join(_shown(choice) for choice in declared.choices if choice not in own)
    if declared.kind is str:
        return value or NONE
    if declared.kind is bool:
        return "on, off"
    if factor in _USUAL:
        return _USUAL[factor]
    if not value:  # a share that is off by default
        return "0, 0.2, 0.4" if declared.kind is float and declared.high <= 0.9 else _shown(value)
    around = (declared.kind(part) for part in (value / 2, value, value * 2))
    return ", ".join(
        _shown(number) for number in dict.fromkeys(around) if declared.low <= number <= declared.high
    )


def coded(factor: str, text: str) -> str:
    """Return what was typed, choices as the settings call them. Raises ConfigError for one that there is not.

    >>> coded("truncation", "front, end"), coded("cell", "GRU, elman")
    ('pre, post', 'gru, elman')
    """
    declared = settings.FACTORS[factor]
    if not declared.choices or not text.strip():
        return text
    by_word = {name.lower(): choice for choice in declared.choices for name in (short_name(choice), choice)}
    words = [word.strip() for word in text.split(",")]
    for word in words:
        if word.lower() not in by_word:
            known = ", ".join(_shown(choice) for choice in declared.choices)
            raise ConfigError(f"{declared.label} must be one of {known}, got {word!r}.")
    return ", ".join(declared.typed(by_word[word.lower()]) for word in words)


def _shown(value: Any) -> str:
    """A value as it is typed: a whole number in all its digits.

    >>> _shown("pre"), _shown(1_000_000), _shown(0.0025)
    ('front', '1000000', '0.0025')
    """
    if isinstance(value, str):
        return short_name(value) or NONE
    return f"{value:g}" if isinstance(value, float) else str(value)
