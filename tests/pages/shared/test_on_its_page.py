"""Fragments of a page that was left."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.elements import texts


def page() -> None:
    import streamlit as st

    from pages.components.shared.on_its_page import clear_page, note_page, on_its_page

    if st.session_state["stands"] != "unknown":
        clear_page()
    if st.session_state["stands"] == "this":
        note_page()
    st.fragment(on_its_page(lambda: st.text("drawn")))()


@pytest.mark.parametrize(("stands", "is_drawn"), [("this", True), ("none yet", False), ("unknown", True)])
def test_a_fragment_draws_only_while_its_page_stands_there(stands: str, is_drawn: bool) -> None:
    app = AppTest.from_function(page)
    app.session_state["stands"] = stands
    assert ("drawn" in texts(app.run(), "text")) == is_drawn
    assert not app.exception


def test_the_page_that_stands_is_the_one_that_was_opened_last(open_app, make_model) -> None:
    """A fragment of another one may run: a timer had asked for it before that page was left."""
    make_model("gru", cell="gru")
    app = open_app("home")
    left = app.session_state["page_that_stands"]
    app.switch_page("pages/cells.py").run()
    assert app.session_state["page_that_stands"] not in ("", left)
    assert left


def test_every_fragment_of_a_page_draws_on_its_page_alone() -> None:
    """By a decorator or by a call."""
    for file in (Path(__file__).parents[3] / "pages").rglob("*.py"):
        code = file.read_text(encoding="utf-8")
        fragments = re.findall(r"^ *@?st\.fragment.*\n.*", code, flags=re.MULTILINE)
        assert all("on_its_page" in one for one in fragments), file
