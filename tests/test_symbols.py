"""The declaration of each cell says what the cell computes."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.errors import ConfigError
from rnn_core.nn.classifier import make_cell
from rnn_core.symbols import CELLS, KINDS, Role, variant_of
from tests.nn.variants import Dispatched

PROJECT = Path(__file__).parents[1]


@pytest.fixture(params=CELLS)
def made(request):
    """A cell, its declaration, states that it comes to, and what it makes of them; inputs saturate gates."""
    torch.manual_seed(1)
    config = ModelConfig(
        hidden_size=5, embedding_size=4, initialisation="uniform", **CELLS[request.param].run_settings
    )
    assert config.variant == request.param
    cell = make_cell(config, 20)
    assert cell.declared is config.declared
    before = cell.initial_state(7)
    with torch.no_grad():
        for _ in range(3):
            before = cell(3 * torch.randn(7, 4), before)[: cell.state_size]
        return cell, cell.declared, before, cell(3 * torch.randn(7, 4), before)._asdict()


def test_a_cell_computes_what_it_declares_and_nothing_else(made):
    cell, declared, _, computed = made
    complete = declared.complete(computed)
    assert set(complete) == {known.letter for known in declared.symbols}
    assert set(declared.parts) == set(cell.blocks)
    assert list(computed)[: cell.state_size] == list(declared.states)


def test_shares_of_a_minlstm_add_up_to_one_with_any_gates():
    update = CELLS["minlstm"].update
    gates = {"f": np.array([0.0, 0.0, 1e-40, 1e-33, 0.5]), "i": np.array([0.0, 0.3, 3e-40, 1e-33, 0.0])}
    np.testing.assert_allclose(update.kept_share(gates), [1, 0, 0.25, 0.5, 1])
    np.testing.assert_allclose(update.written_share(gates), [0, 1, 0.75, 0.5, 0])
    assert update.kept_share({"f": 0.0, "i": 0.0}) == 1


def test_a_variant_is_named_by_its_settings():
    assert {declared.kind for name, declared in CELLS.items() if name not in KINDS} == {"gru", "lstm"}
    for name, declared in CELLS.items():
        assert variant_of(declared.kind, declared.settings) == name
    assert len({declared.title for declared in CELLS.values()}) == len(CELLS)


def test_the_labels_of_the_gates():
    """They are what the app is about: nothing may swap or rename them by accident."""
    z, n, h = "z: update gate writes", "n: candidate state proposes", "h: hidden state remembers"
    i, f = "i: input gate writes", "f: forget gate lets through"
    of_lstm = ["o: output gate shows", "g: candidate cell state proposes", "c: cell state remembers"]
    for cell, labels in {
        "gru": [z, "r: reset gate lets through", n, h],
        "lstm": [i, f, *of_lstm, h],
        "ugrnn": [z, n, h],
        "mingru": [z, n, h],
        "minlstm": [i, f, n, h],
    }.items():
        assert [f"{known.letter}: {known.name} {known.role}" for known in CELLS[cell].symbols] == labels
    for cell, slope in {"elman": "1 − h²", "indrnn": "h > 0"}.items():
        marks = [(known.letter, known.mark) for known in CELLS[cell].symbols]
        assert marks == [("slope", slope), ("h", "h")]


def test_letters_that_papers_use_otherwise():
    """The recurrence gate of an RG-LRU is no reset gate; z and n of an sLSTM are none of a GRU."""
    declared, of_slstm = CELLS["rglru"], CELLS["slstm"]
    assert declared.reset is None
    assert (declared["r"].name, declared["r"].role) == ("recurrence gate", Role.FORGETS)
    assert "r is the recurrence gate and no reset gate" in declared.convention
    assert declared.made_of("r") == declared["a"]
    assert not {"z", "n"} & {known.letter for known in of_slstm.symbols}
    assert "Their z and n are g and d here" in of_slstm.convention
    assert (of_slstm["g"].name, of_slstm["d"].name) == ("candidate cell state", "normaliser")


def test_a_cell_of_today_says_what_it_adds_and_leaves_out():
    added = {"rglru": ("minGRU", "De et al., 2024"), "slstm": ("an LSTM", "Beck et al., 2024")}
    for cell, (older, paper) in (added | {"s6": ("minGRU", "Gu and Dao, 2023")}).items():
        declared = CELLS[cell]
        assert re.search(rf"As in {paper}.+ Beside {older}, [^.]+ \({paper}\)\. ?", declared.convention)
        assert "a convolution over the last words" in declared.differs


def test_what_has_no_bounds_is_declared():
    unbounded = {
        name: "".join(known.letter for known in declared.symbols if known.bounds is None)
        for name, declared in CELLS.items()
        if declared.kind != "lstm"
    }
    bounded = dict.fromkeys(("elman", "ugrnn", "gru", "gru-after"), "")
    of_today = {"rglru": "nh", "slstm": "icm", "s6": "nB1B2B3B4C1C2C3C4s1s2s3s4h"}
    for declared in (one for one in CELLS.values() if one.kind == "lstm"):
        assert ("no bounds" in declared.convention) == (declared["c"].bounds is None)
    assert unbounded == {**bounded, "mingru": "nh", "minlstm": "nh", "indrnn": "h", **of_today}


def test_terms_of_an_update_are_as_in_the_equations():
    for cell, terms in {
        "gru": ("(1 − z) h", "z n", "z h"),
        "lstm": ("f c", "i g", "(1 − f) c"),
        "lstm-coupled-gates": ("(1 − i) c", "i g", "i c"),
        "minlstm": ("f/(f + i) h", "i/(f + i) n", "i/(f + i) h"),
        "slstm": ("q v", "p g", "p v"),
        "s6": ("a1 s1", "Δ B1 n", "(1 − a1) s1"),
        "rglru": ("a h", "√(1 − a²) i n", "(1 − a) h"),
    }.items():
        update = CELLS[cell].update
        assert (update.kept, update.written, update.dropped) == terms


def test_a_cell_says_what_it_does_with_its_memory():
    """Half a sentence, which goes on after the name of the cell."""
    says = {known.kind: known.memory for known in CELLS.values()}
    assert len(set(says.values())) == len(KINDS)
    assert all(re.fullmatch(r"[a-z][^.]{40,100}", half) for half in says.values())


def test_products_are_those_that_are_computed(made):
    cell, declared, before, _ = made
    with Dispatched() as computed, torch.no_grad():
        cell.naive(torch.randn(7, 4), before)
    sizes = [args[1].shape for operator, args, _ in computed.calls if operator is torch.ops.aten.mm.default]
    of_word = [columns for rows, columns in sizes if rows == 4]
    of_memory = [columns for rows, columns in sizes if rows == 5]
    assert declared.products == (len(of_word), of_word.count(1), len(of_memory))
    assert len(sizes) == len(of_word) + len(of_memory)
    with Dispatched() as computed, torch.no_grad():
        cell.update(cell.project(torch.randn(7, 4)), before)
    fused = [args[1] for operator, args, _ in computed.calls if operator is torch.ops.aten.mm.default]
    waits = declared.reset is not None and not declared.reset.after
    assert sum(len(right) == 5 for right in fused) == bool(of_memory) + waits


def test_states_are_those_the_next_step_reads(made):
    cell, declared, before, _ = made
    before = tuple(part.requires_grad_() for part in before)
    after = cell(torch.randn(7, 4), before)
    sums = sum(after[place].sum() for place in range(cell.state_size))
    read = torch.autograd.grad(sums, before, allow_unused=True)
    found = [letter for letter, of in zip(declared.states, read, strict=True) if of is not None]
    assert list(declared.remembering) == found


def test_in_parallel_is_what_is_linear_in_memory(made):
    """A step is then kept * memory + new, of which many can be computed at once."""
    cell, declared, before, _ = made
    x, other = torch.randn(7, 4), tuple(part + torch.rand_like(part) for part in before)
    between = tuple((one + two) / 2 for one, two in zip(before, other, strict=True))
    with torch.no_grad():
        first, second, middle = (cell(x, state)[: cell.state_size] for state in (before, other, between))
    states = zip(first, second, middle, strict=True)
    is_linear = all(torch.allclose((one + two) / 2, half, atol=1e-6) for one, two, half in states)
    assert declared.is_parallel == is_linear


def test_what_has_one_gate_is_said_of_each_that_has():
    one = {kind for kind, known in KINDS.items() if sum(gate.is_gate for gate in known.symbols) == 1}
    assert one == {"ugrnn", "mingru"}
    assert {kind for kind, known in KINDS.items() if "one gate" in known.summary} == one


def test_the_settings_offer_every_declared_cell_and_no_other():
    seven = ["elman", "ugrnn", "gru", "lstm", "mingru", "minlstm", "indrnn"]
    assert list(KINDS) == [*seven, "rglru", "slstm", "s6"]
    assert list(ModelConfig.settings()["cell"].choices) == list(KINDS)
    help = ModelConfig.settings()["cell"].help
    assert all(usual.summary in help and usual.full_name in usual.summary for usual in KINDS.values())

    for name, kinds in (("reset", "GRU"), ("coupled_gates", "LSTM"), ("peepholes", "LSTM")):
        assert ModelConfig.settings()[name].help.startswith(f"{kinds} only: ")


def test_what_is_not_declared_is_no_key():
    with pytest.raises(ConfigError, match="There is no cell called 'transformer'"):
        KINDS["transformer"]
    assert "gru-after" in CELLS
    assert "gru-after" not in KINDS
    with pytest.raises(ConfigError, match="There is no LSTM with the settings"):
        variant_of("lstm", {"coupled_gates": True})
    with pytest.raises(KeyError):
        CELLS["gru"]["c"]


ROOMS = [*(f"rnn_core/{room}" for room in "figures inspection models export nn".split()), "pages"]
NAMED = "pages", "rnn_core/export/pytorch.py"
"""The files in which a cell has its name: networks to begin with, and what PyTorch has itself."""
COMPUTES = "rnn_core/export", "rnn_core/nn"
"""The files in which functions are translated, each by its name."""


def found_beside_equations(path, code):
    """Names of cells and of their weights, and what is written of formulas."""
    names = "|".join(CELLS)
    weights = {name for declared in CELLS.values() for name in declared.source.weights if "_" in name}
    code = re.sub(r'""".*?"""|#[^\n"]*\n|//[^\n]*', "", code, flags=re.DOTALL)
    of_name = [] if path.startswith(NAMED) else re.findall(rf"[\"']({names})[\"']", code)
    functions = r"\b(?:np|math|torch|functional)\.(?:tanh|sigmoid|relu|softplus)\b|\\odot"
    of_function = [] if path.startswith(COMPUTES) else re.findall(functions, code)
    is_help = path == "pages/components/build/equations_field.py"  # on the language
    of_weight = {*re.findall(r"\b[A-Za-z]+_[a-zΔ]\b", code)} & weights if not is_help else ()
    return [*of_name, *of_function, *of_weight, *re.findall(r"\b1 - [a-z]\) \*|Lambda|Λ", code)]


@pytest.mark.parametrize("room", ROOMS)
def test_what_shows_a_cell_does_not_know_it(room):
    """A new cell is a text: nothing else has its name, its formula or the names of its weights."""
    for path in (PROJECT / room).rglob("*.*"):
        if path.suffix in (".py", ".js", ".jinja"):
            of = path.relative_to(PROJECT).as_posix()
            assert not found_beside_equations(of, path.read_text("utf-8")), of
