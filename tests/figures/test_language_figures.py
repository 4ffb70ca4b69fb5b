"""The pictures of made-up languages: an automaton with a path, and units beside the truth along a string."""

from itertools import combinations
from random import Random

import numpy as np
import pytest

from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.languages.language import NUMBER
from tests.figures.examples import along_a_string, draw, named, of_language, texts, tracking
from tests.languages.turns import Turns

EVERY = pytest.mark.parametrize(
    "language", [*(kind() for kind in LANGUAGES.values()), Turns()], ids=lambda language: language.name
)
LETTER, LINE = 6.6, 15  # pixels


def picture(name, string, time):
    return draw("automaton_figure", walk=language_named(name).walk(string), time=time)


def states_of(figure):
    """Name of a node -> what is said of it."""
    return dict(map(tuple, named(figure, "nodes").customdata))


def widths(figure):
    """Name of an arrow -> its width; the one that leads to the first node has no name."""
    return {note.name: note.arrowwidth for note in figure.layout.annotations if note.showarrow and note.name}


def boxes(figure):
    return [note.text for note in figure.layout.annotations if note.borderwidth]


def test_the_present_state_is_filled_the_path_tinted():
    """The last arrow is the strongest; before the first symbol nothing is passed."""
    figure = draw("automaton_figure")
    said, nodes, drawn = states_of(figure), named(figure, "nodes"), widths(figure)
    passed = {"0", "1", "2", "3", "5"}
    assert said["7"] == "the present state"
    assert {name for name, state in said.items() if state == "passed"} == passed
    fills = dict(zip(said, nodes.marker.color, strict=True))
    assert len({fills[name] for name in passed}) == 1
    assert len({fills["7"], fills["0"], fills["4"]}) == 3
    assert max(drawn, key=drawn.get) == "5 7"
    strong = {name for name, width in drawn.items() if width > 1.5}
    assert strong == {"0 1", "1 2", "2 3", "3 5", "5 5", "5 7"}
    assert "<b>V</b>" in texts(figure)
    assert [nodes.text[11], list(named(figure, "ends").x)] == ["11", [5]]
    begun = picture("anbn", "ab", 0)
    assert {*states_of(begun).values()} == {"the present state", "not on the path yet"}
    assert {*widths(begun).values()} == {1.2}


def test_a_broken_string_stays_at_its_last_state():
    good, broken, later = (picture("anbn", "aaba", time) for time in (3, 4, 9))
    said = [states_of(figure)["b"] for figure in (good, broken, later)]
    assert said == ["the present state", *["the string breaks the rule here"] * 2]
    fills = [named(figure, "nodes").marker.color[2] for figure in (good, broken)]
    assert fills[0] != fills[1]


@EVERY
def test_the_height_is_the_same_at_every_time_step(language):
    walk = language.walk(language.draw(Random(3)))
    times = range(len(walk.nodes) + 1)
    assert len({draw("automaton_figure", walk=walk, time=time).layout.height for time in times}) == 1


def test_counters_are_bars_of_units_with_their_values():
    figure = picture("anbn", "aaab", 4)
    bars = {shape.name: shape.x1 for shape in figure.layout.shapes if shape.name}
    assert bars == {"a so far": 1, "b to come": pytest.approx(2 / 3)}
    assert {"a so far  <b>3</b>", "b to come  <b>2</b>"} <= {*texts(figure)}
    assert sum(shape.type == "rect" for shape in figure.layout.shapes) == 2 + 3 + 3


def test_the_stack_and_the_table_are_boxes():
    """A deep stack shows its innermost brackets, and how many there are."""
    assert boxes(picture("brackets", "([(", 3)) == ["(", "[", "<b>(</b>"]
    assert boxes(picture("recall", "a1b0?a", 6)) == ["<b>a1</b>", "b0"]
    deep = picture("brackets", "(" * 49 + "[", 50)
    assert (len(boxes(deep)), boxes(deep)[-1]) == (36, "<b>[</b>")
    assert any("(the last 36 of 50)" in text for text in texts(deep))


