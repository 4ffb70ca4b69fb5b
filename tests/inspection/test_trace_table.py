"""A table holds what was computed, and comes back to the bit from either file."""

import io
import json
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rnn_core.config.run import RunConfig
from rnn_core.export.formats import TRACE_FORMATS, to_json, to_parquet
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.occlusion import occlusion
from rnn_core.inspection.trace import norms, trace
from rnn_core.inspection.trace_table import about, trace_table
from tests.inspection.made import WORDS, make_model

TEXT = 'The film wasn\'t good, but\nthe "zither" was très bad 🎬'
LETTERS = {"elman": ["h", "slope"], "gru": ["h", "r", "z", "n"], "lstm": ["h", "c", "i", "f", "o", "g"]}
make = partial(make_model, seed=11)


def table_of(model, text=TEXT):
    read = trace(model, text)
    return trace_table(read, attribute(model, read), occlusion(model, read), model=model, text=text)


@pytest.mark.parametrize("cell", LETTERS)
def test_a_column_holds_each_of_what_was_computed(cell):
    model = make(cell=cell)
    table, read = table_of(model), trace(model, TEXT)
    gradients = attribute(model, read)
    states = [letter for letter in LETTERS[cell] if letter in ("h", "c")]
    expected = {
        "logit": read.logits,
        "probability": read.probabilities,
        "saliency": gradients.saliency,
        "input_times_gradient": gradients.input_times_gradient,
        "contribution": occlusion(model, read),
        **{f"norm_{letter}": norms(read.arrays[letter]) for letter in states},
        **{f"connectivity_{letter}": gradients.connectivity[letter] for letter in states},
        **read.arrays,
    }
    assert set(LETTERS[cell]) <= set(read.arrays)
    assert set(table.column_names) == {
        *expected,
        "time_step",
        "token",
        "word",
        "token_id",
        "unknown",
        "turned_to",
    }
    for name, values in expected.items():
        column = table.column(name)
        assert column.type == (pa.list_(pa.float32()) if values.ndim == 2 else pa.float32())
        np.testing.assert_array_equal(np.array(column.to_pylist(), np.float32), values)


def test_the_weights_of_attention_are_a_column_where_there_are_some():
    model = make(readout="attention")
    read = trace(model, TEXT)
    weights = table_of(model).column("attention_weight").to_numpy()
    np.testing.assert_array_equal(weights, attribute(model, read).attention)
    assert "attention_weight" not in table_of(make(readout="mean")).column_names


def test_a_row_names_its_token_and_the_word_of_the_text():
    rows = table_of(make(max_length=6, padding="pre")).select(["time_step", "token", "word", "unknown"])
    assert [tuple(row.values()) for row in rows.to_pylist()] == [
        (0, "<start>", None, False),
        (1, "the", "the", False),
        (2, "<unk>", "zither", True),
        (3, "was", "was", False),
        (4, "<unk>", "très", True),
        (5, "bad", "bad", False),
    ]


@pytest.mark.parametrize("padding", ["pre", "post"])
@pytest.mark.parametrize("start_token", [True, False])
def test_padding_stands_for_no_word(padding, start_token):
    table = table_of(make(skip_padding=False, max_length=14, padding=padding, start_token=start_token))
    for row in table.to_pylist():
        assert row["word"] is None if row["token"] in ("<pad>", "<start>") else row["word"]
        assert row["token"] == ("<unk>" if row["unknown"] else WORDS.words[row["token_id"]])
    kept = [word for word in table.column("word").to_pylist() if word is not None]
    assert kept == ["the", "film", "wasn't", "good", "but", "the", "zither", "was", "très", "bad"]


@pytest.mark.parametrize("max_length", [1, 2])
@pytest.mark.parametrize("start_token", [True, False])
def test_a_window_with_hardly_any_room_makes_a_table_too(max_length, start_token):
    table = table_of(make(max_length=max_length, start_token=start_token))
    assert table.num_rows == max_length
    assert json.loads(to_json(table))["columns"]["word"][-1] == (None if max_length == start_token else "bad")


@pytest.mark.parametrize("cell", LETTERS)
def test_both_files_say_what_a_contribution_is_and_from_where_time_steps_count(cell):
    table = table_of(make(cell=cell))
    for beside in (about(pq.read_table(io.BytesIO(to_parquet(table)))), json.loads(to_json(table))["about"]):
        described = beside["columns_described"]
        assert "minus the one with <unk>" in described["contribution"]
        assert "counted from 0" in described["time_step"]
        assert set(described) <= set(table.column_names)
    assert "occlusion" not in table.column_names


def test_beside_the_columns_stands_what_it_was_about():
    model = make(cell="lstm")
    told = about(table_of(model))
    read = trace(model, TEXT)
    assert told["model"] == "made"
    assert told["text"] == TEXT
    assert RunConfig.from_dict(told["config"]) == model.config
    assert told["verdict"] == read.label
    assert told["probability"] == read.probability
    assert told["logit"] == read.logits[-1]
    assert told["written_by"].startswith("Gatescope ")


@pytest.mark.parametrize("cell", LETTERS)
def test_a_parquet_file_gives_the_table_back(cell):
    table = table_of(make(cell=cell))
    back = pq.read_table(io.BytesIO(to_parquet(table)))
    assert back.equals(table)
    assert about(back) == about(table)


@pytest.mark.parametrize("cell", LETTERS)
def test_a_json_file_gives_every_number_back_to_the_bit(cell):
    table = table_of(make(cell=cell))
    back = json.loads(to_json(table))
    assert set(back) == {"about", "columns"}
    assert back["about"] == about(table)
    assert list(back["columns"]) == table.column_names
    for name, values in back["columns"].items():
        assert pa.array(values, table.column(name).type).equals(table.column(name).combine_chunks())


def test_a_table_from_a_file_and_a_part_of_one_can_be_written_again():
    table = table_of(make())
    back = pq.read_table(io.BytesIO(to_parquet(table)))
    assert to_json(back) == to_json(table)
    part = json.loads(to_json(table.slice(3, 2)))["columns"]
    assert part["h"] == json.loads(to_json(table))["columns"]["h"][3:5]


def test_a_number_takes_no_more_digits_than_it_needs():
    table = table_of(make())
    assert b"0.10000000149" not in to_json(table.set_column(5, "logit", pa.array([0.1] * 11, pa.float32())))
    assert len(max(map(str, json.loads(to_json(table))["columns"]["logit"]), key=len)) <= 14


def test_half_a_surrogate_pair_does_not_keep_a_text_from_being_written():
    table = table_of(make(), "good \ud83d film")
    for form in TRACE_FORMATS.values():
        assert form.write(table)
    assert about(table)["text"] == "good ? film"


def test_of_many_classes_either_file_has_a_column_for_each_and_says_which_is_followed():
    model = make(classes=4)
    read = trace(model, TEXT, followed=2)
    table = trace_table(read, attribute(model, read), occlusion(model, read), model=model, text=TEXT)
    beside = about(pq.read_table(io.BytesIO(to_parquet(table))))
    assert beside == about(table) == json.loads(to_json(table))["about"]
    assert (beside["classes"], beside["followed"]) == (["c0", "c1", "c2", "c3"], "c2")
    assert beside["verdict"] == read.label
    assert beside["probability"] == pytest.approx(read.probabilities_of_classes[-1, 2])
    columns = json.loads(to_json(table))["columns"]
    for number, name in enumerate(read.classes):
        values = np.array(columns[f"probability_{name}"], np.float32)
        np.testing.assert_array_equal(values, read.probabilities_of_classes[:, number])
