import copy
import itertools
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from rnn_core.figures.colours import DARK, LIGHT, NEGATIVE, POSITIVE, colour_of
from rnn_core.figures.placing import keep_apart
from rnn_core.figures.reading import coarse, reading
from rnn_core.figures.verdict import verdict_curve, with_crossings
from rnn_core.symbols import CELLS
from tests.inspection.made import of_two


def inputs(cell: str = "gru", steps: int = 12, units: int = 6) -> dict[str, Any]:
    random = np.random.default_rng(0)

    def between(low: float, high: float) -> np.ndarray:
        return random.uniform(low, high, (steps, units)).astype(np.float32)

    arrays = {"h": between(-1, 1)}
    if cell == "elman":
        arrays["slope"] = 1 - arrays["h"] ** 2
    elif cell == "gru":
        arrays |= {"z": between(0, 1), "r": between(0, 1), "n": between(-1, 1)}
    else:
        arrays |= {letter: between(0, 1) for letter in "ifo"}
        arrays |= {"g": between(-1, 1), "c": between(-4, 3)}
    return {
        "cell": cell,
        "labels": [f"w{step}" for step in range(steps)],
        "arrays": arrays,
        "verdicts": of_two(random.uniform(0, 1, steps).astype(np.float32)),
    }


def heat_map(figure: go.Figure) -> go.Heatmap:
    return next(drawn for drawn in figure.data if drawn.type == "heatmap")


def titles(figure: go.Figure) -> str:
    return " ".join(note.text for note in figure.layout.annotations)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_everything_stands_on_one_token_axis(cell: str) -> None:
    figure = reading(**inputs(cell), shown="h", theme=LIGHT)
    assert {drawn.xaxis for drawn in figure.data} == {None}  # all on the first and only x axis
    assert "xaxis2" not in figure.layout
    assert tuple(figure.layout.xaxis.range) == (0.5, 12.5)
    domains = sorted(
        (figure.layout[name].domain for name in figure.layout if name.startswith("yaxis")), reverse=True
    )
    assert len(domains) == (5 if cell == "lstm" else 4)
    assert all(upper[0] > lower[1] for upper, lower in itertools.pairwise(domains))


@pytest.mark.parametrize(("cell", "letters"), [("gru", "zr"), ("lstm", "ifo")])
def test_each_gate_has_a_line_a_band_and_a_label_in_the_colour_of_its_role(cell: str, letters: str) -> None:
    given = inputs(cell)
    figure = reading(**given, shown="h", theme=LIGHT)
    lines = {drawn.name: drawn for drawn in figure.data if drawn.type == "scatter" and drawn.name}
    for letter in letters:
        assert lines[letter].line.color == colour_of(CELLS[cell][letter])
        np.testing.assert_allclose(lines[letter].y, given["arrays"][letter].mean(axis=1), rtol=1e-5)
        assert f"<b>{letter}</b>" in titles(figure)


def test_gates_that_end_wide_open_keep_their_labels() -> None:
    given = inputs("lstm")
    for letter in "ifo":
        given["arrays"][letter][-1] = 0.99
    figure = reading(**given, shown="i", theme=LIGHT)
    labels = [
        note for note in figure.layout.annotations if note.text[:8] in ("<b>i</b>", "<b>f</b>", "<b>o</b>")
    ]
    assert len(labels) == 3
    assert all(0 < note.y < 1 for note in labels)  # Plotly draws no label beyond an axis


def test_an_elman_cell_shows_its_slope_and_says_that_it_has_no_gates() -> None:
    figure = reading(**inputs("elman"), shown="slope", theme=LIGHT)
    assert "No gates" in titles(figure)
    assert "1 − h²" in titles(figure)


def test_the_fill_meets_the_middle_line_where_the_verdict_turns() -> None:
    x, y = with_crossings(np.array([0, 1, 2]), np.array([0.9, 0.4, 0.4]), 0.5)
    np.testing.assert_allclose(x, [0, 0.8, 1, 2])
    np.testing.assert_allclose(y, [0.9, 0.5, 0.4, 0.4])


def test_gates_have_a_scale_from_zero_and_states_one_around_zero() -> None:
    gate = heat_map(reading(**inputs(), shown="z", theme=LIGHT))
    state = heat_map(reading(**inputs(), shown="h", theme=LIGHT))
    assert (gate.zmin, gate.zmax) == (0, 1)
    assert gate.colorscale[0][1] == LIGHT.background
    assert (state.zmin, state.zmid, state.zmax) == (-1, 0, 1)


