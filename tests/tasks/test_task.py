"""Losses and log odds from logits, what a task is, and what is reached by guessing."""

import math
import shutil

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from rnn_core.config.run import RunConfig
from rnn_core.data.own.catalogue import own_folder
from rnn_core.files import FormatError, to_json
from rnn_core.registry import UnknownNameError
from rnn_core.tasks import task
from rnn_core.tasks.classes import cross_entropies, log_odds, log_odds_of_each, most_probable
from rnn_core.tasks.classification import Scores, TextClassification, class_counts, guess
from rnn_core.tasks.task import Asked, task_of
from rnn_core.training.records import Record, read_records
from tests.own import make_own


def logits_of(K, outputs=None):
    torch.manual_seed(5)
    return torch.randn(4, outputs or K).double()


@pytest.mark.parametrize(("K", "outputs"), [(2, 1), (2, 2), (3, 3), (50, 50)])
def test_log_odds_are_those_of_probabilities(K, outputs):
    logits = logits_of(K, outputs)
    of_first = torch.zeros(4, K - outputs).double()  # softmax of 0 and z is the sigmoid of z
    p = torch.softmax(torch.cat([of_first, logits], dim=1), dim=1)
    for k in range(K):
        torch.testing.assert_close(log_odds(logits, k), torch.log(p[:, k] / (1 - p[:, k])))
    assert torch.equal(most_probable(logits), p.argmax(dim=1))
    labels = torch.tensor([0, 1, 1, 0])
    of_each = torch.stack([log_odds(row, label) for row, label in zip(logits, labels.tolist(), strict=True)])
    assert torch.equal(log_odds_of_each(logits, labels), of_each)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_of_classes_is_cross_entropy(smoothing):
    labels, logits = torch.tensor([3, 0, 2, 1]), logits_of(4)
    p = torch.softmax(logits, dim=1)
    q = torch.full((4, 4), smoothing / 4).double()
    q[range(4), labels] += 1 - smoothing
    torch.testing.assert_close(cross_entropies(logits, labels, smoothing), -(q * p.log()).sum(dim=1))
    torch.testing.assert_close(cross_entropies(logits, q), -(q * p.log()).sum(dim=1))


def test_the_loss_of_one_logit_or_two_is_torchs():
    one = torch.tensor([[0.7]], dtype=torch.float64)
    torch.testing.assert_close(cross_entropies(one, torch.tensor([1.0])), -torch.log(torch.sigmoid(one[0])))
    two, labels = logits_of(2), torch.tensor([1.0, 0.0, 1.0, 1.0])
    torch.testing.assert_close(cross_entropies(two, labels).mean(), cross_entropy(two, labels.long()))
    for logits in (two, two[:, :1]):  # labels may be indices or probabilities
        assert torch.equal(cross_entropies(logits, labels.long(), 0.1), cross_entropies(logits, labels, 0.1))


@pytest.mark.parametrize("K", [2, 3])
def test_forms_are_compared_by_the_second_class(K, monkeypatch):
    logits = torch.tensor([[0.3], [-2.0]] if K == 2 else [[0.3, 1.0, -1.0], [2.0, 0.0, 0.5]])
    labels = indices = np.arange(2)
    scores = Scores(loss=0.0, logits=logits.numpy(), labels=labels, indices=indices)
    monkeypatch.setattr(TextClassification, "evaluate", lambda *_: scores)
    found = TextClassification().probabilities(None, None)
    expected = logits[:, 0].sigmoid() if K == 2 else logits.softmax(dim=1)[:, 1]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_answers_in_portions_are_those_at_once(monkeypatch, smoothing):
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


def test_a_configuration_says_another_task():
    config = RunConfig()
    assert "task" not in config.to_dict()
    of_before = RunConfig.from_dict({"data": "imdb", "model": {"cell": "lstm"}})
    assert of_before.task == "classification"
    for one in (config, of_before):
        assert isinstance(task_of(one), TextClassification)
    with pytest.raises(UnknownNameError, match="no task called 'sums'"):
        RunConfig.from_dict({"task": "sums"})


def test_a_record_has_the_score_of_its_task():
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
def test_more_accurate_is_better_then_less_loss(fields, than, better):
    assert TextClassification().is_better(fields, than) == better


CLASSES = ("printer", "invoice", "parcel")


def config_of(**settings):
    return RunConfig(data="tickets", classes=CLASSES).with_settings(**settings)


def guess_of(**settings):
    return task_of(config_of(**settings)).guess(config_of(**settings))


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
def test_a_guess_has_the_entropy_of_class_shares(classes, counts, balanced, loss, accuracy, what):
    found = guess(classes, counts, balanced)
    assert found == (pytest.approx(loss), pytest.approx(accuracy), what)


def test_a_run_is_held_against_its_training_texts():
    make_own("tickets", CLASSES, [80, 20, 20])
    assert class_counts(config_of()) == (60, 15, 15)
    assert guess_of().accuracy == pytest.approx(60 / 90)
    assert guess_of(class_weights="balanced").loss == pytest.approx(math.log(3))


def test_without_the_corpus_classes_are_equal():
    assert guess_of().loss == pytest.approx(math.log(3))
    make_own("tickets", ("a", "b", "c"), [80, 20, 20])
    assert class_counts(config_of()) is None
    shutil.rmtree(own_folder("tickets"))
    assert class_counts(config_of()) is None
    assert class_counts(RunConfig()) is None
