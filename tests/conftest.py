"""Shared by the tests: folders of their own, and small corpora."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from xdist.scheduler import LoadFileScheduling

from benchmarks.app.browser import CHROMIUM_FLAGS
from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.traced import Traced
from rnn_core.data.corpus import Text, build_corpus, open_corpus
from rnn_core.data.sources import load_corpus
from rnn_core.data.verdict import SPLIT_SIZES
from rnn_core.errors import CellError
from rnn_core.processes import asking
from rnn_core.runs import process
from rnn_core.training import estimate
from tests.cell_files.sources import traced
from tests.chromium import CHROMIUM

# What is imported and collected stays to the end: see `pytest_collection_finish`.
gc.disable()

# One thread: the tests' networks are small, and two threads wait for each other more than they compute.
os.environ["OMP_NUM_THREADS"] = "1"
torch.set_num_threads(1)

# Under `nohup make test &` and on some CI systems programs begin with Ctrl-C ignored, and pass that on.
signal.signal(signal.SIGINT, signal.default_int_handler)

BROWSER = "tests/browser/"

# Folders of tests lie in memory where there is room (0.6 GB are needed; Docker gives 64 MB): on a disk the
# tests of runs wait for SQLite and for checkpoints longer than they compute.
_MEMORY, _ENOUGH = Path("/dev/shm"), 4 * 2**30
if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH:
    os.environ.setdefault("TMPDIR", str(_MEMORY))
    tempfile.tempdir = None  # pytest has asked for it by now

needs_imdb = pytest.mark.skipif(
    not os.environ.get("GATESCOPE_IMDB"), reason="needs the IMDB reviews: GATESCOPE_IMDB is not set"
)


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """No test touches the user's runs or cache."""
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(tmp_path / "artifacts"))
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GATESCOPE_OWN_CELLS", "")  # as if nobody had decided, whatever a server does with it


@pytest.fixture(autouse=True)
def alone_in_this_process(monkeypatch):
    """No test finds what another one left: own code that may run, a low priority, many threads.

    And an estimate does not look for a second and more how busy the machine is: it is, with other tests.
    """
    monkeypatch.setattr("rnn_core.own_cells.here._runs", False)
    monkeypatch.setattr(process.Launcher, "niceness", -20)
    monkeypatch.setattr(estimate, "share_of_a_core", lambda: 1.0)
    yield
    torch.set_num_threads(1)  # which is quicker for small networks


class ReadAsEquations(list[str]):
    """The versions whose equations were read; those of files like PLAIN, or the refusal."""

    refusal: CellError | None = None

    def equations_of(self, file: CellFile) -> Traced:
        if self.refusal is not None:
            raise self.refusal
        torch.zeros(1).numpy()  # it computes, wherever the shapes of a network are asked for
        self.append(file.version)
        return traced(file)


@pytest.fixture
def read_as_equations(monkeypatch):
    """The versions that the process of the check was to read as equations: as those of PLAIN, by hand."""
    read = ReadAsEquations()
    module = SimpleNamespace(equations_of=read.equations_of)
    monkeypatch.setitem(sys.modules, "rnn_core.own_cells.as_equations", module)
    return read


@pytest.fixture(autouse=True)
def only_slow_tests_start_processes(request, monkeypatch):
    """Keep `make test-fast` fast: a test that starts a worker or a sweep is marked as slow."""

    class Refusing(process.Launcher):
        def begin(self, command, log):
            raise AssertionError("a test that starts a process of its own needs the mark slow")

    if not is_long(request.node):
        monkeypatch.setattr(process, "launcher", Refusing())


class ForkingAnswering:
    """Stands in for `subprocess` where a process that answers is started: a fork spares it 2 s of imports."""

    PIPE, TimeoutExpired = subprocess.PIPE, subprocess.TimeoutExpired

    @staticmethod
    def Popen(*arguments, **more):  # noqa: N802
        from tests.runs.forked import ForkedAnswering  # it imports all that a worker imports

        return ForkedAnswering(*arguments, **more)


@pytest.fixture(autouse=True)
def forked_processes(monkeypatch):
    """Processes that answer, as those with the code of own cells do, begin at once."""
    if sys.platform == "linux":
        monkeypatch.setattr(asking, "subprocess", ForkingAnswering)


