"""A cell of the user's own on Read and Cells, computed by a process of its own, as a server has it."""

import pytest

from pages.components.cells import forms
from rnn_core.cell_files import switch
from rnn_core.cell_files.versions import keep
from rnn_core.inspection.clamps import Clamp, hold
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.own_cells.process import close_all
from rnn_core.symbols import CELLS
from tests.cell_files.sources import of, write
from tests.pages.elements import as_written, put, said
from tests.pages.everywhere import TEXT, call_all, open_all

SOURCE = r'''
import torch
from torch import nn

from rnn_core import see


class Slow(nn.Module):
    """z keeps, n is new."""

    quantities = {"n": {"name": "new content", "bounds": (-1, 1), "latex": r"\tanh(W x)"}}

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.gate = nn.Linear(input_size + hidden_size, hidden_size)
        self.new = nn.Linear(input_size + hidden_size, hidden_size)

    def forward(self, x, h):
        both = torch.cat([x, h], dim=1)
        z = see("z", torch.sigmoid(self.gate(both)))
        n = see("n", torch.tanh(self.new(both)))
        size = see("size", h.abs() / (1 + h.abs()))
        h = z * h + (1 - z) * n
        if x.shape[1] == 99:
            raise ValueError("so many numbers")
        return h
'''

LINE = next(number for number, line in enumerate(SOURCE.split("\n"), 1) if "ValueError" in line)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def ended_with_the_tests():
    yield
    close_all()


@pytest.fixture
def version():
    """The version of a file, slow.py."""
    return write("slow", SOURCE).version


def test_every_page_and_panel_opens_with_it(open_app, version, make_model):
    make_model("other")
    make_model("mine", cell=version)
    cells, read = open_all(open_app, "mine", "cell", version, variant=version)
    assert cells.get_by_key("cells_variant").value == version
    for app in (cells, read):
        assert not app.warning
        assert any("class Slow(nn.Module)" in code.value for code in app.code)
        assert any(r"\tanh(W x)" in latex.value for latex in app.latex)
    assert "new content, proposes" in as_written(cells)
    assert "new.weight [0, 1]" in [slider.label.replace("\\", "") for slider in cells.slider]


def test_every_command_takes_it(version, make_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_model("mine", cell=version)
    call_all("mine")


def test_what_is_seen_can_be_held_and_stands_in_a_time_step(version, make_model):
    make_model("mine", cell=version)
    model = Model.load("mine")
    read = trace(model, TEXT)
    assert [known.letter for known in read.declared.symbols] == ["z", "n", "size", "h"]
    step = one_step(model, read, 4, 1)
    assert step.after["h"] == pytest.approx(
        step.values["z"] * step.before["h"] + (1 - step.values["z"]) * step.values["n"], abs=1e-6
    )
    held = hold(model, read, [Clamp(letter="z", value=1.0, first=4)])
    assert held.after.arrays["h"][-1] == pytest.approx(held.after.arrays["h"][4])
    assert held.after.arrays["z"][5:].min() == 1.0


def test_it_is_timed_where_its_code_runs(open_app, version, monkeypatch):
    for name in ("ROUNDS", "BATCH", "LENGTH"):
        monkeypatch.setattr(forms, name, 2)
    app = open_app("cells", {"variant": version}, review_text=TEXT)
    app.get_by_key("time_forms").click().run()
    assert "Your cell slow takes" in as_written(app)
    [timed] = app.session_state["form_times"].values()
    assert timed.times.milliseconds["own"] > 0
    app.get_by_key("time_cells").click().run()
    assert app.session_state["cell_times"].times.milliseconds[version] > 0


def test_where_its_code_fails_the_sentence_names_the_line_and_pages_go_on(open_app, make_model):
    version = write("slow", SOURCE.replace("99", "3")).version
    make_model("mine", cell=version)
    for page in ("read", "cells"):
        app = open_app(page, {"model": "mine", "variant": version}, review_text=TEXT)
        assert f"slow.py, line {LINE}: ValueError: so many numbers" in said(app).replace("\\", "")
    assert app.get_by_key("by_hand_play")


def test_where_it_may_not_run_the_pages_say_why_and_show_its_code(open_app, version, make_model, monkeypatch):
    make_model("mine", cell=version)
    monkeypatch.setenv(switch.SWITCH, "0")
    for page in ("read", "cells"):
        app = open_app(page, {"model": "mine", "variant": version}, review_text=TEXT)
        assert "gatescope app --own-cells" in said(app).replace("\\", "")
        assert any("class Slow(nn.Module)" in code.value for code in app.code)


def test_an_older_version_that_a_model_has_is_listed_under_its_name(open_app, version, make_model):
    make_model("mine", cell=version)
    now = write("slow", SOURCE.replace("z keeps", "z holds")).version
    app = open_app("cells", {"model": "mine", "variant": version}, review_text=TEXT)
    options = app.get_by_key("cells_variant").options
    assert {"slow", f"slow, older ({version.partition('@')[2][:4]})"} <= {*options}
    put(app, cells_variant=now)
    assert f"No {CELLS[now].title} is trained" in said(app)


def test_a_version_that_was_never_here_is_another_cell(open_app):
    app = open_app("cells", {"variant": keep(of(SOURCE, "gone"), allow=False)[:-1] + "0"}, review_text=TEXT)
    assert app.get_by_key("cells_variant").value in CELLS.registered()
