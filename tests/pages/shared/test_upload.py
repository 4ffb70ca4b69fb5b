"""What comes in through a browser: up to a size of the page's own, and nothing of it stays in memory."""

import re
import tomllib
from pathlib import Path

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from pages.components.train.run_list import MOST_MEGABYTES

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[3]
OTHERWISE = "A command takes larger ones: `take FILE`."


def page(otherwise):
    """What AppTest runs."""
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
    return AppTest.from_function(page, kwargs={"otherwise": OTHERWISE}).run()


def put(app, content, name="run.zip"):
    return app.file_uploader[0].set_value((name, content, "application/zip")).run()


def test_a_file_is_taken_in_once_and_the_uploader_is_empty_again(app, freed):
    put(app, b"good").run()
    assert app.session_state.taken == [b"good"]
    assert app.file_uploader[0].value is None
    assert not app.error
    put(app, b"more")
    assert app.session_state.taken == [b"good", b"more"]
    assert freed == [4, 4]


def test_what_is_wrong_with_a_file_is_said_under_its_name_until_the_next(app, freed):
    put(app, b"bad", "a *b*.zip")
    assert app.error[0].value == r"**a \*b\*.zip**: It is \*no\* run."
    assert freed == [3]
    assert not put(app, b"good").error


def test_a_file_above_the_limit_is_not_read_and_the_way_for_it_is_said_also_before(app, freed):
    assert app.caption[0].value == OTHERWISE
    assert app.file_uploader[0].proto.max_upload_size_mb == 1
    put(app, b"x" * (2**20 + 1))
    assert "taken" not in app.session_state
    assert app.error[0].value == f"**run.zip**: It has more than the 1 MB that this page takes. {OTHERWISE}"
    assert freed == [2**20 + 1]
    put(app, b"x" * 2**20)
    assert len(app.session_state.taken[0]) == 2**20


def test_a_file_is_freed_also_where_taking_it_in_raises(app, freed):
    put(app, b"raises")
    assert freed == [6]
    assert put(app.run(), b"good").session_state.taken == [b"raises", b"good"]


def test_every_uploader_of_the_pages_has_a_limit_below_the_servers():
    sources = {path.name: path.read_text() for path in PROJECT.glob("pages/**/*.py")}
    assert [name for name, source in sources.items() if re.search(r"\bfile_uploader\(", source)] == [
        "upload.py"
    ]
    config = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] > MOST_MEGABYTES
