"""A page is entered through app.py, once all that it imports is there, and by its own site alone.

Until `st.navigation` has run once in a server's life, Streamlit takes `pages/` for its older kind of app:
a first request to /train runs pages/train.py alone, without settings, menu and the server's door.
"""

import contextlib
import gc
import sys
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.belongings import keep_belongings
from pages.components.shared.first_route import show_task
from pages.components.shared.server import is_our_own
from pages.components.shared.streamlit_private import end_page

_PAGES = {path.stem for path in Path(__file__).parents[2].glob("[a-z]*.py")}
_REFUSED = (
    "Gatescope stays closed here, and nothing was started: another web page asked for it, or a program that "
    "doesn't say where it comes from. Open the address that the terminal shows. Behind a proxy that changes "
    "the host, start the app with `--server.corsAllowedOrigins=` and the address that browsers open, such as "
    "`https://app.example`."
)


def enter(page: str) -> None:
    """Call this first on a page, with its path from the project's root: "pages/train.py".

    A page that runs without app.py hands over to it, and names itself in the address; the page that app.py
    then shows goes on there, query string kept. The session's state would be no place for that name: a run
    that is ended between two lines would leave it to the next page.
    """
    refuse_strangers()
    spare_what_was_imported()
    keep_belongings()
    address.arrive(page)
    query = address.query()
    came_for = query.pop(keys.CAME_FOR, [])
    address.remove(keys.CAME_FOR)
    for name in came_for:
        if name in _PAGES and name != Path(page).stem:
            address.go(f"pages/{name}.py", query)
    with contextlib.suppress(StreamlitPageNotFoundError):
        # Only the older kind of app counts app.py among its pages; there this line does not return.
        address.switch("app.py", {**query, keys.CAME_FOR: Path(page).stem})
    show_task()


def refuse_strangers() -> None:
    """End the page where another page opened the session, or nobody says which; app.py calls it first."""
    if not is_our_own(st.context.headers, st.get_option("server.corsAllowedOrigins")):
        st.error(_REFUSED, icon=":material/block:")
        end_page()


def spare_what_was_imported() -> None:
    """Leave all that is there now out of the collections of garbage to come; again after more was imported.

    Streamlit has all of it looked through after every run of a page or of a fragment. torch, pandas and
    Plotly bring 250,000 objects that stay for ever, which takes 130 ms, with Python's lock held: once a
    second while a run is watched, and a click meanwhile waits.
    """
    _freeze(len(sys.modules))


@cache
def _freeze(modules: int) -> None:
    """Freezes what is there, once for each number of modules."""
    gc.collect()
    gc.freeze()
