"""The declaration of each cell says what the cell computes."""

import re
from pathlib import Path

import pytest
import torch
from torch import Tensor

from rnn_core.config.run import ModelConfig
from rnn_core.nn.cells import Cell, State
from rnn_core.nn.classifier import make_cell
from rnn_core.symbols import CELL_NAMES, CellDeclaration, Role, declaration, state, symbol, symbols

VARIANTS = [("elman", "before"), ("gru", "before"), ("gru", "after"), ("lstm", "before")]


@pytest.fixture(params=VARIANTS, ids=lambda variant: "-".join(variant))
def made(request) -> tuple[Cell, CellDeclaration]:
    cell, reset = request.param
    torch.manual_seed(1)
    config = ModelConfig(cell=cell, reset=reset, hidden_size=5, embedding_size=4, initialisation="uniform")
    return make_cell(config, 20), declaration(cell, reset)


def step(cell: Cell) -> tuple[State, dict[str, Tensor]]:
    """Some states, as a cell can have them, and what it makes of them; the inputs saturate some gates."""
    before = tuple(torch.tanh(2 * torch.randn(7, 5)) for _ in range(cell.state_size))
    with torch.no_grad():
        return before, cell(3 * torch.randn(7, 4), before)._asdict()


def test_a_cell_computes_what_it_declares_and_nothing_else(made) -> None:
    cell, declared = made
    _, computed = step(cell)
    complete = declared.complete(computed)
    assert set(complete) == {known.letter for known in declared.symbols}
    assert set(declared.parts) == set(cell.blocks)
    assert list(computed)[: cell.state_size] == list(declared.states)
    for known in declared.symbols:
        if known.bounds is not None:
            low, high = known.bounds
            assert ((complete[known.letter] >= low) & (complete[known.letter] <= high)).all()


def test_the_declared_update_is_the_one_that_is_computed(made) -> None:
    cell, declared = made
    before, after = step(cell)
    update = declared.update
    if update is None:
        assert not any(known.is_gate for known in declared.symbols)
        return
    old = dict(zip(declared.states, before, strict=True))[update.memory]
    kept, dropped = update.kept_share(after) * old, update.dropped_share(after) * old
    written = after[update.writes] * after[update.candidate]
    torch.testing.assert_close(kept + written, after[update.memory])
    torch.testing.assert_close(kept + dropped, old)
    if update.shows is not None:
        torch.testing.assert_close(after[update.shows] * torch.tanh(after[update.memory]), after["h"])


def test_every_letter_of_the_equations_is_declared_and_has_one(made) -> None:
    _, declared = made
    assert set(declared.equations) == {known.letter for known in declared.symbols if known.equation}
    assert all(declared[letter].equation for letter in (*declared.parts, *declared.states))


def test_the_labels_of_the_gates() -> None:
    """They are what the app is about: nothing may swap or rename them by accident."""
    assert [(known.letter, known.name, str(known.role)) for known in symbols("gru")] == [
        ("z", "update gate", "writes"),
        ("r", "reset gate", "lets through"),
        ("n", "candidate state", "proposes"),
        ("h", "hidden state", "remembers"),
    ]
    assert [(known.letter, known.name, str(known.role)) for known in symbols("lstm")] == [
        ("i", "input gate", "writes"),
        ("f", "forget gate", "lets through"),
        ("o", "output gate", "shows"),
        ("g", "candidate cell state", "proposes"),
        ("c", "cell state", "remembers"),
        ("h", "hidden state", "remembers"),
    ]
    assert [(known.letter, known.mark) for known in symbols("elman")] == [("slope", "1 − h²"), ("h", "h")]


def test_candidates_are_no_gates() -> None:
    assert [known.letter for known in symbols("gru") if known.is_gate] == ["z", "r"]
    assert [known.letter for known in symbols("lstm") if known.is_gate] == ["i", "f", "o"]


@pytest.mark.parametrize(
    ("cell", "terms"),
    [("gru", ("(1 − z) h", "z n", "z h")), ("lstm", ("f c", "i g", "(1 − f) c"))],
)
def test_the_terms_of_an_update_are_written_as_in_the_equations(cell: str, terms: tuple[str, ...]) -> None:
    update = declaration(cell).update
    assert update is not None
    assert (update.kept, update.written, update.dropped) == terms


def test_the_parts_stand_in_the_order_of_the_drawing() -> None:
    assert ["".join(declaration(cell).parts) for cell in CELL_NAMES] == ["h", "zrn", "figo"]


def test_a_state_means_the_same_in_every_cell() -> None:
    for cell in CELL_NAMES:
        for letter in declaration(cell).states:
            known = symbol(cell, letter)
            assert known.role is Role.REMEMBERS
            assert (known.name, known.is_behind) == (state(letter).name, state(letter).is_behind)


def test_the_settings_offer_every_declared_cell_and_no_other() -> None:
    assert set(ModelConfig.settings()["cell"].choices) == set(CELL_NAMES)


@pytest.mark.parametrize("ask", [symbols, lambda cell: declaration(cell), lambda cell: symbol("gru", cell)])
def test_what_is_not_declared_is_no_key(ask) -> None:
    with pytest.raises(KeyError):
        ask("transformer")


@pytest.mark.parametrize("room", ["figures", "inspection", "models"])
def test_what_shows_a_cell_does_not_know_it_by_name(room: str) -> None:
    """A new cell is a class and a declaration: no figure and no table has to change for it."""
    for path in (Path(__file__).parents[1] / "rnn_core" / room).glob("*.py"):
        assert not re.findall(rf"\"({'|'.join(CELL_NAMES)})\"", path.read_text("utf-8")), path.name
