"""The picture of one review, rows on one token axis; its verdict, of two classes and of more."""

import dataclasses
import itertools

import numpy as np
import pytest

from rnn_core.figures import colours
from rnn_core.figures.colours import DARK, LIGHT, NEGATIVE, POSITIVE, colour_of
from rnn_core.figures.reading import GATES_HEIGHT, draw_gates, gates_height, reading
from rnn_core.figures.token_axis import MOST_LETTERS, TokenFigure, coarse
from rnn_core.figures.verdict import verdict_curve, with_crossings
from rnn_core.inspection.verdicts import Turn
from rnn_core.symbols import CELLS, Role, Symbol
from tests.figures.examples import NASTY, arrays_of, draw, many_classes, named, read, texts
from tests.inspection.made import of_two


def picture(cell="gru", shown="h", **given):
    """The picture, and its heat map."""
    figure = reading(**read(cell, **{"shown": shown, **given}), theme=LIGHT)
    return figure, next(drawn for drawn in figure.data if drawn.type == "heatmap")


@pytest.mark.parametrize(("cell", "rows"), [("elman", 4), ("gru", 4), ("lstm", 5)])
def test_everything_stands_on_one_token_axis(cell, rows):
    figure, heat = picture(cell, cursor=4)
    assert {drawn.xaxis for drawn in figure.data} == {None}  # all on the first and only x axis
    assert "xaxis2" not in figure.layout
    assert tuple(figure.layout.xaxis.range) == (0.5, 12.5)
    axes = [name for name in figure.layout if name.startswith("yaxis")]
    domains = sorted((figure.layout[name].domain for name in axes), reverse=True)
    assert len(domains) == rows
    assert all(upper[0] > lower[1] for upper, lower in itertools.pairwise(domains))
    assert heat.x0 == 1  # time steps are counted from 1, in every row
    assert {drawn.x[0] for drawn in figure.data if (drawn.name or "").startswith("‖")} == {1}
    [line] = figure.layout.shapes
    assert (line.x0, line.x1, line.y0, line.y1, line.yref) == (5, 5, 0, 1, "paper")


@pytest.mark.parametrize("cell", CELLS.registered())
def test_each_gate_has_its_mean_and_a_look_of_its_own(cell):
    figure, _ = picture(cell)
    looks = []
    for known in CELLS[cell].shares:
        if known.is_gate:
            line = named(figure, known.letter)
            assert line.line.color == colour_of(known)
            np.testing.assert_allclose(line.y, arrays_of(cell)[known.letter].mean(axis=1), rtol=1e-5)
            assert f"<b>{known.mark}</b>" in " ".join(texts(figure))
            looks.append((line.line.color, line.line.dash))
    assert len(set(looks)) == len(looks)
    assert gates_height(CELLS[cell].shares) == GATES_HEIGHT


def test_an_elman_cell_shows_its_slope():
    said = " ".join(texts(picture("elman", "slope")[0]))
    assert "No gates" in said
    assert "1 − h²" in said


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_state_has_the_norm_of_its_change(cell):
    figure, _ = picture(cell)
    for letter in CELLS[cell].memories:
        change, states = named(figure, f"‖Δ{letter}‖"), arrays_of(cell)[letter]
        assert change.y[0] == pytest.approx(np.linalg.norm(states[0]))
        assert change.y[7] == pytest.approx(np.linalg.norm(states[7] - states[6]))


