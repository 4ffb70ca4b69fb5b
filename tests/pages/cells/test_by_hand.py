"""The bench: what is set by hand is what the cell computes, in drawing, chart, words and address."""

import re

import pytest

from pages.components.cells.hand_values import ByHand, presets, reach_of, unpack
from rnn_core.bench.forms import usual_cell
from rnn_core.inspection.by_hand import Kind, play
from rnn_core.symbols import CELLS
from tests.pages.elements import figures

pytestmark = pytest.mark.slow


def said(app):
    return next(part.value for part in app.markdown if part.value.startswith("**It "))


def drawing(app):
    (numbers,) = [figure["data"][0] for figure in figures(app) if figure["data"][0].get("name") == "numbers"]
    return {name: value for name, value, _ in numbers["customdata"]}


def slider(app, variant, name, units=1):
    return app.slider(key=f"by_hand_{variant}_{units}_{name}")


def in_address(app):
    found = app.query_params.get("by_hand")
    return found[0] if isinstance(found, list) else found


@pytest.mark.parametrize("variant", CELLS)
def test_the_drawing_has_the_numbers_of_the_cell(open_app, variant):
    """It begins with a unit that leaks, and follows the sliders."""
    app = open_app("cells", {"variant": variant})
    assert re.search(r"half of the way is gone after \*\*\d+\.\d\*\* time steps", said(app))
    assert in_address(app) is None
    for kind, values in presets(variant, 1).items():
        assert app.get_by_key(f"by_hand_{kind}").disabled == (values is None)
    weights = [one.label for one in app.slider if one.key.startswith(f"by_hand_{variant}_1_")]
    assert all(len(label.split()[0]) <= 2 for label in weights)  # a letter, as in the equations, and no word
    declared = CELLS[variant]
    letter = declared.parts[0]
    slider(app, variant, f"W{letter}").set_value(1.5)
    slider(app, variant, f"b{letter}").set_value(-0.25).run()
    assert drawing(app)[f"{letter} word"] == pytest.approx(1.25)
    values = {**presets(variant, 1)[Kind.LEAKS], f"W{letter}": 1.5, f"b{letter}": -0.25}
    cell = usual_cell(variant, hidden_size=1, embedding_size=1)
    played = play(cell, declared, values, 40)
    assert drawing(app)["h after"] == pytest.approx(played.states["h"][1, 0])
    app.slider(key="by_hand_time").set_value(17).run()
    memory = declared.carriers[-1]
    assert drawing(app)[f"{memory} before"] == pytest.approx(played.states[memory][16, 0])
    assert drawing(app)["h after"] == pytest.approx(played.states["h"][17, 0])


def test_a_preset_is_what_it_is_called(open_app):
    """Reset goes back to it; it keeps the time steps that were chosen."""
    app = open_app("cells", {"variant": "lstm"})
    for kind in presets("lstm", 1):
        app.get_by_key(f"by_hand_{kind}").click().run()
        assert said(app).startswith(f"**It {kind}.**")
    app.get_by_key("by_hand_holds").click().run()
    before = said(app)
    app.slider(key="by_hand_steps").set_value(80).run()
    assert said(app) != before
    app.get_by_key("by_hand_reset").click().run()
    assert said(app) == before
    app.slider(key="by_hand_steps").set_value(80).run()
    app.get_by_key("by_hand_holds").click().run()
    assert "It holds.** In 80 time steps" in said(app)


def test_what_is_set_is_in_the_address_and_opens_again(open_app):
    """Another cell begins with its own unit."""
    app = open_app("cells", {"variant": "lstm"})
    slider(app, "lstm", "bf").set_value(1.0)
    slider(app, "lstm", "c").set_value(2.0)
    app.slider(key="by_hand_steps").set_value(60).run()
    address = in_address(app)
    assert address.startswith("1~60~")
    again = open_app("cells", {"variant": "lstm", "by_hand": address})
    assert slider(again, "lstm", "bf").value == 1.0
    assert slider(again, "lstm", "c").value == 2.0
    assert said(again) == said(app)
    assert in_address(again) == address
    again.get_by_key("cells_variant").set_value("elman").run()
    assert slider(again, "elman", "Uh").value == pytest.approx(0.9)
    assert in_address(again) is None


def test_an_address_is_its_values_within_their_bounds():
    """One that makes no sense is none."""
    for asked in ("", "7~40", "1~x", "1~40~bz_1e9", "1~40~q_1~bz_nan~_~bz", "x" * 5000, "²~40"):
        read = unpack(asked, "gru")
        assert read is None or not read.values, asked
    by_hand = ByHand(2, 60, {"bzu0": -2.2, "Un1u0": 0.05, "hu1": -0.8})
    assert unpack(by_hand.packed(), "gru") == by_hand
    assert unpack("1~999~h_-5~bz_50~nothing_1", "gru") == ByHand(1, 200, {"h": -1.0, "bz": 8.0})
    assert reach_of("lstm", 1)["h"] == (-1.0, 1.0)
    assert reach_of("lstm", 1)["c"] == (-3.0, 3.0)
    assert reach_of("lstm-coupled-gates", 1)["c"] == (-1.0, 1.0)
    assert reach_of("slstm", 1)["d"] == (0.0, 3.0)


def test_units_have_sliders_and_weights_between_them(open_app):
    app = open_app("cells", {"variant": "elman"})
    app.get_by_key("by_hand_units_elman").set_value(2).run()
    slider(app, "elman", "Uh1u0", 2).set_value(2.0).run()
    step = drawing(app)
    assert step["h memory"] == pytest.approx(0.9 * 0.8 + 2.0 * 0.8)
    of_the_first = said(app)
    app.get_by_key("by_hand_unit_2").set_value(1).run()
    assert drawing(app)["h memory"] == pytest.approx(0.9 * 0.8)
    assert said(app) != of_the_first
    assert in_address(app).startswith("2~40~")


def test_play_ends_at_the_last_time_step(open_app):
    app = open_app("cells", {"by_hand": "7~40"})  # of seven units, which makes no sense
    assert app.get_by_key("by_hand_units_gru").value == 1
    app.slider(key="by_hand_steps").set_value(5).run()
    app.get_by_key("by_hand_play").click().run()
    assert app.get_by_key("by_hand_play").label == "Stop"
    assert app.slider(key="by_hand_time").value == 2
    for _ in range(4):
        app.run()
    assert app.slider(key="by_hand_time").value == 5
    assert app.get_by_key("by_hand_play").label == "Play"
    app.get_by_key("by_hand_play").click().run()
    assert app.slider(key="by_hand_time").value == 1


def test_one_click_shows_memory_without_a_gradient(open_app):
    app = open_app("cells", {"variant": "gru"})
    assert not any("forgotten" in part.value for part in app.caption)
    app.get_by_key("hold_without_gradient").click().run()
    assert app.get_by_key("cells_variant").value == "elman"
    assert slider(app, "elman", "Uh").value == 3.0
    assert said(app).startswith("**It holds.** In 100 time steps")
    assert any(re.search(r"e-15\d times as large after 100 time steps", part.value) for part in app.caption)
