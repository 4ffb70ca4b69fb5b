"""A cell of which only what comes in and out is known: every page shows it without a drawing or equations."""

from collections import namedtuple
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from pages.components.cells import forms
from rnn_core.config.run import RunConfig
from rnn_core.errors import CellError
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.draw import gates
from rnn_core.inspection.by_hand import first_values, knobs, play
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.trace import trace
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.nn.cells import Cell, as_computed
from rnn_core.paths import pretrained_folder
from rnn_core.symbols import CELLS, CellDeclaration, Role, Symbol
from rnn_core.training.trainer import Trainer
from tests.pages.elements import as_written
from tests.pages.everywhere import TEXT, call_all, open_all

GatedStep = namedtuple("GatedStep", ["h", "z"])
CODE = "def forward(self, x, h):\n    z = see('z', torch.sigmoid(self.gate(x)))\n    return ...\n"
FAILS = {"now": False}


class GatedCell(Cell):
    """h' = (1 - z) h + z tanh(new), its weights in layers of torch."""

    kind = "gated"
    blocks = ()
    step_type = GatedStep

    def __init__(self, input_size, hidden_size, **settings):
        super().__init__(input_size, hidden_size, **settings)
        self.gate = nn.Linear(input_size + hidden_size, hidden_size)
        self.new = nn.Linear(input_size + hidden_size, hidden_size)

    def project(self, x):
        return x

    def update(self, projected, state):
        return self.naive(projected, state)

    def naive(self, x, state, hold=as_computed):
        if FAILS["now"]:
            raise CellError("gated.py, line 3: it fails.")
        both = torch.cat([x, state[0]], dim=1)
        z = hold("z", torch.sigmoid(self.gate(both)))
        return GatedStep(h=hold("h", state[0] + z * (torch.tanh(self.new(both)) - state[0])), z=z)


GATED = CellDeclaration(
    kind="gated",
    name="Gated",
    noun="a gated cell",
    implementation=f"{__name__}:GatedCell",
    summary="A gated cell.",
    symbols=(
        Symbol(
            letter="z", word="z", role=Role.WRITES, meaning="as_seen", bounds=None, is_drawn_by_range=True
        ),
        replace(CELLS["gru"]["h"], equation="", bounds=None, is_drawn_by_range=True),
    ),
    equations=(),
    convention="The gate looks at everything.",
    has_parts=False,
    code=CODE,
)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setattr(CELLS, "_values", dict(CELLS))
    monkeypatch.setitem(FAILS, "now", False)
    CELLS.register("gated", GATED)


@pytest.fixture
def trained(tiny_corpus):
    """A network on it, called "gated", that has learned for a moment."""
    config = RunConfig(data="verdict").with_settings(
        cell="gated", hidden_size=5, embedding_size=3, epochs=1, batch_size=16, max_length=12, vocab_size=50
    )
    trainer = Trainer(config, tiny_corpus)
    list(trainer)
    save_model(pretrained_folder() / "gated", config, trainer.vocabulary, trainer.weights())


def test_every_page_and_panel_opens_with_it(open_app, trained, with_own_corpus, make_model):
    make_model("other")
    cells, read = open_all(open_app, "gated", "cell", "gated", variant="gated")
    assert not cells.exception
    for app in (cells, read):
        assert CODE.strip() in [code.value.strip() for code in app.code]
    assert GATED.convention in as_written(cells)
    assert "hidden state, before" in as_written(cells)


def test_its_time_step_is_what_came_in_was_seen_and_went_on(trained):
    model = Model.load("gated")
    read = trace(model, TEXT)
    step = one_step(model, read, 3, 1)
    assert (step.parts, step.before["h"], step.after["h"]) == (
        {},
        pytest.approx(read.arrays["h"][2, 1]),
        pytest.approx(read.arrays["h"][3, 1]),
    )
    assert step.values["z"] == pytest.approx(read.arrays["z"][3, 1])


def test_a_quantity_of_which_nothing_was_said_is_drawn_by_its_range(trained):
    read = trace(Model.load("gated"), TEXT)
    assert [known.letter for known in read.declared.shares] == []
    assert [known.letter for known in read.declared.as_seen(read.arrays).shares] == ["z"]
    wide = {"z": 3 * read.arrays["z"], "h": read.arrays["h"]}
    assert read.declared.as_seen(wide) is read.declared
    assert "z" in str(gates(read, LIGHT).data)


def test_its_weights_by_hand_are_the_numbers_of_its_parameters():
    cell = GatedCell(1, 1)
    assert len(knobs(cell)) == sum(weights.numel() for weights in cell.parameters()) == 6
    values = {**first_values(cell), "h": 0.5}
    played = play(cell, GATED, values, 130)
    state = (torch.full((1, 1), 0.5, dtype=torch.float64),)
    for _ in range(130):
        state = cell.naive(torch.ones(1, 1, dtype=torch.float64), state)[:1]
    np.testing.assert_allclose(played.states["h"][-1, 0], state[0].detach().item(), rtol=1e-12)


def test_a_cell_that_fails_is_a_sentence_and_the_pages_go_on(open_app, trained, make_model, monkeypatch):
    make_model("other")
    monkeypatch.setitem(FAILS, "now", True)
    read = open_app("read", {"model": "gated"}, review_text=TEXT)
    cells = open_app("cells", {"model": "gated", "variant": "gated"}, review_text=TEXT)
    for app in (read, cells):
        assert not app.exception
        assert any(
            "gated.py, line 3: it fails." in warning.value.replace("\\", "") for warning in app.warning
        )
    assert CODE.strip() in [code.value.strip() for code in cells.code]


def test_every_command_takes_it(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call_all("gated")


def test_its_code_stands_beside_the_forms_of_another_cell_and_is_timed_against_them(open_app, monkeypatch):
    monkeypatch.setattr(forms, "ROUNDS", 1)
    monkeypatch.setattr(forms, "BATCH", 2)
    monkeypatch.setattr(forms, "LENGTH", 3)
    app = open_app("cells", {"variant": "gated"}, review_text=TEXT)
    beside = app.get_by_key("forms_beside_gated")
    assert CELLS[beside.value].states == ("h",)
    assert [name for name in CELLS if CELLS[name].title in beside.options] == [
        name for name, declared in CELLS.items() if declared.states == ("h",) and name != "gated"
    ]
    app.get_by_key("time_forms").click().run()
    assert not app.exception
    assert "A gated cell takes" in as_written(app)
    [timed] = app.session_state["form_times"].values()
    assert set(timed.times.milliseconds) >= {"own", "naive", "fused", "sequence", "floor"}
