"""Many texts at once are labelled as each alone, in this process or in one of its own."""

import csv
import sys
from functools import partial

import pytest
import torch

from rnn_core import labelling
from rnn_core.errors import DataError
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.trace import trace
from rnn_core.labelling import READING, label_apart, label_table, label_texts, text_column
from rnn_core.models.model import Model
from rnn_core.progress import finish
from rnn_core.tables.open import open_table
from rnn_core.tables.table import GUESS, Options
from rnn_core.text.vocabulary import UNK_ID
from tests.data.own.made import finish as finish_saying
from tests.inspection.made import UNIFORM, make_model
from tests.own import ask_here

TEXTS = ["The film was good", "bad", "", "the bad bad film was the good good good zither film", "?!", "…"]
make = partial(make_model, seed=3, **UNIFORM)


@pytest.mark.parametrize(
    "settings",
    [{}, {"classes": 5}, {"input": "one-hot"}, {"bidirectional": True, "classes": 3}, {"head": "two-logit"}],
)
def test_together_they_are_labelled_as_each_alone(settings):
    model = make(**settings)
    said = label_texts(model, TEXTS)
    assert [one is None for one in said] == [False, False, True, False, False, True]
    for text, one in zip(TEXTS, said, strict=True):
        if one is None:
            continue
        read = trace(model, text)
        read = read.follow(int(read.predicted[-1]))
        assert model.config.classes[one.label] == read.label
        assert one.probability == pytest.approx(read.probability, abs=1e-5)
        counted = attribute(model, read).input_times_gradient
        by_word = {}
        for token, token_id, share in zip(read.review.window, read.review.ids, counted, strict=True):
            if token_id > UNK_ID:
                by_word[token] = by_word.get(token, 0.0) + share
        most = sorted((word for word in by_word if by_word[word] > 0), key=by_word.get, reverse=True)
        assert list(one.words) == most[:3]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text('id,text,class\n1,"the film, was good",x\n2,,y\n=3,bad,z\n')
    return open_table(path)


def test_a_table_comes_back_with_three_columns(table, tmp_path):
    model = make(classes=4)
    counts = finish(label_table(model, table, "text", tmp_path / "out.csv"))
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        first, empty, last = csv.DictReader(file)
    said = label_texts(model, ["the film, was good", "bad"])
    assert (first["id"], first["text"], first["class"]) == ("1", "the film, was good", "x")
    assert first["class (2)"] == model.config.classes[said[0].label]
    assert float(first["probability"]) == pytest.approx(said[0].probability, abs=1e-4)
    assert first["words"] == " ".join(said[0].words)
    assert (empty["class (2)"], empty["probability"], empty["words"]) == ("", "", "")
    assert last["id"] == "'=3"
    assert (sum(counts.values()), len(counts)) == (2, 4)


@pytest.mark.parametrize("name", ["new.csv", "lnk.csv", "config.json"])
def test_what_is_read_is_never_written_over(table, tmp_path, name):
    """The table, whatever its path is called, and files of the network."""
    (tmp_path / "lnk.csv").symlink_to(table.path)
    (tmp_path / "config.json").write_text("{}")
    before = (tmp_path / name).read_bytes()
    with pytest.raises(DataError, match=r"would replace .* which is read"):
        finish(label_table(make(), table, "text", tmp_path / name, spared=[tmp_path / "config.json"]))
    assert (tmp_path / name).read_bytes() == before


def test_a_path_that_becomes_the_tables_is_seen(table, tmp_path):
    before = table.path.read_bytes()
    out = tmp_path / "elsewhere" / table.path.name
    out.parent.mkdir()
    work = label_table(make(), table, "text", out)
    next(work)
    out.parent.rename(tmp_path / "moved")
    out.parent.symlink_to(tmp_path, target_is_directory=True)
    for left in (tmp_path / "moved").iterdir():
        left.rename(tmp_path / left.name)
    with pytest.raises(DataError, match="would replace"):
        finish(work)
    assert table.path.read_bytes() == before
    assert not list(tmp_path.glob(".gatescope-*"))


def test_the_column_of_texts_is_guessed_or_there(table):
    assert text_column(table, "") == "text"
    assert text_column(table, "id") == "id"
    with pytest.raises(DataError, match="no column 'body'"):
        text_column(table, "body")


slow = pytest.mark.slow  # each starts a process that imports torch


@pytest.fixture
def model(tmp_path):
    """The folder of a network of four classes."""
    make_model(seed=3, classes=4).save(tmp_path / "model")
    return tmp_path / "model"


def written(folder, rows, delimiter=","):
    path = folder / "new.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([("id", "text"), *((number, f"the film was {number}") for number in range(rows))])
    return path


@slow
def test_a_process_writes_what_this_one_would(tmp_path, model):
    path, work = written(tmp_path, 2_100, delimiter=";"), tmp_path / "work"
    progress, (out, counts) = finish_saying(label_apart(model, path, Options(delimiter=";"), "text", work))
    here = finish_saying(label_table(Model.load(model), open_table(path), "text", tmp_path / "here.csv"))
    assert counts == here[1]
    assert sum(counts.values()) == 2_100
    assert out.read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert {path.name for path in work.rglob("*")} == {out.parent.name, "labelled.csv"}
    assert next(one.doing for one in progress) == "Opening the table"
    total, done = path.stat().st_size, [one.done for one in here[0]]
    assert len(done) > 3
    assert done == sorted(done)
    assert here[0][-1] == (READING, total, total)


@slow
def test_a_folder_that_can_not_be_made(tmp_path, model):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"can't be written: .*Free some disk space, then try again\."):
        finish(label_apart(model, written(tmp_path, 3), GUESS, "text", tmp_path / "file"))


@slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems bound no memory")
def test_a_bound_on_memory_that_is_hit_is_said(tmp_path, model):
    path = tmp_path / "long.csv"
    path.write_text("text\n" + "\n".join("the film was bad " * 5_000 for _ in range(60)))
    with pytest.raises(DataError, match=r"takes more than 0.2 GB of memory, which is the bound"):
        finish(label_apart(model, path, GUESS, "text", tmp_path / "work", most_memory=200_000_000))
    assert list((tmp_path / "work").iterdir()) == []


def test_memory_that_torch_does_not_get_is_lacking(tmp_path, model, monkeypatch):
    monkeypatch.setattr(labelling, "label_table", lambda *_, **__: torch.empty(10**15))
    monkeypatch.setattr(labelling, "ask", ask_here)
    with pytest.raises(MemoryError):
        finish(label_apart(model, written(tmp_path, 3), GUESS, "text", tmp_path / "work"))
    assert list((tmp_path / "work").iterdir()) == []


@slow
def test_a_labelling_that_is_closed_leaves_nothing(tmp_path, model):
    work = tmp_path / "work"
    labelling = label_apart(model, written(tmp_path, 60_000), GUESS, "text", work)
    assert any(step.doing == READING for step in labelling)
    assert [path.is_file() for path in work.rglob(".gatescope-*")] == [True]
    labelling.close()
    assert list(work.iterdir()) == []
