"""What a task is, for whatever is asked, and what is reached by guessing."""

import math
import shutil

import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.data.own.catalogue import own_folder
from rnn_core.files import FormatError, to_json
from rnn_core.registry import UnknownNameError
from rnn_core.tasks import task
from rnn_core.tasks.classification import TextClassification, class_counts, guess
from rnn_core.tasks.task import Asked, task_of
from rnn_core.training.records import Record, read_records
from tests.own import make_own


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_answers_in_portions_have_the_losses_and_gradients_of_all_at_once(monkeypatch, smoothing):
    torch.manual_seed(0)
    head, read = torch.nn.Linear(5, 40).double(), torch.randn(30, 5).double().requires_grad_()
    asked = Asked(torch.randint(40, (20,)), torch.randperm(30)[:20])
    found = []
    for at_once in (10_000, 3 * 40):
        monkeypatch.setattr(task, "_LOGITS_AT_ONCE", at_once)
        judged = TextClassification().judge(head, read, asked, smoothing=smoothing)
        gradients = torch.autograd.grad(judged.objective.mean(), [read, *head.parameters()])
        found.append((judged, gradients))
    torch.testing.assert_close(found[0], found[1])


def test_a_configuration_says_its_task_only_where_it_is_another_one():
    config = RunConfig()
    assert "task" not in config.to_dict()
    of_before = RunConfig.from_dict({"data": "imdb", "model": {"cell": "lstm"}})
    assert of_before.task == "classification"
    for one in (config, of_before):
        assert isinstance(task_of(one), TextClassification)
    with pytest.raises(UnknownNameError, match="no task called 'sums'"):
        RunConfig.from_dict({"task": "sums"})


def test_a_record_has_the_score_of_its_task_whatever_else_was_measured():
    fields = {"loss": 0.7, "accuracy": 0.8, "f1": 0.6}
    common = {"kind": "validation", "optimizer_step": 1, "epoch": 0.5, "seconds": 1.0}
    for score, value in fields.items():
        record = Record.of(fields, score, **common)
        [read] = read_records(f"[{record.to_json()}]")
        assert (read, read.score) == (record, value)
    assert "scored_by" not in Record.of({"loss": 0.7, "accuracy": 0.8}, "accuracy", **common).to_dict()
    of_before = Record(**common, loss=0.7, accuracy=0.8, measures={"f1": 0.6})
    assert read_records(f"[{of_before.to_json()}]")[0].score == 0.6
    with pytest.raises(FormatError, match="record 1: it must have the 'bits' that it is scored by"):
        read_records(f"[{to_json(record.to_dict() | {'scored_by': 'bits'})}]")


@pytest.mark.parametrize(
    ("fields", "than", "better"),
    [
        ({"accuracy": 0.8, "loss": 0.9}, {"accuracy": 0.7, "loss": 0.1}, True),
        ({"accuracy": 0.8, "loss": 0.1}, {"accuracy": 0.8, "loss": 0.2}, True),
        ({"accuracy": 0.8, "loss": 0.2}, {"accuracy": 0.8, "loss": 0.2}, False),
    ],
)
def test_more_accurate_is_better_and_of_equally_accurate_the_one_with_less_loss(fields, than, better):
    assert TextClassification().is_better(fields, than) == better


CLASSES = ("printer", "invoice", "parcel")


def guess_of(config):
    return task_of(config).guess(config)


def config_of(**settings):
    return RunConfig(data="tickets", classes=CLASSES).with_settings(**settings)


ENTROPY = -sum(share * math.log(share) for share in (0.8, 0.15, 0.05))


@pytest.mark.parametrize(
    ("classes", "counts", "balanced", "loss", "accuracy", "what"),
    [
        (2, None, False, math.log(2), 1 / 2, "a coin"),
        (6, [100] * 6, False, math.log(6), 1 / 6, "guessing among 6 classes"),
        (3, [800, 150, 50], False, ENTROPY, 0.8, "always answering with the class shares"),
        (3, [800, 150, 50], True, math.log(3), 0.8, "guessing among 3 classes"),
    ],
)
def test_a_guess_has_the_entropy_of_the_class_shares_or_that_of_equal_ones(
    classes, counts, balanced, loss, accuracy, what
):
    found = guess(classes, counts, balanced)
    assert found == (pytest.approx(loss), pytest.approx(accuracy), what)


def test_a_run_is_held_against_the_training_texts_of_its_corpus():
    make_own("tickets", CLASSES, [80, 20, 20])
    assert class_counts(config_of()) == (60, 15, 15)
    assert guess_of(config_of()).accuracy == pytest.approx(60 / 90)
    assert guess_of(config_of(class_weights="balanced")).loss == pytest.approx(math.log(3))


def test_where_the_corpus_is_gone_or_another_one_its_classes_are_taken_for_equal():
    assert guess_of(config_of()).loss == pytest.approx(math.log(3))
    make_own("tickets", ("a", "b", "c"), [80, 20, 20])
    assert class_counts(config_of()) is None
    shutil.rmtree(own_folder("tickets"))
    assert class_counts(config_of()) is None
    assert class_counts(RunConfig()) is None
