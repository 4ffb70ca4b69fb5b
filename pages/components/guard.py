"""Every page is entered through app.py, once all that it imports is there.

Until `st.navigation` has run once in a server's life, Streamlit takes `pages/` for its older kind of app:
a first request that goes straight to /train runs pages/train.py alone, without page settings and menu.
"""

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from pages.components import address
from pages.components.collector import spare_what_was_imported

_CAME_FOR = "guard_came_for"


def enter(page: str) -> None:
    """Call this first on a page, with its path from the project's root: "pages/train.py".

    A page that runs without app.py hands over to it and notes where it was going; the page that app.py
    then shows goes on there, query string kept.
    """
    spare_what_was_imported()
    address.arrive(page)
    came_for = st.session_state.pop(_CAME_FOR, None)
    if came_for is not None and came_for[0] != page:
        address.go(came_for[0], **came_for[1])
    st.session_state[_CAME_FOR] = (
        page,
        {name: st.query_params.get_all(name) for name in st.query_params},
    )
    try:
        # Only the older kind of app counts app.py among its pages; there this line does not return.
        st.switch_page("app.py")
    except StreamlitPageNotFoundError:
        del st.session_state[_CAME_FOR]
