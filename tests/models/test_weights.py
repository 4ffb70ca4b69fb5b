"""Weights are compared with the settings before anything is built; numbers that overflow are found."""

import struct
from functools import partial

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.readouts import READOUTS
from rnn_core.errors import OverflowedError
from rnn_core.inspection.attribution import attribute, occlusion
from rnn_core.inspection.clamps import Clamp, read_clamped
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.trace import norms, trace
from rnn_core.inspection.vanishing import reach_of_text
from rnn_core.inspection.what_if import replace_word
from rnn_core.labelling import label_texts
from rnn_core.models import weights
from rnn_core.models.overflow import LARGEST, fits
from rnn_core.models.weights import WeightsError, expected_tensors, read_classifier, weights_bytes
from rnn_core.nn.classifier import Classifier
from rnn_core.symbols import KINDS
from tests.inspection.made import RECIPES, in_turn, make_model
from tests.refusals import refusals

V = 7
SMALL = {"hidden_size": 3, "embedding_size": 2}


def saved(path, config, vocab_size=V, **changes):
    state = Classifier(config, vocab_size).state_dict() | changes
    save_file({name: tensor for name, tensor in state.items() if tensor is not None}, path)
    return path


@pytest.mark.parametrize(("cell", "readout", "form"), in_turn(KINDS, READOUTS, RECIPES), ids=str)
def test_a_file_must_hold_what_the_network_is_made_of(cell, readout, form, tmp_path):
    path = tmp_path / "weights"
    for classes, head in ((2, "one-logit"), (2, "two-logit"), (3, "one-logit")):
        settings = {**SMALL, "cell": cell, "readout": readout, "head": head, **RECIPES[form]}
        config = ModelConfig(**settings | {"bigrams": min(settings.get("bigrams", 0), 5)})
        state = Classifier(config, V, classes=classes).state_dict()
        assert {name: tensor.shape for name, tensor in expected_tensors(config, V, classes).items()} == {
            name: tuple(tensor.shape) for name, tensor in state.items()
        }
        save_file(state, path)
        assert path.stat().st_size <= weights_bytes(config, V, classes)
        read = read_classifier(path, config, V, classes=classes)
        assert not read.training
        assert read.state_dict().keys() == state.keys()


def read_with(changes, tmp_path, made=None, asked=None):
    """Read the weights of a network with other tensors in their place, by settings that are asked for."""
    path = saved(tmp_path / "weights", ModelConfig(**SMALL, **(made or {})), **changes)
    return read_classifier(path, ModelConfig(**SMALL, **(made or {} if asked is None else asked)), V)


def read_unbuilt(changes, tmp_path, monkeypatch):
    """The network is refused before one is built."""
    path = saved(tmp_path / "weights", ModelConfig(cell="gru", **SMALL), **changes)
    monkeypatch.setattr(weights, "load_file", None)
    monkeypatch.setattr(weights, "Classifier", None)
    read_classifier(path, ModelConfig(cell="gru", **SMALL), V)


def read_long_header(tmp_path):
    (tmp_path / "weights").write_bytes(struct.pack("<Q", 90_000_000) + b"{")
    read_classifier(tmp_path / "weights", ModelConfig(**SMALL), V)


def read_pairs(setting, places, tmp_path):
    name = "bigrams.known" if setting == "bigrams" else "counted.known"
    return read_with({name: torch.tensor(places)}, tmp_path, {setting: 4})