@pytest.mark.parametrize("width", [345, 740], ids=["phone", "wide"])
@EVERY
def test_letters_of_arrows_lie_on_nothing_else(language, width):
    string = language.draw(Random(3))
    figure = draw("automaton_figure", walk=language.walk(string), time=len(string))
    low, high = figure.layout.xaxis.range
    nodes = named(figure, "nodes")

    def pixels(x):
        return (x - low) / (high - low) * width

    def box(note):
        half = LETTER * len(note.text.removeprefix("<b>").removesuffix("</b>")) / 2
        x, y = pixels(note.x) + (note.xshift or 0), note.y - (note.yshift or 0)
        up = {"bottom": LINE, "top": 0}.get(note.yanchor, LINE / 2)
        return x - half, x + half, y - up, y - up + LINE

    radius = nodes.marker.size / 2
    around = [
        (pixels(x) - radius, pixels(x) + radius, y - radius, y + radius)
        for x, y in zip(nodes.x, nodes.y, strict=True)
    ]
    notes = [note for note in figure.layout.annotations if note.text and note.xref is None]
    letters = [box(note) for note in notes if not note.borderwidth]
    assert len(letters) == len(language.walk(string).automaton.arrows)
    for one, other in combinations(letters + around, 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
        assert apart, (one, other)
    assert all(left >= 0 and right <= width for left, right, _, _ in letters)


def test_the_truth_has_a_ring_on_what_comes():
    given = of_language("anbn", "aabb")
    heat, rings, so_far, _ = draw("truth_along", **given).data
    assert np.array(heat.z) == pytest.approx(given["truth"].truth.T, abs=1e-6)
    assert (list(rings.x), list(rings.y)) == ([1, 2, 3, 4, 5], [0, 0, 1, 1, 2])
    assert "here comes b" in rings.hovertemplate.replace("%{customdata[1]}", rings.customdata[2][1])
    assert list(so_far.y) == [0, 1, 2, 2, 2]  # the count of a
    impossible = np.array(draw("truth_along", **of_language("anbn", "aba")).data[0].z, float)
    assert np.isnan(impossible[:, -1]).all()


@pytest.mark.parametrize("name", LANGUAGES)
def test_each_hidden_truth_has_a_row_of_its_own(name):
    language = language_named(name)
    figure = draw("truth_along", **of_language(name, language.draw(Random(0))), cursor=1)
    rows = [one.type for one in figure.data[2:]]
    assert rows == ["scatter" if kind == NUMBER else "heatmap" for kind in language.tracked.values()]
    assert all(hidden in " ".join(texts(figure)) for hidden in language.tracked)


def test_a_counter_is_a_straight_line():
    found = tracking()
    points, line = draw("unit_against_truth", found=found, name="count").data
    scores = found.strings.scores
    np.testing.assert_allclose(points.x, found.strings.hidden["count"][scores])
    np.testing.assert_allclose(points.y, found.values[scores, 3])
    np.testing.assert_allclose(line.x, (2 - np.array(line.y)) / 0.5, atol=1e-4)
    found.values[:, 0] = 1  # does not vary
    assert len(draw("unit_against_truth", found=found, name="count", unit=0).data) == 1


def test_each_class_has_a_strip_and_a_bar_at_its_mean():
    figure = draw("unit_against_truth", found=tracking(), name="parity", unit=1)
    assert [one.name for one in figure.data] == ["0", "1"]
    for place, one in enumerate(figure.data):
        assert np.unique(one.x).tolist() == [place]
        assert np.abs(np.array(one.y) - place).max() <= 0.3
    assert [shape.x0 for shape in figure.layout.shapes] == [0, 1]
    assert len({one.marker.symbol for one in figure.data}) == 2


@pytest.mark.parametrize(
    ("name", "hidden", "string"),
    [("anbn", "b to come", "aabb"), ("parity", "parity", "01=1"), ("reber", "T or P at first", "BTBPVVETE")],
)
def test_a_unit_stands_above_the_truth_with_one_cursor(name, hidden, string):
    given = along_a_string(name, hidden, string)
    figure, held = draw("unit_along", **given), draw("unit_along", **{**given, "held": 0 * given["values"]})
    np.testing.assert_allclose(named(figure, "unit").y, given["values"])
    assert hidden in texts(figure)
    assert any("Unit 2 of c" in text for text in texts(figure))
    assert [shape.x0 for shape in figure.layout.shapes] == [3]
    assert named(held, "held").y.tolist() == [0] * len(given["values"])
    dashed = "dashed: while something is held"
    assert (dashed in str(texts(figure)), dashed in str(texts(held))) == (False, True)
