"""Each table holds every number of its picture, and a CSV file gives it back."""

import io
import json
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rnn_core.config.run import RunConfig
from rnn_core.data.probes.pairs import PHENOMENA, Pair
from rnn_core.export.formats import TRACE_FORMATS, to_json, to_parquet
from rnn_core.inspection.attribution import attribute, occlusion
from rnn_core.inspection.keeping_track import track
from rnn_core.inspection.plane import state_plane
from rnn_core.inspection.tables import (
    attribution_table,
    inside_table,
    padding_table,
    plane_table,
    probes_table,
    table_facts,
    to_csv,
    trace_table,
    tracking_table,
    two_models_table,
    unit_table,
    what_if_table,
)
from rnn_core.inspection.trace import norms, trace
from rnn_core.inspection.what_if import padding_lab, replace_word
from rnn_core.models.probing import ProbeScores
from rnn_core.progress import finish
from rnn_core.text.vocabulary import UNK_ID
from tests.inspection.made import WORDS, in_turn, make_model
from tests.inspection.test_language_networks import model_of
from tests.inspection.test_states import drawn

TEXT = "The film was good, but the zither was bad"
ODD_TEXT = 'The film wasn\'t good, but\nthe "zither" was très bad 🎬'
LETTERS = {"elman": ["slope", "h"], "gru": ["z", "r", "n", "h"], "lstm": ["i", "f", "o", "g", "c", "h"]}
GATES = {"elman": ["slope"], "gru": ["z", "r"], "lstm": ["i", "f", "o"]}
BEGINNING = ["time_step", "token", "word"]
make = partial(make_model, seed=11)


def back(table):
    """The content of a CSV file of it. A review may have the word "nan" or "null"."""
    read = pd.read_csv(io.BytesIO(to_csv(table)), keep_default_na=False, na_values={})
    assert list(read) == list(table)
    return read


def numbers(column):
    return pd.to_numeric(column, errors="coerce").to_numpy(np.float32)


def check(table, **expected):
    """That the columns of a table have these values."""
    for name, values in expected.items():
        np.testing.assert_allclose(table[name], values, rtol=1e-6, err_msg=name)


@pytest.fixture(params=in_turn(LETTERS, ["last", "mean", "max", "attention"], [2, 4]), ids=str)
def done(request):
    """A network, a text as it read it, and what counted in it."""
    cell, readout, classes = request.param
    model = make(cell=cell, readout=readout, classes=classes)
    read = trace(model, ODD_TEXT, followed=0)
    return model, read, attribute(model, read), occlusion(model, read)


def verdicts_of(read):
    """The columns of logits and probabilities; of more than two classes there is one for each."""
    of_classes = (
        {}
        if len(read.classes) == 2
        else {
            f"probability_{name}": read.probabilities_of_classes[:, k] for k, name in enumerate(read.classes)
        }
    )
    return {"logit": read.logits, "probability": read.probabilities, **of_classes}


def test_the_inside_is_verdict_norms_gates_and_units(done):
    _, read, *_ = done
    expected = verdicts_of(read) | {"turned_to": None}
    for letter, states in read.states.items():
        moved = np.linalg.norm(states[1:] - states[:-1], axis=1)
        norms = np.linalg.norm(states, axis=1)
        expected |= {f"norm_{letter}": norms, f"change_{letter}": [norms[0], *moved]}
    for gate in GATES[read.cell]:
        low, high = np.quantile(read.arrays[gate], [0.1, 0.9], axis=1)
        expected |= {f"{gate}_mean": read.arrays[gate].mean(axis=1), f"{gate}_p10": low, f"{gate}_p90": high}
    for shown in LETTERS[read.cell]:
        table, units = inside_table(read, shown), [f"{shown}_{unit}" for unit in range(5)]
        assert list(table) == [*BEGINNING, *expected, *units]
        assert list(table["time_step"]) == list(range(len(read.logits)))
        assert tuple(table["token"]) == read.review.window
        check(table, **{name: values for name, values in expected.items() if values is not None})
        np.testing.assert_array_equal(table[units], read.arrays[shown])
    csv = back(table)
    for name in table.columns.difference([*BEGINNING, "turned_to"]):
        np.testing.assert_array_equal(numbers(csv[name]), table[name].to_numpy())  # to the bit
    assert list(csv["word"]) == ["", *"the film wasn't good but the zither was très bad".split()]


