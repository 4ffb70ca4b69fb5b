"""The verdict and the plane of states of more than two classes."""

import html

import numpy as np
import plotly.graph_objects as go
import pytest

from rnn_core.figures.colours import DARK, LIGHT, NEXT_CLASSES, POSITIVE, Theme, class_colours, ink
from rnn_core.figures.plane import state_map
from rnn_core.figures.token_axis import MOST_LETTERS
from rnn_core.figures.verdict import verdict_curve
from rnn_core.inspection.verdicts import OneClass, Turn, Verdicts
from tests.inspection.made import of_two

NASTY = "<b>%{y}</b> & $x$ " + "long " * 16
T = 30
NAMES = ("billing", NASTY, "opening hours")


def many(names: tuple[str, ...] = NAMES, ends: tuple[float, ...] = (0.1, 0.7, 0.15)) -> Verdicts:
    curves = [np.linspace(0.2, end, T).astype(np.float32) for end in ends]
    followed, *others = map(OneClass, names, curves)
    turns = (Turn(9, names[1], 0.4), Turn(10, "another", 0.3), Turn(20, names[1], 0.5))
    return Verdicts(followed=followed, against=None, others=tuple(others), turns=turns)


def draw(verdicts: Verdicts, theme: Theme = LIGHT) -> go.Figure:
    return verdict_curve(labels=["w"] * T, verdicts=verdicts, theme=theme)


