"""Many texts at once are labelled as each alone, and a table comes back with three columns more."""

import csv
from functools import partial

import numpy as np
import pytest

from rnn_core.errors import DataError
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.trace import trace
from rnn_core.labelling.table import label_table, label_texts, text_column
from rnn_core.progress import finish
from rnn_core.tables.open import open_table
from rnn_core.text.vocabulary import UNK_ID
from tests.inspection.made import UNIFORM, make_model

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


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_comes_back_with_class_probability_and_words(table, tmp_path):
    model = make(classes=4)
    counts = finish(label_table(model, table, "text", tmp_path / "out.csv"))
    first, empty, last = rows_of(tmp_path / "out.csv")
    said = label_texts(model, ["the film, was good", "bad"])
    assert (first["id"], first["text"], first["class"]) == ("1", "the film, was good", "x")
    assert first["class (2)"] == model.config.classes[said[0].label]
    assert float(first["probability"]) == pytest.approx(said[0].probability, abs=1e-4)
    assert first["words"] == " ".join(said[0].words)
    assert (empty["class (2)"], empty["probability"], empty["words"]) == ("", "", "")
    assert last["id"] == "'=3"
    assert sum(counts.values()) == 2
    assert np.array(list(counts.values())).shape == (4,)


@pytest.mark.parametrize("by", ["", "sub/..", "lnk", "lnk.csv"])
def test_the_table_itself_is_never_written_over_whatever_its_path_is_called(table, tmp_path, by):
    (tmp_path / "sub").mkdir()
    (tmp_path / "lnk").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "lnk.csv").symlink_to(table.path)
    before = table.path.read_bytes()
    out = tmp_path / by if by == "lnk.csv" else tmp_path / by / table.path.name
    with pytest.raises(DataError, match=r"would replace .* which is read"):
        finish(label_table(make(), table, "text", out))
    assert table.path.read_bytes() == before


def test_a_path_that_becomes_that_of_the_table_while_it_is_read_is_seen_before_the_writing(table, tmp_path):
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


def test_a_file_of_the_network_that_reads_is_not_written_over(table, tmp_path):
    file = tmp_path / "config.json"
    file.write_text("{}")
    with pytest.raises(DataError, match="would replace"):
        finish(label_table(make(), table, "text", file, spared=[file]))
    assert file.read_text() == "{}"


def test_the_column_of_the_texts_is_guessed_or_must_be_there(table):
    assert text_column(table, "") == "text"
    assert text_column(table, "id") == "id"
    with pytest.raises(DataError, match="no column 'body'"):
        text_column(table, "body")
