"""The network of a run as a file to hand on."""

import streamlit as st

from pages.components.shared.format import literal, with_code
from pages.components.shared.model_export import known_in_store, show_model_export
from pages.components.shared.model_picker import loaded
from rnn_core.errors import CellError, ModelFolderError
from rnn_core.models.folder import WEIGHTS
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store


def export_run_model(store: Store, run: Run, place: str) -> None:
    """Offer the formats of the network of a run, behind one button and read only while that is open.

    `place` is a place of the page.
    """
    folder = store.folder(run.id)
    why_not = None
    if run.active:
        why_not = "It has no model yet: it can be exported once it has ended."
    elif not (folder / WEIGHTS).exists():
        why_not = "It has no model that could be exported: it ended without one."
    with st.popover(
        "Export",
        icon=":material/ios_share:",
        disabled=why_not is not None,
        help=why_not,
        key=f"export_{place}_open_{run.id}",
        on_change="rerun",
    ) as control:
        if why_not is not None or not control.open:
            return
        try:
            model = loaded(folder)
        except ModelFolderError as error:
            st.error(literal(str(error)), icon=":material/broken_image:")
        except CellError as error:
            st.info(with_code(str(error)), icon=":material/code_off:")
            st.caption("Behind *Edit*, *Export as zip* needs no equations.")
        else:
            show_model_export([known_in_store(model)], f"export_{place}")
