"""The benchmark: what it compares is the same, and what it prints is what it measured."""

import json

import pytest
import torch
from click.testing import CliRunner

from rnn_core.bench.forms import Forms, peak_megabytes, time_forms
from rnn_core.bench.reference import TorchClassifier, torch_module
from rnn_core.bench.report import Row, table
from rnn_core.bench.reviews import MAX_LENGTH, REVIEWS, sample_reviews
from rnn_core.bench.suite import CASES, run_benchmark
from rnn_core.bench.timing import alternate
from rnn_core.cli import main
from rnn_core.config.model_settings import ModelConfig
from rnn_core.machine import describe_machine
from rnn_core.nn.classifier import Classifier, make_cell
from rnn_core.training.device import gains_by_bfloat16

FORMS = ("naive", "fused", "sequence", "torch")


def make(cell="gru", reset="after"):
    torch.manual_seed(2)
    return make_cell(ModelConfig(cell=cell, reset=reset, embedding_size=3, hidden_size=4), vocab_size=1)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_every_timed_form_computes_the_same_gradient(cell, monkeypatch):
    monkeypatch.setattr("rnn_core.nn.kernels._WORTH_IT", 0)  # products however small
    forms = Forms(make(cell), batch_size=30, length=5)
    forms.sequence()
    expected = forms.xs.grad.clone()
    for form in FORMS:
        getattr(forms, form)()
        torch.testing.assert_close(forms.xs.grad, expected)
    # torch's LSTM refuses it on a processor without the instructions, where nothing of this is timed.
    theirs = [forms.torch_in_bfloat16] if gains_by_bfloat16() else []
    for form in (forms.sequence_in_bfloat16, *theirs):
        form()
        assert 0 < (forms.xs.grad - expected).norm() < 0.05 * expected.norm()


def test_what_this_processor_is_slower_at_is_left_out(monkeypatch):
    monkeypatch.setattr("rnn_core.bench.steps.gains_by_bfloat16", lambda: False)
    assert not list(run_benchmark(["gru-step-bfloat16", "gru-step-autocast"], rounds=1))


@pytest.mark.parametrize(("reset", "count"), [("after", 6), ("before", 9)])
def test_the_floor_is_the_products_of_one_block(reset, count):
    forms = Forms(make(reset=reset), batch_size=2, length=1)
    assert len(forms.products) == count
    forms.floor()  # which fails where two shapes don't fit


def test_each_answer_has_all_rounds_before_it():
    answers = list(time_forms(make(), batch_size=2, length=3, rounds=2))
    assert [answer.rounds for answer in answers] == [1, 2]
    assert set(answers[-1].milliseconds) == {*FORMS, "floor"}
    assert all(time > 0 for time in answers[-1].milliseconds.values())


def test_things_are_timed_in_turns_after_a_first_call():
    called = []
    *_, medians = alternate({"a": lambda: called.append("a"), "b": lambda: called.append("b")}, rounds=2)
    assert called == ["a", "b"] * 3
    assert set(medians) == {"a", "b"}


@pytest.mark.parametrize("padding", [9, "longest", "none"])
@pytest.mark.parametrize(
    ("cell", "bigrams", "counted"),
    [("elman", 0, 0), ("gru", 0, 0), ("gru", 2, 0), ("gru", 0, 2), ("gru", 2, 2), ("lstm", 0, 0)],
)
def test_the_reference_network_says_the_same_as_ours(cell, bigrams, counted, padding):
    config = ModelConfig(
        cell=cell, reset="after", embedding_size=3, hidden_size=4, bigrams=bigrams, counted_bigrams=counted
    )
    torch.manual_seed(1)
    ours, theirs = Classifier(config, 20), TorchClassifier(config, 20, padding=padding)
    theirs.embedding.load_state_dict(ours.embedding.state_dict())
    theirs.head.load_state_dict(ours.head.state_dict())
    theirs.module.load_state_dict(torch_module(ours.cell).state_dict())
    ids, lengths = torch.randint(3, 20, (4, 7)), torch.tensor([7, 5, 2, 1])
    for network in (ours, theirs):
        if counted:
            network.counted.know(ids[:2, 3:5])
            network.counted.set_odds(torch.ones(2), torch.tensor([[2.0, 3.0], [4.0, 5.0]]))
        if bigrams:
            network.bigrams.know(ids[:2, 3:5])
            torch.nn.init.ones_(network.bigrams.vectors.weight[1:])
    folds = torch.tensor([1, -1, 0, 1]) if counted else None
    torch.testing.assert_close(theirs(ids, lengths, folds), ours(ids, lengths, folds))


def test_a_sample_is_drawn_where_imdb_is_not_at_hand(monkeypatch):
    monkeypatch.delenv("GATESCOPE_IMDB", raising=False)
    reviews, source = sample_reviews()
    assert "drawn" in source
    lengths = reviews.lengths()
    assert len(lengths) == REVIEWS
    assert lengths.max() == MAX_LENGTH
    assert 200 < lengths.mean() < 215  # of IMDB's windows it is 206


def test_a_row_has_a_ratio_and_may_fall_short():
    measured = {"case": "x", "against": "y", "ours_ms": 2.0, "reference_ms": 5.0}
    rows = [Row(**measured, at_least=least) for least in (2.0, 3.0)]
    assert rows[0].to_dict() == {**measured, "at_least": 2.0, "ratio": 2.5}
    lines = table(rows, describe_machine()).splitlines()
    assert len({line.count("|") for line in lines[:4]}) == 1
    assert ["(short)" in line for line in lines[2:4]] == [False, True]


def test_the_command_prints_json_or_a_table():
    runner = CliRunner()
    asked = ["bench", "--case", "read-400", "--rounds", "1", "--threads", "1"]
    machine = runner.invoke(main, [*asked, "--json"])
    (row,) = json.loads(machine.stdout)
    assert row["case"] == "read-400"
    assert len(CASES) == len(set(CASES))
    assert {"case", "ours_ms", "reference_ms", "ratio", "machine"} <= set(row)
    assert row["ratio"] == pytest.approx(row["reference_ms"] / row["ours_ms"], rel=0.01)
    people = runner.invoke(main, asked)
    assert people.stdout.startswith("| Case |")


@pytest.mark.slow
def test_a_cell_of_ones_own_is_measured_beside_ours():
    rows = list(run_benchmark(("own-cell-step", "own-cell-read-400"), rounds=1))
    assert [row.case for row in rows] == ["own-cell-step", "own-cell-read-400"]
    assert all(row.ours_ms > 0 for row in rows)


@pytest.mark.slow
def test_memory_is_that_of_the_step_alone(monkeypatch):
    from tests.runs.forked import FORKED  # it imports all that a worker imports

    monkeypatch.setattr("rnn_core.bench.forms.multiprocessing.get_context", lambda _method: FORKED)
    short, long = (peak_megabytes("gru-after", "fused", 64, length) for length in (32, 256))
    if short is None:
        pytest.skip("only Linux keeps a record of the highest point")
    assert 0 <= short < long < 500