def test_a_scale_is_that_of_what_is_shown():
    """A gate's is from 0 to 1, a state's around 0; where there are no bounds to the largest value."""
    (_, gate), (_, state), (figure, memory) = picture(shown="z"), picture(shown="h"), picture("lstm", "c")
    assert (gate.zmin, gate.zmax, gate.colorscale[0][1]) == (0, 1, LIGHT.background)
    assert (state.zmin, state.zmid, state.zmax) == (-1, 0, 1)
    largest = float(np.abs(arrays_of("lstm")["c"]).max())
    assert memory.zmax == pytest.approx(largest) == -memory.zmin
    assert f"±{largest:.2f}" in " ".join(texts(figure))
    arrays = {known.letter: np.full((12, 6), 0.5, np.float32) for known in CELLS["s6"].symbols}
    figure, step = picture("s6", "Δ", arrays={**arrays, "Δ": 5 * arrays["Δ"]})
    assert (step.zmin, step.zmax) == (-2.5, 2.5)
    assert "±2.50, the largest" in " ".join(texts(figure))
    assert any(text.startswith("Norm of the decaying state s1 <") for text in texts(figure))


def test_units_come_in_the_order_asked_for():
    order = np.array([2, 0, 3, 1])
    figure, heat = picture(shown="z", units=4, order=order, order_name="as they like")
    assert list(heat.y) == ["2", "0", "3", "1"]
    np.testing.assert_array_equal(heat.z, arrays_of(units=4)["z"][:, order].T)
    assert "as they like" in " ".join(texts(figure))


def test_a_very_long_review_is_bounded_and_says_so():
    figure, heat = picture("lstm", "f", steps=5_000, units=512)
    assert len(figure.to_json()) < 1_500_000
    assert heat.z.shape == (256, 500)
    assert "one in 2 drawn, a column the mean of 10 time steps" in " ".join(texts(figure))
    drawn, each_step, each_unit = coarse(np.arange(1_001, dtype=np.float32)[:, None])
    assert (each_step, each_unit) == (3, 1)
    assert (drawn[0, 0], drawn[-1, 0]) == (1, pytest.approx((999 + 1_000) / 2))


def test_many_tokens_are_under_the_pointer():
    few, many = (picture(steps=steps)[0] for steps in (40, 41))
    assert list(few.layout.xaxis.ticktext)[:2] == ["w0", "w1"]
    assert many.layout.xaxis.ticktext is None
    verdict = next(drawn for drawn in many.data if drawn.customdata is not None)
    assert [word for word, _ in verdict.customdata] == [f"w{step}" for step in range(41)]


def gates_of(*gates, at=0.5):
    figure = TokenFigure(["a", "b"], [gates_height(gates)], LIGHT)
    draw_gates(figure.rows[0], gates, {gate.letter: np.full((2, 3), at) for gate in gates})
    return figure.build()


def made_up(letter, role=Role.KEEPS, **more):
    return Symbol(letter=letter, word=letter, role=role, meaning="seen", bounds=(0.0, 1.0), **more)


def test_gates_of_ones_own_cell_have_dashes_and_room():
    figure = gates_of(*(made_up(f"q{number}") for number in range(24)))
    names = sorted(note.y for note in figure.layout.annotations if note.text.startswith("<b>q"))
    assert len(names) == 24
    row = figure.layout.yaxis.domain[1] - figure.layout.yaxis.domain[0]
    assert min(np.diff(names)) * row * figure.layout.height >= 15
    lines = [line.line for line in gates_of(*map(made_up, "abcd")).data if line.name in {*"abcd"}]
    assert {line.color for line in lines} == {colour_of(made_up("a"))}
    assert len({line.dash for line in lines}) == 4


def test_gates_that_end_wide_open_keep_their_labels():
    notes = gates_of(*CELLS["lstm"].shares, at=0.99).layout.annotations
    labels = [note for note in notes if note.text[:8] in ("<b>i</b>", "<b>f</b>", "<b>o</b>")]
    assert len(labels) == 3
    assert all(0 < note.y < 1 for note in labels)  # Plotly draws no label beyond an axis


