"""The curves of runs on the page, what happens inside of them, and the names of what can be seen."""

import html
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from pages.components.shared import address
from pages.components.shared.assets import current_theme
from pages.components.shared.choose_view import choose_view
from pages.components.shared.format import literal
from pages.components.shared.glossary import caption_with_terms
from pages.components.shared.live_chart import live_chart
from pages.components.shared.read_links import reach_of_runs
from rnn_core.config.run import RunConfig
from rnn_core.config.words import recipes_in_words
from rnn_core.figures.colours import Theme
from rnn_core.figures.curves import drawn_measures, learning_curve
from rnn_core.figures.inside import reach, reach_over_training, saturation, state_norms, weight_norms
from rnn_core.runs.run import Run
from rnn_core.symbols import CELLS
from rnn_core.tasks.task import Guess, task_named, task_of
from rnn_core.training.gradient_flow import OPEN, SHUT
from rnn_core.training.history import WROTE, History, curves_in_words, numbers, reach_in_words

CURVES_VIEW, INSIDE_VIEW, NUMBERS_VIEW = VIEWS = ("Curves", "Inside", "Numbers")


def show_curves(
    histories: Sequence[History],
    configs: Sequence[RunConfig],
    whose: str,
    epochs: float = 0,
    lines: Mapping[str, float] | None = None,
    of_lines: str = "",
    guessing: Guess | None = None,
    colours: Sequence[str] = (),
) -> None:
    """The measures of the task of runs with these settings, and below them gradient norm and learning rate.

    `whose` names what is shown: a zoom lasts until something else is. The axes reach to `epochs` at least.
    `lines` are drawn across the score; `of_lines` says what they are. `guessing` is what answers
    without reading reach on the texts of the run. `colours` are those of the runs, by default in their fixed
    order.
    """
    theme, texts = current_theme(), configs[0].corpus.nouns.texts
    score = task_of(configs[0]).score.field
    whom = "the run" if len(histories) == 1 else f"{len(histories)} runs"
    always: dict[str, Any] = {"epochs": epochs, "guessing": guessing, "texts": texts, "colours": colours}
    with st.grid(2, min_column_width=300, gap="small"):
        for measure, drawn in drawn_measures(configs[0].task).items():
            with st.container():
                across = lines if measure == score else None
                figure = learning_curve(histories, measure, theme, lines=across, **always)
                live_chart(figure, f"curve_{measure}", f"{drawn.title} of {whom}, by epoch.", whose)
    with st.container():  # its place is there before it, so that what is open below stays open
        if said := curves_in_words(histories, configs):
            st.markdown(literal(f"{said} {recipes_in_words(configs)}"))
    with st.expander("How to read these curves", icon=":material/help:"):
        caption_with_terms(
            "Solid: training, a running mean with the raw values faint behind it; the learning rate without "
            "averaging. Dashed with rings: validation, on texts it does not learn from. "
            f"{literal(of_lines)}",
            "curves",
        )


def _show_names(histories: Sequence[History], colours: Sequence[str], titles: Sequence[str]) -> None:
    """The runs on the charts, each behind a line of its colour; under the pointer its title, if given."""
    titles = titles or [history.name for history in histories]
    names = [
        f'<span title="{html.escape(title)}">'
        f'<span class="line" style="--gs-colour:{colour}"></span>'
        f"{html.escape(history.name)}</span>"
        for history, colour, title in zip(histories, colours, titles, strict=True)
    ]
    st.html(f'<div class="gs-runs">{"".join(names)}</div>')


def choose_run_view(
    label: str,
    views: Sequence[str],
    key: str,
    histories: Sequence[History],
    colours: Sequence[str],
    titles: Sequence[str] = (),
    **more: Any,
) -> str:
    """One of these views of some runs, with what stands above its charts; numbers are shown here.

    `titles` are shown under the pointer; `more` is for Streamlit.
    """
    shared = {"required": True, "key": key, "label_visibility": "collapsed", **more}
    view: str = st.segmented_control(label, views, default=CURVES_VIEW, **shared)
    if view == NUMBERS_VIEW:
        _show_numbers(histories)
    elif len(histories) > 1:
        _show_names(histories, colours, titles)
    return view


def _show_numbers(histories: Sequence[History]) -> None:
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
        f"{part} {one.name}": "percent" if one.is_share else f"%{one.number}"
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
            if name not in ("run", WROTE)
        },
        alt="Losses, accuracies, gradient norm and learning rate at every evaluation.",
    )
    st.caption(
        "One row for each evaluation. Training: the mean of the optimizer steps since the evaluation "
        "before; gradient norm: their median, before clipping. The table can be searched, sorted and "
        "exported as CSV."
    )


