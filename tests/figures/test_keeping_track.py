"""A unit against what is hidden: points of the strings that score, and the line of those that choose."""

import numpy as np
import pytest

from rnn_core.figures.colours import DARK, LIGHT
from rnn_core.figures.in_words import score_in_short, score_in_words, tracking_in_words
from rnn_core.figures.keeping_track import unit_against_truth, unit_along
from rnn_core.figures.plane import Hidden, state_map
from rnn_core.inspection.keeping_track import Tracking, Unit, compare
from rnn_core.languages.along import along
from rnn_core.languages.catalogue import language_named
from rnn_core.languages.language import CATEGORY, NUMBER
from rnn_core.symbols import CELLS
from tests.figures.drawn import named, texts
from tests.inspection.test_keeping_track import COUNT, PARITY, made, noise

UNITS = tuple(Unit(1, "h", number) for number in range(6))


@pytest.fixture
def found():
    """A network whose unit 3 counts and whose unit 1 keeps the parity."""
    values = noise().astype(np.float32)
    values[:, 3], values[:, 1] = 2 - 0.5 * COUNT, PARITY == "1"
    strings = made(count=COUNT, parity=PARITY, one=np.full(len(COUNT), 7.0))
    tracked = {name: compare(strings, name, values, noise(seed=9)) for name in strings.hidden}
    return Tracking(strings=strings, units=UNITS, values=values, tracked=tracked)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_counter_is_a_straight_line_of_the_strings_that_score(found, theme):
    figure = unit_against_truth(found, "count", 3, CELLS["gru"], theme)
    points, line = named(figure, "time steps"), named(figure, "line")
    scores = found.strings.scores
    np.testing.assert_allclose(points.x, COUNT[scores])
    np.testing.assert_allclose(points.y, found.values[scores, 3])
    np.testing.assert_allclose(line.x, (2 - np.array(line.y)) / 0.5, atol=1e-4)
    assert figure.layout.xaxis.title.text == "count"


def test_a_unit_that_does_not_vary_has_no_line(found):
    found.values[:, 0] = 1
    assert [one.name for one in unit_against_truth(found, "count", 0, CELLS["gru"], LIGHT).data] == [
        "time steps"
    ]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_of_a_category_each_class_has_a_strip_and_a_bar_at_its_mean(found, theme):
    figure = unit_against_truth(found, "parity", 1, CELLS["gru"], theme)
    assert [one.name for one in figure.data] == ["0", "1"]
    for place, one in enumerate(figure.data):
        assert np.unique(one.x).tolist() == [place]
        assert np.abs(np.array(one.y) - place).max() <= 0.3
    assert [shape.x0 for shape in figure.layout.shapes] == [0, 1]
    assert len({one.marker.symbol for one in figure.data}) == 2


@pytest.mark.parametrize(
    ("name", "hidden"), [("anbn", "b to come"), ("parity", "parity"), ("reber", "T or P at first")]
)
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_along_a_string_the_unit_stands_above_the_truth_with_the_cursor_through_both(name, hidden, theme):
    language = language_named(name)
    string = {"anbn": "aabb", "parity": "01=1", "reber": "BTBPVVETE"}[name]
    values = np.linspace(-1, 1, len(string) + 1, dtype=np.float32)

    def drawn(held):
        return unit_along(
            labels=["<start>", *string], unit=Unit(1, "c", 2), values=values, held=held, name=hidden,
            kind=language.tracked[hidden], truth=along(language, string), declared=CELLS["lstm"], cursor=2,
            theme=theme,
        )  # fmt: skip

    figure = drawn(None)
    np.testing.assert_allclose(named(figure, "unit").y, values)
    assert any("Unit 2 of c" in text for text in texts(figure))
    assert hidden in texts(figure)
    assert [shape.x0 for shape in figure.layout.shapes] == [3]
    assert "dashed" not in str(texts(figure))
    figure = drawn(np.zeros_like(values))
    assert named(figure, "held").y.tolist() == [0] * len(values)
    assert "dashed: while something is held" in str(texts(figure))


def plane_of(hidden, readout=(1.0, 0.0)):
    S = len(hidden.truth)
    points = np.random.default_rng(0).normal(size=(S, 2)).astype(np.float32)
    return points, state_map(
        points=points, probabilities=np.full(S, 0.5), followed="<end>", by_class={"<end>": np.ones(S, bool)},
        shares=np.array([0.6, 0.3]), readout=readout and np.array(readout), path=points[:3],
        labels=["<start>", "a", "b"], cursor=1, theme=LIGHT, hidden=hidden,
    )  # fmt: skip


def test_the_plane_coloured_by_a_number_has_a_scale_with_its_name():
    truth = np.array([0.0, 1, 2, 3, 4])
    points, figure = plane_of(Hidden("a so far", NUMBER, truth))
    states = figure.data[0]
    assert states.marker.color.tolist() == truth.tolist()
    assert states.marker.colorbar.title.text == "a so far"
    np.testing.assert_array_equal(states.x, points[:, 0])
    assert "&lt;end&gt;" in texts(figure)
    _, without = plane_of(Hidden("a so far", NUMBER, truth), readout=None)
    assert "&lt;end&gt;" not in texts(without)


def test_the_plane_coloured_by_a_category_names_each_class_with_its_colour_and_its_sign():
    truth = np.array([*map(str, range(12)), None], object)
    points, figure = plane_of(Hidden("state", CATEGORY, truth))
    nothing, *classes = figure.data[:13]
    np.testing.assert_array_equal(nothing.x, points[-1:, 0])
    for number, states in enumerate(classes):
        np.testing.assert_array_equal(states.x, points[number : number + 1, 0])
    assert len({(one.marker.color, one.marker.symbol) for one in classes}) == 12
    key = " ".join(texts(figure))
    assert "state:" in key
    assert "nothing to know yet" in key
    assert all(f"{number}</span>" in key for number in range(12))
    _, without = plane_of(Hidden("state", CATEGORY, truth[:-1]))
    assert "nothing to know yet" not in " ".join(texts(without))


def test_it_is_said_how_well_a_unit_keeps_track_beside_the_last_three_symbols(found):
    assert tracking_in_words(found, "count", 3, layers=2).startswith(
        "Unit 3 of h in layer 1 keeps track of “count” with R² 1.000. A guess from the last three symbols "
        "alone has only R²"
    )
    assert tracking_in_words(found, "parity", 1, layers=1) == (
        "Unit 1 of h keeps track of “parity” with 100% balanced accuracy. A guess from the last three "
        "symbols alone has only 50.0% balanced accuracy."
    )
    worst = int(found.tracked["count"].scores.argmin())
    assert "from the last three symbols alone is as good or better" in tracking_in_words(
        found, "count", worst, 1
    )
    assert "nothing to tell apart" in tracking_in_words(found, "one", 0, 1)
    assert found.by_gain == ["count", "parity", "one"]


def test_nearly_exact_is_not_exact(found):
    count, parity = found.tracked["count"], found.tracked["parity"]
    assert [score_in_short(count, score) for score in (1.0, 0.99996, 0.5, -0.25)] == [
        "1.000", "> 0.999", "0.500", "−0.250",
    ]  # fmt: skip
    assert [score_in_short(parity, score) for score in (1.0, 0.99996, 0.5)] == ["100%", "> 99.9%", "50.0%"]
    assert score_in_words(parity, 0.75) == "75.0% balanced accuracy"
