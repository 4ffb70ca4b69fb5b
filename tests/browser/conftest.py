"""A real server and a real browser."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import expect

from benchmarks.app.browser import answers, free_port
from rnn_core.paths import own_cells_folder, own_corpora_folder, sweeps_folder
from rnn_core.runs import queue
from rnn_core.runs.ready import SWITCH
from rnn_core.runs.store import Store
from tests.runs import workers
from tests.runs.workers import wait_until

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 90_000  # milliseconds; a busy machine draws a page slowly
expect.set_options(timeout=PATIENCE)
OUTGOING = "outgoing.txt"
STREAMLIT = [sys.executable, "-m", "streamlit", "run"]


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Server(NamedTuple):
    """The app as a process, the first of a group of its own, as a terminal starts it."""

    address: str
    process: subprocess.Popen
    output: Path
    """Text that the terminal shows."""
    folder: Path
    """Folder with its artifacts and its cache."""

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])


@contextlib.contextmanager
def serve(command, folder, environment):
    """A page of Streamlit, as this command opens it in a folder."""
    port, output = free_port(), folder / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [*command, f"--server.port={port}", "--server.headless=true"],
            cwd=folder,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"

    def is_there():
        assert process.poll() is None, output.read_text()
        return answers(address)

    try:
        wait_until(is_there)
        yield Server(address, process, output, folder)
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextlib.contextmanager
def serve_app(folder, *options):
    """The app, started in another folder with no settings but these; its own folders and models are there."""
    artifacts = folder / "artifacts"
    shutil.copytree(PROJECT / "artifacts" / "pretrained", artifacts / "pretrained")
    own = {"GATESCOPE_ARTIFACTS": str(artifacts), "GATESCOPE_CACHE": str(folder / "cache"), SWITCH: "0"}
    own |= {"GATESCOPE_IMDB": ""} | recording(folder)
    try:
        with serve([*STREAMLIT, PROJECT / "app.py", *options], folder, os.environ | own) as server:
            yield server
    finally:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GATESCOPE_ARTIFACTS", str(artifacts))
            queue.stop_all(Store())
        assert not went_out(folder), "the app wanted to speak to another machine"


def recording(folder):
    """Environment with which Python notes in the folder what other machines it wants to speak to."""
    return {
        "PYTHONPATH": str(Path(__file__).parent / "recorder"),
        "GATESCOPE_TEST_RECORD": str(folder / OUTGOING),
    }


def went_out(folder):
    """Return what was noted there."""
    record = folder / OUTGOING
    return record.read_text().splitlines() if record.exists() else []


@pytest.fixture(scope="session")
def shared(tmp_path_factory, verdict_cache):
    """The app and the verdict corpus for all tests that leave it as it was: `store` deletes what is made."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(verdict_cache, folder / "cache")
    with serve_app(folder) as server:
        yield server


@pytest.fixture
def server(shared):
    """The address of the app that many tests share."""
    return shared.address


@pytest.fixture
def store(shared, monkeypatch):
    """The runs of the app that many tests share; what a test makes is deleted with it."""
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(shared.folder / "artifacts"))
    monkeypatch.setenv("GATESCOPE_CACHE", str(shared.folder / "cache"))
    store = Store()
    assert not store.runs.all(), "another test left them behind"
    yield store
    for _ in range(2):  # the second time without a score
        queue.stop_all(store)
    wait_until(lambda: not store.runs.active())
    for run in store.runs.all():
        store.delete(run.id)
    for folder in (sweeps_folder(), own_corpora_folder(), own_cells_folder()):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def trained(store):
    """A small run that has ended, in the app that many tests share."""
    return workers.trained(store, workers.TINY)


@contextlib.contextmanager
def window(browser, width=1280, height=800, **more):
    """A page of a browser that knows nothing of its other ones; `more` is for Playwright."""
    size = {"width": width, "height": height}
    context = browser.new_context(viewport=size, color_scheme="light", **more)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


@pytest.fixture(scope="session")
def visitor(browser):
    """A browser that keeps the scripts of the app, as a user's does: it compiles them once for many tests."""
    with window(browser) as first:
        yield first.context


@pytest.fixture
def page(visitor):
    """A page; what it leaves in the browser is gone before the next test."""
    page = visitor.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    page.evaluate("localStorage.clear()")
    page.close()
    visitor.clear_cookies()
