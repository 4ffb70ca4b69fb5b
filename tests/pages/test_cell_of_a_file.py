"""A cell that a file of the user's defines, computed by a process of its own, as a server has it.

`test_made_up.py` opens every page, panel and command with a version that its file has no longer; here is
what only a file has.
"""

import contextlib
import subprocess

import pytest

from pages.components.cells import forms
from rnn_core.cell_files import declared, folder
from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.versions import allow_to_run, keep
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.draw import gates
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.own_cells.process import close_all
from rnn_core.paths import own_cells_folder
from rnn_core.symbols import CELLS
from tests.cell_files.sources import PLAIN, of, write
from tests.pages.elements import as_written, put, said
from tests.pages.everywhere import TEXT, MadeUp

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
        see("size", h.abs() / (1 + h.abs()))
        if x.shape[1] == 99:
            raise ValueError("so many numbers")
        return z * h + (1 - z) * n
'''
LINE = next(number for number, line in enumerate(SOURCE.split("\n"), 1) if "ValueError" in line)
pytestmark = pytest.mark.slow


@contextlib.contextmanager
def changed_since():
    """A version of a file that has another one by now."""
    keep(write("slow", SOURCE))
    write("slow", PLAIN)
    yield
    close_all()


MEMBERS = {
    "a cell of a file": MadeUp(
        setting="cell",
        name=of(SOURCE, "slow").version,
        registered=changed_since,
        said={
            "cells": "new content, proposes",
            "read": "The file slow.py has changed since: this run keeps the source",
            "inside": "z below 0.1",
        },
    )
}


@pytest.fixture(scope="module", autouse=True)
def ended_with_the_tests():
    yield
    close_all()


@pytest.fixture
def version(make_model):
    """The version of a file, slow.py, with which the network "mine" was made."""
    version = write("slow", SOURCE).version
    make_model("mine", cell=version)
    return version


def opened(open_app, page, version):
    return open_app(page, {"model": "mine", "variant": version}, review_text=TEXT)


def test_pages_show_its_code_equations_and_versions(open_app, version):
    for page in ("read", "cells"):
        app = opened(open_app, page, version)
        assert not app.warning
        assert any("class Slow(nn.Module)" in code.value for code in app.code)
        assert any(r"\tanh(W x)" in latex.value for latex in app.latex)
    assert "new.weight [0, 1]" in [slider.label.replace("\\", "") for slider in app.slider]
    now = write("slow", SOURCE.replace("z keeps", "z holds")).version
    app, older = opened(open_app, "cells", version), f"slow, older ({version.partition('@')[2][:4]})"
    assert {"slow", older} <= {*app.get_by_key("cells_variant").options}
    put(app, cells_variant=now)
    assert f"No {CELLS[now].title} is trained" in said(app)


def test_it_is_timed_where_its_code_runs(open_app, version, monkeypatch):
    for name in ("ROUNDS", "BATCH", "LENGTH"):
        monkeypatch.setattr(forms, name, 2)
    app = open_app("cells", {"variant": version}, review_text=TEXT)
    beside = app.get_by_key(f"forms_beside_{version}")
    alike = [name for name, other in CELLS.items() if other.states == ("h",) and name != version]
    assert [name for name in CELLS if CELLS[name].title in beside.options] == alike
    app.get_by_key("time_forms").click().run()
    assert "Your cell slow takes" in as_written(app)
    [timed] = app.session_state["form_times"].values()
    assert timed.times.milliseconds["own"] > 0
    app.get_by_key("time_cells").click().run()
    assert app.session_state["cell_times"].times.milliseconds[version] > 0


def test_what_nothing_was_said_of_is_drawn_by_its_range(version):
    read = trace(Model.load("mine"), TEXT)
    wide = {letter: 3 * values + 1 for letter, values in read.arrays.items()}
    declared_so = (read.declared, read.declared.as_seen(read.arrays), read.declared.as_seen(wide))
    drawn = [{known.letter for known in declared.shares} for declared in declared_so]
    assert ["size" in letters for letters in drawn] == [False, True, False]
    assert "size" in str(gates(read, LIGHT).data)


def test_a_sentence_names_the_line_that_fails(open_app, make_model):
    """And the pages go on."""
    version = write("slow", SOURCE.replace("99", "3")).version
    make_model("mine", cell=version)
    for page in ("read", "cells"):
        app = opened(open_app, page, version)
        assert f"slow.py, line {LINE}: ValueError: so many numbers" in said(app)
    assert app.get_by_key("by_hand_play")


def test_a_version_that_was_never_here_is_another_cell(open_app):
    app = open_app("cells", {"variant": keep(of(SOURCE, "gone"), allow=False)[:-1] + "0"}, review_text=TEXT)
    assert app.get_by_key("cells_variant").value in CELLS.registered()


def switched_off(monkeypatch, version):
    monkeypatch.setenv(SWITCH, "0")


def imported(monkeypatch, version):
    """It came with a run, and nobody has allowed it."""
    (own_cells_folder() / "slow.py").unlink()
    (own_cells_folder() / "versions" / "allowed" / of(SOURCE, "slow").digest).unlink()
    monkeypatch.setattr(folder, "_seen", {})  # as in another process
    declared._of_version.cache_clear()


def damaged(monkeypatch, version):
    imported(monkeypatch, version)
    (own_cells_folder() / "versions" / f"{version}.py").write_text("import os")


WHY = {
    switched_off: "gatescope app --own-cells",
    imported: "came with an imported run. Its code can be read below, and does not run on this machine until",
    damaged: "is not what it was",
}


@pytest.mark.parametrize("made_so", WHY, ids=lambda made_so: made_so.__name__)
def test_where_it_may_not_run_pages_say_why(open_app, version, monkeypatch, made_so):
    """Every page opens, shows its code where it can be read, and starts nothing."""
    keep(write("slow", SOURCE))
    made_so(monkeypatch, version)
    begun, begin = [], subprocess.Popen.__init__
    monkeypatch.setattr(subprocess.Popen, "__init__", lambda *a, **more: begun.append(a) or begin(*a, **more))
    for page in ("home", "data", "train", "experiments", "cells", "read"):
        app = opened(open_app, page, version)
        if page in ("cells", "read") and made_so is not damaged:
            assert WHY[made_so] in said(app)
            assert any("class Slow(nn.Module)" in code.value for code in app.code)
    assert WHY[made_so] in said(app)
    assert [words for words in begun if "own_cells" in str(words)] == []
    if made_so is imported:
        assert "gatescope cells allow mine" in [code.value for code in app.code]
        allow_to_run(of(SOURCE, "slow").digest)
        app = opened(open_app, "read", version)
        assert "allow it" not in as_written(app)
        assert not app.error
