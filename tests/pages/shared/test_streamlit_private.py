"""Ways into a page, and its early end; also where a release has no private parts."""

import gc
import os
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.testing.v1 import AppTest

from pages.components.shared import guard, streamlit_private
from tests.pages.conftest import APP
from tests.pages.elements import texts
from tests.pages.shared.test_belongings import OTHERWISE, put, upload_page

pytestmark = pytest.mark.slow


@pytest.fixture(params=["no run is known", "it has other parts", "no such module"])
def without(request, monkeypatch):
    if request.param == "no such module":
        monkeypatch.delattr("streamlit.runtime.scriptrunner.get_script_run_ctx")
        assert streamlit_private._run() is None
    else:
        run = object() if request.param == "it has other parts" else None
        monkeypatch.setattr(streamlit_private, "_run", lambda: run)


@pytest.fixture
def app(make_model):
    """The app before its first run, where there are two networks to read with."""
    make_model("a-gru")
    make_model("b-lstm", cell="lstm")
    return AppTest.from_file(str(APP), default_timeout=30)


@pytest.mark.parametrize(("page", "title"), [("read", "Watch it read"), ("home", "See what")])
def test_a_first_request_to_a_page_ends_there(app, page, title):
    app.query_params["model"] = "b-lstm"
    app.query_params["page"] = "2"  # a name of nothing here, but of an argument
    app.switch_page(f"pages/{page}.py").run()
    assert app.title[0].value.startswith(title)
    assert page == "home" or app.selectbox[0].value == "b-lstm"
    assert "came_for" not in app.query_params


def test_a_run_ended_early_leads_nowhere_else(app, monkeypatch):
    """Streamlit ends a run when a click on a link comes; that page gave way to the one that was left."""
    app.switch_page("pages/cells.py").run()
    with monkeypatch.context() as while_it_runs:
        while_it_runs.setattr(st, "switch_page", lambda *arguments, **options: st.stop())
        app.run()
    app.switch_page("pages/read.py").run()
    assert app.title[0].value == "Watch it read"


@pytest.mark.parametrize("named", ["read", "nowhere", "../../x", ""])
def test_an_address_leads_to_a_page_of_ours_or_stays(app, named):
    app.query_params["came_for"] = named
    app.run()
    assert app.title[0].value.startswith("Watch it read" if named == "read" else "See what")


def test_what_a_page_imports_is_not_collected(app):
    gc.unfreeze()
    guard._freeze.cache_clear()
    app.switch_page("pages/read.py").run()
    assert gc.get_freeze_count() > 100_000
    assert len(gc.get_objects()) < gc.get_freeze_count()


@pytest.mark.parametrize("page", sorted(f"pages/{path.name}" for path in APP.parent.glob("pages/[a-z]*.py")))
def test_every_page_refuses_before_it_does_anything(monkeypatch, page, after_app_ran):
    foreign = {"Origin": "http://localhost:9", "Host": "127.0.0.1:8501"}
    monkeypatch.setattr(type(st.context), "headers", property(lambda _: foreign))
    app = AppTest.from_file(str(APP), default_timeout=30).run().switch_page(page).run()
    assert [element.type for element in app.main.children.values()] == ["error"]
    assert "another web page asked for it" in app.error[0].value
    assert not list((Path(os.environ["GATESCOPE_ARTIFACTS"])).rglob("*"))


def follow_a_link(app):
    """It leads from another page to what it names."""
    app.switch_page("pages/cells.py").run()
    app.query_params.clear()
    app.query_params["model"] = "b-lstm"
    app.switch_page("pages/read.py").run()
    assert app.selectbox[0].value == "b-lstm"


def test_a_link_leads_to_what_it_names(without, app):
    follow_a_link(app)


def test_a_page_that_is_left_changes_no_link(app, monkeypatch):
    """Streamlit keeps one query for all runs of a session; the link then opened the usual model."""
    navigation = st.navigation

    def with_a_late_run(*arguments, **options):
        with get_script_run_ctx().session_state.query_params() as query:
            query.populate_from_query_string("data=verdict&run=1", set())
        return navigation(*arguments, **options)

    monkeypatch.setattr(st, "navigation", with_a_late_run)
    follow_a_link(app)
    assert "run" not in app.query_params


def test_an_upload_is_taken_in_once_or_refused(without):
    app = AppTest.from_function(upload_page, kwargs={"otherwise": OTHERWISE}).run()
    put(app, b"good").run()
    assert app.session_state.taken == [b"good"]
    assert put(app, b"bad").error


def test_a_page_that_ends_early_ends(without):
    app = AppTest.from_function(page)
    app.session_state["ends"] = True
    assert texts(app.run(), "text") == "first"


def page():
    import streamlit as st

    from pages.components.shared.streamlit_private import end_page

    def first():
        st.text("first")

    def second():
        st.text("second")

    st.fragment(first)()
    if st.session_state["ends"]:
        end_page()
    st.fragment(second)()


def test_a_page_that_ends_early_keeps_its_fragments():
    app = AppTest.from_function(page)
    app.session_state["ends"] = False
    assert texts(app.run(), "text") == "first second"
    first, _ = app._fragment_storage._fragments
    app.session_state["ends"] = True
    assert texts(app.run(), "text") == "first"
    assert [*app._fragment_storage._fragments] == [first]


def page_after_a_fragment():
    import streamlit as st

    from pages.components.shared.streamlit_private import draw_from_the_top

    st.columns(2)[1].__enter__()  # as a fragment in a column leaves it
    draw_from_the_top()
    st.title("At the top")


def test_a_page_begins_at_its_top_after_a_fragment():
    """It stood in the column of the cost of a run, and the page of the browser went blank."""
    page = AppTest.from_function(page_after_a_fragment).run()
    assert [part.type for part in page.main.children.values()][-1] == "title"
