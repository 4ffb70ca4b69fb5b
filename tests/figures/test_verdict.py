"""The verdict after each token, of two classes and of more."""

import numpy as np
import pytest

from rnn_core.figures.colours import DARK, LIGHT, NEGATIVE, NEXT_CLASSES, POSITIVE, class_colours, ink
from rnn_core.figures.token_axis import MOST_LETTERS
from rnn_core.figures.verdict import verdict_curve, with_crossings
from rnn_core.inspection.verdicts import OneClass, Turn, Verdicts
from tests.figures.examples import NASTY, draw, many_classes, named, texts
from tests.inspection.made import of_two

NAMES = ("billing", NASTY, "opening hours")


def drawn(probabilities=None, classes=("negative", "positive"), labels=None, **more):
    """The verdict of two classes, or of more."""
    verdicts = many_classes(**more) if probabilities is None else of_two(probabilities, classes)
    labels = labels or [f"w{step}" for step in range(len(verdicts.followed.probabilities))]
    return verdict_curve(labels=labels, verdicts=verdicts, theme=LIGHT)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_followed_class_and_the_next_two_have_a_line_each(theme):
    figure = draw("verdict_curve", theme)
    *others, followed = [trace for trace in figure.data if trace.name != "turns"]  # it on top
    assert followed.y.tolist() == many_classes().followed.probabilities.tolist()
    assert len({line.line.dash for line in (followed, *others)}) == 3
    colours = [ink(colour, theme) for colour in (POSITIVE, *NEXT_CLASSES)]
    assert [line.line.color for line in (followed, *others[::-1])] == colours
    assert all(line.line.width < followed.line.width for line in others)
    assert "probability of billing" in texts(figure)[0]


def test_the_ends_are_labelled_with_share_and_name():
    notes = [
        note.text for note in drawn(names=("refunds, new", "refunds, late", "x" * 99)).layout.annotations
    ]
    assert notes[-3:-1] == ["10% ref… new", "70% ref…late"]
    assert max(map(len, notes[-3:])) <= MOST_LETTERS


def test_a_turn_is_marked_at_the_probability_of_the_class():
    figure = drawn()
    turns, colours = named(figure, "turns"), class_colours(NAMES, 6)
    at = dict(zip(turns.x.tolist(), turns.y.tolist(), strict=True))
    assert at == pytest.approx({10: 0.4, 11: 0.3, 21: 0.5})
    by_time = {10: colours[NASTY], 11: LIGHT.muted, 21: colours[NASTY]}
    assert list(turns.marker.color) == [by_time[time] for time in turns.x]
    written = [note.x for note in figure.layout.annotations if note.yref == "y" and note.x != 1]
    assert written == [21, 11]  # 10 has no room


def test_the_name_of_a_class_is_no_template():
    figures = drawn(), drawn(np.array([0.9, 0.2, 0.1], np.float32), ("<i>spam</i>", "%{x} fine"))
    for figure in figures:
        assert not [one for one in figure.data if (one.hovertemplate or "").count("%{y") > 1]
        assert not [one for one in figure.data if "%{x} fine" in (one.hovertemplate or "")]
    assert "probability of %{x} fine" in texts(figures[1])[0]
    assert "90.0%<br>&lt;i&gt;spam&lt;/i&gt;" in texts(figures[1])
    assert list(named(figures[1], "turns").customdata) == ["%{x} fine", "&lt;i&gt;spam&lt;/i&gt;"]


def test_very_many_turns_are_bounded():
    turns = tuple(Turn(step, "billing", 0.5) for step in range(1_000))
    curve = OneClass("billing", np.full(1_000, 0.5, np.float32))
    verdicts = Verdicts(followed=curve, against=None, others=(curve, curve), turns=turns)
    assert len(named(draw("verdict_curve", labels=["w"] * 1_000, verdicts=verdicts), "turns").x) == 200


def test_tokens_that_turned_the_verdict_are_marked():
    p = np.array([0.6, 0.9, 0.2, 0.1, 0.3, 0.4, 0.3, 0.3, 0.2, 0.3, 0.8, 0.9], np.float32)
    figure = drawn(p)
    turns = named(figure, "turns")
    assert list(turns.x) == [2, 3, 11]
    assert list(turns.customdata) == ["positive", "negative", "positive"]
    assert list(turns.marker.color) == [POSITIVE, NEGATIVE, POSITIVE]
    assert {"w2", "w10"} <= {*texts(figure)}


def test_of_turns_close_together_the_largest_is_named():
    p = np.full(100, 0.2, np.float32)
    p[50:52] = [0.95, 0.3]
    figure = drawn(p)
    assert list(named(figure, "turns").x) == [1, 51, 52]
    assert {*texts(figure)} & {"w50", "w51"} == {"w50"}
    figure = drawn(np.array([0.9, 0.1] * 50, np.float32))
    assert len(named(figure, "turns").x) == 100
    assert not [text for text in texts(figure) if text.startswith("w")]  # no room for any


def test_a_word_near_the_end_stays_off_the_label_there():
    labels = [*(["word"] * 58), "<pad>", "<pad>"]
    figure = drawn(np.array([0.9] * 58 + [0.1, 0.1], np.float32), labels=labels)
    [word] = [note for note in figure.layout.annotations if note.text == "&lt;pad&gt;"]
    assert (word.x, word.xanchor, word.yanchor) == (58, "right", "top")
    [end] = [note for note in figure.layout.annotations if "negative" in note.text]
    assert (end.xref, end.x, end.xanchor) == ("paper", 1, "left")


def test_no_hover_says_that_a_probability_is_0_or_100_percent():
    verdict = named(drawn(np.array([0.5, 1e-5, 0.99999], np.float32)), "")
    assert [share for _, share in verdict.customdata] == ["50.0%", "< 0.1%", "> 99.9%"]


def test_the_fill_meets_the_middle_line_where_the_verdict_turns():
    x, y = with_crossings(np.array([0, 1, 2]), np.array([0.9, 0.4, 0.4]), 0.5)
    np.testing.assert_allclose(x, [0, 0.8, 1, 2])
    np.testing.assert_allclose(y, [0.9, 0.5, 0.4, 0.4])
