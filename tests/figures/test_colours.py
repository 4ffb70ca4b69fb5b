"""What all figures share: how they are built, colours that carry meaning, and one look for each cell."""

import tomllib
from itertools import combinations

import pandas as pd
import plotly.graph_objects as go
import pytest

from rnn_core.config.run import RunConfig
from rnn_core.figures.builder import FigureBuilder
from rnn_core.figures.colours import (
    DARK,
    LIGHT,
    RUN_COLOURS,
    colour_of,
    dash_of,
    diverging,
    ink,
    run_colour,
    sequential,
)
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
from rnn_core.symbols import CELLS, KINDS, Role


def test_a_plotly_that_always_checks_gives_the_same_figure(monkeypatch):
    drawn = FigureBuilder(LIGHT, height=200, margin={"l": 40})
    drawn.scatter(x=[0, 1], y=[2.0, 3.0], name="loss")
    drawn.mark(type="line", x0=0, x1=1, y0=2, y1=2)
    unchecked, real = drawn.build(), go.Figure
    monkeypatch.setattr(go, "Figure", lambda data, layout=None: real(data, layout))
    assert drawn.build().to_plotly_json() == real(unchecked.to_dict()).to_plotly_json()


def test_a_role_has_one_colour_in_every_cell():
    members = "elman h gru z gru r gru n gru h lstm i lstm f lstm g lstm o lstm h lstm c".split()
    colours = [
        colour_of(CELLS[cell][letter]) for cell, letter in zip(members[::2], members[1::2], strict=True)
    ]
    assert colours == (
        "#64748B #009E73 #CC79A7 #56B4E9 #64748B #009E73 #CC79A7 #56B4E9 #E69F00 #64748B #7A5195".split()
    )


@pytest.mark.parametrize("cell", KINDS)
def test_the_lines_of_a_cell_differ_without_colour(cell):
    gates = [dash_of(known) for known in CELLS[cell].symbols if known.is_share]
    states = [dash_of(known) for known in CELLS[cell].symbols if known.role is Role.REMEMBERS]
    assert len(set(gates)) == len(gates)
    assert len(set(states)) == len(states)


def test_runs_take_their_colours_in_a_fixed_order_and_begin_again():
    assert [run_colour(place) for place in range(8)] == list(RUN_COLOURS)
    assert run_colour(8) == run_colour(0)


def test_scales_begin_or_meet_at_the_background():
    for theme in (LIGHT, DARK):
        assert sequential("#009E73", theme) == [[0.0, theme.background], [1.0, "#009E73"]]
        assert diverging(theme)[1] == [0.5, theme.background]
        assert [stop[1] for stop in diverging(theme)[::2]] == ["#D55E00", "#0072B2"]


def contrast(one, other):
    """The ratio of two colours, #rrggbb, as WCAG 2 has it."""

    def luminance(colour):
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_letters_of_a_role_have_a_contrast_of_three(theme):
    for known in (known for cell in ("elman", "gru", "lstm") for known in CELLS[cell].symbols):
        assert contrast(ink(colour_of(known), theme), theme.background) >= 3, known.letter


@pytest.mark.parametrize(("theme", "name"), [(LIGHT, "light"), (DARK, "dark")])
def test_a_chosen_button_is_seen_at_once(theme, name, pytestconfig):
    """It has the primary colour and white letters; others have the page's colour, or one halfway to a box."""
    config = tomllib.loads((pytestconfig.rootpath / ".streamlit" / "config.toml").read_text("utf-8"))
    colours = config["theme"][name]
    primary = colours["primaryColor"]
    assert (colours["backgroundColor"], colours["secondaryBackgroundColor"]) == (
        theme.background,
        theme.surface,
    )
    assert contrast(primary, theme.background) >= 3
    assert contrast(primary, theme.surface) >= 3
    assert contrast(primary, "#FFFFFF") >= 4.5


TEN = ["elman", "indrnn", "ugrnn", "gru", "mingru", "lstm", "minlstm", "rglru", "slstm", "s6"]


def test_no_two_cells_look_alike_also_without_colour_in_a_family():
    looks = dict(zip(TEN, cell_looks(TEN), strict=True))
    assert len({look.marker for look in looks.values()}) == len(TEN)
    for one, other in combinations(looks.values(), 2):
        assert one.colour != other.colour or one.dash != other.dash
    for family in (("elman", "indrnn"), ("gru", "mingru"), ("lstm", "minlstm")):
        usual, simpler = (looks[cell] for cell in family)
        assert usual.colour == simpler.colour
        assert (usual.dash, simpler.dash) == ("solid", "dash")


def test_a_cell_looks_the_same_whatever_it_stands_beside_and_whatever_it_is_called():
    for cell, usual in KINDS.items():
        alone = cell_looks([cell])
        assert cell_looks(["made-up", *reversed(TEN), cell])[-1:] == alone
        assert cell_looks([usual.name]) == alone


def test_variants_of_a_cell_have_its_colour_and_no_two_the_same_look():
    looks = dict(zip(CELLS, cell_looks([*CELLS]), strict=True))
    assert len(set(looks.values())) == len(looks)
    assert {look.colour for name, look in looks.items() if CELLS[name].kind == "lstm"} == {"#D55E00"}


def test_cells_beyond_the_table_are_pink_and_told_apart_in_the_order_in_which_they_are_shown():
    looks = cell_looks(["mine", "gru", "yours", "mine"])
    assert [look.colour for look in looks] == ["#CC79A7", "#0072B2", "#CC79A7", "#CC79A7"]
    assert looks[0] == looks[3] != looks[2]
    assert [look.dash for look in cell_looks(["yours", "mine"])] == ["solid", "dash"]


def test_networks_look_like_their_cells_only_where_no_two_have_the_same():
    assert looks_of_networks(["lstm", "gru"]) == cell_looks(["lstm", "gru"])
    assert looks_of_networks(["lstm", "gru", "lstm"]) == [look_at(place) for place in range(3)]


def test_runs_have_the_colours_of_their_cells_only_where_nothing_else_differs():
    runs = [RunConfig().with_settings(cell=cell) for cell in ("lstm", "gru")]
    assert colours_of_runs(runs) == ["#D55E00", "#0072B2"]
    assert colours_of_runs(runs[:1]) == [RUN_COLOURS[0]]
    assert colours_of_runs([runs[0], runs[1].with_settings(seed=1)]) == [*RUN_COLOURS[:2]]
    assert colours_of_runs([runs[1], runs[1].with_settings(cell="mingru")]) == [*RUN_COLOURS[:2]]


@pytest.mark.parametrize(
    ("factor", "by"), [("length", ["cell"]), ("cell", []), ("length", ["cell", "words"])]
)
def test_a_picture_of_cells_has_their_looks_and_says_so(factor, by):
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


def test_the_lines_of_one_cell_are_told_apart_by_their_markers():
    for look in cell_looks(TEN):
        assert len({refilled(look, number).marker for number in range(4)}) == 4
        assert refilled(look, 0) == look
