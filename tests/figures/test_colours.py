"""Colours that carry meaning, and one look for each cell."""

from itertools import combinations

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.equations.words import CellText
from rnn_core.figures import colours
from rnn_core.figures.colours import DARK, LIGHT, RUN_COLOURS, colour_of
from rnn_core.figures.looks import LineLook, cell_looks, colours_of_runs, look_at, looks_of_networks, refilled
from rnn_core.symbols import CELLS, KINDS, CellDeclaration, Role
from tests.figures.examples import contrast

BOTH = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def test_a_role_has_one_colour_in_every_cell():
    members = "elman h gru z gru r gru n gru h lstm i lstm f lstm g lstm o lstm h lstm c".split()
    found = [colour_of(CELLS[cell][letter]) for cell, letter in zip(members[::2], members[1::2], strict=True)]
    assert found == (
        "#64748B #009E73 #CC79A7 #56B4E9 #64748B #009E73 #CC79A7 #56B4E9 #E69F00 #64748B #7A5195".split()
    )


@pytest.mark.parametrize("cell", KINDS)
def test_the_lines_of_a_cell_differ_without_colour(cell):
    gates = [colours.dash_of(known) for known in CELLS[cell].symbols if known.is_share]
    states = [colours.dash_of(known) for known in CELLS[cell].symbols if known.role is Role.REMEMBERS]
    assert len(set(gates)) == len(gates)
    assert len(set(states)) == len(states)


def test_runs_take_their_colours_in_a_fixed_order():
    assert [colours.run_colour(place) for place in range(9)] == [*RUN_COLOURS, RUN_COLOURS[0]]


@BOTH
def test_scales_begin_or_meet_at_the_background(theme):
    assert colours.sequential("#009E73", theme) == [[0.0, theme.background], [1.0, "#009E73"]]
    assert colours.diverging(theme)[1] == [0.5, theme.background]
    assert [stop[1] for stop in colours.diverging(theme)[::2]] == ["#D55E00", "#0072B2"]


@BOTH
def test_letters_of_a_role_have_a_contrast_of_three(theme):
    for known in (known for cell in KINDS for known in CELLS[cell].symbols):
        assert contrast(colours.ink(colour_of(known), theme), theme.background) >= 3, known.letter


def test_no_two_cells_look_alike():
    """Cells of a family have one colour, and differ without it."""
    looks = dict(zip(KINDS, cell_looks([*KINDS]), strict=True))
    assert len({look.marker for look in looks.values()}) == len(KINDS)
    for one, other in combinations(looks.values(), 2):
        assert (one.colour, one.dash) != (other.colour, other.dash)
    for usual, simpler in (("elman", "indrnn"), ("gru", "mingru"), ("lstm", "minlstm")):
        assert looks[usual].colour == looks[simpler].colour
        assert (looks[usual].dash, looks[simpler].dash) == ("solid", "dash")
    variants = dict(zip(CELLS, cell_looks([*CELLS]), strict=True))
    assert len(set(variants.values())) == len(variants)
    assert {look.colour for name, look in variants.items() if CELLS[name].kind == "lstm"} == {"#D55E00"}
    for look in looks.values():  # the next lines of a cell differ by their markers
        assert len({refilled(look, number).marker for number in range(4)}) == 4
        assert refilled(look, 0) == look


def test_a_cell_looks_the_same_beside_any_other():
    for cell, usual in KINDS.items():
        alone = cell_looks([cell])
        assert cell_looks(["made-up", *[*KINDS][::-1], cell])[-1:] == alone
        assert cell_looks([usual.name]) == alone


def test_cells_beyond_the_table_are_told_apart():
    looks = cell_looks(["mine", "gru", "yours", "mine"])
    assert [look.colour for look in looks] == ["#CC79A7", "#0072B2", "#CC79A7", "#CC79A7"]
    assert looks[0] == looks[3] != looks[2]
    assert [look.dash for look in cell_looks(["yours", "mine"])] == ["solid", "dash"]


def test_the_text_of_a_cell_says_how_it_looks(monkeypatch):
    text = CellText.read("# name: Mine\n# look: shows dash x\nh' = tanh(x @ W)")
    mine = CellDeclaration(text.equations, "mine", text)
    monkeypatch.setattr(CELLS, "_values", {**CELLS.registered(), "mine": mine})
    assert cell_looks(["mine", "Mine"]) == [LineLook(colours.SHOWS, "dash", "x")] * 2


def test_networks_look_like_their_cells_if_they_can():
    """Only where no two have the same, of runs only where nothing else differs."""
    assert looks_of_networks(["lstm", "gru"]) == cell_looks(["lstm", "gru"])
    assert looks_of_networks(["lstm", "gru", "lstm"]) == [look_at(place) for place in range(3)]
    lstm, gru = (RunConfig().with_settings(cell=cell) for cell in ("lstm", "gru"))
    assert colours_of_runs([lstm, gru]) == ["#D55E00", "#0072B2"]
    assert colours_of_runs([lstm]) == [RUN_COLOURS[0]]
    assert colours_of_runs([lstm, gru.with_settings(seed=1)]) == [*RUN_COLOURS[:2]]
    assert colours_of_runs([gru, gru.with_settings(cell="mingru")]) == [*RUN_COLOURS[:2]]
