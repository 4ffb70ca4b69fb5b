"""A table is labelled in a process of its own: the same file, the same sentences, nothing left behind."""

import csv
import sys
import time

import pytest
import torch

from rnn_core.errors import DataError
from rnn_core.labelling import child
from rnn_core.labelling.process import Request, label_apart
from rnn_core.labelling.table import READING, label_table
from rnn_core.models.model import Model
from rnn_core.tables.open import open_table
from rnn_core.tables.table import GUESS, Options
from tests.data.own.made import finish
from tests.inspection.made import make_model

pytestmark = pytest.mark.slow  # each starts a process that imports torch

PATIENCE = 120.0  # seconds


@pytest.fixture
def model(tmp_path):
    """The folder of a network of four classes."""
    make_model(seed=3, classes=4).save(tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def work(tmp_path):
    """The folder that the labelled tables are written into."""
    return tmp_path / "work"


def table(folder, rows, delimiter=","):
    path = folder / "new.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([("id", "text"), *((number, f"the film was {number}") for number in range(rows))])
    return path


def test_the_file_is_what_labelling_in_this_process_writes(tmp_path, model, work):
    path = table(tmp_path, 2_100, delimiter=";")
    progress, (out, counts) = finish(label_apart(model, path, Options(delimiter=";"), "text", work))
    here = finish(label_table(Model.load(model), open_table(path), "text", tmp_path / "here.csv"))
    assert counts == here[1]
    assert sum(counts.values()) == 2_100
    assert out.read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert {path.name for path in work.rglob("*")} == {out.parent.name, "labelled.csv"}
    assert next(one.doing for one in progress) == "Opening the table"
    total = path.stat().st_size
    done = [one.done for one in here[0]]
    assert len(done) > 3
    assert done == sorted(done)
    assert here[0][-1] == (READING, total, total)


def test_what_is_wrong_is_said_in_the_same_sentence_and_leaves_nothing(tmp_path, model, work):
    path = table(tmp_path, 3)
    with pytest.raises(DataError, match="no column 'body'") as there:
        finish(label_apart(model, path, GUESS, "body", work))
    with pytest.raises(DataError) as here:
        finish(label_table(Model.load(model), open_table(path), "body", tmp_path / "out.csv"))
    assert str(there.value) == str(here.value)
    assert list(work.iterdir()) == []


def test_a_folder_that_can_not_be_made_is_a_sentence(tmp_path, model):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"can't be written: .*Free some disk space, then try again\."):
        finish(label_apart(model, table(tmp_path, 3), GUESS, "text", tmp_path / "file"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bound no memory")
def test_a_bound_on_memory_that_is_hit_is_said_and_leaves_nothing(tmp_path, model, work):
    path = tmp_path / "long.csv"
    path.write_text("text\n" + "\n".join("the film was bad " * 5_000 for _ in range(60)))
    with pytest.raises(DataError, match=r"takes more than 0.2 GB of memory, which is the bound"):
        finish(label_apart(model, path, GUESS, "text", work, most_memory=200_000_000))
    assert list(work.iterdir()) == []


def test_memory_that_torch_does_not_get_is_memory_that_is_lacking(tmp_path, model, monkeypatch):
    monkeypatch.setattr(child, "label_table", lambda *_, **__: torch.empty(10**15))
    source, out = str(table(tmp_path, 3)), str(tmp_path / "out.csv")
    request = Request(model=str(model), source=source, options=GUESS, text="text", out=out)
    with pytest.raises(MemoryError):
        finish(child._labelled(request))


def test_a_labelling_that_is_closed_ends_its_process_and_leaves_nothing(tmp_path, model, work):
    labelling = label_apart(model, table(tmp_path, 60_000), GUESS, "text", work)
    until = time.monotonic() + PATIENCE
    while next(labelling).doing != READING:
        assert time.monotonic() < until
    assert next(path.name for path in work.rglob("*") if path.is_file()).startswith(".gatescope-")
    labelling.close()
    assert list(work.iterdir()) == []
