"""Fragments of a run of a page, once another run has ended early."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.pages.elements import texts


def page() -> None:
    import streamlit as st

    from pages.components.shared.streamlit_private import end_page

    def first() -> None:
        st.text("first")

    def second() -> None:
        st.text("second")

    st.fragment(first)()
    if st.session_state["ends"]:
        end_page()
    st.fragment(second)()


def ids(app: AppTest) -> list[str]:
    return list(app._fragment_storage._fragments)


def test_a_page_that_ends_early_keeps_its_own_fragments_and_forgets_those_of_the_run_before() -> None:
    app = AppTest.from_function(page)
    app.session_state["ends"] = False
    assert texts(app.run(), "text") == "first second"
    first, _ = ids(app)
    app.session_state["ends"] = True
    assert texts(app.run(), "text") == "first"
    assert ids(app) == [first]
    assert not app.exception


def test_no_page_ends_early_in_another_way() -> None:
    pages = Path(__file__).parents[3] / "pages"
    ends = [path.name for path in pages.rglob("*.py") if "st.stop()" in path.read_text(encoding="utf-8")]
    assert ends == ["streamlit_private.py"]
