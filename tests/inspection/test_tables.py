"""Each table holds every number of its picture, and a CSV file gives it back."""

import io
from functools import partial

import numpy as np
import pandas as pd
import pytest

from rnn_core.data.probes.pairs import PHENOMENA, Pair
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.occlusion import occlusion
from rnn_core.inspection.padding_lab import padding_lab
from rnn_core.inspection.plane import StatePlane
from rnn_core.inspection.tables import (
    attribution_table,
    inside_table,
    padding_table,
    plane_table,
    probes_table,
    to_csv,
    two_models_table,
    what_if_table,
)
from rnn_core.inspection.trace import trace
from rnn_core.inspection.what_if import read_otherwise, replace_word
from rnn_core.models.probing import ProbeScores
from tests.inspection.made import make_model

TEXT = "The film was good, but the zither was bad"
LETTERS = {"elman": ["slope", "h"], "gru": ["z", "r", "n", "h"], "lstm": ["i", "f", "o", "g", "c", "h"]}
GATES = {"elman": ["slope"], "gru": ["z", "r"], "lstm": ["i", "f", "o"]}
BEGINNING = ["time_step", "token", "word"]
make = partial(make_model, seed=11)


def back(table):
    """What a CSV file of it says. A review may have the word "nan" or "null"."""
    read = pd.read_csv(io.BytesIO(to_csv(table)), keep_default_na=False, na_values={})
    assert list(read) == list(table)
    return read


def numbers(column):
    return pd.to_numeric(column, errors="coerce").to_numpy(np.float32)


@pytest.mark.parametrize(("cell", "letters"), LETTERS.items())
def test_the_inside_is_verdict_norms_gates_and_the_units_shown(cell, letters):
    read = trace(make(cell=cell), TEXT)
    states = [letter for letter in "hc" if letter in letters]
    for shown in letters:
        table = inside_table(read, shown)
        assert list(table) == [
            *BEGINNING,
            "logit",
            "probability",
            "turned_to",
            *[f"{what}_{letter}" for letter in states for what in ("norm", "change")],
            *[f"{gate}_{what}" for gate in GATES[cell] for what in ("mean", "p10", "p90")],
            *[f"{shown}_{unit}" for unit in range(5)],
        ]
        assert list(table["time_step"]) == list(range(len(read.logits)))
        assert tuple(table["token"]) == read.review.window
        np.testing.assert_array_equal(table["logit"], read.logits)
        np.testing.assert_array_equal(table["probability"], read.probabilities)
        np.testing.assert_array_equal(table[[f"{shown}_{unit}" for unit in range(5)]], read.arrays[shown])
        for letter in states:
            norms = np.linalg.norm(read.arrays[letter], axis=1)
            np.testing.assert_allclose(table[f"norm_{letter}"], norms, rtol=1e-6)
            moved = np.linalg.norm(read.arrays[letter][1:] - read.arrays[letter][:-1], axis=1)
            np.testing.assert_allclose(table[f"change_{letter}"], [norms[0], *moved], rtol=1e-6)
        for gate in GATES[cell]:
            values = read.arrays[gate]
            np.testing.assert_allclose(table[f"{gate}_mean"], values.mean(axis=1), rtol=1e-6)
            np.testing.assert_allclose(table[f"{gate}_p10"], np.quantile(values, 0.1, axis=1), rtol=1e-6)
            np.testing.assert_allclose(table[f"{gate}_p90"], np.quantile(values, 0.9, axis=1), rtol=1e-6)


def test_a_long_review_is_not_thinned_out():
    read = trace(make(max_length=3_000), "the film was good " * 1_000)
    table = inside_table(read, "h")
    assert len(table) == 3_000
    np.testing.assert_array_equal(table["h_4"], read.arrays["h"][:, 4])


def test_a_csv_file_gives_every_number_back_to_the_bit():
    table = inside_table(trace(make(), TEXT), "h")
    read = back(table)
    for name in table.columns.difference([*BEGINNING, "turned_to"]):
        np.testing.assert_array_equal(numbers(read[name]), table[name].to_numpy())
    assert list(read["word"]) == ["", *"the film was good but the zither was bad".split()]
    assert read["token"][0] == "<start>"


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("readout", ["last", "mean", "max", "attention"])
def test_what_is_heard_has_the_signs_of_the_picture(cell, readout):
    model = make(cell=cell, readout=readout)
    read = trace(model, TEXT)
    gradients, contributions = attribute(model, read), occlusion(model, read)
    table = attribution_table(read, gradients, contributions)
    np.testing.assert_array_equal(table["contribution"], contributions)
    np.testing.assert_array_equal(table["input_times_gradient"], gradients.input_times_gradient)
    np.testing.assert_array_equal(table["saliency"], gradients.saliency)
    for letter, norms in gradients.connectivity.items():
        np.testing.assert_array_equal(table[f"connectivity_{letter}"], norms)
    assert ("direct_connectivity_h" in table) == (readout != "last")
    assert ("attention_weight" in table) == (readout == "attention")
    assert ("connectivity_c" in table) == (cell == "lstm")


