"""The curves of runs on the page, and the names of what can be seen of a training."""

import html
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from pages.components.shared.assets import style
from pages.components.shared.format import literal
from pages.components.shared.glossary import caption_with_terms
from pages.components.shared.live_chart import live_chart
from pages.components.shared.theme import current_theme
from rnn_core.config.run import RunConfig
from rnn_core.config.words import recipes_in_words
from rnn_core.figures.curves import drawn_measures, learning_curve
from rnn_core.tasks.task import Guess, task_named, task_of
from rnn_core.training.history import History, curves_in_words, numbers

CURVES_VIEW, INSIDE_VIEW, NUMBERS_VIEW = VIEWS = ("Curves", "Inside", "Numbers")
_KEY = (
    "Solid: training, a running mean with the raw values faint behind it; the learning rate without "
    "averaging. Dashed with rings: validation, on texts it does not learn from."
)


def show_curves(
    histories: Sequence[History], configs: Sequence[RunConfig], whose: str, epochs: float = 0,
    lines: Mapping[str, float] | None = None, of_lines: str = "",
    guessing: Guess | None = None, colours: Sequence[str] = (),
) -> None:  # fmt: skip
    """The measures of the task of runs with these settings, and below them gradient norm and learning rate.

    `whose` names what is shown: a zoom lasts until something else is. The axes reach to `epochs` at least.
    `lines` are drawn across the score; `of_lines` says what they are. `guessing` is what answers
    without reading reach on the texts of the run. `colours` are those of the runs, by default in their fixed
    order.
    """
    theme, texts = current_theme(), configs[0].corpus.nouns.texts
    score = task_of(configs[0]).score.field
    with st.grid(2, min_column_width=300, gap="small"):
        for measure, drawn in drawn_measures(configs[0].task).items():
            with st.container():
                across = lines if measure == score else None
                figure = learning_curve(
                    histories,
                    measure,
                    theme,
                    epochs=epochs,
                    lines=across,
                    guessing=guessing,
                    texts=texts,
                    colours=colours,
                )
                whom = "the run" if len(histories) == 1 else f"{len(histories)} runs"
                live_chart(figure, f"curve_{measure}", f"{drawn.title} of {whom}, by epoch.", whose)
    with st.container():  # its place is there before it, so that what is open below stays open
        if said := curves_in_words(histories, configs):
            st.markdown(literal(f"{said} {recipes_in_words(configs)}"))
    with st.expander("How to read these curves", icon=":material/help:"):
        caption_with_terms(f"{_KEY} {literal(of_lines)}", "curves")


def show_names(histories: Sequence[History], colours: Sequence[str], titles: Sequence[str] = ()) -> None:
    """The runs on the charts, each behind a line of its colour; under the pointer its title, if given."""
    titles = titles or [history.name for history in histories]
    names = [
        f'<span title="{html.escape(title)}">'
        f'<span class="line" style="--gs-colour:{colour}"></span>'
        f"{html.escape(history.name)}</span>"
        for history, colour, title in zip(histories, colours, titles, strict=True)
    ]
    st.html(f'{style(__file__)}<div class="gs-runs">{"".join(names)}</div>')


def show_numbers(histories: Sequence[History]) -> None:
    """One row an evaluation, of all runs on the charts."""
    tables = [numbers(run) for run in histories]
    if len(tables) > 1:
        for table, run in zip(tables, histories, strict=True):
            table.insert(0, "run", run.name)
    table = pd.concat(tables, ignore_index=True)
    if table.empty:
        st.info("The first numbers come with the first optimizer step.", icon=":material/table_chart:")
        return
    formats = {"epoch": "%.2f", "gradient norm": "%.3g", "learning rate": "%.2e"} | {
        f"{part} {one.title.lower()}": "percent" if one.is_share else f"%{one.number}"
        for one in task_named(histories[0].task).curves
        for part in ("training", "validation")
    }
    st.dataframe(
        table,
        hide_index=True,
        height=320,
        column_config={
            name: st.column_config.NumberColumn(format=formats.get(name, "%.2e"))
            for name in table.columns
            if name != "run"
        },
        alt="Losses, accuracies, gradient norm and learning rate at every evaluation.",
    )
    st.caption(
        "One row for each evaluation. Training: the mean of the optimizer steps since the evaluation "
        "before; gradient norm: their median, before clipping. The table can be searched, sorted and "
        "exported as CSV."
    )
