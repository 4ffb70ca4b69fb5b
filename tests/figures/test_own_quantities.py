"""Quantities of a cell of which little is known, drawn so that none is taken for another."""

from dataclasses import replace

import numpy as np
import pytest

from rnn_core.figures.colours import LIGHT, colour_of
from rnn_core.figures.reading import GATES_HEIGHT, draw_gates, gates_height
from rnn_core.figures.token_axis import TokenFigure
from rnn_core.symbols import CELLS, Role, Symbol


def made(letter, role=Role.KEEPS, **more):
    return Symbol(letter=letter, word=letter, role=role, meaning="seen", bounds=(0.0, 1.0), **more)


def drawn(gates):
    figure = TokenFigure(["a", "b"], [gates_height(gates)], LIGHT)
    draw_gates(figure, figure.rows[0], gates, {gate.letter: np.full((2, 3), 0.5) for gate in gates})
    return figure.build()


def test_gates_of_one_role_have_different_dashes():
    gates = [made(letter) for letter in "abcd"]
    lines = [line.line for line in drawn(gates).data if line.name in {"a", "b", "c", "d"}]
    assert {line.color for line in lines} == {colour_of(gates[0])}
    assert len({line.dash for line in lines}) == 4


@pytest.mark.parametrize("name", CELLS.registered())
def test_those_of_the_cells_that_come_along_keep_theirs(name):
    shares = CELLS[name].shares
    if len(shares) > 1:
        dashes = [
            line.line.dash for line in drawn(shares).data if line.name in {one.letter for one in shares}
        ]
        assert len(set(zip(map(colour_of, shares), dashes, strict=True))) == len(shares)
    assert gates_height(shares) == GATES_HEIGHT


def test_each_of_many_has_room_for_its_name():
    figure = drawn([made(f"q{number}") for number in range(24)])
    names = sorted(note.y for note in figure.layout.annotations if note.text.startswith("<b>q"))
    assert len(names) == 24
    row = figure.layout.yaxis.domain[1] - figure.layout.yaxis.domain[0]
    assert min(np.diff(names)) * row * figure.layout.height >= 15


def test_what_is_no_gate_is_not_called_one():
    seen = replace(made("n", Role.PROPOSES), is_drawn_by_range=True)
    assert any("Seen between 0 and 1" in (note.text or "") for note in drawn([seen]).layout.annotations)
