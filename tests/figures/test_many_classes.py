"""The verdict and the plane of states of more than two classes."""

import html

import numpy as np
import pytest

from rnn_core.figures.colours import DARK, LIGHT, NEXT_CLASSES, POSITIVE, class_colours, ink
from rnn_core.figures.plane import state_map
from rnn_core.figures.token_axis import MOST_LETTERS
from rnn_core.figures.verdict import verdict_curve
from rnn_core.inspection.verdicts import OneClass, Turn, Verdicts
from tests.figures.drawn import named, texts
from tests.inspection.made import of_two

NASTY = "<b>%{y}</b> & $x$ " + "long " * 16
T = 30
NAMES = ("billing", NASTY, "opening hours")


def many(names=NAMES, ends=(0.1, 0.7, 0.15)):
    curves = [np.linspace(0.2, end, T).astype(np.float32) for end in ends]
    followed, *others = map(OneClass, names, curves)
    turns = (Turn(9, names[1], 0.4), Turn(10, "another", 0.3), Turn(20, names[1], 0.5))
    return Verdicts(followed=followed, against=None, others=tuple(others), turns=turns)


def draw(verdicts, theme=LIGHT):
    return verdict_curve(labels=["w"] * T, verdicts=verdicts, theme=theme)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_followed_class_and_the_next_two_have_a_line_each_that_differ_without_colour(theme):
    *others, followed = [drawn for drawn in draw(many(), theme).data if drawn.name != "turns"]  # it on top
    assert followed.y.tolist() == many().followed.probabilities.tolist()
    assert len({line.line.dash for line in (followed, *others)}) == 3
    colours = [ink(colour, theme) for colour in (POSITIVE, *NEXT_CLASSES)]
    assert [line.line.color for line in (followed, *others[::-1])] == colours
    assert all(line.line.width < followed.line.width for line in others)


def ends(figure):
    return [note for note in figure.layout.annotations if note.x == 1]


def test_the_title_names_the_class_whose_probability_is_drawn():
    assert "probability of billing" in texts(draw(many()))[0]


def test_the_ends_are_labelled_with_share_and_name_apart_from_each_other():
    notes = ends(draw(many(ends=(0.1, 0.1, 0.1))))
    assert [note.text.split()[0] for note in notes] == ["10%"] * 3
    assert min(np.diff(sorted(note.y for note in notes))) * 96 >= 14.9
    assert all(len(html.unescape(note.text)) <= MOST_LETTERS for note in notes)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_the_labels_of_curves_that_end_together_stand_inside_the_axis(end):
    figure = draw(many(ends=(end, end, end)))
    low, high = figure.layout.yaxis.range
    assert all(low <= note.y <= high for note in ends(figure))


def test_classes_that_begin_alike_have_labels_that_differ():
    said = [note.text for note in ends(draw(many(("refunds, new", "refunds, late", "hardware"))))]
    assert said == ["10% ref… new", "70% ref…late", "15% hardware"]


def test_a_turn_is_marked_at_the_probability_of_the_class_and_named():
    figure = draw(many())
    turns, colours = named(figure, "turns"), class_colours(NAMES, 6)
    assert dict(zip(turns.x.tolist(), turns.y.tolist(), strict=True)) == pytest.approx(
        {10: 0.4, 11: 0.3, 21: 0.5}
    )
    assert list(turns.marker.color) == [
        {10: colours[NASTY], 11: LIGHT.muted, 21: colours[NASTY]}[time] for time in turns.x
    ]
    written = [note.x for note in figure.layout.annotations if note.yref == "y" and note.x != 1]
    assert written == [21, 11]  # 10 has no room


def test_the_name_of_a_class_is_text_and_no_template():
    figure = draw(many())
    said = (
        texts(figure) + [drawn.hovertemplate for drawn in figure.data] + [drawn.name for drawn in figure.data]
    )
    said.append(str(named(figure, "turns").customdata))
    assert not [text for text in said if "<b>%{y" in text]
    assert not [drawn for drawn in figure.data if drawn.hovertemplate.count("%{y") > 1]


def test_very_many_turns_are_bounded():
    turns = tuple(Turn(step, "billing", 0.5) for step in range(1_000))
    curve = OneClass("billing", np.full(1_000, 0.5, np.float32))
    verdicts = Verdicts(followed=curve, against=None, others=(curve, curve), turns=turns)
    figure = verdict_curve(labels=["w"] * 1_000, verdicts=verdicts, theme=LIGHT)
    assert len(named(figure, "turns").x) == 200


def test_of_two_classes_the_names_of_the_corpus_stand_where_positive_and_negative_did():
    of_corpus = of_two(np.array([0.9, 0.2, 0.1], np.float32), ("<i>spam</i>", "%{x} fine"))
    figure = verdict_curve(labels=["a", "b", "c"], verdicts=of_corpus, theme=LIGHT)
    assert "probability of %{x} fine" in texts(figure)[0]
    assert "90.0%<br>&lt;i&gt;spam&lt;/i&gt;" in texts(figure)
    assert list(named(figure, "turns").customdata) == ["%{x} fine", "&lt;i&gt;spam&lt;/i&gt;"]
    assert not [drawn for drawn in figure.data if "%{x}" in (drawn.hovertemplate or "")]


def plane_of(predicted):
    """Of 5,000 states, in which these classes are the most probable."""
    rng = np.random.default_rng(0)
    return state_map(
        points=rng.normal(size=(5_000, 2)),
        probabilities=rng.uniform(size=5_000),
        followed="billing",
        by_class={name: predicted == number for number, name in enumerate(NAMES)},
        shares=np.array([0.7, 0.2]),
        readout=np.array([0.8, 0.1]),
        path=np.zeros((T, 2)),
        labels=["w"] * T,
        cursor=4,
        theme=LIGHT,
    )


def key_of(figure):
    """From top to bottom."""
    key = [note for note in figure.layout.annotations if note.xref == "paper"]
    return [note.text for note in sorted(key, key=lambda note: -note.yshift)]


KEY = ["● billing", "■ &lt;b&gt;%{y}&lt;/b&gt; &amp; $x$ long …", "▲ opening hours"]


def test_on_the_plane_the_classes_in_sight_have_a_colour_and_a_sign_and_a_place_in_the_key():
    predicted = np.random.default_rng(0).integers(0, 6, 5_000)
    figure = plane_of(predicted)
    others, *classes = figure.data[:4]
    assert [drawn.marker.color for drawn in (others, *classes)] == [LIGHT.muted, POSITIVE, *NEXT_CLASSES]
    assert len({drawn.marker.symbol for drawn in (others, *classes)}) == 4
    assert sum(len(drawn.x) for drawn in (others, *classes)) == 2_500
    assert len(classes[0].x) == (predicted[::2] == 0).sum()
    assert key_of(figure) == [*KEY, "○ other classes"]


def test_where_no_other_class_is_the_most_probable_the_plane_names_none():
    predicted = np.random.default_rng(0).integers(0, 3, 5_000)
    figure = plane_of(predicted)
    assert key_of(figure) == KEY
    assert [len(drawn.x) for drawn in figure.data[:3]] == np.bincount(predicted[::2]).tolist()
    assert plane_of(predicted + 1).layout.height > figure.layout.height
