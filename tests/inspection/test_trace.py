"""A text as a network reads it: verdicts, the tokens that turned them, gradients and contributions."""

import dataclasses
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import rnn_core.inspection.trace as trace_module
from rnn_core.errors import ConfigError, EmptyReviewError
from rnn_core.inspection import attribution
from rnn_core.inspection.attribution import agreement, attribute, most_turned, occlusion
from rnn_core.inspection.clamps import Clamp, read_clamped
from rnn_core.inspection.tables import inside_table
from rnn_core.inspection.trace import trace, turns_of
from rnn_core.inspection.verdicts import verdicts
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import UNK_ID
from tests.inspection.made import UNIFORM, logit_of, make_model
from tests.refusals import refusals

TEXT = "The film was good, but the zither was bad"
make = partial(make_model, seed=2)


WINDOWS = (
    {"max_length": 40},
    {"max_length": 12, "truncation": "post"},
    {"max_length": 30, "start_token": False, "readout": "max"},
    {"max_length": 20, "skip_padding": False, "readout": "mean"},
    {"max_length": 20, "skip_padding": False, "padding": "post", "head": "two-logit"},
    {"max_length": 1, "start_token": False, "input": "one-hot"},
)
PIECES = ["film", "!", "zither", " ", "\n", "<b>", "<pad>", "a'’s", "\ud83d", "\x00", "e\u0301", "🇫🇷"]
PIECES += ["ﬁ", "½", "\u200b", "\u202e", "طوב", "١", "a" * 2_000]
ANY_TEXT = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))


@pytest.mark.slow
@given(text=ANY_TEXT, window=st.sampled_from(WINDOWS))
@hypothesis_settings(max_examples=60, deadline=None, derandomize=True)
@example(text="the film zither 🎬 good! " * 2_000, window=WINDOWS[0])
def test_any_text_gives_an_answer_for_its_window(text, window):
    """Or the refusal that there is no word in it; nothing is infinite, and all is as long as the window."""
    tokens, model = tokenize(text), make(cell="gru", **window)
    model.classifier.head.weight.data *= 100  # fresh weights would make every probability one half
    if not tokens:
        with pytest.raises(EmptyReviewError):
            trace(model, text)
        return
    read, settings = trace(model, text), model.config.text
    T = settings.max_length
    if settings.skip_padding:
        T = min(settings.start_token + len(tokens), T)
    assert len(read.review.window) == len(read.review.ids) == len(read.logits) == T
    assert {values.shape for values in read.arrays.values()} == {(T, 5)}
    assert all(np.isfinite(values).all() for values in (read.answers, *read.arrays.values()))
    assert ((read.probabilities >= 0) & (read.probabilities <= 1)).all()
    assert len(read.review.tokens) == len(read.review.unknown) == len(tokens)
    assert len(tokens[read.review.kept]) == sum(number >= UNK_ID for number in read.review.ids)


@pytest.mark.parametrize("classes", [2, 3, 50])
def test_each_class_can_be_followed(classes):
    read = trace(make(classes=classes), TEXT)
    answers = torch.from_numpy(read.answers).double()
    p = torch.softmax(answers if classes > 2 else torch.cat([0 * answers, answers], dim=1), dim=1).numpy()
    np.testing.assert_allclose(read.probabilities_of_classes, p, atol=1e-6)
    np.testing.assert_array_equal(read.predicted, p.argmax(axis=1))
    assert read.label == read.classes[p[-1].argmax()]
    assert read.followed == (1 if classes == 2 else p[-1].argmax())
    for k in (0, 1, classes - 1):
        followed = read.follow(k)
        np.testing.assert_allclose(followed.probabilities, p[:, k], atol=1e-6)
        np.testing.assert_allclose(followed.logits, np.log(p[:, k] / (1 - p[:, k])), atol=1e-4)
        assert followed.probability == followed.probabilities[-1]
        evenly = -np.log(classes - 1)  # the logit where all classes are as probable
        np.testing.assert_allclose(evenly + followed.moves.cumsum(), followed.logits, atol=1e-4)


def traced(text, followed, layer):
    return trace(make(layers=2), text, followed, layer)


CLASS_BY_INDEX = "by its index, 0 to 1, got "
test_a_class_or_layer_that_is_not_there = refusals(
    ConfigError,
    {
        "layer 0": (partial(traced, TEXT, 1, 0), "between 1 and 2, got 0"),
        "layer 3": (partial(traced, TEXT, 1, 3), "between 1 and 2, got 3"),
        "class -1": (partial(traced, TEXT, -1, 1), CLASS_BY_INDEX + "-1"),
        "class 2": (lambda: trace(make(), TEXT).follow(2), CLASS_BY_INDEX + "2"),
        "a name": (partial(traced, TEXT, "positive", 1), CLASS_BY_INDEX + "'positive'"),
    },
)
test_a_text_without_a_word = refusals(
    EmptyReviewError,
    {repr(text): (partial(traced, text, 1, 1), "no word in this") for text in ("", " \n", "...", "🎬\x00")},
)


def test_a_class_is_held_against_the_other_or_the_rest():
    of_two, shown = trace(make(), "the film"), verdicts(trace(make(), "the film"))
    assert of_two.sides == (shown.against, shown.followed.name) == ("negative", "positive")
    assert shown.others == ()
    assert trace(make(), "the film", followed=0).sides == ("positive", "negative")
    assert trace(make(classes=3), "the film", followed=2).sides == ("not c2", "c2")


def with_answers(answers, followed=1):
    """A trace of as many tokens as there are answers (T, K)."""
    answers = np.array(answers, np.float32)
    read = trace(make(classes=max(2, answers.shape[1]), start_token=False), " ".join(["film"] * len(answers)))
    return dataclasses.replace(read, answers=answers, followed=followed)


