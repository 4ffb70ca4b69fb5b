import gc
import os
import runpy
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.shared import guard
from tests.pages.conftest import APP


@pytest.fixture
def app(make_model):
    """The app before its first run, where there is a network to read with."""
    make_model("a-gru")
    return AppTest.from_file(str(APP), default_timeout=30)


@pytest.mark.parametrize(("page", "title"), [("read", "Watch it read"), ("home", "See what")])
def test_a_first_request_straight_to_a_page_ends_there_by_way_of_app(app, make_model, page, title):
    make_model("b-lstm", cell="lstm")
    app.query_params["model"] = "b-lstm"
    app.query_params["page"] = "2"  # a name of nothing here, but of an argument
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert app.title[0].value.startswith(title)
    if page == "read":
        assert app.selectbox[0].value == "b-lstm"
    assert "came_for" not in app.query_params


def test_a_run_ended_in_its_first_lines_leads_the_next_page_nowhere_else(app, monkeypatch):
    """Streamlit ends a run when a click on a link comes; that page gave way to the one that was left."""
    app.switch_page("pages/cells.py").run()
    with monkeypatch.context() as while_it_runs:
        while_it_runs.setattr(st, "switch_page", lambda *arguments, **options: st.stop())
        app.run()
    app.switch_page("pages/read.py").run()
    assert app.title[0].value == "Watch it read"


@pytest.mark.parametrize("named", ["read", "nowhere", "../../x", ""])
def test_an_address_that_names_another_page_leads_to_one_of_ours_or_stays(app, named):
    app.query_params["came_for"] = named
    app.run()
    assert not app.exception
    assert app.title[0].value.startswith("Watch it read" if named == "read" else "See what")


def test_what_a_page_imports_is_left_out_of_the_collections_to_come(app):
    gc.unfreeze()
    guard._freeze.cache_clear()
    app.switch_page("pages/read.py").run()
    assert not app.exception
    assert gc.get_freeze_count() > 100_000
    assert len(gc.get_objects()) < gc.get_freeze_count()


@pytest.mark.parametrize("page", sorted(f"pages/{path.name}" for path in APP.parent.glob("pages/[a-z]*.py")))
def test_every_page_refuses_before_it_does_anything(monkeypatch, page, after_app_ran):
    foreign = {"Origin": "http://localhost:9", "Host": "127.0.0.1:8501"}
    monkeypatch.setattr(type(st.context), "headers", property(lambda _: foreign))
    app = AppTest.from_file(str(APP), default_timeout=30).run().switch_page(page).run()
    assert not app.exception
    assert [element.type for element in app.main.children.values()] == ["error"]
    assert "another web page asked for it" in app.error[0].value
    assert not list((Path(os.environ["GATESCOPE_ARTIFACTS"])).rglob("*"))


def test_a_process_that_the_server_starts_reads_app_without_running_it(monkeypatch):
    """`multiprocessing` takes the main module along, which is app.py while a page runs."""
    monkeypatch.setattr(st, "navigation", lambda *arguments, **options: pytest.fail("a page was drawn"))
    assert "main" in runpy.run_path(str(APP), run_name="__mp_main__")
