"""The table says what the records say."""

import numpy as np
import pytest

from rnn_core.training.history import history
from rnn_core.training.numbers import numbers

LOOK = {"distance": [0, 1, 5, 20], "gradients": {"h": [1.0, 0.5, 0.25, 0.125]}}


def step(number, loss, norm=1.0):
    return {
        "kind": "training", "epoch": number / 2, "loss": loss, "accuracy": loss / 2, "gradient_norm": norm,
        "learning_rate": 0.1 * number,
    }  # fmt: skip


def evaluation(epoch, loss, inside=None):
    return {"kind": "validation", "epoch": epoch, "loss": loss, "accuracy": 0.75, "inside": inside}


def test_a_row_tells_of_an_evaluation_and_of_the_steps_since_the_one_before():
    records = [
        step(1, 0.8, 9.0),
        step(2, 0.6, 1.0),
        evaluation(1.0, 0.5, LOOK),
        step(3, 0.4),
        evaluation(1.5, 0.3),
    ]
    table = numbers(history("made", records))
    assert table["epoch"].tolist() == [1.0, 1.5]
    assert table["training loss"].tolist() == pytest.approx([0.7, 0.4])
    assert table["training accuracy"].tolist() == pytest.approx([0.35, 0.2])
    assert table["validation loss"].tolist() == [0.5, 0.3]
    assert table["gradient norm"].tolist() == [5.0, 1.0]
    assert table["learning rate"].tolist() == pytest.approx([0.2, 0.3])
    assert table["‖dL/dh‖ 10 tokens from the end"].tolist() == pytest.approx([0.25, np.nan], nan_ok=True)
    assert table["‖dL/dh‖ 100 tokens from the end"].isna().all()  # no review was as long


def test_before_the_first_evaluation_there_is_a_row_of_what_was_trained():
    table = numbers(history("made", [step(1, 0.8), step(2, 0.6)]))
    assert table["training loss"].tolist() == pytest.approx([0.7])
    assert table["validation loss"].isna().all()


def test_a_run_without_a_record_has_an_empty_table():
    assert numbers(history("made", [])).empty
