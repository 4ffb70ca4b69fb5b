"""Weights are compared with the settings before anything is built; numbers that overflow are found."""

import itertools
import struct

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from rnn_core.config.model_settings import ModelConfig
from rnn_core.errors import OverflowedError
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.clamps import Clamp, read_clamped
from rnn_core.inspection.occlusion import occlusion
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.trace import norms, trace
from rnn_core.inspection.vanishing import reach_of_text
from rnn_core.inspection.what_if import replace_word
from rnn_core.labelling.table import label_texts
from rnn_core.models import weights
from rnn_core.models.overflow import LARGEST, fits
from rnn_core.models.weights import WeightsError, expected_tensors, read_classifier, weights_bytes
from rnn_core.nn.classifier import Classifier
from rnn_core.symbols import KINDS
from tests.inspection.made import make_model

V = 7
SMALL = {"hidden_size": 3, "embedding_size": 2}


def saved(path, config, vocab_size=V, **changes):
    state = Classifier(config, vocab_size).state_dict() | changes
    save_file({name: tensor for name, tensor in state.items() if tensor is not None}, path)
    return path


MORE = [{}, {"bigrams": 5}, {"counted_bigrams": 5}, {"readout": "attention"}]


@pytest.mark.parametrize("more", [*MORE, {"input": "one-hot"}, {"reset": "after"}], ids=str)
def test_what_a_file_must_hold_is_what_the_network_is_made_of(more, tmp_path):
    for cell, both, head in itertools.product(
        ("elman", "gru", "lstm"), (False, True), ("one-logit", "two-logit")
    ):
        config = ModelConfig(cell=cell, bidirectional=both, head=head, **SMALL, **more)
        state = Classifier(config, V).state_dict()
        assert {name: tensor.shape for name, tensor in expected_tensors(config, V).items()} == {
            name: tuple(tensor.shape) for name, tensor in state.items()
        }, config
        path = saved(tmp_path / "weights", config)
        assert path.stat().st_size <= weights_bytes(config, V), config
        read = read_classifier(path, config, V)
        assert not read.training
        assert read.state_dict().keys() == state.keys(), config


@pytest.mark.parametrize("cell", KINDS)
def test_the_same_holds_for_three_classes_and_two_layers_of_every_cell(cell, tmp_path):
    for more in MORE:
        config = ModelConfig(cell=cell, layers=2, **{**SMALL, "embedding_size": 4}, **more)
        path = tmp_path / "weights"
        state = Classifier(config, V, classes=3).state_dict()
        save_file(state, path)
        assert read_classifier(path, config, V, classes=3).state_dict().keys() == state.keys(), more


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cell.W": torch.zeros(2, 8)}, r"cell.W must be F32 2 x 9, got F32 2 x 8"),
        ({"cell.W": torch.zeros(2, 9, dtype=torch.float64)}, r"cell.W must be F32 2 x 9, got F64 2 x 9"),
        ({"head.bias": None}, r"head.bias must be F32 1, got none"),
        ({"more": torch.zeros(1)}, r"more must be absent, got F32 1"),
        ({"embedding.weight": torch.zeros(8, 2)}, r"embedding.weight must be F32 7 x 2, got F32 8 x 2"),
    ],
)
def test_weights_of_another_network_are_refused_before_one_is_built(changes, said, tmp_path, monkeypatch):
    config = ModelConfig(cell="gru", **SMALL)
    path = saved(tmp_path / "weights", config, **changes)
    monkeypatch.setattr(weights, "load_file", None)
    monkeypatch.setattr(weights, "Classifier", None)
    with pytest.raises(WeightsError, match=said):
        read_classifier(path, config, V)


def test_odds_of_another_number_of_pairs_are_refused(tmp_path):
    path = saved(tmp_path / "weights", ModelConfig(counted_bigrams=5, **SMALL))
    with pytest.raises(WeightsError, match=r"counted.known must be I64 6, got I64 5"):
        read_classifier(path, ModelConfig(counted_bigrams=6, **SMALL), V)
    with pytest.raises(WeightsError, match=r"counted.known must be absent, got I64 5"):
        read_classifier(path, ModelConfig(**SMALL), V)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_no_finite_numbers_are_refused(value, tmp_path):
    config = ModelConfig(cell="gru", **SMALL)
    path = saved(tmp_path / "weights", config, **{"cell.U": torch.full((3, 9), value)})
    with pytest.raises(WeightsError, match=r"must be finite numbers, but some of cell\.U are not"):
        read_classifier(path, config, V)


def test_a_header_that_says_it_is_long_is_not_read(tmp_path):
    path = tmp_path / "weights"
    path.write_bytes(struct.pack("<Q", 90_000_000) + b"{")
    with pytest.raises(WeightsError, match="header must have at most 1,000,000 bytes, got 90,000,000"):
        read_classifier(path, ModelConfig(**SMALL), V)


def test_weights_in_half_precision_are_read_in_full(tmp_path):
    config = ModelConfig(cell="gru", bigrams=5, **SMALL)
    state = Classifier(config, V).state_dict()
    halves = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
    read = read_classifier(saved(tmp_path / "weights", config, **halves), config, V)
    assert {tensor.dtype for tensor in read.state_dict().values()} == {torch.float32, torch.int64}
    assert torch.equal(read.cell.U, halves["cell.U"].float())


@pytest.mark.parametrize("setting", ["bigrams", "counted_bigrams"])
def test_pairs_that_are_out_of_order_are_refused(tmp_path, setting):
    config = ModelConfig(**SMALL, **{setting: 4})
    [name] = [name for name in expected_tensors(config, V) if name.endswith(".known")]
    path = tmp_path / "weights.safetensors"
    read_classifier(saved(path, config, **{name: torch.tensor([3, 5, 8, 40])}), config, V)
    with pytest.raises(WeightsError, match="in ascending order"):
        read_classifier(saved(path, config, **{name: torch.tensor([5, 3, 8, 40])}), config, V)


TEXT = "the film was good"


def with_large_word(**settings):
    """Only the vector of "bad" is that large."""
    model = make_model(seed=3, **settings)
    with torch.no_grad():
        model.classifier.embedding.weight[model.vocabulary.words.index("bad")] = 3e38
    return model


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("classes", [2, 3])
def test_a_network_with_weights_of_3e38_says_that_it_overflows(cell, classes):
    model = make_model(seed=3, cell=cell, classes=classes)
    with torch.no_grad():
        for weights in model.classifier.parameters():
            weights.copy_(weights.sign() * 3e38)
    for ask in (trace, reach_of_text, lambda model, text: label_texts(model, [text])):
        with pytest.raises(OverflowedError, match=r"overflows .*numbers grow too large"):
            ask(model, TEXT)


def test_the_token_at_which_it_begins_is_named_counting_from_one():
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


def test_contributions_and_gradients_that_overflow_are_no_numbers_to_show():
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


def test_a_gate_that_gets_more_than_a_number_holds_is_not_drawn():
    model = with_large_word()
    read = trace(model, "the film was bad")
    assert one_step(model, read, 3, 0)
    with pytest.raises(OverflowedError, match="What goes into a gate overflows at token 5 of 5, “bad”"):
        one_step(model, read, 4, 0)


def test_what_fits_has_a_norm_and_what_is_no_number_does_not_fit():
    largest = np.full((2, 512), LARGEST, np.float32)
    assert fits(largest)
    assert np.isfinite(norms(largest)).all()
    assert not fits(np.array([0.0, np.nan]))
    assert not fits(np.array([-np.inf]))
    assert fits(np.empty(0))
