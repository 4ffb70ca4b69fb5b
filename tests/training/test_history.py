"""The table says what the records say, and a sentence what the charts show."""

import numpy as np
import pytest

from rnn_core.config.run import RunConfig
from rnn_core.data.sources import recommended_config
from rnn_core.training.history import comparison_in_words, curves_in_words, history, numbers, reach_in_words

LOOK = {"distance": [0, 1, 5, 20], "gradients": {"h": [1.0, 0.5, 0.25, 0.125]}}


def step(number, loss, norm=1.0):
    return {
        "kind": "training",
        "epoch": number / 2,
        "loss": loss,
        "accuracy": loss / 2,
        "gradient_norm": norm,
        "learning_rate": 0.1 * number,
    }


def evaluation(epoch, loss, inside=None):
    return {"kind": "validation", "epoch": epoch, "loss": loss, "accuracy": 0.75, "inside": inside}


def test_a_row_is_an_evaluation_and_the_steps_before():
    first = [step(1, 0.8, 9.0), step(2, 0.6, 1.0), evaluation(1.0, 0.5, LOOK)]
    table = numbers(history("made", [*first, step(3, 0.4), evaluation(1.5, 0.3)]))
    assert table["epoch"].tolist() == [1.0, 1.5]
    assert table["training loss"].tolist() == pytest.approx([0.7, 0.4])
    assert table["training accuracy"].tolist() == pytest.approx([0.35, 0.2])
    assert table["validation loss"].tolist() == [0.5, 0.3]
    assert table["gradient norm"].tolist() == [5.0, 1.0]
    assert table["learning rate"].tolist() == pytest.approx([0.2, 0.3])
    assert table["‖dL/dh‖ 10 tokens from the end"].tolist() == pytest.approx([0.25, np.nan], nan_ok=True)
    assert table["‖dL/dh‖ 100 tokens from the end"].isna().all()  # no review was as long


def test_before_an_evaluation_a_row_says_what_trained():
    table = numbers(history("made", [step(1, 0.8), step(2, 0.6)]))
    assert table["training loss"].tolist() == pytest.approx([0.7])
    assert table["validation loss"].isna().all()
    assert numbers(history("made", [])).empty


IMDB, OWN = recommended_config("imdb"), RunConfig(data="tickets")


def a_run(name, accuracies, losses=None, gradients=None):
    losses = losses or [0.5] * len(accuracies)
    look = gradients and {"distance": [0, 99], "gradients": gradients}
    evaluations = [
        evaluation(0.5 * place, loss, look) | {"accuracy": accuracy}
        for place, (accuracy, loss) in enumerate(zip(accuracies, losses, strict=True), 1)
    ]
    return history(name, evaluations)


def test_curves_say_the_best_and_if_the_loss_rose():
    assert curves_in_words([a_run("a", [])], [IMDB]) == ""
    assert curves_in_words([a_run("a", [0.7, 0.882, 0.86])], [IMDB]) == (
        "Right on 88.2% of the validation reviews at best, after epoch 1."
    )
    assert curves_in_words([a_run("a", [0.7, 0.8], [0.4, 0.6])], [OWN]) == (
        "Right on 80.0% of the validation texts at best, after epoch 1; its validation loss has risen since "
        "its lowest point."
    )
    risen_a_little = curves_in_words([a_run("a", [0.7, 0.8], [0.4, 0.41])], [OWN])
    assert risen_a_little == "Right on 80.0% of the validation texts at best, after epoch 1."


def test_curves_of_several_runs_say_best_and_worst():
    runs = [a_run("a", [0.7]), a_run("b", [0.9, 0.8]), a_run("c", [0.8]), a_run("new", [])]
    assert curves_in_words(runs, [IMDB] * 4) == (
        "At its best b is right most often, on 90.0% of the validation reviews, and a least often, on 70.0%."
    )
    alike = [a_run("a", [1.0]), a_run("b", [1.0])]
    assert curves_in_words(alike, [IMDB] * 2) == (
        "At their best all are right on 100.0% of the validation reviews."
    )


def test_curves_of_different_texts_are_not_compared():
    runs = [a_run("a", [0.7]), a_run("b", [0.9])]
    verdict = recommended_config("verdict")
    for other in (OWN, verdict, verdict.with_settings(verdict_distance=9)):
        said = curves_in_words(runs, [IMDB, other])
        assert said == "These runs read different texts, so their accuracies may not be compared."


@pytest.mark.parametrize(
    ("gradients", "said"),
    [
        ({"h": [1.0, 0.5]}, "arrives: 99 tokens before the end it is 0.5 times as large as at the end."),
        ({"h": [2.0, 0.1]}, "shrinks on its way back: 99 tokens before the end it is 0.05 times"),
        ({"h": [1.0, 1e-12]}, "vanishes: 99 tokens before the end it is 1e-12 times"),
        ({"h": [1.0, 1e-12], "c": [1.0, 0.3]}, "arrives: 99 tokens before the end it is 0.3 times"),
        ({"h": [1.0, 40.0]}, "grows on its way back: 99 tokens before the end it is 40 times"),
        ({"h": [1.0, None]}, ""),
        ({"h": [0.0, 0.0]}, ""),
    ],
)
def test_a_look_says_how_much_of_the_gradient_arrives(gradients, said):
    """By the state that carries it."""
    none = "No gradient arrives, or it is no finite number."
    assert (f"The gradient {said}" if said else none) in reach_in_words(
        a_run("a", [0.5], gradients=gradients)
    )


def test_a_comparison_names_the_two_best():
    assert comparison_in_words({"a": None, "b": 0.8}, "reviews", "classification") == ""
    assert comparison_in_words({"a": 0.85, "b": 0.881, "c": 0.5}, "reviews", "classification") == (
        "b is right most often, on 88.1% of the validation reviews, 3.1 points more than a: one run each, "
        "so another seed may turn that round."
    )
    assert comparison_in_words({"a": 0.9, "b": 0.90001}, "texts", "classification") == (
        "b and a are right on equally many validation texts, 90.0%."
    )
