"""Obstacles to keeping runs, a full disk or a folder; the space that runs take; runs that can't be read."""

import errno
import shutil

import streamlit as st

from pages.components.shared import corpora
from pages.components.shared.format import literal, size
from pages.components.shared.went_wrong import saying
from pages.components.train.run_choice import delete_run
from rnn_core.config.corpora import shipped_names
from rnn_core.errors import RunError, UnreadableRunError, reason
from rnn_core.files import check_can_write_in
from rnn_core.paths import artifacts_folder
from rnn_core.runs.disk import clear, disk_use
from rnn_core.runs.ready import SWITCH, place
from rnn_core.runs.store import Store

_LITTLE = 300_000_000
"""Bytes: room for a run of the largest preset, at most 260 MB: three checkpoints of 80 and weights of 16."""


def show_store_warnings(store: Store) -> None:
    """A sentence where runs can be looked at but hardly kept; nothing where all is well."""
    free, refusal = _LITTLE, None
    try:
        # Before the first run its folder is not there yet: then what matters is where it will be.
        places = (store.root, *store.root.parents)
        folder = next((place for place in places if place.exists()), store.root)
        free = shutil.disk_usage(folder).free
        check_can_write_in(folder, folder)
    except OSError as error:
        refusal = error
    is_nearly_full = free < _LITTLE
    if refusal is not None and not (is_nearly_full and refusal.errno == errno.ENOSPC):
        where, why = literal(str(store.root)), literal(reason(refusal))
        st.warning(
            f"Nothing can be written in {where} ({why}). You can look at what is there, but you can't "
            "start, resume or delete a run. Check that the folder belongs to you and that its disk is not "
            "write-protected.",
            icon=":material/folder_off:",
        )
    elif is_nearly_full:
        st.warning(
            f"The disk that holds the runs has only **{size(free)}** left. When the disk is full, a run "
            "ends early, and can go on only when there is room again. Free some space before you start one.",
            icon=":material/disc_full:",
        )


def show_unreadable(name: str, error: UnreadableRunError, then: str) -> None:
    """Say what is wrong with a run of this name, and what that means here."""
    st.error(
        f"**{literal(name)}** can't be read by this version of Gatescope: {literal(error.why)}. {then}",
        icon=":material/broken_image:",
    )


def show_all_unreadable(store: Store) -> None:
    """The runs that are in no list because their settings or scores can't be read, each with its Delete."""
    for error in store.runs.unreadable():
        message, button = st.columns([6, 1], vertical_alignment="center")
        with message:
            show_unreadable(
                error.name or error.run_id, error, "It is in no list; its files stay until you delete it."
            )
        if button.button(
            "Delete",
            icon=":material/delete:",
            key=f"delete_unreadable_{error.run_id}",
            width="stretch",
            help="Deletes this run, its curves and its model for good.",
        ):
            delete_run(store, error.run_id)


def show_disk(store: Store) -> None:
    """A line with the sizes, and a button that asks once before it clears."""
    use, worker = disk_use(), ""
    if memory := place.memory_in_use():
        worker = (
            "  \n:material/memory: In memory: a worker that is ready for the next run, "
            f"**{size(memory)}**. It ends with the app; `{SWITCH}=0` keeps none."
        )
    line, button = st.columns([5, 2], gap="medium", vertical_alignment="center")
    line.caption(
        f":material/hard_drive: On disk: runs **{size(use.runs)}**, texts of your own "
        f"**{size(use.own_texts)}**, prepared texts **{size(use.prepared + use.other)}**, downloaded "
        f"archive **{size(use.archive)}**.  \n:material/folder: Runs, sweeps and texts of your own are kept "
        f"in {literal(str(artifacts_folder()))}.{worker}"
    )
    freed = st.session_state.pop("disk_freed", None)
    if freed is not None:
        st.toast(f"{size(freed)} freed.")
    with button.popover(
        "Free disk space", icon=":material/delete_sweep:", disabled=not use.prepared + use.archive
    ):
        st.markdown(
            f"This deletes {size(use.prepared)} of prepared texts. They are made again when a run needs "
            "them. Your runs, your models and texts of your own stay; Data deletes a corpus of yours."
        )
        with_archive = use.archive > 0 and st.checkbox(
            f"The downloaded archive too, {size(use.archive)}: it would have to be downloaded again",
            key="clear_archive",
        )
        if st.button("Delete them", type="primary", key="clear_disk"):
            corpora.close_all()
            with saying(RunError):
                st.session_state["disk_freed"] = clear(store, archive=with_archive)
                for data in shipped_names():
                    corpora.forget(data)
                st.rerun()
