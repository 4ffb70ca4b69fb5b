"""Small untrained models for pages to read with, runs to train, and the app itself."""

import functools
import shutil
from pathlib import Path

import pytest
import streamlit as st
import torch
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner
from streamlit.util import calc_hash

from pages.components.shared import cost, glossary
from pages.components.shared.jobs import jobs
from rnn_core import labelling
from rnn_core.config.run import RunConfig
from rnn_core.data.own import make
from rnn_core.data.sources import recommended_config
from rnn_core.models.folder import save_model
from rnn_core.nn.classifier import Classifier, count_parameters
from rnn_core.paths import pretrained_folder
from rnn_core.runs import queue
from rnn_core.runs.ready import SWITCH
from rnn_core.runs.store import Store
from rnn_core.text.vocabulary import Vocabulary
from rnn_core.training.estimate import Estimate
from tests.own import ask_here
from tests.runs.workers import wait_until
from tests.untrained import published, untrained

APP = Path(__file__).parents[2] / "app.py"
WORDS = Vocabulary.from_counts({"the": 9, "film": 5, "is": 4, "dull": 3, "great": 2}, 20)
PATIENCE = 300.0  # seconds for a run of a page: on a busy machine even the smallest takes long
TEXT = "The film is great, but the film is dull. Is the film great?"  # "but" at time step 5


@pytest.fixture(scope="session", autouse=True)
def done_once_as_in_a_server():
    """AppTest looks through all installed packages for components of Streamlit, again for each app, compiles
    the pages again for each run, and asks a thousand times a second whether the run has ended. And each run
    of a page ends without an exception.
    """
    search, compiled = functools.cache(manifest_scanner.scan_component_manifests), ScriptCache()
    look, run = local_script_runner.require_widgets_deltas, AppTest.run

    def wait_and_look(runner, timeout):
        runner._script_thread.join(max(timeout, PATIENCE))
        look(runner, timeout=3.0)

    def run_well(app, **how):
        assert not run(app, **how).exception
        return app

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AppTest, "run", run_well)
        patch.setattr(manifest_scanner, "scan_component_manifests", search)
        patch.setattr(app_test, "ScriptCache", lambda: compiled)
        patch.setattr(local_script_runner, "require_widgets_deltas", wait_and_look)
        yield


@pytest.fixture(autouse=True)
def begins_nothing(monkeypatch):
    """A page prepares no IMDB, starts no process that waits for a run, and measures no cost of one."""
    monkeypatch.delenv("GATESCOPE_IMDB", raising=False)
    monkeypatch.setenv(SWITCH, "0")

    def known(config, corpus):
        return Estimate(count_parameters(config.model, len(corpus.words), len(config.classes)), 500, 90.0)

    monkeypatch.setattr(cost, "estimate", known)


@pytest.fixture(autouse=True)
def terms_unmarked(monkeypatch):
    """Tests compare sentences as they are written; what makes links of terms has a test of its own."""
    monkeypatch.setattr(glossary, "_marked", lambda text, *_: text)


_make_manager = PagesManager.__init__


def made_after_app_ran(self, *args, **kwargs):
    """Stand for a server that has run app.py before; AppTest forgets that at every run."""
    _make_manager(self, *args, **kwargs)
    PagesManager.uses_pages_directory = False


@pytest.fixture
def after_app_ran(monkeypatch):
    monkeypatch.setattr(PagesManager, "__init__", made_after_app_ran)


@pytest.fixture(autouse=True)
def empty_caches():
    """Clear what one test loaded before the next, and end what it began in the background."""
    yield
    begun = [*jobs()._jobs.values()]
    for job in begun:
        job.cancel()
    wait_until(lambda: not any(job.running for job in begun))
    st.cache_data.clear()
    st.cache_resource.clear()