def test_the_most_probable_other_classes_are_shown():
    assert with_answers([[0, 5, 1]], followed=2).coloured == (2, 1, 0)
    read = with_answers([[9, 0, 0, 0, 0], [0, 1, 2, 4, 3]])
    assert read.coloured == (1, 3, 4)
    shown = verdicts(read)
    assert [shown.followed.name, *(one.name for one in shown.others)] == ["c1", "c3", "c4"]
    np.testing.assert_array_equal(shown.others[0].probabilities, read.probabilities_of_classes[:, 3])
    np.testing.assert_array_equal(shown.followed.probabilities, read.probabilities)


@pytest.mark.parametrize(
    ("answers", "turned"),
    [
        ([[0], [2], [1], [-3]], {1: 1, 3: 0}),
        ([[2, 0, 0], [2, 3, 0], [2, 4, 0], [2, 4, 9]], {0: 0, 1: 1, 3: 2}),
    ],
    ids=["two classes", "three classes"],
)
def test_curve_table_and_export_have_the_same_turns(answers, turned):
    read = with_answers(answers)
    turns = verdicts(read).turns
    assert {turn.time: turn.to for turn in turns} == {t: read.classes[to] for t, to in turned.items()}
    for turn in turns:
        shown = turned[turn.time] if len(read.classes) > 2 else read.followed
        assert turn.probability == pytest.approx(read.probabilities_of_classes[turn.time, shown])
    by_time = [read.classes[turned[t]] if t in turned else None for t in range(4)]
    assert read.turned_to == by_time
    assert inside_table(read, "h")["turned_to"].fillna("").tolist() == [name or "" for name in by_time]


TURNS = {
    "for the first time": ([0.5, 0.64, 0.66, 0.99], {1: 1}),
    "from one side to the other at once": ([0.9, 0.1], {0: 1, 1: 0}),
    "by a step that ends in the middle": ([0.9, 0.85, 0.5, 0.45, 0.3], {0: 1, 2: 0}),
    "not by the token that crosses the middle": ([0.04, 0.36, 0.48, 0.52, 0.97], {0: 0, 4: 1}),
    "back to the side it came from": ([0.9, 0.5, 0.4, 0.36, 0.9], {0: 1}),
    "by none that left it decided as it was": ([0.99, 0.7, 0.4, 0.3], {0: 1, 2: 0}),
    "around 50 % all the time": ([0.51, 0.49, 0.64, 0.36, 0.5], {}),
    "up to 65 %": ([0.6499], {}),
    "just beyond 65 %": ([0.6501], {0: 1}),
}


@pytest.mark.parametrize(("probabilities", "turns"), TURNS.values(), ids=TURNS)
def test_the_token_that_moved_most_turned_the_verdict(probabilities, turns):
    """The one that moved the logit most towards the class that it turned to."""
    assert turns_of(logit_of(probabilities)[:, None]) == turns


def test_of_many_classes_a_turn_needs_65_percent():
    shares = [[0.34, 0.33, 0.33], [0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.1, 0.6, 0.3], [0.1, 0.1, 0.8]]
    assert turns_of(np.log(shares)) == {1: 0, 4: 2}


LONGER = f"{TEXT} and the film was bad"
uniform = partial(make_model, seed=4, **UNIFORM)


def asked(readout="attention", text=LONGER):
    """A text as a network reads it, and its gradients and contributions."""
    model = uniform(readout=readout)
    read = trace(model, text)
    return read, attribute(model, read), occlusion(model, read)


@pytest.mark.parametrize("settings", [{}, {"input": "one-hot"}], ids=str)
def test_asking_changes_nothing_and_takes_no_chance(settings):
    model = uniform(readout="mean", embedding_dropout=0.5, **settings)
    before = {name: weights.clone() for name, weights in model.classifier.state_dict().items()}
    read, rng = trace(model, LONGER), torch.get_rng_state()
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
    return attribution.Agreement(
        words=len(table),
        **{name: pytest.approx(value, nan_ok=True) for name, value in found.items()},
        other=other,
        time=time,
        rank_of_weight=round(rank["weight"][time]),
        rank_of_other=round(rank[other][time]),
    ), found[other] < attribution.DISAGREES_BELOW


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
def test_weights_agree_as_far_as_their_order(orders, since):
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


def test_a_token_turned_that_moved_one_way_and_counts():
    """A token that moved the logit one way and contributes the other, both by enough."""
    read = trace(uniform(start_token=False), "the film was good")
    read = dataclasses.replace(read, answers=np.array([[0.0], [2.0], [-1.0], [3.0]], np.float32))
    assert most_turned(read, np.array([5.0, 0.1, 0.5, 4.0], np.float32)) == 2  # it moved by -3
    assert most_turned(read, np.array([5.0, -2.0, 0.5, 4.0], np.float32)) == 1
    assert most_turned(read, np.array([5.0, -0.1, 0.2, 4.0], np.float32)) is None


@pytest.mark.parametrize("settings", [{"cell": "lstm"}, {"bidirectional": True, "layers": 2}], ids=str)
def test_reading_some_rows_at_a_time_says_the_same(monkeypatch, settings):
    model, clamps = uniform(**settings), [Clamp(letter="h", value=0.5, first=3)]

    def answers():
        read = trace(model, LONGER)
        return read.answers, read_clamped(model, read, clamps).answers, occlusion(model, read)

    at_once = answers()
    monkeypatch.setattr(trace_module, "MOST_ROWS", 3)
    for one, other in zip(answers(), at_once, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    parts = list(attribution.occlusion_in_parts(model, trace(model, LONGER)))
    assert [len(times) for times, _ in parts] == [3, 3, 3, 2]
