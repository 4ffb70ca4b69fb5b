"""Every number on the drawing of a time step is one of the trace or follows from it."""

import re

import numpy as np
import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.figures.colours import DARK, LIGHT, colour_of
from rnn_core.figures.step import WIDTH, drawing_height, step_drawing
from rnn_core.inspection.one_step import OneStep, one_step
from rnn_core.inspection.trace import Trace, trace
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.symbols import CELLS
from rnn_core.text.vocabulary import Vocabulary

WORDS = Vocabulary.from_counts({"the": 5, "film": 4, "was": 3, "good": 2, "bad": 1}, 10)
UNIT = 2


def read(variant: str) -> tuple[Model, Trace]:
    torch.manual_seed(5)
    config = RunConfig().with_settings(
        **CELLS[variant].run_settings, hidden_size=4, embedding_size=3, initialisation="uniform"
    )
    classifier = Classifier(config.model, len(WORDS)).eval()
    model = Model(config=config, vocabulary=WORDS, classifier=classifier)
    return model, trace(model, "The film was good, then it was bad")


def numbers(figure) -> dict[str, float]:
    """What a reader sees, by name."""
    drawn = next(series for series in figure.data if series.name == "numbers")
    return {
        told[0]: float(text.replace("−", "-"))
        for told, text in zip(drawn.customdata, drawn.text, strict=True)
    }


def expected(step: OneStep, traced: Trace, time: int) -> dict[str, float]:
    """The same numbers, gates and states from the trace itself."""

    def at(letter: str, when: int) -> float:
        return float(traced.arrays[letter][when, UNIT]) if when >= 0 else 0.0

    declared = CELLS[traced.cell]
    values = {f"{letter} before": at(letter, time - 1) for letter in declared.states}
    values |= {f"{letter} after": at(letter, time) for letter in declared.states}
    for letter, part in step.parts.items():
        values[f"{letter} word"] = part.word
        if traced.cell not in ("mingru", "minlstm"):  # whose gates see the word alone
            values |= {f"{letter} memory": part.memory, f"{letter} inside": part.inside}
        if letter != "h":
            values[f"{letter} value"] = at(letter, time)
    if traced.cell in ("elman", "indrnn"):
        values["slope"] = at("slope", time)
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
def test_every_number_is_that_of_the_trace(cell: str) -> None:
    model, traced = read(cell)
    last = len(traced.logits) - 1
    for time in (0, last // 2, last):
        step = one_step(model, traced, time, UNIT)
        figure = step_drawing(step, word="film", theme=LIGHT)
        assert numbers(figure) == pytest.approx(expected(step, traced, time), abs=5.01e-4), time
        if time == 0:
            assert numbers(figure)["h before"] == 0
        labels = " ".join(note.text for note in figure.layout.annotations)
        beside = re.sub(r"<[^>]*>|1 − [zhi]|h′? > 0", "", labels)
        assert re.findall(r"\d", beside) == []  # no number beside those


@pytest.mark.parametrize("cell", CELLS)
def test_nothing_leaves_the_drawing_and_its_height_is_fixed(cell: str) -> None:
    model, traced = read(cell)
    figure = step_drawing(one_step(model, traced, 1, UNIT), word="film", theme=DARK)
    assert figure.layout.height == drawing_height(len(CELLS[cell].parts))
    assert figure.layout.paper_bgcolor == DARK.background
    bottom = figure.layout.yaxis.range[0]
    for note in figure.layout.annotations:
        assert 0 <= note.x <= WIDTH
        assert 0 <= note.y <= bottom
    for series in figure.data:
        assert max(series.x) < WIDTH - 50
        assert max(series.y) < bottom - 20


@pytest.mark.parametrize(("cell", "letters"), [("gru", "zrn"), ("lstm", "figo")])
def test_each_gate_is_framed_in_the_colour_of_its_role(cell: str, letters: str) -> None:
    model, traced = read(cell)
    figure = step_drawing(one_step(model, traced, 1, UNIT), word="film", theme=LIGHT)
    frames = {shape.line.color for shape in figure.layout.shapes}
    for letter in letters:
        assert colour_of(CELLS[cell][letter]) in frames


def test_the_place_of_the_reset_gate_is_seen() -> None:
    labels = {}
    for reset in ("before", "after"):
        model, traced = read("gru-after" if reset == "after" else "gru")
        figure = step_drawing(one_step(model, traced, 1, UNIT), word="film", theme=LIGHT)
        labels[reset] = " ".join(note.text for note in figure.layout.annotations)
    assert "(r h) U<sub>n</sub>" in labels["before"]
    assert "r ×" not in labels["before"]
    assert "h U<sub>n</sub> + d" in labels["after"]
    assert "r ×" in labels["after"]


def test_the_word_is_text_not_markup_and_a_long_one_is_shortened() -> None:
    model, traced = read("gru")
    step = one_step(model, traced, 1, UNIT)
    for word, shown in (("<b>", "<b>&lt;b&gt;</b>"), ("a" * 30, f"<b>{'a' * 11}…</b>")):
        notes = step_drawing(step, word=word, theme=LIGHT).layout.annotations
        assert shown in [note.text for note in notes]
