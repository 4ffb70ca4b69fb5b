import re

import pytest

from pages.components.shared.equations import convention, equations
from rnn_core.figures.colours import LIGHT, colour_of, ink
from rnn_core.symbols import CELLS


@pytest.mark.parametrize("cell", CELLS)
def test_each_symbol_wears_the_colour_of_its_role(cell):
    formula = equations(cell, LIGHT)
    for known in CELLS[cell].symbols:
        if known.equation:
            assert rf"\textcolor{{{ink(colour_of(known), LIGHT)}}}{{{known.latex}}}" in formula


def test_what_is_otherwise_in_the_paper_stands_below_the_convention_where_there_is_something():
    assert convention("gru") == CELLS["gru"].convention
    said = convention("s6")
    assert said.startswith(CELLS["s6"].convention)
    assert said.endswith(f"Other in the paper: {CELLS['s6'].differs}")


def test_commands_and_indices_stay_as_they_are():
    formula = equations("lstm", LIGHT)
    assert r"\sigma(W_i x + U_i " in formula
    assert r"\tanh(" in formula


def test_the_update_gate_takes_the_candidate():
    plain = re.sub(r"\\textcolor\{#\w+\}\{(\w)\}", r"\1", equations("gru", LIGHT))
    assert r"h' &= (1 - z) \odot h + z \odot n" in plain
