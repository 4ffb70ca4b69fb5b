"""All kinds of cell in one table: what each does with its memory, what a time step takes, and how long."""

from collections.abc import Callable, Iterator

import pandas as pd
import streamlit as st

from pages.components.cells import forms
from pages.components.cells.forms import TimedVariant, following, measured_on, offer_to_time
from pages.components.shared.format import literal
from pages.components.shared.glossary import caption_with_terms
from pages.components.shared.panel_chart import saying_why_not
from rnn_core.bench.forms import BESIDE, Forms, time_cells, usual_cell
from rnn_core.nn.cells import Cell
from rnn_core.symbols import KINDS, CellDeclaration

_TIMED = "cell_times"
_TIME = f"Time beside {KINDS[BESIDE].noun}"


def show_all_cells(shown: str) -> Callable[[], None]:
    """The table, with the kind that the page shows in bold, and a button. Returned is what the button does,
    for the end of the page, so that all else stands there meanwhile.
    """
    st.subheader("All cells side by side", anchor=False)
    place = st.container(key="all_cells")
    with place:
        table = st.empty()
    pressed, progress = offer_to_time(
        "Time all cells on this machine",
        "time_cells",
        "In one run, each cell goes forwards and backwards through a random batch in the form in which it "
        "trains, in turns; what counts is the median. It takes about half a minute.",
    )
    caption_with_terms(
        "States: what the next time step reads. Products: how many matrices the equations multiply with the "
        "word, and with the memory, at a time step. In parallel: yes where gates and candidates see the word "
        "alone; those of all time steps can then be computed at once, and only the memory goes from step to "
        "step. That pays where many cores share the work; on a few, what counts is how much a cell computes.",
        "all_cells",
    )

    def show() -> None:
        with table.container():
            _show(shown, st.session_state.get(_TIMED))

    def measure() -> None:
        if not pressed:
            return
        with place:
            cells = dict(_that_run())
        times = time_cells(cells, batch_size=forms.BATCH, length=forms.LENGTH, rounds=forms.ROUNDS)
        with saying_why_not(place):
            for timed in following(times, progress, "stop_timing_cells"):
                st.session_state[_TIMED] = timed
                show()

    show()
    return measure


def _show(shown: str, timed: TimedVariant | None) -> None:
    rows = {kind: row(declared) for kind, declared in KINDS.items()}
    if shown in rows:
        rows[shown] |= {"Cell": f"**{rows[shown]['Cell']}**"}
    if timed is not None:
        milliseconds = timed.times.milliseconds
        for kind, of in rows.items():
            took = milliseconds.get(kind)
            of[_TIME] = "not timed" if took is None else f"{took / milliseconds[BESIDE]:.2f} ×"
    st.table(pd.DataFrame(rows.values()), border="horizontal", hide_index=True)
    if timed is not None:
        st.caption(
            f"{_TIME}: forwards and backwards through the cell alone, without the optimizer. "
            f"The {KINDS[BESIDE].name} takes {milliseconds[BESIDE]:.0f} ms, {measured_on(timed)}"
        )


def row(declared: CellDeclaration) -> dict[str, str]:
    """Return the texts of a cell's row, by column."""
    products, states = declared.products, ", ".join(declared.remembering)
    narrow = f" ({products.of_one_column} of one column)" if products.of_one_column else ""
    return {
        "Cell": literal(declared.name),
        "What it does with its memory": literal(declared.use_of_memory),
        "States": f"{len(declared.remembering)}: {states}",
        "Products": f"{products.with_word}{narrow} + {products.with_memory}",
        "In parallel": "yes" if declared.is_parallel else "no",
    }


def _that_run() -> Iterator[tuple[str, Cell]]:
    """Each kind; a cell of one's own that fails is named and left out."""
    for kind in KINDS:
        with saying_why_not():
            cell = usual_cell(kind)
            Forms(cell, 2, 2).sequence()
            yield kind, cell
