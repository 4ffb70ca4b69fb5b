import pytest

from rnn_core.figures.colours import (
    DARK,
    LIGHT,
    RUN_COLOURS,
    colour_of,
    dash_of,
    diverging,
    fade,
    ink,
    run_colour,
    sequential,
)
from rnn_core.symbols import CELLS, KINDS, Role


@pytest.mark.parametrize(
    ("colour", "members"),
    [
        ("#009E73", [("gru", "z"), ("lstm", "i")]),
        ("#CC79A7", [("gru", "r"), ("lstm", "f")]),
        ("#56B4E9", [("gru", "n"), ("lstm", "g")]),
        ("#E69F00", [("lstm", "o")]),
        ("#64748B", [("elman", "h"), ("gru", "h"), ("lstm", "h")]),
        ("#7A5195", [("lstm", "c")]),
    ],
)
def test_a_role_has_one_colour_in_every_cell(colour: str, members: list[tuple[str, str]]) -> None:
    assert {colour_of(CELLS[cell][letter]) for cell, letter in members} == {colour}


@pytest.mark.parametrize("cell", KINDS)
def test_the_lines_of_a_cell_differ_without_colour(cell: str) -> None:
    gates = [dash_of(known) for known in CELLS[cell].symbols if known.is_share]
    states = [dash_of(known) for known in CELLS[cell].symbols if known.role is Role.REMEMBERS]
    assert len(set(gates)) == len(gates)
    assert len(set(states)) == len(states)


def test_runs_take_their_colours_in_a_fixed_order_and_begin_again() -> None:
    assert [run_colour(place) for place in range(8)] == list(RUN_COLOURS)
    assert run_colour(8) == run_colour(0)


def test_scales_begin_or_meet_at_the_background() -> None:
    for theme in (LIGHT, DARK):
        assert sequential("#009E73", theme) == [[0.0, theme.background], [1.0, "#009E73"]]
        assert diverging(theme)[1] == [0.5, theme.background]
        assert [stop[1] for stop in diverging(theme)[::2]] == ["#D55E00", "#0072B2"]


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_letters_in_a_roles_colour_have_a_contrast_of_at_least_three(theme) -> None:
    for cell in ("elman", "gru", "lstm"):
        for known in CELLS[cell].symbols:
            pair = sorted([_luminance(ink(colour_of(known), theme)), _luminance(theme.background)])
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 3, known.letter


def test_a_faded_colour_keeps_its_channels() -> None:
    assert fade("#D55E00", 0.5) == "rgba(213,94,0,0.5)"
