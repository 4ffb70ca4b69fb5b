"""A cell has one look wherever cells are compared, and a picture uses one code."""

from itertools import combinations

import pandas as pd
import pytest

from rnn_core.config.run import RunConfig
from rnn_core.figures.colours import LIGHT, RUN_COLOURS
from rnn_core.figures.effects import code_of, effect
from rnn_core.figures.looks import (
    BY_CELL,
    BY_ORDER,
    cell_looks,
    colours_of_runs,
    look_at,
    looks_of_networks,
    refilled,
)
from rnn_core.symbols import CELLS, KINDS

TEN = ["elman", "indrnn", "ugrnn", "gru", "mingru", "lstm", "minlstm", "rglru", "slstm", "s6"]


def test_no_two_cells_look_alike_also_without_colour_in_a_family() -> None:
    looks = dict(zip(TEN, cell_looks(TEN), strict=True))
    assert len({look.marker for look in looks.values()}) == len(TEN)
    for one, other in combinations(looks.values(), 2):
        assert one.colour != other.colour or one.dash != other.dash
    for family in (("elman", "indrnn"), ("gru", "mingru"), ("lstm", "minlstm")):
        usual, simpler = (looks[cell] for cell in family)
        assert usual.colour == simpler.colour
        assert (usual.dash, simpler.dash) == ("solid", "dash")


def test_a_cell_looks_the_same_whatever_it_stands_beside_and_whatever_it_is_called() -> None:
    for cell, usual in KINDS.items():
        alone = cell_looks([cell])
        assert cell_looks(["made-up", *reversed(TEN), cell])[-1:] == alone
        assert cell_looks([usual.name]) == alone


def test_variants_of_a_cell_have_its_colour_and_no_two_the_same_look() -> None:
    looks = dict(zip(CELLS, cell_looks([*CELLS]), strict=True))
    assert len(set(looks.values())) == len(looks)
    assert {look.colour for name, look in looks.items() if CELLS[name].kind == "lstm"} == {"#D55E00"}


def test_cells_beyond_the_table_are_pink_and_told_apart_in_the_order_in_which_they_are_shown() -> None:
    looks = cell_looks(["mine", "gru", "yours", "mine"])
    assert [look.colour for look in looks] == ["#CC79A7", "#0072B2", "#CC79A7", "#CC79A7"]
    assert looks[0] == looks[3] != looks[2]
    assert [look.dash for look in cell_looks(["yours", "mine"])] == ["solid", "dash"]


def test_networks_look_like_their_cells_only_where_no_two_have_the_same() -> None:
    assert looks_of_networks(["lstm", "gru"]) == cell_looks(["lstm", "gru"])
    assert looks_of_networks(["lstm", "gru", "lstm"]) == [look_at(place) for place in range(3)]


def test_runs_have_the_colours_of_their_cells_only_where_nothing_else_differs() -> None:
    runs = [RunConfig().with_settings(cell=cell) for cell in ("lstm", "gru")]
    assert colours_of_runs(runs) == ["#D55E00", "#0072B2"]
    assert colours_of_runs(runs[:1]) == [RUN_COLOURS[0]]
    assert colours_of_runs([runs[0], runs[1].with_settings(seed=1)]) == [*RUN_COLOURS[:2]]
    assert colours_of_runs([runs[1], runs[1].with_settings(cell="mingru")]) == [*RUN_COLOURS[:2]]


@pytest.mark.parametrize(
    ("factor", "by"), [("length", ["cell"]), ("cell", []), ("length", ["cell", "words"])]
)
def test_a_picture_of_cells_has_their_looks_and_says_so(factor: str, by: list[str]) -> None:
    table = pd.DataFrame(
        {"cell": cell, "length": length, "words": words, "seed": 0, "run": "r", "test_accuracy": 0.8}
        for cell in ("LSTM", "mingru")
        for length in (25, 100)
        for words in (1, 2)
    )
    names = {name: name for name in table}
    figure = effect(table, factor, "test_accuracy", by=by, names=names, theme=LIGHT)
    colours = [look.colour for look in cell_looks(["lstm", "mingru"])]
    if by:
        assert list(dict.fromkeys(curve.line.color for curve in figure.data)) == colours
        assert len({(curve.line.color, curve.marker.symbol) for curve in figure.data}) == len(figure.data)
    else:
        assert list(figure.data[0].marker.color) == colours
    assert code_of(factor, by) == BY_CELL
    assert code_of("length", ["words"]) == BY_ORDER


def test_the_lines_of_one_cell_are_told_apart_by_their_markers() -> None:
    for look in cell_looks(TEN):
        assert len({refilled(look, number).marker for number in range(4)}) == 4
        assert refilled(look, 0) == look
