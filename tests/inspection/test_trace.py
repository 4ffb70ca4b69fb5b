"""What a trace holds is what the equations say and what a prediction says."""

import dataclasses
from functools import partial

import numpy as np
import pytest
import torch

import rnn_core.inspection.trace as trace_module
from rnn_core.errors import ConfigError, EmptyReviewError
from rnn_core.inspection.tables import inside_table, turned_to
from rnn_core.inspection.trace import trace, turns_of
from rnn_core.inspection.verdicts import verdicts
from rnn_core.symbols import KINDS
from rnn_core.tasks.classes import log_odds
from tests.inspection.made import RECIPES, in_turn, logit_of, make_model, of_two

TEXT = "The film was good, but the zither was bad"
READOUTS = ("last", "mean", "max", "attention")
make = partial(make_model, seed=2)


def check_prefixes(model):
    answer = trace(model, TEXT)
    for t in range(1, len(answer.logits) + 1):
        ids = torch.tensor([answer.review.ids[:t]])
        logit = log_odds(model.classifier(ids, torch.tensor([t])), followed=1)
        assert answer.logits[t - 1] == pytest.approx(logit.item(), abs=1e-5)
    assert answer.probability == pytest.approx(1 / (1 + np.exp(-answer.logits[-1])), abs=1e-5)


@pytest.mark.parametrize(("cell", "readout", "head"), in_turn(KINDS, READOUTS, ["one-logit", "two-logit"]))
def test_the_verdict_after_a_token_is_the_prediction_on_that_prefix(cell, readout, head):
    check_prefixes(make(cell=cell, readout=readout, head=head))


@pytest.mark.parametrize(("recipe", "readout", "rows"), in_turn(RECIPES, READOUTS, [3, 512]))
def test_so_it_is_with_the_settings_of_a_recipe(recipe, readout, rows, monkeypatch):
    monkeypatch.setattr(trace_module, "MOST_ROWS", rows)
    check_prefixes(make(readout=readout, **RECIPES[recipe]))


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("cell", KINDS)
def test_the_trace_of_a_layer_is_that_of_the_naive_cell_on_the_states_below(cell, layers):
    model = make(cell=cell, layers=layers)
    with torch.no_grad():
        xs = model.classifier.embed(torch.tensor([trace(model, TEXT).review.ids]))[0]
        for layer, of_layer in enumerate(model.classifier.layers, 1):
            answer = trace(model, TEXT, layer=layer)
            assert (answer.layer, answer.layers) == (layer, layers)
            state, hs = of_layer.initial_state(1), []
            for t, x in enumerate(xs):
                step = of_layer.naive(x[None], state)
                state = step[: of_layer.state_size]
                hs.append(step.h[0])
                for symbol, values in step._asdict().items():
                    np.testing.assert_allclose(
                        answer.arrays[symbol][t], values[0].numpy(), rtol=1e-6, atol=1e-6
                    )
            xs = torch.stack(hs)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_verdicts_are_those_of_the_whole_network_whichever_layer_is_traced(bidirectional):
    model = make(layers=2, bidirectional=bidirectional)
    top, lower = trace(model, TEXT), trace(model, TEXT, layer=1)
    assert top.layer == 2
    np.testing.assert_allclose(lower.answers, top.answers, atol=1e-6)
    assert np.abs(lower.arrays["h"] - top.arrays["h"]).max() > 1e-3


def test_gates_carry_the_names_of_the_equations():
    answer = trace(make(cell="gru"), TEXT)
    h, z, n = (answer.arrays[symbol] for symbol in "hzn")
    before = np.vstack([np.zeros((1, 5), np.float32), h[:-1]])
    np.testing.assert_allclose(h, (1 - z) * before + z * n, atol=1e-6)

    answer = trace(make(cell="lstm"), TEXT)
    h, c, i, f, o, g = (answer.arrays[symbol] for symbol in "hcifog")
    before = np.vstack([np.zeros((1, 5), np.float32), c[:-1]])
    np.testing.assert_allclose(c, f * before + i * g, atol=1e-6)
    np.testing.assert_allclose(h, o * np.tanh(c), atol=1e-6)

    answer = trace(make(cell="elman"), TEXT)
    np.testing.assert_allclose(answer.arrays["slope"], 1 - answer.arrays["h"] ** 2, atol=1e-6)


@pytest.mark.parametrize("text", ["", "   \n", "...", "🎬🎬", "\x00\x01"])
def test_a_text_without_a_word_is_refused_in_words(text):
    with pytest.raises(EmptyReviewError, match="no word in this text"):
        trace(make(), text)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_of_many_classes_the_verdict_after_a_token_is_that_on_the_prefix(bidirectional):
    model = make(classes=4, bidirectional=bidirectional)
    read = trace(model, "the film was good but not great")
    assert read.followed == read.predicted[-1]
    assert read.label == read.classes[read.followed]
    for t in range(1, len(read.review.ids) + 1):
        ids = torch.tensor([read.review.ids[:t]])
        p = torch.softmax(model.classifier(ids, torch.tensor([t])), dim=1)[0].detach().numpy()
        np.testing.assert_allclose(read.probabilities_of_classes[t - 1], p, atol=1e-5)
        for k in range(4):
            assert read.follow(k).probabilities[t - 1] == pytest.approx(p[k], abs=1e-5)
            assert read.follow(k).logits[t - 1] == pytest.approx(np.log(p[k] / (1 - p[k])), abs=1e-3)