def test_a_column_holds_each_of_what_was_computed(done):
    model, read, gradients, contributions = done
    contributed = {
        "contribution": contributions,
        "input_times_gradient": gradients.input_times_gradient,
        "saliency": gradients.saliency,
        **{f"connectivity_{letter}": norms for letter, norms in gradients.connectivity.items()},
    }
    if gradients.attention is not None:
        contributed["attention_weight"] = gradients.attention
    direct = {} if gradients.direct is None else {"direct_connectivity_h": gradients.direct_connectivity}
    table = attribution_table(read, gradients, contributions)
    assert {*table} == {*BEGINNING, *contributed, *direct}
    check(table, **contributed, **direct)

    table = trace_table(read, gradients, contributions, model=model, text=ODD_TEXT)
    norms_of_states = {f"norm_{letter}": norms(states) for letter, states in read.states.items()}
    expected = {**verdicts_of(read), **contributed, **norms_of_states, **read.arrays}
    named = {"time_step", "token", "word", "token_id", "unknown", "turned_to"}
    assert set(table.column_names) == {*expected, *named}
    for name, values in expected.items():
        column = table.column(name)
        assert column.type == (pa.list_(pa.float32()) if values.ndim == 2 else pa.float32())
        np.testing.assert_array_equal(np.array(column.to_pylist(), np.float32), values)


def test_either_file_gives_the_table_back_to_the_bit(done):
    model, read, *counted = done
    table = trace_table(read, *counted, model=model, text=ODD_TEXT)
    back, content = pq.read_table(io.BytesIO(to_parquet(table))), json.loads(to_json(table))
    assert back.equals(table)
    assert table_facts(back) == table_facts(table) == content["about"]
    assert set(content) == {"about", "columns"}
    assert list(content["columns"]) == table.column_names
    for name, values in content["columns"].items():
        assert pa.array(values, table.column(name).type).equals(table.column(name).combine_chunks())
    assert to_json(back) == to_json(table)  # what is read can be written again, in parts, too
    assert json.loads(to_json(table.slice(3, 2)))["columns"]["h"] == content["columns"]["h"][3:5]


def test_beside_the_columns_stands_what_it_was_about(done):
    model, read, *counted = done
    table = trace_table(read, *counted, model=model, text=ODD_TEXT)
    beside = table_facts(table)
    assert (beside["model"], beside["text"], beside["verdict"]) == ("made", ODD_TEXT, read.label)
    assert RunConfig.from_dict(beside["config"]) == model.config
    assert (beside["classes"], beside["followed"]) == ([*read.classes], read.classes[0])
    assert (beside["probability"], beside["logit"]) == (read.probability, read.logits[-1])
    assert beside["written_by"].startswith("Gatescope ")
    described = beside["columns_described"]
    assert "minus the one with <unk>" in described["contribution"]
    assert "counted from 0" in described["time_step"]
    assert set(described) <= set(table.column_names)


def test_a_dropped_word_leaves_a_gap_in_the_second():
    model = make()
    before = trace(model, TEXT)
    changed = replace_word(model, before, 3)  # "good", read at time step 4
    table = what_if_table(changed)
    assert len(table) == len(before.logits)
    assert table["time_step_after"].isna().tolist() == [time == 4 for time in range(len(table))]
    assert table["time_step_after"].dropna().tolist() == list(range(len(table) - 1))
    check(table, probability_before=before.probabilities)
    kept, after = table[table["time_step"] != 4], np.linalg.norm(changed.after.arrays["h"], axis=1)
    check(kept, probability_after=changed.after.probabilities, norm_h_after=after, distance=changed.distances)
    check(table, difference=table["probability_after"] - table["probability_before"])
    read = back(table)
    assert read["time_step_after"].tolist() == ["0", "1", "2", "3", "", "4", "5", "6", "7", "8"]


def test_two_models_meet_at_the_tokens_of_the_text():
    traces = [trace(make(cell="gru"), TEXT), trace(make(cell="lstm", max_length=4), TEXT)]
    table = two_models_table(traces, ("a", "b"))
    assert list(table["word"]) == "the film was good but the zither was bad".split()
    assert table["time_step_a"].tolist() == list(range(1, 10))
    assert table["time_step_b"].isna().tolist() == [True] * 6 + [False] * 3
    assert table["unknown_a"].tolist() == [word in ("but", "zither") for word in table["word"]]
    np.testing.assert_array_equal(table["probability_a"], traces[0].probabilities[1:])
    np.testing.assert_array_equal(table["probability_b"][6:], traces[1].probabilities[1:])
    assert table["difference"].isna().tolist() == [True] * 6 + [False] * 3


def test_padding_stands_case_by_case():
    model = make(max_length=14)
    cases = padding_lab(model, TEXT, 1, 1)
    skipped = next(case for case in cases if case.skip_padding)
    front = next(case for case in cases if not case.skip_padding and case.padding == "pre")
    table = padding_table({"skipped": skipped, "front": front})
    assert len(table) == len(skipped.trace.logits) + 14
    first, second = (table[table["case"] == name] for name in ("skipped", "front"))
    assert not first["padding"].any()
    assert (second["token"] == "<pad>").tolist() == second["padding"].tolist()
    assert second["padding"].sum() == 4
    units = [f"h_{unit}" for unit in range(5)]
    np.testing.assert_array_equal(second[units], front.trace.arrays["h"])
    np.testing.assert_allclose(second["norm_h"], np.linalg.norm(front.trace.arrays["h"], axis=1), rtol=1e-6)


