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