def save_untrained(folder, config, words=WORDS, seed=0, change=lambda classifier: None):
    """Saves a network of 5 units; `change` is what becomes of its weights. Returns its folder."""
    torch.manual_seed(seed)
    config = config.with_settings(hidden_size=5, embedding_size=3)
    classifier = Classifier(config.model, len(words), len(config.classes))
    with torch.no_grad():
        change(classifier)
    save_model(folder, config, words, classifier.state_dict())
    return folder


@pytest.fixture
def make_model():
    """A function that puts an untrained model among the pretrained ones and returns its folder."""

    def make(name, data="verdict", **settings):
        return save_untrained(pretrained_folder() / name, RunConfig(data=data).with_settings(**settings))

    return make


@pytest.fixture
def make_language_model():
    """A function that puts an untrained network of a language among the pretrained ones and returns it."""

    def make(language="anbn", name="speaker", **settings):
        config = recommended_config(f"language-{language}")
        config = config.with_settings(**{"hidden_size": 5, "embedding_size": 3, **settings})
        return published(name, untrained(config))

    return make


@pytest.fixture
def make_own_model():
    """Make a network for a corpus of the user's own, "tickets", with these classes."""

    def make(name, *classes, data="tickets", seed=0, **settings):
        config = RunConfig(data=data, classes=classes).with_settings(**settings)
        return save_untrained(pretrained_folder() / name, config, seed=seed)

    return make


@pytest.fixture
def tables_here(monkeypatch):
    """Tables are read and labelled in this process, which takes a tenth of the time of one of their own."""
    for module in (make, labelling):
        monkeypatch.setattr(module, "ask", ask_here)
    monkeypatch.setattr(labelling, "use_threads", lambda: None)


@pytest.fixture
def verdict_only(own_verdict_cache, monkeypatch):
    """The verdict corpus is there, IMDB is not."""
    monkeypatch.setenv("GATESCOPE_CACHE", str(own_verdict_cache))


@pytest.fixture
def with_own_corpus(verdict_cache, tmp_path):
    """The cache of a test has the verdict corpus, and what the test adds to it no other test finds."""
    shutil.copytree(verdict_cache, tmp_path / "cache")


@pytest.fixture
def store():
    """Runs of real workers, which are asked to stop when the test is over."""
    store = Store()
    yield store
    queue.stop_all(store)
    wait_until(lambda: not store.runs.active())


@pytest.fixture
def settle():
    """A function that waits for what the page does in the background, and runs the page again."""

    def wait(app):
        wait_until(lambda: not any(job.running for job in jobs()._jobs.values()))
        app.run()
        return app

    return wait


def open_page(page="", query=None, **state):
    """A page of the app, with a query string and session state if wished."""
    app = AppTest.from_file(str(APP), default_timeout=PATIENCE)
    # Straight there; `switch_page` wants Home to have run before.
    app._page_hash = calc_hash("" if page == "home" else page)
    for name, value in (query or {}).items():
        app.query_params[name] = value
    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    return app


@pytest.fixture
def open_app(after_app_ran):
    """`open_page` in a server that has run app.py before."""
    return open_page


@pytest.fixture
def open_read(open_app, make_model):
    """A function that opens Read with a network, "model", at a token, with one of the questions asked."""

    def open_page(panel="At this token", token=2, cell="gru", query=(), text=TEXT, view=None, **settings):
        make_model("model", cell=cell, **settings)
        state = {"review_text": text, "read_panel": panel, "token": token}
        state |= {"read_view": view} if view else {}
        return open_app("read", {"model": "model", **dict(query)}, **state)

    return open_page


@pytest.fixture
def files(monkeypatch):
    """Makers of the files that the page offers, by file name; nothing is made yet."""
    makers = {}
    original = MediaFileManager.add_deferred

    def add(self, data_callable, mimetype, coordinates, file_name=None, **others):
        makers[file_name] = data_callable
        return original(self, data_callable, mimetype, coordinates, file_name, **others)

    monkeypatch.setattr(MediaFileManager, "add_deferred", add)
    return makers