COUNTED, NAN = {"counted_bigrams": 5}, torch.full((3, 9), torch.nan)
INFINITE, ORDER = "must be finite numbers, but some of cell.U are not", "in ascending order"
UNBUILT = {
    "cell.W must be F32 2 x 9, got F32 2 x 8": {"cell.W": torch.zeros(2, 8)},
    "cell.W must be F32 2 x 9, got F64 2 x 9": {"cell.W": torch.zeros(2, 9, dtype=torch.float64)},
    "head.bias must be F32 1, got none": {"head.bias": None},
    "more must be absent, got F32 1": {"more": torch.zeros(1)},
    "embedding.weight must be F32 7 x 2, got F32 8 x 2": {"embedding.weight": torch.zeros(8, 2)},
}
test_weights_that_can_not_be = refusals(
    WeightsError,
    {
        **{said: (partial(read_unbuilt, changes), said) for said, changes in UNBUILT.items()},
        "not a number": (lambda tmp_path: read_with({"cell.U": NAN}, tmp_path), INFINITE),
        "infinite": (lambda tmp_path: read_with({"cell.U": NAN.nan_to_num(torch.inf)}, tmp_path), INFINITE),
        "another number of pairs": (
            lambda tmp_path: read_with({}, tmp_path, COUNTED, {"counted_bigrams": 6}),
            "counted.known must be I64 6, got I64 5",
        ),
        "no pairs": (lambda tmp_path: read_with({}, tmp_path, COUNTED, {}), "counted.known must be absent"),
        "a long header": (read_long_header, "header must have at most 1,000,000 bytes, got 90,000,000"),
        "bigrams out of order": (partial(read_pairs, "bigrams", [5, 3, 8, 40]), ORDER),
        "counted bigrams out of order": (partial(read_pairs, "counted_bigrams", [5, 3, 8, 40]), ORDER),
    },
)


def test_weights_in_half_precision_are_read_in_full(tmp_path):
    config = ModelConfig(cell="gru", bigrams=5, **SMALL)
    state = Classifier(config, V).state_dict() | {"bigrams.known": torch.arange(5)}
    halves = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
    read = read_classifier(saved(tmp_path / "weights", config, **halves), config, V)
    assert {tensor.dtype for tensor in read.state_dict().values()} == {torch.float32, torch.int64}
    assert torch.equal(read.cell.U, halves["cell.U"].float())


TEXT = "the film was good"


def with_large_word(**settings):
    """Only the vector of "bad" is that large."""
    model = make_model(seed=3, **settings)
    with torch.no_grad():
        model.classifier.embedding.weight[model.vocabulary.words.index("bad")] = 3e38
    return model


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("classes", [2, 3])
def test_weights_of_3e38_overflow(cell, classes):
    model = make_model(seed=3, cell=cell, classes=classes)
    with torch.no_grad():
        for weights in model.classifier.parameters():
            weights.copy_(weights.sign() * 3e38)
    for ask in (trace, reach_of_text, lambda model, text: label_texts(model, [text])):
        with pytest.raises(OverflowedError, match=r"overflows .*numbers grow too large"):
            ask(model, TEXT)


def test_the_token_at_which_it_begins_is_named():
    with pytest.raises(OverflowedError, match="overflows at token 5 of 6, “bad”: "):
        trace(with_large_word(cell="indrnn"), "the film was bad too")


def test_what_reads_a_text_otherwise_says_it_too():
    model = with_large_word(cell="indrnn")
    read = trace(model, TEXT)
    with pytest.raises(OverflowedError, match="“bad”"):
        replace_word(model, read, 3, "bad")
    with torch.no_grad():
        model.classifier.head.weight.fill_(3e36)
    model.classifier.cell.u.data.fill_(0.9)
    with pytest.raises(OverflowedError):
        read_clamped(model, read, [Clamp(letter="h", value=900.0)])


def test_contributions_and_gradients_that_overflow():
    model = make_model(seed=3)
    read = trace(model, TEXT)
    with torch.no_grad():
        model.classifier.embedding.weight[2] = torch.nan  # <unk>, which this text has not
    with pytest.raises(OverflowedError, match="With <unk> in the place of one token the network overflows"):
        occlusion(model, read)
    with torch.no_grad():
        model.classifier.head.weight.fill_(3e38)
        model.classifier.cell.W.mul_(1e3)
    with pytest.raises(OverflowedError, match="Its gradient overflows"):
        attribute(model, read)


def test_a_gate_that_overflows_is_not_drawn():
    model = with_large_word()
    read = trace(model, "the film was bad")
    assert one_step(model, read, 3, 0)
    with pytest.raises(OverflowedError, match="What goes into a gate overflows at token 5 of 5, “bad”"):
        one_step(model, read, 4, 0)


def test_what_fits_has_a_norm():
    largest = np.full((2, 512), LARGEST, np.float32)
    assert fits(largest)
    assert np.isfinite(norms(largest)).all()
    assert not fits(np.array([0.0, np.nan]))
    assert not fits(np.array([-np.inf]))
    assert fits(np.empty(0))
