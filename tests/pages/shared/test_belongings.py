"""What a session has ends with it: its work, what that found, its files, and nothing of another session."""

import threading
import time

import pytest
from streamlit.runtime.caching import clear_session_resource_cache
from streamlit.testing.v1 import AppTest

from pages.components.shared import belongings
from pages.components.shared.belongings import Belongings, uploads
from pages.components.shared.jobs import Job, Jobs, jobs
from rnn_core.progress import Progress
from tests.runs.workers import wait_until


def endless(ended):
    def steps():
        try:
            while True:
                time.sleep(0.01)
                yield Progress("Counting", 1, 2)
        finally:
            ended.set()

    return steps


@pytest.fixture
def mine():
    made = Belongings(Jobs())
    made.folder.mkdir(parents=True)
    (made.folder / "labelled.csv").write_text("text\n")
    yield made
    made.end()


def test_at_the_end_work_is_cancelled_and_forgotten_and_files_are_deleted(mine):
    ended, registry = threading.Event(), mine._registry
    mine.own("count", registry.start("count", endless(ended), "Begins"), outlives=False)
    (uploads() / "another").mkdir()
    mine.end()
    assert ended.is_set()
    assert registry.get("count") is None
    assert [path.name for path in uploads().iterdir()] == ["another"]


def test_files_stay_until_what_outlives_the_session_is_done(mine):
    begun, goes_on = threading.Event(), threading.Event()

    def steps():
        yield Progress("Adding", 1, 2)
        begun.set()
        goes_on.wait(30)
        found.append((mine.folder / "labelled.csv").exists())

    found = []
    job = mine._registry.start("add", steps, "Begins")
    mine.own("add", job, outlives=True)
    assert begun.wait(30)
    end = threading.Thread(target=mine.end)
    end.start()
    end.join(0.2)
    assert end.is_alive()
    goes_on.set()
    end.join(30)
    assert found == [True]
    assert not mine.folder.exists()


def test_a_browser_that_comes_back_in_time_finds_what_it_had(mine, monkeypatch):
    mine.leave()
    mine.stay()
    assert mine.folder.exists()
    monkeypatch.setattr(belongings, "_COMES_BACK_WITHIN", 0.0)
    mine.leave()
    wait_until(lambda: not mine.folder.exists())


def page():
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from pages.components.shared.belongings import belongings

    mine = belongings()
    mine.folder.mkdir(parents=True, exist_ok=True)
    st.session_state["where"] = mine.folder
    st.session_state["session"] = get_script_run_ctx().session_id


def test_when_the_browser_of_a_session_has_gone_its_files_go(monkeypatch):
    monkeypatch.setattr(belongings, "_COMES_BACK_WITHIN", 0.0)
    app = AppTest.from_function(page).run()
    assert not app.exception
    folder = app.session_state["where"]
    app.run()
    assert app.session_state["where"] == folder
    assert folder.exists()
    clear_session_resource_cache(app.session_state["session"])
    wait_until(lambda: not folder.exists())


def counting_page():
    import streamlit as st

    from pages.components.shared.found_by import found_by
    from tests.pages.shared.test_belongings import steps

    st.text(f"found {found_by('count', st.session_state['about'], steps, 'Begins')}")


def steps():
    yield Progress("Counting", 1, 1)
    return "all"


def opened():
    app = AppTest.from_function(counting_page)
    app.session_state["about"] = "a"
    return app.run()


def test_two_sessions_have_work_of_their_own_and_what_it_found_is_given_again_without_new_work():
    first, second = opened(), opened()
    assert first.text[0].value == second.text[0].value == "found all"
    assert len(jobs()._jobs) == 2
    second.session_state["about"] = "b"
    assert second.run().text[0].value == "found all"
    assert first.run().text[0].value == "found all"
    assert len({name.partition(":")[0] for name in jobs()._jobs}) == 2


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_work_that_ended_well_has_its_result_even_when_it_was_cancelled_in_its_last_moment(is_cancelled):
    begun, last = threading.Event(), threading.Event()

    def work():
        yield Progress("Counting", 1, 1)
        begun.set()
        last.wait(5)
        return "all"

    job = Job(work, "Begins")
    assert begun.wait(5)
    if is_cancelled:
        job.cancel()
    last.set()
    job.wait(5)
    assert job.result == "all"
