"""Where a table of the user's own comes from, and how it is read where it does not say so itself."""

import re
import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.typing import UploadedFile

from pages.components.shared.belongings import belongings, clear_old, uploads
from pages.components.shared.format import literal, size
from pages.components.shared.found_by import found_by, is_at_work
from pages.components.shared.upload import upload
from rnn_core.data.own.make import look_apart
from rnn_core.data.own.survey import TableLook
from rnn_core.errors import reason
from rnn_core.files import state_of
from rnn_core.tables.table import GUESS, Options

MOST_MEGABYTES = 200
_ENDINGS = ("csv", "tsv", "txt", "jsonl", "ndjson", "parquet", "xlsx", "zip")
_LONGEST_NAME = 100  # bytes


def choose_source(kind: str, formats: str) -> tuple[Path, TableLook] | None:
    """A place to drop a file or type a path; the table of this kind and a first look, once there is one."""
    path = choose_path(kind, formats)
    return None if path is None else look_into(kind, path)


def choose_path(kind: str, formats: str, more_endings: Sequence[str] = ()) -> Path | None:
    """A place to drop a file or type a path; the path, once there is one."""
    if st.session_state.pop(f"{kind}_path_empty", False):
        st.session_state[f"{kind}_path"] = ""
    from_browser, from_disk = st.columns(2, gap="medium")
    with from_browser:
        upload(
            "Drop a file",
            endings=(*_ENDINGS, *more_endings),
            key=f"{kind}_file",
            most=MOST_MEGABYTES,
            otherwise="A larger file, or a folder with a sub-folder for each class: type its path.",
            take_in=partial(_take_in, kind),
        )
    with from_disk:
        st.text_input(
            "Or type a path",
            key=f"{kind}_path",
            placeholder="~/tickets.csv",
            on_change=_take_path,
            args=(kind,),
            help="A file or folder on the machine that runs this app, of any size. It stays where it is.",
        )
        st.caption(formats)
    source = st.session_state.get(f"{kind}_source")
    return None if source is None else Path(source)


def look_into(kind: str, path: Path) -> tuple[Path, TableLook] | None:
    """The table of this kind and a first look, which is said, once there is one."""
    source = str(path)
    options = _options_of(kind, source)
    look = found_by(
        f"{kind}_look",
        f"{source} {file_state(path)} {options}",
        lambda: look_apart(path, options),
        "Opening the table",
    )
    _offer_options(kind, source, look)
    if look is None:
        return None
    st.markdown(
        f"**{literal(path.name)}**: {look.format}, {size(look.total_bytes)}, {len(look.columns):,} columns."
    )
    return path, look


def done(kind: str) -> None:
    """Let go of the table, once it is a corpus or is no longer wanted."""
    _let_go(kind)
    st.session_state[f"{kind}_path_empty"] = True


def _let_go(kind: str) -> None:
    """Forget the table; one that came from the browser is deleted."""
    source = st.session_state.pop(f"{kind}_source", None)
    if source is not None and is_uploaded(Path(source)):
        shutil.rmtree(Path(source).parent, ignore_errors=True)


def is_uploaded(path: Path) -> bool:
    """Says whether a table came from the browser: then it is deleted, and its path says nothing to anyone."""
    return path.is_relative_to(uploads())


def file_state(path: Path) -> str:
    """Size and time of a file as a text: equal while the file is unchanged."""
    try:
        return str(state_of(path))
    except (OSError, ValueError):
        return "missing"


def _take_path(kind: str) -> None:
    path = st.session_state[f"{kind}_path"].strip()
    _let_go(kind)
    if path:
        with suppress(RuntimeError):  # of ~name where there is no such user: then it is a name like others
            path = str(Path(path).expanduser())
        st.session_state[f"{kind}_source"] = str(Path(path).absolute())


def _take_in(kind: str, file: UploadedFile) -> str:
    """Write a file from the browser to disk, in pieces; what is wrong with it, or ""."""
    clear_old()
    name = _safe_name(file.name)
    folder = belongings().folder / secrets.token_hex(8)
    try:
        folder.mkdir(parents=True)
        with (folder / name).open("wb") as written:
            shutil.copyfileobj(file, written, 4_000_000)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        return f"It could not be kept: {reason(error)}. Free some disk space, then drop it again."
    done(kind)
    st.session_state[f"{kind}_source"] = str(folder / name)
    return ""


def _safe_name(name: str) -> str:
    """The end of a file's name, short enough for every disk, without signs that mean something to a shell."""
    safe = re.sub(r"[^\w .-]", "_", Path(name).name).strip(" .")
    return safe.encode()[-_LONGEST_NAME:].decode(errors="ignore").strip(" .") or "table"


_HELP = {
    "encoding": "Such as windows-1252.",
    "delimiter": "The sign between the columns of a CSV file, such as ; or the word tab.",
    "sheet": "Of an Excel workbook.",
}
_UNSEEN = {"\t": "tab", " ": "space"}


def _options_of(kind: str, source: str) -> Options:
    """Returns the options that were typed so far; an empty one is guessed."""
    return Options(**{name: st.session_state.get(f"{kind}_{name}_{source}", "") for name in _HELP})


def _offer_options(kind: str, source: str, look: TableLook | None) -> None:
    """The controls that the format of a table has a use for, after the look at it was tried.

    They stay while there is no look: what was typed may be what is wrong. All are there where no look ever
    succeeded; none at first, until there is something that can look wrong.
    """
    if look is not None:
        held = tuple(name for name in _HELP if getattr(look.options, name))
        st.session_state[f"{kind}_seen"] = (source, held)
    seen, held = st.session_state.get(f"{kind}_seen", ("", ()))
    waits = look is None and is_at_work(f"{kind}_look")
    if seen != source and waits and _options_of(kind, source) == GUESS:
        return
    names = held if seen == source else tuple(_HELP)
    if not names:
        return
    with st.expander(
        f"It looks wrong? {', '.join(names).capitalize()}",
        icon=":material/tune:",
        expanded=look is None and not waits,
    ):
        for place, name in zip(st.columns(3, gap="medium"), names, strict=False):
            found = getattr(look.options, name) if look is not None else ""
            place.text_input(
                name.capitalize(),
                key=f"{kind}_{name}_{source}",
                placeholder=f"guessed: {_UNSEEN.get(found, found)}" if found else "guessed",
                max_chars=3 if name == "delimiter" else None,
                help=_HELP[name],
            )