def test_tracking_has_a_row_for_each_time_step():
    model = model_of("language-brackets", cell="lstm")
    found = finish(track(model, strings=12))
    table = tracking_table(found, "the open bracket", 7)
    assert len(table) == len(found.values)
    np.testing.assert_array_equal(table["value"], found.values[:, 7])
    first = table[table["string"] == found.strings.texts[0]]
    assert first["time_step"].tolist() == list(range(len(found.strings.texts[0]) + 1))
    assert first["chooses"].all()
    read = trace(model, "([])")
    along_string = unit_table(read, read.arrays["c"][:, 2], None, [None, "(", "[", "(", None])
    assert list(along_string) == ["time_step", "token", "word", "value", "truth"]
    assert "held" in unit_table(read, read.arrays["c"][:, 2], read.arrays["c"][:, 2], [None] * 5)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_plane_is_the_path_then_the_other_states(classes):
    model = make(classes=classes)
    read, plane = trace(model, TEXT), state_plane(model.classifier, drawn(), 400)
    S = len(plane.points)
    state = np.array(["0", "1", None, "2"] * (S // 4), object)
    table = plane_table(plane, read, {"state": state})
    path, others = table[table["review"] == "this"], table[table["review"] == "other"]
    assert (len(path), len(others)) == (len(read.logits), S)
    assert path["time_step"].tolist() == list(range(len(read.logits)))
    np.testing.assert_array_equal(path[["component_1", "component_2"]], plane.project(read))
    np.testing.assert_array_equal(others[["component_1", "component_2"]], plane.points)
    of_logits = 1 / (1 + np.exp(-plane.logits.astype(np.float64)))
    np.testing.assert_allclose(others["probability"], of_logits, rtol=1e-6)
    assert others["final"].tolist() == plane.final.tolist()
    assert others["state"].fillna("").tolist() == [name or "" for name in state]
    assert path["probability"].isna().all()
    assert others["time_step"].isna().all()
    assert back(table)["time_step"][0] == "0"
    assert ("predicted" in table) == (classes > 2)
    if classes > 2:
        assert others["predicted"].tolist() == [f"c{number}" for number in plane.predicted]


def test_probes_have_a_row_for_each_phenomenon():
    asked = [Pair(key, f"good {key}", f"bad {key}") for key in PHENOMENA]
    probabilities = np.full((len(asked), 2), 0.9)
    probabilities[0, 1] = 0.1
    table = back(probes_table({"one": ProbeScores(pairs=asked, probabilities=probabilities)}))
    assert list(table["phenomenon"]) == ["All", *PHENOMENA.values()]
    assert list(table["network"].unique()) == ["one"]
    assert list(table["pairs"]) == [len(asked), *[1] * len(asked)]
    assert list(table["pairs_right"])[:3] == pytest.approx([1 / len(asked), 1, 0])
    assert list(table["sentences_right"])[:3] == pytest.approx([0.5 + 0.5 / len(asked), 1, 0.5])


def test_text_is_no_formula_in_a_spreadsheet():
    table = pd.DataFrame({"=name": ["=1+1", "-", "@x", "+x", "good", None], "logit": [-1.5, 2, 0, 1, 1, 1]})
    rows = to_csv(table).decode().splitlines()
    assert rows == ["'=name,logit", "'=1+1,-1.5", "'-,2.0", "'@x,0.0", "'+x,1.0", "good,1.0", ",1.0"]


def table_of(model, text=ODD_TEXT):
    read = trace(model, text)
    return trace_table(read, attribute(model, read), occlusion(model, read), model=model, text=text)


@pytest.mark.parametrize("start_token", [True, False])
@pytest.mark.parametrize("padding", ["pre", "post"])
@pytest.mark.parametrize("max_length", [1, 2, 14])
def test_padding_and_start_stand_for_no_word(max_length, padding, start_token):
    window = {"max_length": max_length, "padding": padding, "start_token": start_token}
    table = table_of(make(skip_padding=False, **window))
    assert table.num_rows == max_length
    for step, row in enumerate(table.to_pylist()):
        assert (row["time_step"], row["unknown"]) == (step, row["token_id"] == UNK_ID)
        assert row["word"] is None if row["token"] in ("<pad>", "<start>") else row["word"]
        assert row["token"] == ("<unk>" if row["unknown"] else WORDS.words[row["token_id"]])
    kept = [word for word in json.loads(to_json(table))["columns"]["word"] if word is not None]
    words = "the film wasn't good but the zither was très bad".split()
    assert kept == words[len(words) - min(max_length - start_token, len(words)) :]


def test_a_number_takes_no_more_digits_than_it_needs():
    table = table_of(make())
    assert b"0.10000000149" not in to_json(table.set_column(5, "logit", pa.array([0.1] * 11, pa.float32())))
    assert len(max(map(str, json.loads(to_json(table))["columns"]["logit"]), key=len)) <= 14


def test_half_a_surrogate_pair_can_be_written():
    table = table_of(make(), "good \ud83d film")
    for form in TRACE_FORMATS.values():
        assert form.content(table)
    assert table_facts(table)["text"] == "good ? film"
