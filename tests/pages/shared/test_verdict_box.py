import dataclasses
import re

import numpy as np
import pytest

from pages.components.shared.verdict_box import box_html
from rnn_core.figures.colours import LIGHT, NEGATIVE, NEXT_CLASSES, POSITIVE
from rnn_core.inspection.trace import Trace, trace
from tests.inspection.made import make_model


def ended(answers: list[float], classes: tuple[str, ...], followed: int) -> Trace:
    read = trace(make_model(seed=0), "the film")
    ends = np.repeat(np.array([answers], np.float32), 3, axis=0)
    return dataclasses.replace(read, answers=ends, classes=classes, followed=followed)


def drawn(read: Trace) -> dict[str, str]:
    """The variables of its style."""
    return dict(re.findall(r"--gs-(\w+):([^;\"]+)", box_html(read, LIGHT)))


@pytest.mark.parametrize(("logit", "word", "colour"), [(2.0, "fine", POSITIVE), (-2.0, "spam", NEGATIVE)])
def test_of_two_classes_the_bar_goes_from_the_middle_to_the_side_of_the_verdict(logit, word, colour) -> None:
    read = ended([logit], ("spam", "fine"), 1)
    box = box_html(read, LIGHT)
    assert f'aria-label="The network says {word}, probability 88.1%"' in box
    assert '<div class="middle">' in box
    style = drawn(read)
    assert style["colour"] == colour
    assert style["left"] == ("50.00%" if logit > 0 else "11.92%")
    assert style["width"] == "38.08%"


def test_of_many_classes_it_says_the_predicted_one_whichever_is_followed() -> None:
    classes = ("billing", "delivery", "other")
    for followed, colour in enumerate([NEXT_CLASSES[0], POSITIVE, NEXT_CLASSES[0]]):
        read = ended([0, 3, 1], classes, followed)
        box, p = box_html(read, LIGHT), np.exp(3) / (1 + np.exp(3) + np.exp(1))
        assert f"The network says delivery, probability {p:.1%}" in box
        assert "middle" not in box
        style = drawn(read)
        assert (style["left"], style["width"], style["colour"]) == ("0.00%", f"{100 * p:.2f}%", colour)


def test_names_are_escaped_and_shortened() -> None:
    name = '<img src=x onerror="alert(1)">' + "n" * 70
    for read in (ended([3.0], ("spam", name), 1), ended([9, 1, 0], (name, "b", "c"), 0)):
        box = box_html(read, LIGHT)
        assert "<img" not in box
        assert 'onerror="' not in box
        assert "n" * 40 not in box