def test_the_cell_state_reaches_to_its_largest_value_and_names_it() -> None:
    given = inputs("lstm")
    largest = float(np.abs(given["arrays"]["c"]).max())
    figure = reading(**given, shown="c", theme=LIGHT)
    assert heat_map(figure).zmax == pytest.approx(largest) == -heat_map(figure).zmin
    assert f"±{largest:.2f}" in titles(figure)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_one_token_and_one_unit_have_a_picture(cell: str) -> None:
    assert reading(**inputs(cell, steps=1, units=1), shown="h", theme=DARK).to_json()


def test_a_very_long_review_is_bounded_and_says_what_is_left_out() -> None:
    figure = reading(**inputs("lstm", steps=5_000, units=512), shown="f", theme=LIGHT)
    assert len(figure.to_json()) < 1_500_000
    assert heat_map(figure).z.shape == (256, 500)
    assert "one in 2 drawn" in titles(figure)
    assert "mean of 10 time steps" in titles(figure)


def test_coarse_columns_are_means_and_the_last_one_is_too() -> None:
    values = np.arange(1_001, dtype=np.float32)[:, None]
    drawn, each_step, each_unit = coarse(values)
    assert (each_step, each_unit) == (3, 1)
    assert drawn[0, 0] == 1
    assert drawn[-1, 0] == pytest.approx((999 + 1_000) / 2)


def test_few_tokens_are_on_the_axis_and_many_in_the_hover_text() -> None:
    few = reading(**inputs(steps=40), shown="z", theme=LIGHT)
    many = reading(**inputs(steps=41), shown="z", theme=LIGHT)
    assert list(few.layout.xaxis.ticktext)[:2] == ["w0", "w1"]
    assert many.layout.xaxis.ticktext is None
    verdict = next(drawn for drawn in many.data if drawn.customdata is not None)
    assert [word for word, _ in verdict.customdata] == [f"w{step}" for step in range(41)]


def test_tokens_are_text_not_markup() -> None:
    given = inputs(steps=2)
    given["labels"] = ["<start>", "<b>"]
    figure = reading(**given, shown="z", theme=LIGHT)
    assert list(figure.layout.xaxis.ticktext) == ["&lt;start&gt;", "&lt;b&gt;"]


def test_drawing_changes_nothing_that_was_handed_in() -> None:
    given = inputs("lstm")
    before = copy.deepcopy(given)
    reading(**given, shown="c", theme=LIGHT)
    for letter, values in before["arrays"].items():
        np.testing.assert_array_equal(given["arrays"][letter], values)
    drawn, kept = (one["verdicts"].followed.probabilities for one in (given, before))
    np.testing.assert_array_equal(drawn, kept)
    assert given["labels"] == before["labels"]


def test_dark_and_light_differ() -> None:
    light, dark = (reading(**inputs(), shown="z", theme=theme) for theme in (LIGHT, DARK))
    assert light.layout.paper_bgcolor == LIGHT.background
    assert dark.layout.paper_bgcolor == DARK.background
    assert heat_map(light).colorscale != heat_map(dark).colorscale


def test_the_verdict_alone_stands_on_the_same_axis() -> None:
    given = inputs()
    whole = reading(**given, shown="z", theme=LIGHT)
    alone = verdict_curve(labels=given["labels"], verdicts=given["verdicts"], theme=LIGHT)
    assert alone.layout.xaxis.range == whole.layout.xaxis.range
    assert (alone.layout.margin.l, alone.layout.margin.r) == (whole.layout.margin.l, whole.layout.margin.r)


def test_labels_keep_their_distance_and_their_order() -> None:
    places = keep_apart([0.52, 0.5, 0.51], 0.1)
    ordered = sorted(places)
    assert min(np.diff(ordered)) >= 0.1 - 1e-9
    assert places[1] < places[2] < places[0]


def test_the_cursor_is_a_line_through_all_rows() -> None:
    figure = reading(**inputs(), shown="h", theme=LIGHT, cursor=3)
    [line] = figure.layout.shapes
    assert (line.x0, line.x1, line.y0, line.y1, line.yref) == (4, 4, 0, 1, "paper")  # counted from 1


