"""A training that goes on from a checkpoint is the one that was never interrupted, to the bit."""

import itertools
import json
from unittest.mock import Mock

import pytest
import torch

from rnn_core.symbols import KINDS
from rnn_core.training import checkpoint
from rnn_core.training.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from rnn_core.training.records import RateEvent
from rnn_core.training.schedule import RateChange, changed_rates, planned_rates
from tests.refusals import refusals
from tests.training.made import have_same_weights, interrupted, small_trainer, without_clocks

pytestmark = pytest.mark.slow

SETTINGS = {"epochs": 2, "evaluations_per_epoch": 2, "word_dropout": 0.2, "head_dropout": 0.3}
SETTINGS |= {"embedding_dropout": 0.2, "label_smoothing": 0.1}
NEXT = {"task": "next-token", "truncation": "post"}
SEVERAL = {"layer_dropout": 0.3, "bigrams": 20, "adversarial": 0.5, "weight_averaging": 0.9}
PARTS = {"composed": 10, "snippets": 10}
VARIANTS = {
    "one-cycle, averaged": {"weight_averaging": 0.9},
    "cosine, Adam": {"schedule": "cosine", "optimizer": "adam"},
    "constant, SGD": {"schedule": "constant", "optimizer": "sgd", "learning_rate": 0.1},
    "next tokens": NEXT,
    "all windows": {**NEXT, "windows": "all", "max_length": 4},
    "a carried state": {**NEXT, "windows": "carried", "max_length": 4, "layers": 2, **SEVERAL},
    "a recipe": {"bigrams": 50, "bigram_dropout": 0.5, "bidirectional": True, "adversarial": 0.5},
    "counted bigrams": {**PARTS, "counted_bigrams": 50, "bigram_dropout": 0.5, "weight_averaging": 0.9},
    "last weights, early stop": {"keep": "last", "patience": 3, "epochs": 3, "label_odds": True},
    "layers, attention": {"layers": 2, "layer_dropout": 0.3, "readout": "attention"},
}


def make(corpus, **settings):
    return small_trainer(corpus, **{**SETTINGS, **settings})


def assert_same_end(one, two):
    assert (one.outcome, one.message, one.optimizer_step) == (two.outcome, two.message, two.optimizer_step)
    ours, theirs = one.state(), two.state()
    as_json = [json.loads(json.dumps(state.values)) for state in (ours, theirs)]
    assert ours.tensors.keys() == theirs.tensors.keys()
    for name, tensor in ours.tensors.items():
        assert torch.equal(tensor, theirs.tensors[name]), name
    for name in ("groups", "rate_changes", "best", "counts"):
        assert as_json[0][name] == as_json[1][name], name
    assert have_same_weights(one, two)


# Each variant and each cell once, from other records on: between steps, before and after evaluations.
PAIRS = list(zip(KINDS, itertools.cycle(VARIANTS), itertools.cycle(range(1, 9)), strict=False))
assert {variant for _, variant, _ in PAIRS} == VARIANTS.keys()
PAIRS += [("lstm", "a carried state", first) for first in range(1, 5)]


@pytest.mark.parametrize(("cell", "variant", "first"), PAIRS)
def test_from_anywhere_it_ends_with_the_same_bits(tiny_corpus, tmp_path, variant, cell, first):
    settings = VARIANTS[variant]
    whole = make(tiny_corpus, cell=cell, **settings)
    expected = without_clocks(whole)
    for records in range(first, len(expected), 9):
        found, end = interrupted(lambda: make(tiny_corpus, cell=cell, **settings), records, tmp_path)
        assert found == expected
        assert_same_end(end, whole)


def test_rehearsals_leave_a_carried_state(tiny_corpus):
    carried, found = VARIANTS["a carried state"], []
    for rehearsals in (0, 2):
        trainer = make(tiny_corpus, **carried)
        learn = trainer.learner.learn

        def learning(batch, rate, trainer=trainer, learn=learn, rehearsals=rehearsals):
            for _ in range(rehearsals):
                trainer.learner.rehearse(batch.beginnings(3))
            return learn(batch, rate)

        trainer.learner.learn = learning
        list(trainer)
        found.append(trainer)
    assert_same_end(*found)


def test_clocks_go_on_where_they_were(tiny_corpus):
    first = make(tiny_corpus)
    begun = [record for _, record in zip(range(5), first, strict=False)]
    second = make(tiny_corpus)
    second.restore(first.state())
    assert next(iter(second)).seconds > begun[-1].seconds


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one-cycle"])
@pytest.mark.parametrize("held", [False, True])
def test_a_changed_learning_rate_is_part_of_the_state(tiny_corpus, tmp_path, schedule, held):
    """Also before the step that takes it, which records the last of several changes."""
    whole, second = (make(tiny_corpus, schedule=schedule) for _ in range(2))
    expected = []
    for record in whole:
        expected.append(record)
        if len(expected) == 3:
            whole.change_rate(0.03, held=True)
            whole.change_rate(0.02, held=held)
            save_checkpoint(tmp_path, whole.state())
        if len(expected) == 9:
            whole.change_rate(0.01, held=False)  # also out of a hold
    second.restore(load_checkpoint(tmp_path))
    rest = []
    for record in second:
        rest.append(record)
        if len(rest) == 6:
            second.change_rate(0.01, held=False)
    assert without_clocks(rest) == without_clocks(expected[3:])
    assert_same_end(second, whole)
    changes = [RateChange(3, 0.02, held), RateChange(expected[8].optimizer_step, 0.01, False)]
    courses = [planned_rates(whole.config.training, whole.total_steps)]
    events = {}
    for after, rate, is_held in changes:
        begun, before = after / whole.steps_per_epoch, pytest.approx(courses[-1][after])
        events[after + 1] = RateEvent(begun, before, rate, is_held)
        courses.append(changed_rates(courses[0], changes[: len(courses)]))
    steps = [record for record in expected if record.kind == "training"]
    assert [step.learning_rate for step in steps] == pytest.approx(courses[-1].tolist())
    assert {step.optimizer_step: step.rate_event for step in steps if step.rate_event} == events


