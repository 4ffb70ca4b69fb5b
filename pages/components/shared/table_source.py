"""Where a table of the user's own comes from: a file from the browser, or a path."""

import re
import secrets
import shutil
from contextlib import suppress
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.typing import UploadedFile

from pages.components.shared.belongings import belongings, clear_old, uploads
from pages.components.shared.format import literal, size
from pages.components.shared.found_by import found_by
from pages.components.shared.table_options import offer_options, options_of
from pages.components.shared.upload import upload
from rnn_core.data.own.process import look_apart
from rnn_core.data.own.survey import Look
from rnn_core.errors import reason
from rnn_core.files import state_of

MOST_MEGABYTES = 200
_ENDINGS = ("csv", "tsv", "txt", "jsonl", "ndjson", "parquet", "xlsx", "zip")
_AT_ONCE = 4_000_000
"""Bytes that are written together."""
_LONGEST_NAME = 100  # bytes


def choose_source(kind: str, formats: str) -> tuple[Path, Look] | None:
    """A place to drop a file and one to type a path; the table and a first look at it, once there is one.

    `kind` begins the keys of the session: each has a table of its own. `formats` is a sentence.
    """
    if st.session_state.pop(_empty(kind), False):
        st.session_state[_path(kind)] = ""
    from_browser, from_disk = st.columns(2, gap="medium")
    with from_browser:
        upload(
            "Drop a file",
            endings=_ENDINGS,
            key=f"{kind}_file",
            most=MOST_MEGABYTES,
            otherwise="A larger file, or a folder with a sub-folder for each class: type its path.",
            take_in=partial(_take_in, kind),
        )
    with from_disk:
        st.text_input(
            "Or type a path",
            key=_path(kind),
            placeholder="~/tickets.csv",
            on_change=_take_path,
            args=(kind,),
            help="A file or folder on the machine that runs this app, of any size. It stays where it is.",
        )
        st.caption(formats)
    source = st.session_state.get(_source(kind))
    if source is None:
        return None
    path = Path(source)
    options = options_of(kind, source)
    look = found_by(
        f"{kind}_look",
        f"{source} {file_state(path)} {options}",
        lambda: look_apart(path, options),
        "Opening the table",
    )
    offer_options(kind, source, look)
    if look is None:
        return None
    st.markdown(
        f"**{literal(path.name)}**: {look.format}, {size(look.total_bytes)}, {len(look.columns):,} columns."
    )
    return path, look


def done(kind: str) -> None:
    """Let go of the table, once it is a corpus or is no longer wanted."""
    _let_go(kind)
    st.session_state[_empty(kind)] = True


def _let_go(kind: str) -> None:
    """Forget the table; one that came from the browser is deleted."""
    source = st.session_state.pop(_source(kind), None)
    if source is not None and is_uploaded(Path(source)):
        shutil.rmtree(Path(source).parent, ignore_errors=True)


def is_uploaded(path: Path) -> bool:
    """Says whether a table came from the browser: then it is deleted, and its path says nothing to anyone."""
    return path.is_relative_to(uploads())


def file_state(path: Path) -> str:
    """Another one when the file has changed."""
    try:
        return str(state_of(path))
    except (OSError, ValueError):
        return "missing"


def _take_path(kind: str) -> None:
    path = st.session_state[_path(kind)].strip()
    _let_go(kind)
    if path:
        with suppress(RuntimeError):  # of ~name where there is no such user: then it is a name like others
            path = str(Path(path).expanduser())
        st.session_state[_source(kind)] = str(Path(path).absolute())


def _take_in(kind: str, file: UploadedFile) -> str:
    """Write a file from the browser to disk, in pieces; what is wrong with it, or ""."""
    clear_old()
    name = _safe_name(file.name)
    folder = belongings().folder / secrets.token_hex(8)
    try:
        folder.mkdir(parents=True)
        with (folder / name).open("wb") as written:
            shutil.copyfileobj(file, written, _AT_ONCE)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        return f"It could not be kept: {reason(error)}. Free some disk space, then drop it again."
    done(kind)
    st.session_state[_source(kind)] = str(folder / name)
    return ""


def _safe_name(name: str) -> str:
    """The end of a file's name, short enough for every disk, without signs that mean something to a shell."""
    safe = re.sub(r"[^\w .-]", "_", Path(name).name).strip(" .")
    return safe.encode()[-_LONGEST_NAME:].decode(errors="ignore").strip(" .") or "table"


def _source(kind: str) -> str:
    return f"{kind}_source"


def _path(kind: str) -> str:
    return f"{kind}_path"


def _empty(kind: str) -> str:
    return f"{kind}_path_empty"