def drawn(probabilities=None, classes=("negative", "positive"), labels=None, **more):
    """The verdict of two classes, or of more."""
    verdicts = many_classes(**more) if probabilities is None else of_two(probabilities, classes)
    labels = labels or [f"w{step}" for step in range(len(verdicts.followed.probabilities))]
    return verdict_curve(labels=labels, verdicts=verdicts, theme=LIGHT)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_followed_and_next_classes_have_a_line(theme):
    figure = draw("verdict_curve", theme)
    *others, followed = [trace for trace in figure.data if trace.name != "turns"]  # it on top
    assert followed.y.tolist() == many_classes().followed.probabilities.tolist()
    assert len({line.line.dash for line in (followed, *others)}) == 3
    inks = [colours.ink(colour, theme) for colour in (POSITIVE, *colours.NEXT_CLASSES)]
    assert [line.line.color for line in (followed, *others[::-1])] == inks
    assert all(line.line.width < followed.line.width and len(line.customdata[0]) == 1 for line in others)
    assert "probability of billing" in texts(figure)[0]


def test_the_ends_are_labelled_with_share_and_name():
    notes = texts(drawn(names=("refunds, new", "refunds, late", "x" * 99)))
    assert notes[-3:-1] == ["10% ref… new", "70% ref…late"]
    assert max(map(len, notes[-3:])) <= MOST_LETTERS


def test_a_turn_is_marked_at_its_probability():
    figure = drawn()
    turns, of_class = named(figure, "turns"), colours.class_colours(("billing", NASTY, "opening hours"), 6)
    at = dict(zip(turns.x.tolist(), turns.y.tolist(), strict=True))
    assert at == pytest.approx({10: 0.4, 11: 0.3, 21: 0.5})
    by_time = {10: of_class[NASTY], 11: LIGHT.muted, 21: of_class[NASTY]}
    assert list(turns.marker.color) == [by_time[time] for time in turns.x]
    written = [note.x for note in figure.layout.annotations if note.yref == "y" and note.x != 1]
    assert written == [21, 11]  # 10 has no room


def test_the_name_of_a_class_is_no_template():
    assert not [one for one in drawn().data if (one.hovertemplate or "").count("%{y") > 1]
    figure = drawn(np.array([0.9, 0.2, 0.1], np.float32), ("<i>spam</i>", "%{x} fine"))
    assert not [one for one in figure.data if "%{x} fine" in (one.hovertemplate or "")]
    assert "probability of %{x} fine" in texts(figure)[0]
    assert "90.0%<br>&lt;i&gt;spam&lt;/i&gt;" in texts(figure)
    assert list(named(figure, "turns").customdata) == ["%{x} fine", "&lt;i&gt;spam&lt;/i&gt;"]


def test_very_many_turns_are_bounded():
    turns = tuple(Turn(step, "billing", 0.5) for step in range(1_000))
    verdicts = dataclasses.replace(many_classes(steps=1_000), turns=turns)
    assert len(named(draw("verdict_curve", labels=["w"] * 1_000, verdicts=verdicts), "turns").x) == 200


def test_of_turns_close_together_the_largest_is_named():
    p = np.full(100, 0.2, np.float32)
    p[50:52] = [0.95, 0.3]
    figure = drawn(p)
    turns = named(figure, "turns")
    assert (list(turns.x), list(turns.customdata)) == ([1, 51, 52], ["negative", "positive", "negative"])
    assert list(turns.marker.color) == [NEGATIVE, POSITIVE, NEGATIVE]
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


def test_no_hover_says_0_or_100_percent():
    verdict = named(drawn(np.array([0.5, 1e-5, 0.99999], np.float32)), "")
    assert [share for _, share in verdict.customdata] == ["50.0%", "< 0.1%", "> 99.9%"]


def test_the_fill_meets_the_middle_at_a_turn():
    x, y = with_crossings(np.array([0, 1, 2]), np.array([0.9, 0.4, 0.4]), 0.5)
    np.testing.assert_allclose(x, [0, 0.8, 1, 2])
    np.testing.assert_allclose(y, [0.9, 0.5, 0.4, 0.4])