@pytest.fixture
def real_processes(monkeypatch, forked_processes):
    """Begin them for one test as they begin for a user."""
    monkeypatch.setattr(asking, "subprocess", subprocess)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Files that take long come first, or one process ends with them while the others have nothing to do.

    Those of the browser come before all others: one process has them, see `ByFile`.
    """
    long = {item.path for item in items if is_long(item)}
    items.sort(key=lambda item: (not item.nodeid.startswith(BROWSER), item.path not in long))


class ByFile(LoadFileScheduling):
    """A file is run by one process, and all of tests/browser by one, with one server and one Chromium.

    Pages that are open ask and draw again and again: less often where no other browser makes them wait.
    """

    def _split_scope(self, nodeid):
        return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


def pytest_collection_finish():
    """The garbage collector leaves out what is imported and collected, and looks seldom at the rest."""
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()


def pytest_xdist_auto_num_workers():
    """Returns one process more than there are cores: those with a browser or a worker often wait."""
    return (os.cpu_count() or 1) + 1


def is_long(item):
    """Return true if `make test-fast` leaves it out."""
    return any(mark.name in ("slow", "browser") for mark in item.iter_markers())


@pytest.fixture(scope="session")
def playwright():
    """Driver of browsers: a process has one, whichever tests it runs."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright):
    """Chromium, which a process has once, too."""
    if CHROMIUM is None:
        pytest.skip("needs the command chromium")
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def common(tmp_path_factory):
    """A folder for all tests of a session, in whatever process."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def prepared(name, cache):
    """A corpus in this cache; the first process that comes prepares it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATESCOPE_CACHE", str(cache))
        return load_corpus(name)


@pytest.fixture(scope="session")
def imdb(common):
    """The IMDB reviews, prepared once for all tests."""
    return prepared("imdb", common / "imdb")


@pytest.fixture(scope="module")
def forked_workers(request):
    """Workers for all tests of a file, whose start takes no time; a page comes first, as for a user."""
    from tests.runs.forked import Forking  # it imports all that a worker imports

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "launcher", Forking(hurried="pages" not in request.path.parts))
        yield


@pytest.fixture
def make_corpus(tmp_path):
    """A function from reviews to a corpus on disk."""

    def make(reviews):
        texts, folder = [Text(*review) for review in reviews], tmp_path / "corpus"
        list(build_corpus("made", texts, folder, len(texts)))
        return open_corpus(folder)

    return make


@pytest.fixture
def tiny_corpus(make_corpus):
    """60 training and 20 test reviews that say "good" or "bad" among other words."""
    plot = ["the", "man", "goes", "home", "and", "then", "the", "dog", "barks", "at", "a", "car"]
    reviews = []
    for number in range(80):
        positive = number % 2 == 0
        words = plot[: 3 + number % 9]
        words.insert(number % len(words), "good" if positive else "bad")
        reviews.append((" ".join(words), positive, "training" if number < 60 else "test"))
    return make_corpus(reviews)


@pytest.fixture(scope="session")
def verdict_cache(common):
    """A cache with the verdict corpus, made once for all tests of a session."""
    prepared("verdict", common / "verdict")
    return common / "verdict"


@pytest.fixture(scope="session")
def small_verdict_cache(common):
    """A cache with a verdict corpus of a tenth of its reviews, made once for all tests of a session."""
    with pytest.MonkeyPatch.context() as patch:
        make_verdict_small(patch)
        prepared("verdict", common / "small-verdict")
    return common / "small-verdict"


@pytest.fixture(scope="module")
def own_verdict_cache(verdict_cache, tmp_path_factory):
    """A cache with the verdict corpus for the tests of a file, which may do with it what they like."""
    return shutil.copytree(verdict_cache, tmp_path_factory.mktemp("own") / "cache")


@pytest.fixture
def small_verdict(monkeypatch):
    """The verdict corpus is made with a tenth of its reviews, where a test makes it itself."""
    make_verdict_small(monkeypatch)


def make_verdict_small(patch):
    for split, size in SPLIT_SIZES.items():
        patch.setitem(SPLIT_SIZES, split, size // 10)


@pytest.fixture
def with_corpus(verdict_cache, monkeypatch):
    """The cache of a test has the verdict corpus."""
    monkeypatch.setenv("GATESCOPE_CACHE", str(verdict_cache))