def lines(figure: go.Figure) -> list[go.Scatter]:
    return [drawn for drawn in figure.data if drawn.name != "turns"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_followed_class_and_the_next_two_have_a_line_each_that_differ_without_colour(
    theme: Theme,
) -> None:
    verdicts = many()
    *others, followed = lines(draw(verdicts, theme))  # the followed one on top
    assert followed.y.tolist() == verdicts.followed.probabilities.tolist()
    assert len({line.line.dash for line in (followed, *others)}) == 3
    assert [line.line.color for line in (followed, *others[::-1])] == [
        ink(colour, theme) for colour in (POSITIVE, *NEXT_CLASSES)
    ]
    assert all(line.line.width < followed.line.width for line in others)


def test_the_title_names_the_class_whose_probability_is_drawn() -> None:
    assert "probability of billing" in draw(many()).layout.annotations[0].text


def test_the_ends_are_labelled_with_share_and_name_apart_from_each_other() -> None:
    figure = draw(many(ends=(0.1, 0.1, 0.1)))
    ends = [note for note in figure.layout.annotations if note.x == 1]
    assert [note.text.split()[0] for note in ends] == ["10%"] * 3
    heights = sorted(note.y for note in ends)
    assert min(np.diff(heights)) * 96 >= 14.9
    assert all(len(html.unescape(note.text)) <= MOST_LETTERS for note in ends)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_the_labels_of_curves_that_end_together_stand_inside_the_axis(end: float) -> None:
    figure = draw(many(ends=(end, end, end)))
    low, high = figure.layout.yaxis.range
    assert all(low <= note.y <= high for note in figure.layout.annotations if note.x == 1)


def test_classes_that_begin_alike_have_labels_that_differ() -> None:
    figure = draw(many(("refunds, new", "refunds, late", "hardware")))
    ends = [note.text for note in figure.layout.annotations if note.x == 1]
    assert ends == ["10% ref… new", "70% ref…late", "15% hardware"]


def test_a_turn_is_marked_at_the_probability_of_the_class_and_named() -> None:
    figure = draw(many())
    [turns] = [drawn for drawn in figure.data if drawn.name == "turns"]
    marked = dict(zip(turns.x.tolist(), turns.y.tolist(), strict=True))
    assert marked == pytest.approx({10: 0.4, 11: 0.3, 21: 0.5})
    colours = class_colours(NAMES, 6)
    assert dict(zip(turns.x.tolist(), turns.marker.color, strict=True)) == {
        10: colours[NASTY],
        11: LIGHT.muted,
        21: colours[NASTY],
    }
    named = [note.x for note in figure.layout.annotations if note.yref == "y" and note.x != 1]
    assert named == [21, 11]  # 10 has no room


def test_the_name_of_a_class_is_text_and_no_template() -> None:
    figure = draw(many())
    texts = [note.text for note in figure.layout.annotations]
    texts += [drawn.hovertemplate for drawn in figure.data] + [drawn.name for drawn in figure.data]
    texts += [str(drawn.customdata) for drawn in figure.data if drawn.name == "turns"]
    assert not [text for text in texts if "<b>%{y" in text]
    assert not [drawn for drawn in figure.data if drawn.hovertemplate.count("%{y") > 1]


def test_very_many_turns_are_bounded() -> None:
    turns = tuple(Turn(step, "billing", 0.5) for step in range(1_000))
    curve = OneClass("billing", np.full(1_000, 0.5, np.float32))
    verdicts = Verdicts(followed=curve, against=None, others=(curve, curve), turns=turns)
    figure = verdict_curve(labels=["w"] * 1_000, verdicts=verdicts, theme=LIGHT)
    [marked] = [drawn for drawn in figure.data if drawn.name == "turns"]
    assert len(marked.x) == 200


def test_of_two_classes_the_names_of_the_corpus_stand_where_positive_and_negative_did() -> None:
    p = np.array([0.9, 0.2, 0.1], np.float32)
    figure = verdict_curve(
        labels=["a", "b", "c"], verdicts=of_two(p, ("<i>spam</i>", "%{x} fine")), theme=LIGHT
    )
    texts = [note.text for note in figure.layout.annotations]
    assert "probability of %{x} fine" in texts[0]
    assert "90.0%<br>&lt;i&gt;spam&lt;/i&gt;" in texts
    [turns] = [drawn for drawn in figure.data if drawn.name == "turns"]
    assert list(turns.customdata) == ["%{x} fine", "&lt;i&gt;spam&lt;/i&gt;"]
    assert not [drawn for drawn in figure.data if "%{x}" in (drawn.hovertemplate or "")]


def plane_of(predicted: np.ndarray) -> go.Figure:
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


def key_of(figure: go.Figure) -> list[str]:
    """From top to bottom."""
    key = [note for note in figure.layout.annotations if note.xref == "paper"]
    return [note.text for note in sorted(key, key=lambda note: -note.yshift)]


def test_on_the_plane_the_classes_in_sight_have_a_colour_and_a_sign_and_a_place_in_the_key() -> None:
    predicted = np.random.default_rng(0).integers(0, 6, 5_000)
    figure = plane_of(predicted)
    others, *classes = figure.data[:4]
    assert others.marker.color == LIGHT.muted
    assert [drawn.marker.color for drawn in classes] == [POSITIVE, *NEXT_CLASSES]
    assert len({drawn.marker.symbol for drawn in (others, *classes)}) == 4
    assert sum(len(drawn.x) for drawn in (others, *classes)) == 2_500
    assert len(classes[0].x) == (predicted[::2] == 0).sum()
    assert key_of(figure) == [
        "● billing",
        "■ &lt;b&gt;%{y}&lt;/b&gt; &amp; $x$ long …",
        "▲ opening hours",
        "○ other classes",
    ]


def test_where_no_other_class_is_the_most_probable_the_plane_names_none() -> None:
    predicted = np.random.default_rng(0).integers(0, 3, 5_000)
    figure = plane_of(predicted)
    assert key_of(figure) == ["● billing", "■ &lt;b&gt;%{y}&lt;/b&gt; &amp; $x$ long …", "▲ opening hours"]
    assert [len(drawn.x) for drawn in figure.data[:3]] == np.bincount(predicted[::2]).tolist()
    taller = plane_of(np.random.default_rng(0).integers(0, 6, 5_000))
    assert taller.layout.height > figure.layout.height
