"""The finding of a sweep: the sentence that answers, all numbers, what they rest on, any two of its cases."""

from collections.abc import Collection
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.experiments.sweep_picker import settings_of
from pages.components.experiments.sweep_runs import column_numbers, factor_column, number_column, with_words
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.address_keys import Key
from pages.components.shared.choose_view import kept_choice
from pages.components.shared.format import literal
from pages.components.shared.found_by import found_by
from pages.components.shared.glossary import explained
from pages.components.shared.read_links import PARTS_OF_CELLS
from rnn_core.sweeps.findings import finding_of, rates_of
from rnn_core.sweeps.further_seed import how_sure
from rnn_core.sweeps.questions import QUESTIONS, RATE, Question, case_names, share_compared, worst_seed
from rnn_core.sweeps.sentences import UNTESTED
from rnn_core.sweeps.side_by_side import case_name, case_results, difference, side_by_side
from rnn_core.sweeps.sweep import Sweep
from rnn_core.sweeps.without import WHOLE
from rnn_core.tasks.task import Measure, task_of

_ROWS = 12
"""A longer table of cases scrolls."""


def show_finding(sweep: Sweep, table: pd.DataFrame, measure: Measure) -> None:
    """A sentence on this measure; folded below it a row for each case, the text, and what they rest on."""
    usual = share_compared(sweep)
    finding = finding_of(sweep, table, measure=None if measure.field == usual else measure)
    if finding is None:
        until = "each case has two runs" if sweep.name in QUESTIONS else "all its runs have ended"
        st.caption(f"What was found is written here once {until}.")
        return
    st.markdown(explained(f"**{finding.lead}**", "finding"))
    with st.expander("All numbers, and what they rest on", icon=":material/format_list_numbered:"):
        numbers, rest = st.tabs(["Numbers", "What they rest on"])
        with numbers:
            best = WHOLE if WHOLE in case_names(sweep) else "the best"
            _show_cases(sweep, table, measure, best)
            texts = " on the same texts" if len(sweep.corpora) > 1 else ""
            counts = ", and counts for all comparisons with it" if best == WHOLE else ""
            compares = f" The p of a row compares this case with {best}{texts}{counts}."
            st.caption(finding.rests_on + ("" if measure.field in UNTESTED else compares))
            if finding.says:
                st.markdown(explained(finding.says, "all numbers"))
        with rest:
            if finding.limits:
                st.markdown(explained(finding.limits, "limits"))
            _show_what_they_rest_on(sweep)
    if sweep.name in QUESTIONS and (part := QUESTIONS[sweep.name].part_of_cells):
        address.link("pages/cells.py", f"Another measure: {PARTS_OF_CELLS[part]}", {keys.PART: part})


def _show_cases(sweep: Sweep, table: pd.DataFrame, measure: Measure, best: str) -> None:
    """A row for each case, the best first; where texts differ, the best of each first."""
    cases = side_by_side(sweep, table, measure)
    ends = [cases[end].map(f"{{:{measure.number}}}".format) for end in ("lowest", "highest")]
    shown = (
        with_words(cases, sweep)
        .assign(mean=column_numbers(measure, cases["mean"]), lowest=ends[0] + " to " + ends[1])
        .drop(columns="highest")
    )
    columns: dict[str, Any] = {factor: factor_column(factor) for factor in sweep.factors} | {
        "case": "Case",
        "mean": number_column(measure, f"{measure.title}, mean"),
        "lowest": "Lowest to highest seed",
        "seeds": "Seeds",
        "p": st.column_config.NumberColumn(f"p against {best}", format="%.2g"),
        "against": f"Against {best}",
    }
    st.dataframe(
        shown,
        hide_index=True,
        height=38 + 35 * min(_ROWS, len(shown)),
        column_config=columns,
        key=f"cases_{sweep.name}",
        placeholder="",
        alt=f"{measure.title} of each case over its seeds.",
    )


def _show_what_they_rest_on(sweep: Sweep) -> None:
    """The settings of all runs; of a question its recipe, and the learning rates that were tried."""
    st.caption(f"Holds for: {literal(settings_of(sweep))}.")
    question = QUESTIONS.get(sweep.name)
    if question is None:
        return
    others = [
        other.title
        for other in QUESTIONS.values()
        if other is not question and other.recipe == question.recipe
    ]
    compared = (
        f"Its scores may be compared with those of: {' '.join(others)}"
        if others
        else "No other question trains alike, so its scores compare among themselves only."
    )
    st.caption(f"Recipe: {question.recipe}. {compared}")
    if question.older:
        before = (
            "This question was asked before the rules in `docs/questions.md`, and does not follow all of them"
        )
        st.caption(f"{before}: {'; '.join(question.older.values())}.")
    _show_rates(question)


def _show_rates(question: Question) -> None:
    """A row for each case, a column for each rate; nothing of a question whose rates were not searched."""
    cases, varied = question.sweep.cases, [one for one in question.sweep.factors if one != RATE]
    names = question.cases or [case_name(varied, [case[one] for one in varied]) for case in cases]
    score, found = task_of(question.sweep.base).score, rates_of(question)
    if not found:
        return
    rows = {
        name: {f"{rate:g}": worst_seed(seeds, score) for rate, seeds in rates.items()}
        for name, rates in zip(names, found, strict=True)
    }
    shown = pd.DataFrame.from_dict(rows, orient="index")
    shown = shown[sorted(shown, key=float)].map(f"{{:{score.number}}}".format, na_action="ignore")
    for name, case in zip(names, cases, strict=True):
        if (rate := f"{case[RATE]:g}") in rows[name]:
            shown.loc[name, rate] = f"{shown.loc[name, rate]} (taken)"
    of_which = "Right" if score.is_share else score.title
    grew = "; where it was the first or last of the list, the list grew" if _grew(question) else ""
    st.caption(
        f"{of_which} on the validation texts, by learning rate: one seed, or the worst of three where "
        f"one was not enough to choose. The best was taken{grew}."
    )
    st.dataframe(
        shown.fillna(""), alt=f"Validation {score.name} of each case at each learning rate that was tried."
    )


def _grew(question: Question) -> bool:
    """True if each list has grown whose best rate stood at an end: not where all have the same list."""
    cases = question.sweep.cases
    lists = {tuple(question.rates_tried(case)) for case in cases}
    return len(lists) > 1 or not any(case[RATE] in (rates[0], rates[-1]) for rates in lists for case in cases)


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


def show_how_sure(question: Question, table: pd.DataFrame, measure: Measure) -> None:
    """Folded away: what a further seed would have to be to change the sentence, which is on this measure."""
    fold = st.expander("How sure?", icon=":material/balance:", on_change="rerun", key="how_sure")
    if not fold.open:  # or it would be computed
        return
    with fold:
        about, steps = hash(table.to_json()), partial(how_sure, question, table, measure)
        said = found_by("how_sure", f"{question.sweep.name} {about}", steps, "Adding a seed to each case")
        if said is not None:
            st.markdown(explained(said, "how sure"))
            st.caption(
                f"Its score is the {measure.name}; all else is as in the case's median run. Figures may "
                "change, words count. First stands what needs least beside the noise over seeds."
            )


def _choose(place: DeltaGenerator, label: str, name: Key, options: Collection[str]) -> str:
    key = f"{name}_picked"
    return kept_choice(label, options, name, key, lambda: next(iter(options)), draw=place.selectbox)
