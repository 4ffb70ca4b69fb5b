"""The picture of an automaton with the path of a string."""

from itertools import combinations
from random import Random

import pytest

from rnn_core.figures.automaton import automaton_figure
from rnn_core.figures.colours import DARK, LIGHT
from rnn_core.languages.catalogue import LANGUAGES, language_named
from tests.languages.turns import Turns

EVERY = (*(kind() for kind in LANGUAGES.values()), Turns())
PHONE, WIDE = 345, 740
"""Pixels that the picture has on a page."""
LETTER, LINE = 6.6, 15


def named(figure, name):
    [trace] = [one for one in figure.data if one.name == name]
    return trace


def notes(figure):
    return {note.text for note in figure.layout.annotations if note.text}


def widths(figure):
    """Name of an arrow -> its width; the one that leads to the first node has no name."""
    return {note.name: note.arrowwidth for note in figure.layout.annotations if note.showarrow and note.name}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_present_state_is_filled_the_path_tinted_and_the_last_arrow_strongest(theme):
    walk = language_named("reber").walk("BTBPTVVETE")
    figure = automaton_figure(walk, 6, theme)
    nodes = named(figure, "nodes")
    said = dict(nodes.customdata)
    assert said["7"] == "the present state"
    assert {name for name, state in said.items() if state == "passed"} == {"0", "1", "2", "3", "5"}
    fills = dict(zip(said, nodes.marker.color, strict=True))
    assert len({fills[name] for name in ("0", "1", "2", "3", "5")}) == 1
    assert len({fills["7"], fills["0"], fills["4"]}) == 3
    drawn = widths(figure)
    assert max(drawn, key=drawn.get) == "5 7"
    assert {name for name, width in drawn.items() if width > 1.5} == {
        "0 1",
        "1 2",
        "2 3",
        "3 5",
        "5 5",
        "5 7",
    }
    assert "<b>V</b>" in notes(figure)
    assert [nodes.text[11], list(named(figure, "ends").x)] == ["11", [5]]


def test_before_the_first_symbol_nothing_is_passed():
    figure = automaton_figure(language_named("anbn").walk("ab"), 0, LIGHT)
    assert {state for _, state in named(figure, "nodes").customdata} == {
        "the present state",
        "not on the path yet",
    }
    assert set(widths(figure).values()) == {1.2}


def test_a_string_that_breaks_the_rule_stays_at_its_last_good_state_which_says_so():
    walk = language_named("anbn").walk("aaba")
    good, broken, later = (automaton_figure(walk, time, LIGHT) for time in (3, 4, 9))
    said = [dict(map(tuple, named(figure, "nodes").customdata))["b"] for figure in (good, broken, later)]
    assert said == ["the present state", *["the string breaks the rule here"] * 2]
    fills = [named(figure, "nodes").marker.color[2] for figure in (good, broken)]
    assert fills[0] != fills[1]


@pytest.mark.parametrize("language", EVERY, ids=lambda language: language.name)
def test_the_height_is_the_same_at_every_time_step_of_a_string(language):
    walk = language.walk(language.draw(Random(3)))
    assert (
        len({automaton_figure(walk, time, LIGHT).layout.height for time in range(len(walk.nodes) + 1)}) == 1
    )


def test_counters_are_bars_of_units_with_their_values():
    walk = language_named("anbn").walk("aaab")
    figure = automaton_figure(walk, 4, LIGHT)
    bars = {shape.name: shape.x1 for shape in figure.layout.shapes if shape.name}
    assert bars == {"a so far": 1, "b to come": pytest.approx(2 / 3)}
    assert {"a so far  <b>3</b>", "b to come  <b>2</b>"} <= notes(figure)
    assert sum(shape.type == "rect" for shape in figure.layout.shapes) == 2 + 3 + 3


def test_the_stack_and_the_table_are_boxes_whose_marked_one_is_bold():
    figure = automaton_figure(language_named("brackets").walk("([("), 3, LIGHT)
    boxes = [note.text for note in figure.layout.annotations if note.borderwidth]
    assert boxes == ["(", "[", "<b>(</b>"]
    table = automaton_figure(language_named("recall").walk("a1b0?a"), 6, LIGHT)
    assert [note.text for note in table.layout.annotations if note.borderwidth] == ["<b>a1</b>", "b0"]


def test_of_a_deep_stack_the_innermost_brackets_are_shown_and_how_many_there_are():
    figure = automaton_figure(language_named("brackets").walk("(" * 49 + "["), 50, LIGHT)
    boxes = [note.text for note in figure.layout.annotations if note.borderwidth]
    assert (len(boxes), boxes[-1]) == (36, "<b>[</b>")
    assert any("(the last 36 of 50)" in text for text in notes(figure))


@pytest.mark.parametrize("width", [PHONE, WIDE])
@pytest.mark.parametrize("language", EVERY, ids=lambda language: language.name)
def test_no_letters_of_an_arrow_lie_on_others_or_on_a_node(language, width):
    string = language.draw(Random(3))
    figure = automaton_figure(language.walk(string), len(string), LIGHT)
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
    letters = [
        box(note)
        for note in figure.layout.annotations
        if note.text and note.xref is None and not note.borderwidth
    ]
    assert len(letters) == len(language.walk(string).automaton.arrows)
    for one, other in combinations(letters + around, 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
        assert apart, (one, other)
    assert all(left >= 0 and right <= width for left, right, _, _ in letters)
