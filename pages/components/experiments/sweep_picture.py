"""A sweep on Experiments: its finding, its picture beside baselines, any two of its cases, its runs."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.experiments.small_pictures import show_small_pictures
from pages.components.experiments.sweep_finding import compare_two_cases, show_finding, show_how_sure
from pages.components.experiments.sweep_runs import choose_point, ordered, show_point, show_table, with_words
from pages.components.experiments.sweep_work import show_work
from pages.components.shared.baselines import (
    MEASURES,
    baseline_lines,
    baselines_in_words,
    majority,
    majority_in_words,
    offer_baselines,
    split_in_words,
)
from pages.components.shared.glossary import caption_with_terms
from pages.components.shared.panel_chart import panel_chart
from pages.components.shared.went_wrong import saying
from rnn_core.baselines.scores import read_baselines, reviews_of_baselines
from rnn_core.config.words import name_of
from rnn_core.data.probes.pairs import DEVELOPMENT
from rnn_core.errors import BaselineError, SweepError
from rnn_core.figures.colours import Theme
from rnn_core.figures.effects import Point, code_of, effect, named_cases
from rnn_core.figures.placing import lines_in_sight
from rnn_core.runs.at_work import is_at_work
from rnn_core.sweeps.over_seeds import telling_factors
from rnn_core.sweeps.questions import QUESTIONS, case_names, name_cases, share_compared
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.side_by_side import by_memory, measures_of, pictured
from rnn_core.sweeps.sweep import Sweep
from rnn_core.tasks.task import Measure, task_of

_FASTEST = "seconds_per_epoch"
"""A measure of which the fastest seed is drawn and named: whatever else the machine did only adds to it."""
_AT_A_GLANCE = "at a glance"
"""The measure of which a table of small pictures has several."""
PROBES = ("pairs_right", "sentences_right")
"""The measures of the probes."""


@saying(SweepError)
def show_sweep(sweep: Sweep, controls: DeltaGenerator, theme: Theme) -> bool:
    """The finding, picture and table, what is shown chosen in `controls`; whether it asks where to run."""
    results = Results(sweep.name)
    table, is_whole = results.table(), not results.missing(sweep)
    with st.container():  # it goes when the last run has ended; what is open below keeps its place
        asks_where = False
        with saying(SweepError):
            asks_where = not is_whole and show_work(sweep)
    if table.empty:
        begin = "They" if is_at_work(sweep.name) else "Start it, and they"
        st.info(f"None of its runs has ended yet. {begin} appear here one by one.")
        return asks_where
    table = name_cases(sweep, table)
    how = pictured(sweep)
    measures = measures_of(sweep, table)
    seen = by_memory(sweep, table)
    glance = "All cases at a glance" if how is not None else "" if seen.empty else "Bits by symbols seen"
    chosen, factor = _choose(sweep, measures, glance, controls)
    is_table = how is not None and chosen == _AT_A_GLANCE
    measure = next(iter(measures.values())) if chosen == _AT_A_GLANCE else measures[chosen]
    show_finding(sweep, table, measure)
    if how is not None and is_table:
        show_small_pictures(sweep, how, table, theme)
    elif chosen == _AT_A_GLANCE:
        _show_course(sweep, seen, theme)
    else:
        _show_picture(sweep, table, measure, factor, theme)
    show_point(sweep, table)
    if sweep.name in QUESTIONS and measure.field == share_compared(sweep):
        show_how_sure(QUESTIONS[sweep.name], table, measure)
    compare_two_cases(sweep, table, measure)
    if task_of(sweep.base).counted_by:
        with saying(BaselineError, by=st.warning):  # why there are no lines
            read_baselines(sweep.base.corpus)
        offer_baselines(sweep.base)
    show_table(sweep, table, has_points=not is_table)
    ended = f"{len(sweep):,} of {len(sweep):,} runs have ended. " if is_whole else ""
    st.caption(f"{ended}Made by `python -m rnn_core sweep {sweep.name}`, kept in `{results.where}`.")
    return asks_where


def _choose(
    sweep: Sweep, measures: Mapping[str, Measure], glance: str, controls: DeltaGenerator
) -> tuple[str, str | None]:
    """`glance` is the title of the picture of all that these runs have, empty where there is none."""
    what, against = controls.columns(2, gap="medium")
    titles = {name: measure.title for name, measure in measures.items()}
    if glance:
        titles = {_AT_A_GLANCE: glance, **titles}
    measure: str = what.selectbox(
        "Shown",
        list(titles),
        format_func=titles.__getitem__,
        key="effect_measure",
        persist_state="session",
        help="The mean over the seeds; for the seconds the fastest seed. Error bars reach from the lowest "
        "seed to the highest.",
    )
    if case_names(sweep):
        return measure, None
    is_table = measure == _AT_A_GLANCE
    factor: str = against.selectbox(
        "Against",
        sweep.telling or sweep.factors,
        format_func=name_of,
        key=f"effect_factor_{sweep.name}",
        disabled=is_table,
        help="This picture has all cases at once."
        if is_table
        else "The setting along the axis. Each combination of the other factors is a curve.",
    )
    return measure, factor


def _show_course(sweep: Sweep, seen: pd.DataFrame, theme: Theme) -> None:
    """The bits of each case against the symbols that its state has seen, and of the n-grams beside them."""
    names = {"cell": "", "symbols": "Last symbols that the state has seen", "bits": "Bits per symbol"}
    panel_chart(
        effect(seen, "symbols", "bits", by=["cell"], names=names, number=".3~f", theme=theme),
        key="effect",
        alt=f"Bits per symbol by the symbols that the state has seen, over {len(seen):,} measurements.",
        table=lambda: seen,
        saved_as=f"gatescope-{sweep.name}",
        whose=f"{sweep.name} by memory",
        on_point=partial(choose_point, sweep),
    )
    caption_with_terms(
        "All at the same places of the test texts. The state has its first value before the symbols it sees. "
        f"The n-grams are those of the training texts. {code_of('symbols', ['cell'])}",
        "points",
    )


def _show_picture(
    sweep: Sweep, table: pd.DataFrame, shown: Measure, factor: str | None, theme: Theme
) -> None:
    """One case below the other, or a factor along the axis and the others as curves; a sentence on it."""
    measure, number = shown.field, shown.number.replace("g", "~g")  # a chart would write 2.00 for 2
    point: Point = "lowest" if measure == _FASTEST else "mean"
    title = f"{shown.title} (fastest seed)" if measure == _FASTEST else shown.title
    lines = _lines_of_sweep(sweep, measure)
    how: dict[str, Any] = {"number": number, "point": point, "lines": lines, "theme": theme}
    if factor is None:
        cases = case_names(sweep)
        figure = named_cases(table, measure, cases, title=title, **how)
        by, code = f" of {len(cases)} cases", ""
    else:
        others = [other for other in telling_factors(table, sweep.factors) if other != factor]
        names = {**{setting: name_of(setting) for setting in sweep.factors}, measure: title}
        figure = effect(
            with_words(ordered(table, sweep), sweep), factor, measure, by=others, names=names, **how
        )
        by, code = f" by {name_of(factor)}", code_of(factor, others)
    panel_chart(
        figure,
        key="effect",
        alt=f"{title}{by}, over {len(table)} runs.",
        table=lambda: table,
        saved_as=f"gatescope-{sweep.name}",
        whose=f"{sweep.name} {measure} {factor or ''}",
        on_point=partial(choose_point, sweep),
    )
    known = list(table[measure].dropna())
    asked = (
        "Probes are pairs of sentences that differ in little and in their verdict. Their development half "
        "was asked, on which settings may be chosen."
        if measure in PROBES
        else ""
    )
    beside = _baselines_in_words(sweep, lines, measure, known)
    points = _points_in_words(sweep, table, measure)
    caption_with_terms(" ".join(filter(None, (points, code, asked, beside))), "points")


def _points_in_words(sweep: Sweep, table: pd.DataFrame, measure: str) -> str:
    of_cases = table.groupby(list(sweep.factors), dropna=False)["seed"].nunique()
    fewest, seeds = of_cases.min(), of_cases.max()
    if measure == "parameters":
        return "The number of weights is the same for every seed."
    if seeds == 1:
        return "Each point is one run."
    over = f"up to {seeds}" if fewest < seeds else seeds
    if measure == _FASTEST:
        return f"Each point is the fastest of {over} seeds, with an error bar up to the slowest."
    return f"Each point is the mean over {over} seeds, with error bars from the lowest to the highest."


def _lines_of_sweep(sweep: Sweep, measure: str) -> dict[str, float]:
    """Name -> share of the baselines beside this measure; none where they are not measured by it."""
    if measure not in PROBES:
        return baseline_lines(sweep.corpora, measure)
    try:
        asked = {one.title: one.probes(DEVELOPMENT) for one in read_baselines(sweep.corpora[0])}
    except BaselineError:
        return {}
    return {title: getattr(shares.all, measure) for title, shares in asked.items() if shares is not None}


def _baselines_in_words(
    sweep: Sweep, lines: Mapping[str, float], measure: str, values: Sequence[float]
) -> str:
    if not lines:
        return ""
    if measure not in (*MEASURES, *PROBES):
        return baselines_in_words(sweep.base)
    drawn, below = lines_in_sight(lines, values)
    texts = f"{measure.removesuffix('_accuracy')} {sweep.base.corpus.nouns.texts}"
    on = "probes" if measure in PROBES else texts
    if len(sweep.corpora) > 1 or lines == majority(sweep.corpora[0], measure):
        return majority_in_words(sweep.corpora[0], measure) if drawn else ""
    parts = [
        f"{intro}{', '.join(f'{name} {value:.1%}' for name, value in some.items())}"
        for intro, some in (("", drawn), ("below the picture: ", below))
        if some
    ]
    return f"Dotted: baselines that count words, on the same {on}: {'; '.join(parts)}{_how_made(sweep)}."


def _how_made(sweep: Sweep) -> str:
    """Says from how many reviews and over which seeds they learned, and where these runs learn from fewer."""
    try:
        baselines = read_baselines(sweep.corpora[0])
        learned_from = reviews_of_baselines(sweep.corpora[0])["training"]
    except (BaselineError, KeyError):
        return ""
    split = split_in_words(baselines)
    fewer = sorted({point.config.training.reviews for point in sweep.points()})
    counts = " and ".join(f"{count:,}" for count in fewer)
    apart = f"; these runs from {counts}" if fewer[0] < learned_from else ""
    return f" (learned from {learned_from:,} {sweep.base.corpus.nouns.texts}{split}{apart})"
