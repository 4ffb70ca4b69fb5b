"""The table says what the records say, and a sentence what the charts show."""

import numpy as np
import pytest

from rnn_core.config.run import RunConfig
from rnn_core.data.sources import recommended_config
from rnn_core.training.history import (
    comparison_in_words,
    curves_in_words,
    history,
    numbers,
    reach_in_words,
    written_in_words,
)

LOOK = {"distance": [0, 1, 5, 20], "gradients": {"h": [1.0, 0.5, 0.25, 0.125]}}


def step(number, loss, norm=1.0):
    scores = {"loss": loss, "accuracy": loss / 2, "gradient_norm": norm}
    return {"kind": "training", "epoch": number / 2, "learning_rate": 0.1 * number, **scores}


def evaluation(epoch, loss, inside=None):
    return {"kind": "validation", "epoch": epoch, "loss": loss, "accuracy": 0.75, "inside": inside}


def test_a_row_is_an_evaluation_and_the_steps_before():
    first = [step(1, 0.8, 9.0), step(2, 0.6, 1.0), evaluation(1.0, 0.5, LOOK)]
    table = numbers(history("made", [*first, step(3, 0.4), evaluation(1.5, 0.3)]))
    assert table["epoch"].tolist() == [1.0, 1.5]
    assert table["training loss"].tolist() == pytest.approx([0.7, 0.4])
    assert table["training accuracy"].tolist() == pytest.approx([0.35, 0.2])
    assert (table["validation loss"].tolist(), table["gradient norm"].tolist()) == ([0.5, 0.3], [5.0, 1.0])
    assert table["learning rate"].tolist() == pytest.approx([0.2, 0.3])
    assert table["‖dL/dh‖ 10 tokens from the end"].tolist() == pytest.approx([0.25, np.nan], nan_ok=True)
    assert table["‖dL/dh‖ 100 tokens from the end"].isna().all()  # no review was as long


def test_before_an_evaluation_a_row_says_what_trained():
    table = numbers(history("made", [step(1, 0.8), step(2, 0.6)]))
    assert table["training loss"].tolist() == pytest.approx([0.7])
    assert table["validation loss"].isna().all()
    assert numbers(history("made", [])).empty


def test_what_it_wrote_may_stand_in_any_order():
    """The text of an evaluation stands for both where a step is kept, too."""
    rows = zip((step(4, 0.6), evaluation(2.0, 0.5), step(1, 0.7)), "abc", strict=True)
    run = history("made", [{**row, "optimizer_step": 2 * row["epoch"], "written": one} for row, one in rows])
    assert written_in_words(run, "texts") == [
        ("Optimizer step 1, epoch 0.5: 0.70 on its batch", "c"),
        ("Optimizer step 4, epoch 2: 0.50 on the validation texts", "b"),
    ]


IMDB, OWN = recommended_config("imdb"), RunConfig(data="tickets")


def a_run(name, accuracies, losses=None, gradients=None):
    look = gradients and {"distance": [0, 99], "gradients": gradients}
    seen = enumerate(zip(accuracies, losses or [0.5] * len(accuracies), strict=True), start=1)
    return history(name, [evaluation(n / 2, loss, look) | {"accuracy": right} for n, (right, loss) in seen])


def test_curves_say_the_best_and_if_the_loss_rose():
    assert curves_in_words([a_run("a", [])], [IMDB]) == ""
    of_reviews = curves_in_words([a_run("a", [0.7, 0.882, 0.86])], [IMDB])
    assert of_reviews == "Right on 88.2% of the validation reviews at best, after epoch 1."
    for at_last, rose in {0.6: "; its validation loss has risen since its lowest point.", 0.41: "."}.items():
        said = curves_in_words([a_run("a", [0.7, 0.8], [0.4, at_last])], [OWN])
        assert said == f"Right on 80.0% of the validation texts at best, after epoch 1{rose}"


def test_curves_of_several_runs_say_best_and_worst():
    runs = [a_run("a", [0.7]), a_run("b", [0.9, 0.8]), a_run("c", [0.8]), a_run("new", [])]
    most = "b is right most often, on 90.0% of the validation reviews, and a least often, on 70.0%."
    assert curves_in_words(runs, [IMDB] * 4) == f"At its best {most}"
    alike = [a_run("a", [1.0]), a_run("b", [1.0])]
    said = "At their best all are right on 100.0% of the validation reviews."
    assert curves_in_words(alike, [IMDB] * 2) == said


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
    """The state that carries it."""
    said = f"The gradient {said}" if said else "No gradient arrives, or it is no finite number."
    assert said in reach_in_words(a_run("a", [0.5], gradients=gradients))


def test_a_comparison_names_the_two_best():
    assert comparison_in_words({"a": None, "b": 0.8}, "reviews", "classification") == ""
    said = comparison_in_words({"a": 0.85, "b": 0.881, "c": 0.5}, "reviews", "classification")
    most = "b is right most often, on 88.1% of the validation reviews, 3.1 points more than a"
    assert said == f"{most}: one run each, so another seed may turn that round."
    said = comparison_in_words({"a": 0.9, "b": 0.90001}, "texts", "classification")
    assert said == "b and a are right on equally many validation texts, 90.0%."