def of_torch_schedules(state, planned):
    """Such a state has the rate of the next optimizer step in place of changes of the plan."""
    state.values["groups"][0]["lr"] = planned[state.values["optimizer_step"]]
    del state.values["rate_changes"], state.values["changed_from"]


def of_one_generator(state, planned):
    state.tensors["chance"] = state.tensors.pop("generator.cpu")


@pytest.mark.parametrize("older", [of_torch_schedules, of_one_generator])
def test_an_older_checkpoint_goes_on_to_the_same_end(tiny_corpus, tmp_path, older):
    whole = make(tiny_corpus)
    planned = planned_rates(whole.config.training, whole.total_steps).tolist()
    found, _ = interrupted(lambda: make(tiny_corpus), 5, tmp_path, lambda state: older(state, planned))
    assert found == without_clocks(whole)


def test_the_last_evaluation_scores_the_last_weights(tiny_corpus, tmp_path):
    first = make(tiny_corpus, keep="last")
    list(first)
    first._evaluated = {**first._evaluated, "accuracy": 0.25}  # worse than the best
    save_checkpoint(tmp_path, first.state())
    second, third = make(tiny_corpus, keep="last"), make(tiny_corpus, keep="last")
    left = load_checkpoint(tmp_path)
    second.restore(left)
    assert second.kept_score == first.kept_score == 0.25
    del left.values["counts"]["evaluated"]  # as before it was kept
    third.restore(left)
    assert third.kept_score == first.learner.best.fields["accuracy"]


def test_an_evaluation_given_up_is_made_later(tiny_corpus):
    expected = without_clocks(make(tiny_corpus))
    first = make(tiny_corpus)
    first.keep_evaluating = lambda: False
    begun = list(first)
    assert (first.outcome, begun[-1].kind) == ("running", "training")
    left, second = first.state(), make(tiny_corpus)
    second.restore(left)
    assert without_clocks([*begun, *second]) == expected


def restored(change=lambda state: state, **other):
    """Lets a training of these settings go on from the state of another one, as it is or changed."""

    def restore(tiny_corpus):
        trainer = make(tiny_corpus)
        next(iter(trainer))
        make(tiny_corpus, **other).restore(change(trainer.state()))

    return restore


def without_a_generator(state):
    return TrainingState({k: t for k, t in state.tensors.items() if k != "generator.cpu"}, state.values)


OTHER = "not the state of a training with these settings"
test_a_state_that_does_not_fit_is_refused = refusals(
    ValueError,
    {
        "other sizes": (restored(hidden_size=9), OTHER),
        "another cell": (restored(cell="lstm"), OTHER),
        "averaged weights": (restored(weight_averaging=0.9), OTHER),
        "no generator": (restored(without_a_generator), "'chance'"),
    },
)


def state(number):
    return TrainingState({"x": torch.full((50,), float(number))}, {"number": number, "fine": 0.1 + 0.2})


def number_in(folder):
    found = load_checkpoint(folder)
    if found is None:
        return None
    assert (found.tensors["x"] == found.values["number"]).all()
    assert found.values["fine"] == 0.1 + 0.2
    return found.values["number"]


def test_the_newest_checkpoint_counts(tmp_path):
    assert number_in(tmp_path) is None
    assert not checkpoint.has_checkpoint(tmp_path)
    for number in (1, 2, 3):
        save_checkpoint(tmp_path, state(number))
        assert number_in(tmp_path) == number
    assert checkpoint.has_checkpoint(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    checkpoint.drop_checkpoints(tmp_path)
    assert list(tmp_path.iterdir()) == []


SPOILT = {
    "cut in half": lambda content: content[: len(content) // 2],
    "a bit turned": lambda content: content[:-10] + bytes([content[-10] ^ 1]) + content[-9:],
    "another number": lambda content: content.replace(b"2", b"7", 1),
    "emptied": lambda content: b"",
    "gone": None,
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_broken_checkpoint_leaves_the_one_before(tmp_path, spoil):
    save_checkpoint(tmp_path, state(1))
    save_checkpoint(tmp_path, state(2))
    newest, previous = tmp_path / checkpoint.CHECKPOINT, tmp_path / checkpoint.PREVIOUS
    newest.write_bytes(spoil(newest.read_bytes())) if spoil else newest.unlink()
    assert number_in(tmp_path) == 1
    previous.write_bytes(previous.read_bytes()[:-100])
    assert number_in(tmp_path) is None


def test_a_disk_that_is_full_costs_neither_checkpoint(tmp_path, monkeypatch):
    save_checkpoint(tmp_path, state(1))
    save_checkpoint(tmp_path, state(2))
    monkeypatch.setattr("os.fsync", Mock(side_effect=OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(tmp_path, state(3))
    assert number_in(tmp_path) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [checkpoint.PREVIOUS, checkpoint.CHECKPOINT]
