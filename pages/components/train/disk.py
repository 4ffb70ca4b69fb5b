"""What runs and data take of the disk, a waiting worker of memory, and the button that clears."""

import streamlit as st

from pages.components.shared import corpora
from pages.components.shared.format import literal, size
from rnn_core.config.corpora import shipped_names
from rnn_core.errors import RunError
from rnn_core.paths import artifacts_folder
from rnn_core.runs.disk import clear, disk_use
from rnn_core.runs.ready import SWITCH, memory_in_use
from rnn_core.runs.store import Store

_ARCHIVE = "clear_archive"


def show_disk(store: Store) -> None:
    """A line with the sizes, and a button that asks once before it clears."""
    use = disk_use()
    line, button = st.columns([5, 2], gap="medium", vertical_alignment="center")
    line.caption(
        f":material/hard_drive: On disk: runs **{size(use.runs)}**, texts of your own "
        f"**{size(use.own_texts)}**, prepared reviews **{size(use.prepared + use.other)}**, downloaded "
        f"archive **{size(use.archive)}**.  \n:material/folder: Runs, sweeps and texts of your own are kept "
        f"in {literal(str(artifacts_folder()))}.{_in_memory()}"
    )
    freed = st.session_state.pop("disk_freed", None)
    if freed is not None:
        st.toast(f"{size(freed)} freed.")
    with button.popover(
        "Free disk space", icon=":material/delete_sweep:", disabled=not use.prepared + use.archive
    ):
        st.markdown(
            f"This deletes {size(use.prepared)} of prepared reviews. They are made again when a run needs "
            "them. Your runs, your models and texts of your own stay; Data deletes a corpus of yours."
        )
        with_archive = use.archive > 0 and st.checkbox(
            f"The downloaded archive too, {size(use.archive)}: it would have to be downloaded again",
            key=_ARCHIVE,
        )
        if st.button("Delete them", type="primary", key="clear_disk"):
            _clear(store, with_archive)


def _in_memory() -> str:
    """What the worker takes that waits for the next run; nothing where none does."""
    memory = memory_in_use()
    if not memory:
        return ""
    return (
        f"  \n:material/memory: In memory: a worker that is ready for the next run, **{size(memory)}**. It "
        f"ends with the app; `{SWITCH}=0` keeps none."
    )


def _clear(store: Store, archive: bool) -> None:
    corpora.close_all()
    try:
        st.session_state["disk_freed"] = clear(store, archive=archive)
    except RunError as error:
        st.error(literal(str(error)))
        return
    for data in shipped_names():
        corpora.forget(data)
    st.rerun()
