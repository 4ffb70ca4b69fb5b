"""Five things to try, ticked off once done; the browser alone keeps which are, and if they are hidden."""

from collections.abc import Collection

import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.assets import component
from pages.components.shared.first_route import NETWORK, tasks

_kept = component("gatescope_first_things", __file__, isolate_styles=False)


def offer_first_things(models: Collection[str]) -> None:
    """The list, or the button that shows it again; nothing without the network that it is about."""
    if NETWORK not in models:
        return
    with st.container(key="first_things"):
        with st.container(key="first_row", horizontal=True, vertical_alignment="center"):
            st.subheader("Five things to try", anchor=False, width="content")
            _kept(key="first_kept", data={"tasks": list(tasks()), "done": address.value(keys.DONE) or ""})
            st.caption("Each opens a page and says what to do there.", width="content")
        with st.container(key="first_list"), st.grid(5, min_column_width=195, gap="small"):
            for name, task in tasks().items():
                with st.container(key=f"first_{name}"):
                    address.link(task.page, task.title, {**task.query, keys.TRY: name}, icon="")
    address.remove(keys.DONE)
