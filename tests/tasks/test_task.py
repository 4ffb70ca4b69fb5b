"""What a task is, for whatever is asked."""

import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.files import FormatError, to_json
from rnn_core.registry import UnknownNameError
from rnn_core.tasks import task
from rnn_core.tasks.classification import TextClassification
from rnn_core.tasks.task import Asked, task_of
from rnn_core.training.records import Record, read_records


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
    assert isinstance(task_of(config), TextClassification)
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
