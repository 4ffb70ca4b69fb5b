"""The picture of one review: rows on one token axis."""

import copy
import itertools

import numpy as np
import pytest

from rnn_core.figures.colours import DARK, LIGHT, NEGATIVE, POSITIVE, colour_of
from rnn_core.figures.reading import coarse, reading
from rnn_core.figures.verdict import verdict_curve, with_crossings
from rnn_core.symbols import CELLS
from tests.figures.drawn import named, texts
from tests.inspection.made import of_two


def inputs(cell="gru", steps=12, units=6, **given):
    random = np.random.default_rng(0)

    def between(low, high):
        return random.uniform(low, high, (steps, units)).astype(np.float32)

    arrays = {"h": between(-1, 1)}
    if cell == "elman":
        arrays["slope"] = 1 - arrays["h"] ** 2
    elif cell == "gru":
        arrays |= {"z": between(0, 1), "r": between(0, 1), "n": between(-1, 1)}
    else:
        arrays |= {letter: between(0, 1) for letter in "ifo"}
        arrays |= {"g": between(-1, 1), "c": between(-4, 3)}
    verdicts = of_two(random.uniform(0, 1, steps).astype(np.float32))
    labels = [f"w{step}" for step in range(steps)]
    return {"cell": cell, "labels": labels, "arrays": arrays, "verdicts": verdicts, **given}


def draw(cell="gru", shown="h", theme=LIGHT, **given):
    """The picture, and its heat map."""
    drawn_by = {name: given.pop(name) for name in ("cursor", "order", "order_name") if name in given}
    figure = reading(**inputs(cell, **given), shown=shown, theme=theme, **drawn_by)
    return figure, next(drawn for drawn in figure.data if drawn.type == "heatmap")


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_everything_stands_on_one_token_axis(cell):
    figure, _ = draw(cell)
    assert {drawn.xaxis for drawn in figure.data} == {None}  # all on the first and only x axis
    assert "xaxis2" not in figure.layout
    assert tuple(figure.layout.xaxis.range) == (0.5, 12.5)
    axes = [name for name in figure.layout if name.startswith("yaxis")]
    domains = sorted((figure.layout[name].domain for name in axes), reverse=True)
    assert len(domains) == (5 if cell == "lstm" else 4)
    assert all(upper[0] > lower[1] for upper, lower in itertools.pairwise(domains))
    assert draw(cell, theme=DARK, steps=1, units=1)[0].to_json()


@pytest.mark.parametrize(("cell", "letters"), [("gru", "zr"), ("lstm", "ifo")])
def test_each_gate_has_a_line_a_band_and_a_label_in_the_colour_of_its_role(cell, letters):
    figure, _ = draw(cell)
    for letter in letters:
        line = named(figure, letter)
        assert line.line.color == colour_of(CELLS[cell][letter])
        np.testing.assert_allclose(line.y, inputs(cell)["arrays"][letter].mean(axis=1), rtol=1e-5)
        assert f"<b>{letter}</b>" in " ".join(texts(figure))


def test_gates_that_end_wide_open_keep_their_labels():
    given = inputs("lstm")
    for letter in "ifo":
        given["arrays"][letter][-1] = 0.99
    notes = reading(**given, shown="i", theme=LIGHT).layout.annotations
    labels = [note for note in notes if note.text[:8] in ("<b>i</b>", "<b>f</b>", "<b>o</b>")]
    assert len(labels) == 3
    assert all(0 < note.y < 1 for note in labels)  # Plotly draws no label beyond an axis


def test_an_elman_cell_shows_its_slope_and_says_that_it_has_no_gates():
    said = " ".join(texts(draw("elman", "slope")[0]))
    assert "No gates" in said
    assert "1 − h²" in said


def test_the_fill_meets_the_middle_line_where_the_verdict_turns():
    x, y = with_crossings(np.array([0, 1, 2]), np.array([0.9, 0.4, 0.4]), 0.5)
    np.testing.assert_allclose(x, [0, 0.8, 1, 2])
    np.testing.assert_allclose(y, [0.9, 0.5, 0.4, 0.4])


def test_gates_have_a_scale_from_zero_states_one_around_zero_and_a_cell_state_reaches_to_its_largest_value():
    (_, gate), (_, state), (figure, memory) = draw(shown="z"), draw(shown="h"), draw("lstm", "c")
    assert (gate.zmin, gate.zmax, gate.colorscale[0][1]) == (0, 1, LIGHT.background)
    assert (state.zmin, state.zmid, state.zmax) == (-1, 0, 1)
    largest = float(np.abs(inputs("lstm")["arrays"]["c"]).max())
    assert memory.zmax == pytest.approx(largest) == -memory.zmin
    assert f"±{largest:.2f}" in " ".join(texts(figure))


def test_what_has_no_bound_above_has_colours_to_its_largest_value_which_is_said():
    arrays = {known.letter: np.full((12, 6), 0.5, np.float32) for known in CELLS["s6"].symbols}
    figure, step = draw("s6", "Δ", arrays={**arrays, "Δ": 5 * arrays["Δ"]})
    assert step.zmax == 2.5 == -step.zmin
    assert "±2.50, the largest" in " ".join(texts(figure))
    assert any(text.startswith("Norm of the decaying state s1 <") for text in texts(figure))


def test_a_very_long_review_is_bounded_and_says_what_is_left_out():
    figure, heat = draw("lstm", "f", steps=5_000, units=512)
    assert len(figure.to_json()) < 1_500_000
    assert heat.z.shape == (256, 500)
    assert "one in 2 drawn, a column the mean of 10 time steps" in " ".join(texts(figure))


