"""Pages where a release of Streamlit has none of what it doesn't promise, and where a run ends early."""

import sys
from types import ModuleType

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.testing.v1 import AppTest

from pages.components.shared import streamlit_private
from tests.pages.conftest import APP
from tests.pages.elements import texts
from tests.pages.shared.test_belongings import OTHERWISE, put, upload_page

pytestmark = pytest.mark.slow


@pytest.fixture(params=["no run is known", "it has other parts", "no such module"])
def without(request, monkeypatch):
    if request.param == "no such module":
        real = sys.modules["streamlit.runtime.scriptrunner"]
        without = ModuleType(real.__name__)
        without.__dict__.update(real.__dict__)
        del without.get_script_run_ctx
        monkeypatch.setitem(sys.modules, real.__name__, without)
        assert streamlit_private._run() is None
    else:
        run = object() if request.param == "it has other parts" else None
        monkeypatch.setattr(streamlit_private, "_run", lambda: run)


@pytest.fixture
def app(make_model):
    """The app on a page, beside two models."""
    make_model("a-gru", cell="gru")
    make_model("b-lstm", cell="lstm")
    return AppTest.from_file(str(APP), default_timeout=30).switch_page("pages/cells.py").run()


def follow_a_link(app):
    """It leads to what it names."""
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


def ids(app):
    return list(app._fragment_storage._fragments)


def test_a_page_that_ends_early_keeps_its_fragments():
    app = AppTest.from_function(page)
    app.session_state["ends"] = False
    assert texts(app.run(), "text") == "first second"
    first, _ = ids(app)
    app.session_state["ends"] = True
    assert texts(app.run(), "text") == "first"
    assert ids(app) == [first]


def test_no_page_ends_early_in_another_way():
    pages = (APP.parent / "pages").rglob("*.py")
    ends = [path.name for path in pages if "st.stop()" in path.read_text(encoding="utf-8")]
    assert ends == ["streamlit_private.py"]


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
