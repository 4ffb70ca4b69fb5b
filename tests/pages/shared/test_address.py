"""What a page reads in the address is what the browser asked it with."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[3] / "app.py"


def test_a_run_of_the_page_that_is_left_does_not_change_which_model_a_link_opens(
    make_model, monkeypatch
) -> None:
    """Streamlit keeps one query for all runs of a session; the link then opened the usual model."""
    make_model("a-gru", cell="gru")
    make_model("b-lstm", cell="lstm")
    app = AppTest.from_file(str(APP), default_timeout=30)
    app.switch_page("pages/cells.py").run()
    navigation = st.navigation

    def with_a_late_run(*arguments, **options):
        with get_script_run_ctx().session_state.query_params() as query:
            query.populate_from_query_string("data=verdict&run=1", set())
        return navigation(*arguments, **options)

    monkeypatch.setattr(st, "navigation", with_a_late_run)
    app.query_params.clear()
    app.query_params["model"] = "b-lstm"
    app.switch_page("pages/read.py").run()
    assert not app.exception
    assert app.selectbox[0].value == "b-lstm"
    assert "run" not in app.query_params


def picker_page() -> None:
    import streamlit as st

    from pages.components.shared import address

    options = st.session_state.get("options", ["a", "b", "c"])
    picked = address.follow("letter", "picked", options, lambda: options[-1], "No such letter.")
    address.write("letter", "picked", picked)
    st.text(picked)


def picked(app: AppTest) -> str:
    app.run()
    assert not app.exception
    assert app.query_params["letter"] == app.text[0].value
    return app.text[0].value


def test_a_picker_follows_the_address_once_and_then_what_was_picked() -> None:
    app = AppTest.from_function(picker_page, default_timeout=30)
    assert picked(app) == "c"
    app.query_params["letter"] = "a"
    assert picked(app) == "a"
    app.session_state["picked"] = "b"
    assert picked(app) == "b"


def test_a_picker_takes_what_it_wrote_last_where_the_choice_is_gone_and_then_the_usual() -> None:
    app = AppTest.from_function(picker_page, default_timeout=30)
    app.query_params["letter"] = "a"
    assert picked(app) == "a"
    app.session_state["picked"] = "a label of before"
    assert picked(app) == "a"
    app.session_state["options"] = ["b", "c"]
    assert picked(app) == "c"


def test_an_address_that_names_no_option_is_warned_of_once() -> None:
    app = AppTest.from_function(picker_page, default_timeout=30)
    app.query_params["letter"] = "x"
    assert picked(app) == "c"
    assert app.warning[0].value == "No such letter."
    assert picked(app) == "c"
    assert not app.warning
