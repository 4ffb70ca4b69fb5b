"""Numbers that no longer fit are found before anyone sees them, and said at the token where they begin."""

import numpy as np
import pytest
import torch

from rnn_core.errors import OverflowedError
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.clamps import Clamp, read_clamped
from rnn_core.inspection.occlusion import occlusion
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.trace import norms, trace
from rnn_core.inspection.vanishing import reach_of_text
from rnn_core.inspection.what_if import replace_word
from rnn_core.labelling.table import label_texts
from rnn_core.models.overflow import LARGEST, fits
from rnn_core.symbols import KINDS
from tests.inspection.made import make_model

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
