"""A folder of its own for a test to write into, and a corpus of the user's own."""

import csv

import pytest

from rnn_core.data.own import make
from rnn_core.paths import pretrained_folder
from tests.cli.calls import done
from tests.export.made import save_small
from tests.own import ask_here


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder where the test is, and a small untrained model called "made"."""
    save_small(pretrained_folder() / "made")
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A table of short messages of two kinds, with their authors; it is read in this process."""
    monkeypatch.setattr(make, "ask", ask_here)
    path = tmp_path / "messages.csv"
    ways = ("never came", "late"), ("came soon", "fine")
    rows = [(f"the parcel {ways[i % 2][0]} number {i}", ways[i % 2][1], f"p{i // 4}") for i in range(160)]
    rows += [("", "late", ""), ("twice", "late", "")]
    with path.open("w", newline="") as out:
        csv.writer(out).writerows([("message", "mood", "person"), *rows])
    return path


@pytest.fixture
def messages(file):
    """A corpus of the user's own that was added."""
    done("data", "add", file, "--name", "messages", "--group", "person")
