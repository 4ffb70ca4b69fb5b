"""The address: values of widgets beyond `bind="query-params"`, and the way to another page."""

import base64
import binascii
import zlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode, urlsplit

import streamlit as st

from pages.components.shared.address_keys import TO_PAGE, Key
from pages.components.shared.assets import component
from pages.components.shared.streamlit_private import asked_from, asked_query

Query = Mapping[Key, Any]
"""An address: a value for each key, or several."""
_OPEN, _LEFT = "page_open", "pages_left"
_WRITTEN, LATE = "_in_address", 8
"""Number of values a widget wrote last that are kept: a browser that lags behind asks with an earlier one."""

_history = component("gatescope_history", __file__, "streamlit_names.js", isolate_styles=False)


def keep_history(page: str, pages: Collection[str]) -> None:
    """Let Back and Forward go from page to page; all are given by their names, and the one about to run."""
    # As a tuple: with a list Streamlit imports pandas, to ask whether it is a table.
    _history(key="history", data={"marker": TO_PAGE, "page": page, "pages": tuple(pages)}, height=1)


def switch(page: str, query: Query) -> NoReturn:
    """Run another page, by its path from the project's root, with `query` in the address."""
    st.switch_page(page, query_params=_named(query))


def go(page: str, query: Query | None = None) -> NoReturn:
    """Open another page; its address names it until the browser takes this out (`address.js`)."""
    switch(page, {TO_PAGE: _name(page), **(query or {})})


def link(page: str, label: str, query: Query, icon: str = "arrow_forward", **more: Any) -> None:
    """A link to another page with `query` in its address, and an icon of Material unless it has no name.

    `more` is for Streamlit.
    """
    drawn = f":material/{icon}:" if icon else None
    st.page_link(page, label=label, query_params=_named(query), icon=drawn, **more)


def written(query: Query) -> str:
    """Return what follows the question mark."""
    return urlencode(_named(query), doseq=True)


def bound(name: Key) -> dict[str, Any]:
    """Return what lets Streamlit keep the value of a widget in session and address, both under `name`."""
    return {"key": name, "bind": "query-params"}


def arrive(page: str) -> None:
    """Let the address be that of this page, whatever the page before wrote on the way.

    What a widget of the page that is left sends late, after the click on a link, asks for that page: then the
    one that is open runs again. (A link can be clicked before `address.js` is there; then the address is that
    of the page left, too, but no page has been left before.)
    """
    is_open = st.session_state.get(_OPEN, page)
    if is_open != page:
        asked, address, left = asked_query(), asked_from(), st.session_state.setdefault(_LEFT, set())
        is_there = bool(address) and urlsplit(address).path.rpartition("/")[2] == _name(is_open)
        if TO_PAGE not in st.query_params and is_there and page in left:
            st.switch_page(is_open, query_params=asked)
        left.add(is_open)
        # Streamlit keeps one query for all runs of a session: one of the page that is left, which a timer has
        # started just then, puts its own there.
        if not query().items() <= asked.items():
            st.query_params.from_dict(asked)
        # A link to what stood on another page, or here before it, is new.
        for key in map(str, st.session_state):
            if key.endswith(_WRITTEN) and (before := st.session_state[key]):
                st.session_state[key] = before[-1:]
        say(TO_PAGE, _name(page))
    remove(TO_PAGE)
    st.session_state[_OPEN] = page  # at the end: a run may be ended at each of these lines


def query() -> dict[Key, list[str]]:
    """Returns all that the address says now: name -> its values."""
    return {Key(name): st.query_params.get_all(name) for name in st.query_params}


def value(name: Key) -> str | None:
    """Return the value under `name` in the address, None where there is none."""
    return st.query_params.get(name)


def new_value(name: Key, key: str) -> str | None:
    """Return the value under `name` in the address, unless the widget of this key wrote it there itself.

    One that it wrote a moment ago is none either: the browser asks with the address that it has.
    """
    asked = value(name)
    return None if asked in _all_written(key) else asked


def read_once(name: Key, key: str) -> str | None:
    """Reads a new value once: a second look finds nothing, also where the address still says it."""
    asked = new_value(name, key)
    if asked is not None:
        _note(key, asked)
    return asked