def test_a_dropped_word_leaves_a_gap_in_the_second_reading_only():
    model = make()
    before = trace(model, TEXT)
    changed = replace_word(model, before, 3)  # "good", read at time step 4
    table = what_if_table(changed)
    assert len(table) == len(before.logits)
    assert table["time_step_after"].isna().tolist() == [time == 4 for time in range(len(table))]
    assert table["time_step_after"].dropna().tolist() == list(range(len(table) - 1))
    np.testing.assert_array_equal(table["probability_before"], before.probabilities)
    kept = table[table["time_step"] != 4]
    np.testing.assert_array_equal(kept["probability_after"], changed.after.probabilities)
    np.testing.assert_allclose(
        kept["norm_h_after"], np.linalg.norm(changed.after.arrays["h"], axis=1), rtol=1e-6
    )
    np.testing.assert_array_equal(kept["distance"], changed.distances)
    np.testing.assert_array_equal(
        table["difference"], table["probability_after"] - table["probability_before"]
    )
    read = back(table)
    assert read["time_step_after"].tolist() == ["0", "1", "2", "3", "", "4", "5", "6", "7", "8"]


def test_a_window_that_cuts_more_has_fewer_rows_filled():
    model = make()
    changed = read_otherwise(model, trace(model, TEXT), max_length=4)
    table = what_if_table(changed)
    assert table["probability_after"].notna().sum() == 4
    assert table["logit_after"].iloc[-1] == changed.after.logits[-1]


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


def test_padding_is_told_case_by_case():
    model = make(max_length=14)
    cases = padding_lab(model, TEXT)
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


def test_the_plane_is_the_path_and_then_the_other_states():
    read = trace(make(), TEXT)
    rng = np.random.default_rng(0)
    plane = StatePlane(
        mean=np.zeros(5, np.float32),
        axes=np.eye(2, 5, dtype=np.float32),
        shares=np.array([0.6, 0.4], np.float32),
        points=rng.normal(size=(7_000, 2)).astype(np.float32),
        logits=rng.normal(size=7_000).astype(np.float32),
        predicted=rng.integers(0, 2, 7_000),
        final=rng.random(7_000) < 0.1,
        readout=np.array([1, 0], np.float32),
    )
    table = plane_table(plane, read)
    path, others = table[table["review"] == "this"], table[table["review"] == "other"]
    assert (len(path), len(others)) == (len(read.logits), 7_000)
    assert path["time_step"].tolist() == list(range(len(read.logits)))
    np.testing.assert_array_equal(path[["component_1", "component_2"]], read.arrays["h"][:, :2])
    np.testing.assert_array_equal(others[["component_1", "component_2"]], plane.points)
    np.testing.assert_allclose(others["probability"], 1 / (1 + np.exp(-plane.logits.astype(np.float64))))
    assert others["final"].tolist() == plane.final.tolist()
    assert path["probability"].isna().all()
    assert others["time_step"].isna().all()
    assert back(table)["time_step"][0] == "0"


def test_probes_have_a_row_for_each_network_and_phenomenon_and_one_for_all_pairs():
    asked = [Pair(key, f"good {key}", f"bad {key}") for key in PHENOMENA]
    probabilities = np.full((len(asked), 2), 0.9)
    probabilities[0, 1] = 0.1
    table = back(probes_table({"one": ProbeScores(pairs=asked, probabilities=probabilities)}))
    assert list(table["phenomenon"]) == ["All", *PHENOMENA.values()]
    assert list(table["network"].unique()) == ["one"]
    assert list(table["pairs"]) == [len(asked), *[1] * len(asked)]
    assert list(table["pairs_right"])[:3] == pytest.approx([1 / len(asked), 1, 0])
    assert list(table["sentences_right"])[:3] == pytest.approx([0.5 + 0.5 / len(asked), 1, 0.5])


def test_of_many_classes_the_inside_has_a_column_for_each():
    read = trace(make(classes=4), TEXT)
    table = inside_table(read, "h")
    names = [f"probability_{name}" for name in read.classes]
    assert list(table)[3:9] == ["logit", "probability", *names]
    np.testing.assert_array_equal(table[names], read.probabilities_of_classes)
    np.testing.assert_array_equal(numbers(back(table)[names[2]]), read.probabilities_of_classes[:, 2])


def test_the_plane_of_many_classes_says_which_one_is_predicted():
    read = trace(make(classes=3), TEXT)
    plane = StatePlane(
        mean=np.zeros(5, np.float32),
        axes=np.eye(2, 5, dtype=np.float32),
        shares=np.array([0.6, 0.4], np.float32),
        points=np.zeros((3, 2), np.float32),
        logits=np.zeros(3, np.float32),
        predicted=np.array([2, 0, 1]),
        final=np.ones(3, bool),
        readout=np.array([1, 0], np.float32),
    )
    table = plane_table(plane, read)
    assert table.loc[table["review"] == "other", "predicted"].tolist() == ["c2", "c0", "c1"]


def test_text_is_no_formula_in_a_spreadsheet_and_numbers_stay_numbers():
    table = pd.DataFrame({"=name": ["=1+1", "-", "@x", "+x", "good", None], "logit": [-1.5, 2, 0, 1, 1, 1]})
    rows = to_csv(table).decode().splitlines()
    assert rows == ["'=name,logit", "'=1+1,-1.5", "'-,2.0", "'@x,0.0", "'+x,1.0", "good,1.0", ",1.0"]
