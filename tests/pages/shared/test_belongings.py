"""Work, results and files of a session end with it; an upload is taken in and freed."""

import threading
import time

import pytest
from streamlit.runtime.caching import clear_session_resource_cache
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from pages.components.shared import belongings
from pages.components.shared.belongings import Belongings, uploads
from pages.components.shared.jobs import Job, Jobs, jobs
from rnn_core.progress import Progress
from tests.runs.workers import wait_until


@pytest.fixture
def mine():
    made = Belongings(Jobs())
    made.folder.mkdir(parents=True)
    (made.folder / "labelled.csv").write_text("text\n")
    yield made
    made.end()


def test_at_the_end_work_and_files_are_gone(mine):
    """And nothing of another session."""
    ended, registry = threading.Event(), mine._registry

    def endless():
        try:
            while True:
                time.sleep(0.01)
                yield Progress("Counting", 1, 2)
        finally:
            ended.set()

    mine.own("count", registry.start("count", endless, "Begins"), outlives=False)
    (uploads() / "another").mkdir()
    mine.end()
    assert ended.is_set()
    assert registry.get("count") is None
    assert [path.name for path in uploads().iterdir()] == ["another"]


def test_files_stay_until_what_outlives_a_session_is_done(mine):
    begun, goes_on = threading.Event(), threading.Event()

    def steps():
        yield Progress("Adding", 1, 2)
        begun.set()
        goes_on.wait(30)
        found.append((mine.folder / "labelled.csv").exists())

    found = []
    mine.own("add", mine._registry.start("add", steps, "Begins"), outlives=True)
    assert begun.wait(30)
    end = threading.Thread(target=mine.end)
    end.start()
    end.join(0.2)
    assert end.is_alive()
    goes_on.set()
    end.join(30)
    assert found == [True]
    assert not mine.folder.exists()


def test_a_browser_that_comes_back_finds_what_it_had(mine, monkeypatch):
    """It ends in time."""
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
    from pages.components.shared.found_by import found_by
    from tests.pages.shared.test_belongings import steps

    mine = belongings()
    mine.folder.mkdir(parents=True, exist_ok=True)
    st.session_state["where"] = mine.folder
    st.session_state["session"] = get_script_run_ctx().session_id
    st.text(f"found {found_by('count', st.session_state['about'], steps, 'Begins')}")


def steps():
    yield Progress("Counting", 1, 1)
    return "all"


def opened():
    app = AppTest.from_function(page)
    app.session_state["about"] = "a"
    return app.run()


def test_the_files_of_a_session_go_with_its_browser(monkeypatch):
    monkeypatch.setattr(belongings, "_COMES_BACK_WITHIN", 0.0)
    app = opened()
    folder = app.session_state["where"]
    app.run()
    assert app.session_state["where"] == folder
    assert folder.exists()
    clear_session_resource_cache(app.session_state["session"])
    wait_until(lambda: not folder.exists())


def test_two_sessions_have_work_of_their_own():
    """The result is given again without new work."""
    first, second = opened(), opened()
    assert first.text[0].value == second.text[0].value == "found all"
    assert len(jobs()._jobs) == 2
    second.session_state["about"] = "b"
    assert second.run().text[0].value == "found all"
    assert first.run().text[0].value == "found all"
    assert len({name.partition(":")[0] for name in jobs()._jobs}) == 2


def test_a_page_waits_once_for_its_work(monkeypatch):
    waited, ends = [], threading.Event()
    monkeypatch.setattr(Job, "wait", lambda job, seconds: waited.append(seconds))
    monkeypatch.setattr("tests.pages.shared.test_belongings.steps", lambda: iter(ends.wait, True))
    opened().run()
    ends.set()
    assert [seconds > 0 for seconds in waited] == [True, False]


def test_work_cancelled_in_its_last_moment_has_its_result():
    begun, last = threading.Event(), threading.Event()

    def work():
        yield Progress("Counting", 1, 1)
        begun.set()
        last.wait(5)
        return "all"

    job = Job(work, "Begins")
    assert begun.wait(5)
    job.cancel()
    last.set()
    job.wait(5)
    assert job.result == "all"


OTHERWISE = "A command takes larger ones: `take FILE`."


def upload_page(otherwise):
    """A page for AppTest."""
    import streamlit as st

    from pages.components.shared.upload import upload

    def take_in(file):
        st.session_state.taken = [*st.session_state.get("taken", []), file.getvalue()]
        if file.getvalue() == b"raises":
            raise ValueError("damaged")
        return "It is *no* run." if file.getvalue() == b"bad" else ""

    upload("A file", endings=["zip"], key="file", most=1, otherwise=otherwise, take_in=take_in)


@pytest.fixture
def freed(monkeypatch):
    """The bytes that Streamlit still held of each file that was freed."""
    sizes = []
    original = MemoryUploadedFileManager.remove_file

    def remove_file(self, session_id, file_id):
        sizes.extend(len(file.data) for file in self.get_files(session_id, [file_id]))
        original(self, session_id, file_id)

    monkeypatch.setattr(MemoryUploadedFileManager, "remove_file", remove_file)
    return sizes


@pytest.fixture
def app():
    return AppTest.from_function(upload_page, kwargs={"otherwise": OTHERWISE}).run()


def put(app, content, name="run.zip"):
    return app.file_uploader[0].set_value((name, content, "application/zip")).run()


def test_a_file_is_taken_in_once_and_freed(app, freed):
    """A problem with one is said until the next; it is freed also where taking it in raises."""
    put(app, b"good").run()
    assert app.session_state.taken == [b"good"]
    assert app.file_uploader[0].value is None
    put(app, b"bad", "a *b*.zip")
    assert app.error[0].value == r"**a \*b\*.zip**: It is \*no\* run."
    assert freed == [4, 3]
    put(app, b"raises")
    assert freed == [4, 3, 6]
    assert not put(app.run(), b"more").error
    assert app.session_state.taken == [b"good", b"bad", b"raises", b"more"]


def test_a_file_above_the_limit_is_not_read(app, freed):
    assert app.caption[0].value == OTHERWISE
    assert app.file_uploader[0].proto.max_upload_size_mb == 1
    put(app, b"x" * (2**20 + 1))
    assert "taken" not in app.session_state
    assert app.error[0].value == f"**run.zip**: It has more than the 1 MB that this page takes. {OTHERWISE}"
    assert freed == [2**20 + 1]
    put(app, b"x" * 2**20)
    assert len(app.session_state.taken[0]) == 2**20