_WORDS = (
    "Measured on 64 validation texts at every evaluation. The first chart shows the gradient of the loss "
    "by the distance from the end of the text. Where the line falls far, a small change there no longer "
    "matters, and the network can learn nothing from what it read there (the gradient vanishes). Where it "
    "rises, a small change there changes the loss a lot (the gradient explodes)."
)


class LookedInto(NamedTuple):
    """A run whose looks inside are drawn."""

    run: str
    """The id of the run."""
    cell: str
    history: History


def show_inside(
    runs: Sequence[Run], histories: Sequence[History], colours: Sequence[str], theme: Theme
) -> None:
    """The charts of the looks into these runs, or the reason why there are none."""
    if any(history.inside for history in histories):
        cells = [run.config.model.variant for run in runs]
        ids = [run.id for run in runs]
        show_looks(list(map(LookedInto, ids, cells, histories)), colours, theme)
        beside = "Beside networks with other cells"
        address.link("pages/cells.py", beside, reach_of_runs(ids), "stacked_line_chart")
    elif task_of(runs[0].config).at_every_step:
        st.info(
            "Nothing is measured inside this run: it answers at every time step, so there is no one answer "
            "whose gradient could be followed back.",
            icon=":material/visibility_off:",
        )
    elif runs[0].active or not runs[0].optimizer_step:
        st.info("The network is first measured inside at the first evaluation.", icon=":material/visibility:")
    else:
        st.info(
            "Nothing was measured inside this run: it ended before its first evaluation, or is older than "
            "this view. Train it again to see inside.",
            icon=":material/visibility_off:",
        )


def show_looks(runs: Sequence[LookedInto], colours: Sequence[str], theme: Theme) -> None:
    """The charts of the last look into each run, and of all looks into one of them, which is named."""
    layer = _choose_layer(max(run.history.layers for run in runs))
    runs = [run._replace(history=run.history.at_layer(layer)) for run in runs]
    histories, first = [run.history for run in runs], runs[0].run
    looked_into = [run for run in runs if run.history.inside]

    def draw(name: str, run: str, figure: Any, alt: str) -> None:
        with st.container():
            live_chart(figure, f"inside_{name}", alt, run)

    with st.grid(2, min_column_width=300, gap="small"):
        over_distance = reach(histories, theme, colours)
        draw("reach", first, over_distance, "Gradient of the loss by the distance from the end.")
        draw(
            "state_norms",
            first,
            state_norms(histories, theme, colours),
            "Norm of the state by the time step.",
        )
    one, of_which, dashed = looked_into[0], "", ""
    if len(runs) > 1:
        one = _choose(looked_into)
        of_which = f"Of {literal(one.history.name)}: "
        if states := {
            f"the {known.common_name} {known.letter} of {CELLS[run.cell].noun}"
            for run in looked_into
            for known in CELLS[run.cell].symbols
            if known.is_behind and known.letter in CELLS[run.cell].carriers
        }:
            dashed = f" Dashed: {', '.join(sorted(states))}."
    shown, of = one.history, f", of {one.history.name}."
    st.markdown(f"{of_which}{reach_in_words(shown)}")
    with st.grid(2, min_column_width=300, gap="small"):
        over_training = reach_over_training(shown, theme)
        draw("reach_over_training", one.run, over_training, f"The gradient at every evaluation{of}")
        if shown.inside[-1][1].get("gates"):
            alt = f"Shares of each gate's values below {SHUT} and above {OPEN}, by epoch{of}"
            draw("saturation", one.run, saturation(shown, one.cell, theme), alt)
        norms = weight_norms(shown, one.cell, theme)
        draw("weight_norms", one.run, norms, f"Norm of each weight matrix by epoch{of}")
    without = [literal(history.name) for history in histories if not history.inside]
    nothing = f" Nothing was measured inside {' and '.join(without)}." if without else ""
    with st.expander("How to read these charts", icon=":material/help:"):
        caption_with_terms(_WORDS + dashed + nothing, "inside")


def _choose(runs: Sequence[LookedInto]) -> LookedInto:
    place = st.selectbox(
        "The charts below show",
        range(len(runs)),
        format_func=lambda place: runs[place].history.name,
        key="inside_of",
        persist_state="session",
        help="The two charts above show all runs that are compared; those below show one.",
    )
    return runs[place if place is not None and place < len(runs) else 0]


def _choose_layer(layers: int) -> int:
    """Asks for the layer of all charts; of one layer there is nothing to choose."""
    if layers == 1:
        return 1
    return choose_view(
        "Layer",
        {str(number): number for number in range(1, layers + 1)},
        f"inside_layer_{layers}",
        usual=str(layers),
        wrap=False,
        help="Whose gradients, states, gates and weights are drawn. Layer 1 reads the words, each further "
        "one the hidden states of the one below. Of a network with fewer layers it is the top one.",
    )