def test_a_class_or_a_layer_that_is_not_there_can_not_be_asked_for():
    model = make(layers=2)
    for layer in (0, 3):
        with pytest.raises(ConfigError, match=f"between 1 and 2, got {layer}"):
            trace(model, TEXT, layer=layer)
    for followed in (-1, 2, "positive"):
        for follow in (trace(model, TEXT).follow, partial(trace, model, TEXT)):
            with pytest.raises(ConfigError, match=r"by its index, 0 to 1, got"):
                follow(followed)


def test_the_sides_of_a_verdict_are_two_classes_or_one_and_the_rest():
    assert trace(make(), "the film").sides == ("negative", "positive")
    assert trace(make(), "the film", followed=0).sides == ("positive", "negative")
    assert trace(make(classes=3), "the film", followed=2).sides == ("not c2", "c2")


def with_answers(answers, followed):
    """A trace of as many tokens as there are answers (T, K)."""
    T, K = np.shape(answers)
    read = trace(make(classes=K, start_token=False), " ".join(["film"] * T))
    return dataclasses.replace(read, answers=np.array(answers, np.float32), followed=followed)


def test_of_two_classes_there_is_one_curve_with_its_turns():
    shown = of_two([0.6, 0.2, 0.7], ("spam", "fine"))
    assert (shown.followed.name, shown.against, shown.others) == ("fine", "spam", ())
    assert [(turn.time, turn.to) for turn in shown.turns] == [(1, "spam"), (2, "fine")]
    np.testing.assert_allclose([turn.probability for turn in shown.turns], [0.2, 0.7], rtol=1e-6)


def test_the_next_classes_are_the_most_probable_others_in_the_end():
    assert with_answers([[0, 5, 1]], followed=2).in_sight == (2, 1, 0)
    read = with_answers([[9, 0, 0, 0, 0], [0, 1, 2, 4, 3]], followed=1)
    assert read.in_sight == (1, 3, 4)
    shown = verdicts(read)
    assert [shown.followed.name, *(one.name for one in shown.others)] == ["c1", "c3", "c4"]
    np.testing.assert_array_equal(shown.others[0].probabilities, read.probabilities_of_classes[:, 3])
    np.testing.assert_array_equal(shown.followed.probabilities, read.probabilities)


def test_a_turn_of_many_classes_names_the_new_one_and_how_probable_it_is():
    read = with_answers([[2, 0, 0], [2, 3, 0], [2, 4, 0], [2, 4, 9]], followed=0)
    turns = verdicts(read).turns
    assert [(turn.time, turn.to) for turn in turns] == [(0, "c0"), (1, "c1"), (3, "c2")]
    for turn, number in zip(turns, (0, 1, 2), strict=True):
        assert turn.probability == read.probabilities_of_classes[turn.time, number]


@pytest.mark.parametrize("classes", [2, 3, 50])
def test_moves_add_up_to_the_logit_from_where_all_classes_are_as_probable_and_probabilities_to_one(classes):
    read = trace(make(classes=classes), TEXT)
    np.testing.assert_allclose(-np.log(classes - 1) + read.moves.cumsum(), read.logits, atol=1e-4)
    np.testing.assert_allclose(read.probabilities_of_classes.sum(axis=1), 1, atol=1e-5)
    of_followed = read.probabilities_of_classes[:, read.followed]
    np.testing.assert_allclose(of_followed, read.probabilities, atol=1e-6)


TURNS = {
    "for the first time": ([0.5, 0.64, 0.66, 0.99], {1: 1}),
    "for the first time, at once": ([0.3], {0: 0}),
    "from one side to the other at once": ([0.9, 0.1], {0: 1, 1: 0}),
    "by a step that ends in the middle": ([0.9, 0.85, 0.5, 0.45, 0.3], {0: 1, 2: 0}),
    "not by the token that crosses the middle": ([0.04, 0.36, 0.48, 0.52, 0.97], {0: 0, 4: 1}),
    "back to the side it came from": ([0.9, 0.5, 0.4, 0.36, 0.9], {0: 1}),
    "around 50 % all the time": ([0.51, 0.49, 0.64, 0.36, 0.5], {}),
    "up to 65 %": ([0.6499], {}),
    "just beyond 65 %": ([0.6501], {0: 1}),
}


@pytest.mark.parametrize(("probabilities", "turns"), TURNS.values(), ids=TURNS)
def test_the_token_that_moved_the_logit_most_towards_the_new_class_turned_the_verdict(probabilities, turns):
    assert turns_of(logit_of(probabilities)[:, None]) == turns


def test_of_many_classes_a_turn_needs_65_percent_of_the_new_one():
    shares = [[0.34, 0.33, 0.33], [0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.1, 0.6, 0.3], [0.1, 0.1, 0.8]]
    assert turns_of(np.log(shares)) == {1: 0, 4: 2}


@pytest.mark.parametrize("classes", [2, 3])
def test_curve_table_and_export_have_the_same_turns(classes):
    read = trace(make_model(seed=3, classes=classes, start_token=False), "the film was good")
    answers = [[0], [2], [1], [-3]] if classes == 2 else [[0, 0, 0], [0, 3, 0], [0, 3, 2], [4, 3, 9]]
    read = dataclasses.replace(read, answers=np.array(answers, np.float32))
    turned = [None, read.classes[1], None, read.classes[0 if classes == 2 else 2]]
    assert turned_to(read) == turned
    assert inside_table(read, "h")["turned_to"].fillna("").tolist() == [name or "" for name in turned]
    assert {turn.time: turn.to for turn in verdicts(read).turns} == {1: turned[1], 3: turned[3]}
