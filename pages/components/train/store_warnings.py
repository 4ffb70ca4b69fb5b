"""What stands in the way of keeping runs: a disk that is nearly full, a folder that can't be written."""

import errno
import secrets
import shutil
from pathlib import Path

import streamlit as st

from pages.components.shared.format import literal, size
from rnn_core.errors import reason
from rnn_core.runs.store import Store

_LITTLE = 300_000_000
"""Bytes: room for a run of the largest preset, at most 260 MB: three checkpoints of 80 and weights of 16."""


def show_store_warnings(store: Store) -> None:
    """A sentence where runs can be looked at but hardly kept; nothing where all is well."""
    try:
        # Before the first run its folder is not there yet: then what matters is where it will be.
        places = (store.root, *store.root.parents)
        folder = next((place for place in places if place.exists()), store.root)
        free, refusal = shutil.disk_usage(folder).free, _refusal(folder)
    except OSError as error:
        free, refusal = _LITTLE, error
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


def _refusal(folder: Path) -> OSError | None:
    """Why no file can be written in this folder; None where one can.

    Tried, because nothing else is sure: root may write everywhere but on a disk mounted read-only, and
    Windows answers for a folder what holds for files.
    """
    probe = folder / f".probe-{secrets.token_hex(8)}"
    try:
        try:
            probe.write_bytes(b"probe")
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        return error
    return None