def test_coarse_columns_are_means_and_the_last_one_is_too():
    drawn, each_step, each_unit = coarse(np.arange(1_001, dtype=np.float32)[:, None])
    assert (each_step, each_unit) == (3, 1)
    assert (drawn[0, 0], drawn[-1, 0]) == (1, pytest.approx((999 + 1_000) / 2))


def test_few_tokens_are_on_the_axis_as_text_and_many_in_the_hover_text():
    few, many = (draw(steps=steps)[0] for steps in (40, 41))
    assert list(few.layout.xaxis.ticktext)[:2] == ["w0", "w1"]
    assert many.layout.xaxis.ticktext is None
    verdict = next(drawn for drawn in many.data if drawn.customdata is not None)
    assert [word for word, _ in verdict.customdata] == [f"w{step}" for step in range(41)]
    figure, _ = draw(steps=2, labels=["<start>", "<b>"])
    assert list(figure.layout.xaxis.ticktext) == ["&lt;start&gt;", "&lt;b&gt;"]


def test_drawing_changes_nothing_that_was_handed_in():
    given = inputs("lstm")
    before = copy.deepcopy(given)
    reading(**given, shown="c", theme=LIGHT)
    for letter, values in before["arrays"].items():
        np.testing.assert_array_equal(given["arrays"][letter], values)
    drawn, kept = (one["verdicts"].followed.probabilities for one in (given, before))
    np.testing.assert_array_equal(drawn, kept)
    assert given["labels"] == before["labels"]


def test_dark_and_light_differ():
    (light, of_light), (dark, of_dark) = (draw(shown="z", theme=theme) for theme in (LIGHT, DARK))
    assert (light.layout.paper_bgcolor, dark.layout.paper_bgcolor) == (LIGHT.background, DARK.background)
    assert of_light.colorscale != of_dark.colorscale


def test_units_come_in_the_order_asked_for_which_is_said_and_keep_their_numbers():
    order = np.array([2, 0, 3, 1])
    figure, heat = draw(shown="z", units=4, order=order, order_name="as they like")
    assert list(heat.y) == ["2", "0", "3", "1"]
    np.testing.assert_array_equal(heat.z, inputs(units=4)["arrays"]["z"][:, order].T)
    assert "as they like" in " ".join(texts(figure))


def test_tokens_that_turned_the_verdict_are_marked_with_their_side_and_their_word():
    p = np.array([0.6, 0.9, 0.2, 0.1, 0.3, 0.4, 0.3, 0.3, 0.2, 0.3, 0.8, 0.9], np.float32)
    figure, _ = draw(verdicts=of_two(p))
    turns = named(figure, "turns")
    assert list(turns.x) == [2, 3, 11]
    assert list(turns.customdata) == ["positive", "negative", "positive"]
    assert list(turns.marker.color) == [POSITIVE, NEGATIVE, POSITIVE]
    assert {"w2", "w10"} <= {*texts(figure)}


def test_of_turns_close_together_the_word_of_the_largest_is_written_and_none_where_there_is_no_room():
    p = np.full(100, 0.2, np.float32)
    p[50:52] = [0.95, 0.3]
    figure, _ = draw(steps=100, verdicts=of_two(p))
    assert list(named(figure, "turns").x) == [1, 51, 52]
    assert {*texts(figure)} & {"w50", "w51"} == {"w50"}
    figure, _ = draw(steps=100, verdicts=of_two(np.array([0.9, 0.1] * 50, np.float32)))
    assert len(named(figure, "turns").x) == 100
    assert not [text for text in texts(figure) if text.startswith("w")]


def test_a_word_that_turned_the_verdict_near_the_end_stays_off_the_label_there():
    labels = [*(["word"] * 58), "<pad>", "<pad>"]
    figure, _ = draw(steps=60, labels=labels, verdicts=of_two(np.array([0.9] * 58 + [0.1, 0.1], np.float32)))
    [word] = [note for note in figure.layout.annotations if note.text == "&lt;pad&gt;"]
    assert (word.x, word.xanchor, word.yanchor) == (58, "right", "top")
    [end] = [note for note in figure.layout.annotations if "negative" in note.text]
    assert (end.xref, end.x, end.xanchor) == ("paper", 1, "left")


def test_no_hover_says_that_a_probability_is_0_or_100_percent():
    p = np.array([0.5, 1e-5, 0.99999], np.float32)
    verdict = named(verdict_curve(labels=["a", "b", "c"], verdicts=of_two(p), theme=LIGHT), "")
    assert [share for _, share in verdict.customdata] == ["50.0%", "< 0.1%", "> 99.9%"]


def test_every_row_counts_its_time_steps_from_one_and_the_cursor_is_a_line_through_all():
    figure, heat = draw(cursor=4)
    assert heat.x0 == 1
    assert {drawn.x[0] for drawn in figure.data if (drawn.name or "").startswith("‖")} == {1}
    [line] = figure.layout.shapes
    assert (line.x0, line.x1, line.y0, line.y1, line.yref) == (5, 5, 0, 1, "paper")


def test_a_state_has_the_norm_of_its_change_from_zero_on():
    figure, _ = draw("lstm")
    for letter in "hc":
        change, states = named(figure, f"‖Δ{letter}‖"), inputs("lstm")["arrays"][letter]
        assert change.y[0] == pytest.approx(np.linalg.norm(states[0]))
        assert change.y[7] == pytest.approx(np.linalg.norm(states[7] - states[6]))
