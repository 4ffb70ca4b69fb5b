"""Gradients and contributions beside what `test_second_way` says of every network."""

import dataclasses
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

import rnn_core.inspection.trace as trace_module
from rnn_core.inspection.attribution import DISAGREES_BELOW, Agreement, agreement, attribute, ranks
from rnn_core.inspection.clamps import Clamp, read_clamped
from rnn_core.inspection.occlusion import most_turned, occlusion, occlusion_in_parts
from rnn_core.inspection.trace import trace
from rnn_core.text.vocabulary import UNK_ID
from tests.inspection.made import UNIFORM, make_model

TEXT = "The film was good, but the zither was bad and the film was bad"
make = partial(make_model, seed=4, **UNIFORM)


def asked(readout="attention", text=TEXT):
    """A text as a network reads it, and its gradients and contributions."""
    model = make(readout=readout)
    read = trace(model, text)
    return read, attribute(model, read), occlusion(model, read)


@pytest.mark.parametrize("settings", [{}, {"input": "one-hot"}], ids=str)
def test_asking_changes_nothing_and_takes_no_chance(settings):
    model = make(readout="mean", embedding_dropout=0.5, **settings)
    before = {name: weights.clone() for name, weights in model.classifier.state_dict().items()}
    read, rng = trace(model, TEXT), torch.get_rng_state()
    one = attribute(model, read)
    with torch.no_grad():
        np.testing.assert_array_equal(one.saliency, attribute(model, read).saliency)
    assert torch.equal(torch.get_rng_state(), rng)
    assert all(torch.equal(weights, before[name]) for name, weights in model.classifier.state_dict().items())
    assert all(weights.grad is None for weights in model.classifier.parameters())
    assert {values.dtype for values in (one.saliency, one.direct, one.relevance["h"])} == {np.dtype("f4")}


def agreement_by_pandas(read, gradients, changes, since):
    """The agreement on the words from a time step on, from a table with a row for each time step."""
    sizes, connectivity = np.abs(changes), gradients.connectivity["h"]
    table = pd.DataFrame({"weight": gradients.attention, "occlusion": sizes, "connectivity": connectivity})
    table = table[(np.array(read.review.ids) > UNK_ID) & (table.index >= since)]
    rank, found = table.rank(ascending=False), table.corr("spearman")["weight"].drop("weight")
    other = found.idxmin()
    time = (rank["weight"] - rank[other]).abs().idxmax()
    return Agreement(
        words=len(table),
        **{name: pytest.approx(value, nan_ok=True) for name, value in found.items()},
        other=other,
        time=time,
        rank_of_weight=round(rank["weight"][time]),
        rank_of_other=round(rank[other][time]),
    ), found[other] < DISAGREES_BELOW


WEIGHTS_AND_OTHER_ORDERS = {
    "as they are": lambda weights, sizes: (weights, None, sizes),
    "the connectivity is that of the weights": lambda weights, sizes: (weights, weights, sizes),
    "the sizes are those of the weights": lambda weights, sizes: (weights, None, weights),
    "all of one order": lambda weights, sizes: (sizes, sizes, sizes),
    "the weights the other way round": lambda weights, sizes: (-sizes, sizes, sizes),
    "contributions of zero": lambda weights, sizes: (weights, 1 - weights, 0 * sizes),
}


@pytest.mark.parametrize("since", [0, 5])
@pytest.mark.parametrize("orders", WEIGHTS_AND_OTHER_ORDERS.values(), ids=WEIGHTS_AND_OTHER_ORDERS)
def test_weights_agree_as_far_as_pandas_says(orders, since):
    read, gradients, changes = asked()
    weights, connectivity, changed = orders(gradients.attention, np.abs(changes))
    by_letter = gradients.gradients if connectivity is None else {"h": connectivity[:, None]}
    made = dataclasses.replace(gradients, attention=weights, gradients=by_letter)
    found = agreement(read, made, changed, since=since)
    assert (found, found.disagrees) == agreement_by_pandas(read, made, changed, since)


def test_nothing_agrees_or_disagrees_where_all_is_equal():
    """Without weights, or three words, nothing is compared."""
    read, gradients, changes = asked()
    found = agreement(read, dataclasses.replace(gradients, attention=np.full_like(changes, 0.1)), changes)
    assert np.isnan([found.occlusion, found.connectivity]).all()
    assert not found.disagrees
    assert agreement(*asked("mean")) is agreement(*asked(text="good film")) is None


def test_ranks_are_those_of_pandas():
    values = np.array([3.0, 1.0, 3.0, -2.0, 3.0, 1.0])
    np.testing.assert_array_equal(ranks(values), pd.Series(values).rank())


def test_a_token_turned_that_moved_one_way_and_counts():
    """A token that moved the logit one way and contributes the other, both by enough."""
    read = trace(make(start_token=False), "the film was good")
    read = dataclasses.replace(read, answers=np.array([[0.0], [2.0], [-1.0], [3.0]], np.float32))
    assert most_turned(read, np.array([5.0, 0.1, 0.5, 4.0], np.float32)) == 2  # it moved by -3
    assert most_turned(read, np.array([5.0, -2.0, 0.5, 4.0], np.float32)) == 1
    assert most_turned(read, np.array([5.0, -0.1, 0.2, 4.0], np.float32)) is None


@pytest.mark.parametrize("settings", [{"cell": "lstm"}, {"bidirectional": True, "layers": 2}], ids=str)
def test_reading_some_rows_at_a_time_says_the_same(monkeypatch, settings):
    model, clamps = make(**settings), [Clamp(letter="h", value=0.5, first=3)]

    def answers():
        read = trace(model, TEXT)
        return read.answers, read_clamped(model, read, clamps).answers, occlusion(model, read)

    at_once = answers()
    monkeypatch.setattr(trace_module, "MOST_ROWS", 3)
    for one, other in zip(answers(), at_once, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    parts = list(occlusion_in_parts(model, trace(model, TEXT)))
    assert [len(times) for times, _ in parts] == [3, 3, 3, 2]