def test_units_come_in_the_order_asked_for_and_keep_their_numbers() -> None:
    given = inputs(units=4)
    order = np.array([2, 0, 3, 1])
    drawn = heat_map(reading(**given, shown="z", theme=LIGHT, order=order))
    assert list(drawn.y) == ["2", "0", "3", "1"]
    np.testing.assert_array_equal(drawn.z, given["arrays"]["z"][:, order].T)


def test_tokens_that_turned_the_verdict_are_marked_with_their_side_and_their_word() -> None:
    p = np.array([0.6, 0.9, 0.2, 0.1, 0.3, 0.4, 0.3, 0.3, 0.2, 0.3, 0.8, 0.9], np.float32)
    figure = reading(**{**inputs(), "verdicts": of_two(p)}, shown="h", theme=LIGHT)
    [turns] = [drawn for drawn in figure.data if drawn.name == "turns"]
    assert list(turns.x) == [2, 3, 11]
    assert list(turns.customdata) == ["positive", "negative", "positive"]
    assert list(turns.marker.color) == [POSITIVE, NEGATIVE, POSITIVE]
    assert {"w2", "w10"} <= {note.text for note in figure.layout.annotations}


def test_of_turns_close_together_the_word_of_the_largest_is_written() -> None:
    p = np.full(100, 0.2, np.float32)
    p[50:52] = [0.95, 0.3]
    figure = reading(**{**inputs(steps=100), "verdicts": of_two(p)}, shown="h", theme=LIGHT)
    [turns] = [drawn for drawn in figure.data if drawn.name == "turns"]
    assert list(turns.x) == [1, 51, 52]
    assert {note.text for note in figure.layout.annotations} & {"w50", "w51"} == {"w50"}


def test_where_the_curve_leaves_no_room_a_turn_has_its_diamond_and_no_word() -> None:
    p = np.array([0.9, 0.1] * 50, np.float32)
    figure = reading(**{**inputs(steps=100), "verdicts": of_two(p)}, shown="h", theme=LIGHT)
    [turns] = [drawn for drawn in figure.data if drawn.name == "turns"]
    assert len(turns.x) == 100
    assert not [note for note in figure.layout.annotations if note.text.startswith("w")]


def test_a_word_that_turned_the_verdict_near_the_end_stays_off_the_label_there() -> None:
    p = np.array([0.9] * 58 + [0.1, 0.1], np.float32)
    labels = [*(["word"] * 58), "<pad>", "<pad>"]
    figure = reading(**{**inputs(steps=60), "labels": labels, "verdicts": of_two(p)}, shown="h", theme=LIGHT)
    [word] = [note for note in figure.layout.annotations if note.text == "&lt;pad&gt;"]
    assert (word.x, word.xanchor, word.yanchor) == (58, "right", "top")
    [end] = [note for note in figure.layout.annotations if "negative" in note.text]
    assert (end.xref, end.x, end.xanchor) == ("paper", 1, "left")


def test_no_hover_says_that_a_probability_is_0_or_100_percent() -> None:
    p = np.array([0.5, 1e-5, 0.99999], np.float32)
    [verdict] = [
        drawn
        for drawn in verdict_curve(labels=["a", "b", "c"], verdicts=of_two(p), theme=LIGHT).data
        if drawn.customdata is not None and drawn.name != "turns"
    ]
    assert [share for _, share in verdict.customdata] == ["50.0%", "< 0.1%", "> 99.9%"]


def test_every_row_counts_its_time_steps_from_one() -> None:
    figure = reading(**inputs(steps=12), shown="h", theme=LIGHT, cursor=4)
    assert heat_map(figure).x0 == 1
    assert {drawn.x[0] for drawn in figure.data if (drawn.name or "").startswith("‖")} == {1}
    assert [line.x0 for line in figure.layout.shapes if line.type == "line"] == [5]


def test_a_state_has_the_norm_of_its_change_from_zero_on() -> None:
    given = inputs("lstm")
    figure = reading(**given, shown="h", theme=LIGHT)
    for letter in "hc":
        [change] = [drawn for drawn in figure.data if drawn.name == f"‖Δ{letter}‖"]
        states = given["arrays"][letter]
        assert change.y[0] == pytest.approx(np.linalg.norm(states[0]))
        assert change.y[7] == pytest.approx(np.linalg.norm(states[7] - states[6]))


def test_the_order_of_the_units_is_said() -> None:
    figure = reading(**inputs(), shown="z", theme=LIGHT, order=np.arange(6), order_name="as they like")
    assert "as they like" in titles(figure)
