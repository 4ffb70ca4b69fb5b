"""Every number on the drawing of a time step is one of the trace or follows from it."""

import re

import numpy as np
import pytest

from rnn_core.figures.colours import DARK, LIGHT, colour_of
from rnn_core.figures.step import WIDTH, drawing_height, step_drawing
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.trace import trace
from rnn_core.symbols import CELLS
from tests.figures.drawn import named, texts
from tests.inspection.made import make_model

UNIT = 2


def read(variant):
    settings = {**CELLS[variant].run_settings, "initialisation": "uniform"}
    model = make_model(seed=5, hidden_size=4, **settings)
    return model, trace(model, "The film was good, then it was bad")


def drawing(variant, word="film", theme=LIGHT):
    return step_drawing(one_step(*read(variant), 1, UNIT), word=word, theme=theme)


def numbers(figure):
    """What a reader sees, by name."""
    drawn = named(figure, "numbers")
    return {
        name: float(text.replace("−", "-"))
        for (name, *_), text in zip(drawn.customdata, drawn.text, strict=True)
    }


def expected(step, traced, time):
    """The same numbers, gates and states from the trace itself."""

    def at(letter, when):
        return float(traced.arrays[letter][when, UNIT]) if when >= 0 else 0.0

    declared = CELLS[traced.cell]
    values = {f"{letter} before": at(letter, time - 1) for letter in declared.states}
    values |= {f"{letter} after": at(letter, time) for letter in declared.states}
    for letter, part in step.parts.items():
        values[f"{letter} word"] = part.word
        if traced.cell not in ("mingru", "minlstm", "rglru"):  # whose gates see the word alone
            values |= {f"{letter} memory": part.memory, f"{letter} inside": part.inside}
        if letter != "h":
            values[f"{letter} value"] = at(letter, time)
    if traced.cell in ("elman", "indrnn"):
        values["slope"] = at("slope", time)
        return values
    if traced.cell == "s6":
        values = {"Δ word": step.parts["Δ"].word, "n word": step.parts["n"].word, "h after": at("h", time)}
        values |= {f"{letter} value": at(letter, time) for letter in ("Δ", "n")}
        for j in "1234":
            values |= {f"{letter}{j} value": at(f"{letter}{j}", time) for letter in "aBC"}
            values |= {f"s{j} before": at(f"s{j}", time - 1), f"s{j} after": at(f"s{j}", time)}
            values[f"s{j} written"] = at("Δ", time) * at(f"B{j}", time) * at("n", time)
        values["skipped"] = at("h", time) - sum(at(f"C{j}", time) * at(f"s{j}", time) for j in "1234")
        return values
    if traced.cell == "slstm":
        v = traced.arrays["v"][:, UNIT]
        values |= {f"{letter} value": at(letter, time) for letter in "pq"}
        values |= {"v before": v[time - 1] if time else 0.0, "v after": v[time]}
        values["kept"] = at("q", time) * values["v before"]
        values["written"] = at("p", time) * at("g", time)
        return values
    if traced.cell == "rglru":
        a = values["a value"] = at("a", time)
        values["kept"] = a * at("h", time - 1)
        values["written"] = (1 - a**2) ** 0.5 * at("i", time) * at("n", time)
        return values
    f = 0.0 if "f" not in traced.arrays else at("f", time)
    kept, written, candidate, memory = {
        "lstm": (f, "i", "g", "c"),
        "lstm-peepholes": (f, "i", "g", "c"),
        "lstm-coupled-gates": (None, "i", "g", "c"),
        "lstm-coupled-gates-peepholes": (None, "i", "g", "c"),
        "minlstm": (f / (f + at("i", time)) if f else 0.0, "i", "n", "h"),
    }.get(traced.cell, (None, "z", "n", "h"))
    share = at(written, time) / (f + at("i", time)) if traced.cell == "minlstm" else at(written, time)
    values["kept"] = (1 - share if kept is None else kept) * at(memory, time - 1)
    values["written"] = share * at(candidate, time)
    if memory == "c":
        values["tanh"] = float(np.tanh(at("c", time)))
    return values


@pytest.mark.parametrize("cell", CELLS)
def test_every_number_is_that_of_the_trace(cell):
    model, traced = read(cell)
    last = len(traced.logits) - 1
    for time in (0, last // 2, last):
        step = one_step(model, traced, time, UNIT)
        figure = step_drawing(step, word="film", theme=LIGHT)
        assert numbers(figure) == pytest.approx(expected(step, traced, time), abs=5.01e-4), time
        if time == 0 and cell != "s6":
            assert numbers(figure)["h before"] == 0
        beside = re.sub(r"[sBCa]<sub>\d</sub>|<[^>]*>|1 − [zhia]|h′? > 0", "", " ".join(texts(figure)))
        assert re.findall(r"\d", beside) == []  # no number beside those


@pytest.mark.parametrize("cell", CELLS)
def test_nothing_leaves_the_drawing_and_its_height_is_fixed(cell):
    figure = drawing(cell, theme=DARK)
    assert figure.layout.height == drawing_height(CELLS[cell])
    assert figure.layout.paper_bgcolor == DARK.background
    bottom = figure.layout.yaxis.range[0]
    assert all(0 <= note.x <= WIDTH and 0 <= note.y <= bottom for note in figure.layout.annotations)
    assert all(max(series.x) < WIDTH - 50 and max(series.y) < bottom - 20 for series in figure.data)


@pytest.mark.parametrize(("cell", "letters"), [("gru", "zrn"), ("lstm", "figo")])
def test_each_gate_is_framed_in_the_colour_of_its_role(cell, letters):
    frames = {shape.line.color for shape in drawing(cell).layout.shapes}
    assert {colour_of(CELLS[cell][letter]) for letter in letters} <= frames


def test_the_place_of_the_reset_gate_is_seen():
    before, after = (" ".join(texts(drawing(cell))) for cell in ("gru", "gru-after"))
    assert "(r h) U<sub>n</sub>" in before
    assert "h U<sub>n</sub> + d" in after
    assert ("r ×" in before, "r ×" in after) == (False, True)


def test_the_word_is_text_not_markup_and_a_long_one_is_shortened():
    for word, shown in (("<b>", "<b>&lt;b&gt;</b>"), ("a" * 30, f"<b>{'a' * 11}…</b>")):
        assert shown in texts(drawing("gru", word))
