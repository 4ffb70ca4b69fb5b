"""Below each picture of Cells stands one sentence, with two numbers at most, and it is true."""

import re

import numpy as np
import pytest
import torch

from pages.components.cells import memory_of_units, step_drawing
from pages.components.cells.timing import in_one_sentence
from rnn_core.bench.forms import usual_cell
from rnn_core.inspection.by_hand import knobs, play
from rnn_core.symbols import CELLS


def numbers(sentence: str) -> list[str]:
    return re.findall(r"[−\d][\d.,]*", sentence)


@pytest.mark.parametrize("name", CELLS)
def test_a_drawn_time_step_says_what_is_kept_and_taken(name: str) -> None:
    declared = CELLS[name]
    cell = usual_cell(name, hidden_size=1, embedding_size=1)
    torch.manual_seed(1)
    values = {knob.name: torch.randn(()).item() for knob in knobs(cell)} | {"h": 0.4}
    step = play(cell, declared, values, 1).one_step(0, 0)
    said = numbers(step_drawing.in_words(step, "word"))
    assert len(said) == 2
    if declared.update is not None:
        kept, taken = (float(number.rstrip(".")) / 100 for number in said)
        memory = declared.update.memory
        assert kept * step.before[memory] + taken * step.parts[
            declared.update.candidate
        ].value == pytest.approx(step.after[memory], abs=2e-3)


def test_units_that_remember_by_themselves_say_how_long() -> None:
    values = np.array([0.5, 2.0, 3.0, 40.0, np.inf])
    said = memory_of_units.in_words(values, "word")
    assert said == "Half of the units forget within 3 words, and the last that forgets at all takes 40."
    assert memory_of_units.in_words(np.full(3, np.inf), "word") == "Half of the units or more never forget."


def test_bars_say_how_the_sequence_form_does_beside_the_naive_one_and_torch() -> None:
    times = {"naive": 300.0, "fused": 200.0, "sequence": 100.0, "torch": 90.0}
    assert in_one_sentence(times) == (
        "The sequence form is 3.0 times faster than the naive one, and 1.1 times slower than torch's module."
    )
    del times["torch"]
    assert in_one_sentence(times) == "The sequence form is 3.0 times faster than the naive one."