def follow(
    name: Key,
    key: str,
    options: Collection[str],
    usual: Callable[[], str],
    missing: str = "",
    formerly: Mapping[str, str] | None = None,
) -> str:
    """Let `st.session_state[key]` be what the address says under `name`, where that is new and an option.

    Else it stays what it was; where that is no option any more, it is the one written last, or the usual one.
    `missing` is a warning for an address that names none of the options; `formerly` has what addresses of
    earlier versions say -> the option.
    """
    wanted = new_value(name, key)
    if wanted is not None and formerly is not None and wanted not in options:
        wanted = formerly.get(wanted, wanted)
    if wanted in options:
        st.session_state[key] = wanted
    elif wanted is not None and missing:
        st.warning(missing)
    if st.session_state.get(key) not in options:
        # A select's choice comes back from the browser by its label, which changes with the list.
        before = last(key)
        st.session_state[key] = before if before in options else usual()
    return str(st.session_state[key])


def take_over(name: Key, former: Key, values: Collection[str]) -> None:
    """Say under `name` what an address of an earlier version says under `former`, if it is one of these."""
    said = value(former)
    if said is not None and said in values and value(name) is None:
        say(name, said)
        remove(former)


def say(name: Key, value: str) -> None:
    """Say this under `name` from now on."""
    st.query_params[name] = value


def remove(name: Key) -> None:
    """Say nothing under `name` from now on."""
    if name in st.query_params:
        del st.query_params[name]


def clear(name: Key, key: str) -> None:
    """Removes `name` for the widget of this key: what the address says there from now on is new."""
    remove(name)
    st.session_state.pop(f"{key}{_WRITTEN}", None)


def last(key: str) -> str | None:
    """Return the value that was written last for the widget of this key."""
    return next(iter(_all_written(key)[::-1]), None)


def write(name: Key, key: str, value: str | None) -> None:
    """Put a widget's value into the address, or clear it."""
    if value is None:
        clear(name, key)
        return
    if value != last(key):
        _note(key, value)  # before the browser has it: a run that ends between the two would find it new
    say(name, value)


def _named(query: Query) -> dict[str, Any]:
    return {str(name): value for name, value in query.items()}


def _name(page: str) -> str:
    """The name of a page in addresses; Home has none."""
    name = Path(page).stem
    return "" if name == "home" else name


def _note(key: str, value: str) -> None:
    st.session_state[f"{key}{_WRITTEN}"] = (*_all_written(key), value)[-LATE:]


def _all_written(key: str) -> tuple[str, ...]:
    written: tuple[str, ...] = st.session_state.get(f"{key}{_WRITTEN}", ())
    return written


class DamagedTextError(ValueError):
    """Raised for a packed text that is damaged or too long."""


def pack(text: str) -> str:
    """A text in letters, digits, - and _ only; half of a surrogate pair becomes ?."""
    squeezed = zlib.compress(text.encode("utf-8", "replace"), level=9)
    return base64.urlsafe_b64encode(squeezed).decode().rstrip("=")


def unpack(packed: str, most: int) -> str:
    """The text again, of at most `most` characters. Raises DamagedTextError.

    A few letters can stand for a text of any length, so no more is unpacked than may be kept.

    >>> unpack(pack("great"), 5)
    'great'
    """
    squeezed, most_bytes = zlib.decompressobj(), 4 * most
    try:
        letters = packed.encode("ascii")
        letters += b"=" * (-len(letters) % 4)
        text = squeezed.decompress(base64.b64decode(letters, altchars=b"-_", validate=True), most_bytes + 1)
        unpacked = text.decode()
    except (binascii.Error, zlib.error, UnicodeError) as error:
        raise DamagedTextError from error
    if len(text) > most_bytes or len(unpacked) > most or not squeezed.eof or squeezed.unused_data:
        raise DamagedTextError
    return unpacked


def read_packed(name: Key, key: str, most: int, damaged: str) -> str | None:
    """Reads a new packed text once, as `read_once`; None, with the warning `damaged`, where it can't be."""
    packed = read_once(name, key)
    try:
        return None if packed is None else unpack(packed, most)
    except DamagedTextError:
        st.warning(damaged)
        return None
