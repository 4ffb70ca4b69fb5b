"""Pages where a release of Streamlit has none of what it doesn't promise."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.shared import streamlit_private
from tests.pages.elements import texts
from tests.pages.shared import test_page_end, test_upload

APP = Path(__file__).parents[3] / "app.py"

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, params=["no run is known", "it has other parts", "no such module"])
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


def test_a_link_leads_to_what_it_names(make_model) -> None:
    make_model("a-gru", cell="gru")
    make_model("b-lstm", cell="lstm")
    app = AppTest.from_file(str(APP), default_timeout=30)
    app.switch_page("pages/cells.py").run()
    app.query_params.clear()
    app.query_params["model"] = "b-lstm"
    app.switch_page("pages/read.py").run()
    assert not app.exception
    assert app.selectbox[0].value == "b-lstm"


def test_an_upload_is_taken_in_once_and_a_problem_is_said() -> None:
    app = AppTest.from_function(test_upload.page, kwargs={"otherwise": test_upload.OTHERWISE}).run()
    test_upload.put(app, b"good").run()
    assert app.session_state.taken == [b"good"]
    assert test_upload.put(app, b"bad").error


def test_a_page_that_ends_early_ends() -> None:
    app = AppTest.from_function(test_page_end.page)
    app.session_state["ends"] = True
    assert texts(app.run(), "text") == "first"
    assert not app.exception
