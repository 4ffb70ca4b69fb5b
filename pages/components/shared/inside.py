"""What happens inside a run while it learns: how far the loss reaches back, its gates, states and weights."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from pages.components.shared.format import literal
from pages.components.shared.glossary import caption_with_terms
from pages.components.shared.live_chart import live_chart
from pages.components.shared.read_links import reach_of_runs
from rnn_core.figures.colours import Theme
from rnn_core.figures.inside import reach, reach_over_training, saturation, state_norms, weight_norms
from rnn_core.runs.run import Run
from rnn_core.symbols import CELLS
from rnn_core.tasks.task import task_of
from rnn_core.training.gradient_flow import OPEN, SHUT
from rnn_core.training.history import History, reach_in_words

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
        st.page_link(
            "pages/cells.py",
            label="Beside networks with other cells",
            icon=":material/stacked_line_chart:",
            query_params=reach_of_runs(ids),
        )
    else:
        _show_nothing(runs[0])


def show_looks(runs: Sequence[LookedInto], colours: Sequence[str], theme: Theme) -> None:
    """The charts of the last look into each run, and of all looks into one of them, which is named."""
    layer = _choose_layer(max(run.history.layers for run in runs))
    runs = [run._replace(history=run.history.at_layer(layer)) for run in runs]
    histories, first = [run.history for run in runs], runs[0].run
    looked_into = [run for run in runs if run.history.inside]
    several = len(runs) > 1
    with st.grid(2, min_column_width=300, gap="small"):
        _draw(
            "reach",
            partial(reach, histories, theme, colours),
            "Gradient of the loss by the distance from the end.",
            first,
        )
        _draw(
            "state_norms",
            partial(state_norms, histories, theme, colours),
            "Norm of the state by the time step.",
            first,
        )
    one = _choose(looked_into) if several else looked_into[0]
    of_which = f"Of {literal(one.history.name)}: " if several else ""
    st.markdown(f"{of_which}{reach_in_words(one.history)}")
    with st.grid(2, min_column_width=300, gap="small"):
        for name, draw, alt in _of_one(one.history, one.cell, theme):
            _draw(name, draw, f"{alt}, of {one.history.name}.", one.run)
    dashed = _dashed([run.cell for run in looked_into]) if several else ""
    with st.expander("How to read these charts", icon=":material/help:"):
        caption_with_terms(_WORDS + dashed + _not_looked_into(histories), "inside")


def _dashed(cells: Sequence[str]) -> str:
    """Which states are drawn dashed where each run has its own colour."""
    states = {
        f"the {known.name} {known.letter} of {CELLS[cell].noun}"
        for cell in cells
        for known in CELLS[cell].symbols
        if known.is_behind
    }
    return f" Dashed: {', '.join(sorted(states))}." if states else ""


def _not_looked_into(histories: Sequence[History]) -> str:
    names = [literal(history.name) for history in histories if not history.inside]
    return f" Nothing was measured inside {' and '.join(names)}." if names else ""


def _show_nothing(run: Run) -> None:
    if task_of(run.config).at_every_step:
        st.info(
            "Nothing is measured inside this run: it answers at every time step, so there is no one answer "
            "whose gradient could be followed back.",
            icon=":material/visibility_off:",
        )
    elif run.active or not run.optimizer_step:
        st.info("The network is first measured inside at the first evaluation.", icon=":material/visibility:")
    else:
        st.info(
            "Nothing was measured inside this run: it ended before its first evaluation, or is older than "
            "this view. Train it again to see inside.",
            icon=":material/visibility_off:",
        )


def _choose(runs: Sequence[LookedInto]) -> LookedInto:
    """Which of several runs the charts of a single one show."""
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
    """Which layer all charts are of; of one layer there is nothing to choose."""
    if layers == 1:
        return 1
    names = [str(number) for number in range(1, layers + 1)]
    name = st.segmented_control(
        "Layer",
        names,
        default=names[-1],
        required=True,
        key=f"inside_layer_{layers}",
        persist_state="session",
        help="Whose gradients, states, gates and weights are drawn. Layer 1 reads the words, each further "
        "one the hidden states of the one below. Of a network with fewer layers it is the top one.",
    )
    return int(name or names[-1])


def _of_one(shown: History, cell: str, theme: Theme) -> list[tuple[str, Callable[[], Any], str]]:
    gates = f"Shares of each gate's values below {SHUT} and above {OPEN}, by epoch"
    return [
        (
            "reach_over_training",
            partial(reach_over_training, shown, theme),
            "The gradient at every evaluation",
        ),
        ("saturation", partial(saturation, shown, cell, theme), gates),
        ("weight_norms", partial(weight_norms, shown, theme), "Norm of each weight matrix by epoch"),
    ]


def _draw(name: str, draw: Callable[[], Any], alt: str, run: str) -> None:
    """Draws the charts, each sent before the next one is drawn."""
    with st.container():
        live_chart(draw(), f"inside_{name}", alt, run)
