"""Ranks of words by attention, occlusion and connectivity, against scipy's."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch

from rnn_core.inspection.agreement import agreement, ranks
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.occlusion import occlusion
from rnn_core.inspection.trace import trace
from rnn_core.tasks.classes import log_odds
from tests.inspection.made import UNIFORM, make_model

TEXT = "The film was good, but the zither was bad and the film was bad"


def found(seed=4, **settings):
    model = make_model(seed=seed, readout="attention", **UNIFORM, **settings)
    read = trace(model, TEXT)
    return model, read, attribute(model, read), occlusion(model, read)


def words(read):
    return [t for t, number in enumerate(read.review.ids) if number > 2]


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_weights_are_the_networks_own_and_sum_to_one(bidirectional):
    model, read, gradients, _ = found(bidirectional=bidirectional)
    assert gradients.attention.shape == read.logits.shape
    assert gradients.attention.sum() == pytest.approx(1, abs=1e-6)
    if not bidirectional:
        with torch.no_grad():
            pooled = torch.from_numpy(gradients.attention @ read.arrays["h"])
            logit = log_odds(model.classifier.head(pooled), followed=1)
        assert logit.item() == pytest.approx(read.logits[-1], abs=1e-5)


def test_another_readout_has_no_weights_and_no_agreement():
    model = make_model(seed=1, readout="mean")
    read = trace(model, TEXT)
    gradients = attribute(model, read)
    assert gradients.attention is None
    assert agreement(read, gradients, occlusion(model, read)) is None


def spearman(one, other):
    """Spearman's correlation of ranks, as pandas computes it."""
    return pd.DataFrame({"one": one, "other": other}).corr(method="spearman").loc["one", "other"]


def test_ranks_are_those_of_pandas():
    values = np.array([3.0, 1.0, 3.0, -2.0, 3.0, 1.0])
    np.testing.assert_array_equal(ranks(values), pd.Series(values).rank())


@pytest.mark.parametrize("since", [0, 5])
def test_the_rank_correlations_are_those_of_pandas_over_the_words_that_are_left_out(since):
    _, read, gradients, changes = found()
    answer = agreement(read, gradients, changes, since=since)
    at = [t for t in words(read) if t >= since]
    assert answer.words == len(at)
    weights = gradients.attention[at]
    for ours, theirs in (
        (answer.occlusion, np.abs(changes[at])),
        (answer.connectivity, gradients.connectivity["h"][at]),
    ):
        assert ours == pytest.approx(spearman(weights, theirs))


@pytest.mark.parametrize("other", ["occlusion", "connectivity"])
def test_the_word_that_is_named_is_the_one_whose_ranks_differ_most_in_the_order_that_disagrees(other):
    _, read, gradients, changes = found()
    sizes = np.abs(changes)
    # The other measure has the order of the weights.
    if other == "occlusion":
        gradients = dataclasses.replace(gradients, gradients={"h": gradients.attention[:, None]})
    else:
        changes = gradients.attention
    answer = agreement(read, gradients, changes)
    assert answer.other == other
    at = words(read)
    by_weight = len(at) + 1 - pd.Series(gradients.attention[at]).rank()
    measured = sizes if other == "occlusion" else gradients.connectivity["h"]
    by_other = len(at) + 1 - pd.Series(measured[at]).rank()
    place = at.index(answer.time)
    assert answer.rank_of_weight == round(by_weight[place])
    assert answer.rank_of_other == round(by_other[place])
    assert abs(by_weight - by_other).max() == abs(by_weight - by_other)[place]


def test_a_disagreement_shows_where_the_other_measure_has_no_order():
    _, read, gradients, _ = found()
    opposite = dataclasses.replace(gradients, gradients={"h": 1 - gradients.attention[:, None]})
    answer = agreement(read, opposite, np.zeros_like(gradients.attention))
    assert np.isnan(answer.occlusion)
    assert answer.disagrees


def test_equal_weights_have_no_rank_correlation():
    _, read, gradients, changes = found()
    equal = dataclasses.replace(gradients, attention=np.full_like(gradients.attention, 0.1))
    answer = agreement(read, equal, changes)
    assert np.isnan(answer.occlusion)
    assert not answer.disagrees


def test_weights_in_the_order_of_both_agree_and_in_the_opposite_order_do_not():
    _, read, gradients, changes = found()
    sizes = np.abs(changes)
    alike = dataclasses.replace(gradients, attention=sizes, gradients={"h": sizes[:, None]})
    assert not agreement(read, alike, changes).disagrees
    assert agreement(read, dataclasses.replace(alike, attention=-sizes), changes).disagrees


def test_two_words_are_too_few():
    model = make_model(seed=1, readout="attention")
    read = trace(model, "good film")
    assert agreement(read, attribute(model, read), occlusion(model, read)) is None
