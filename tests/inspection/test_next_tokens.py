"""What a network says comes next: its trace by hand, the truth beside it by enumeration."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnn_core.data.sources import bare_config, recommended_config
from rnn_core.errors import EmptyReviewError, ModelFolderError
from rnn_core.inspection.clamps import Clamp, read_clamped
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.tables import inside_table, next_tokens_table
from rnn_core.inspection.trace import trace
from rnn_core.languages.along import NONE
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import END, Vocabulary
from tests.inspection.made import make_model
from tests.refusals import refusals


def model_of(data, seed=0, **settings):
    """An untrained network of a language with 5 units; its head says nearly nothing."""
    settings = {"hidden_size": 5, "embedding_size": 3, **settings}
    config = recommended_config(data).with_settings(**settings)
    task = task_of(config)
    vocabulary = Vocabulary([*task.specials, *config.corpus.symbols])
    torch.manual_seed(seed)
    network = task.network(config, len(vocabulary), Classifier).eval()
    return Model(name="made", config=config, vocabulary=vocabulary, classifier=network)


def spoken(model, symbol, at_least=20.0):
    """The model with a head that always finds this symbol most probable."""
    names = task_of(model.config).answers(model.config, model.vocabulary)
    with torch.no_grad():
        model.classifier.head.weight.zero_()
        model.classifier.head.bias.zero_()
        model.classifier.head.bias[names.index(symbol)] = at_least
    return model


@pytest.mark.parametrize("settings", [{"cell": "lstm"}, {"layers": 2}, {"cell": "mingru"}], ids=str)
def test_a_trace_has_the_softmax_at_each_time_step(settings):
    model = model_of("language-brackets", **settings)
    read = trace(model, "([])")
    assert read.classes == (END, "(", ")", "[", "]")
    assert read.review.window == ("<start>", "(", "[", "]", ")")
    network = model.classifier
    ids = torch.tensor([read.review.ids])
    by_hand = []
    with torch.no_grad():
        for t in range(1, 6):
            top = network.head_inputs(ids[:, :t], torch.tensor([t]))[-1]  # after t tokens
            by_hand.append(network.head(top).softmax(0).numpy())
    np.testing.assert_allclose(read.probabilities_of_classes, by_hand, atol=1e-6)
    found = next_tokens(model, read)
    assert found.names == ("(", ")", "[", "]", END)
    np.testing.assert_allclose(found.network, np.roll(by_hand, -1, axis=1), atol=1e-6)
    assert [found.names[number] for number in found.came] == ["(", "[", "]", ")", END]
    expected = [-math.log2(by_hand[t][read.classes.index(name)]) for t, name in enumerate("([])")]
    np.testing.assert_allclose(found.surprise[:4], expected, atol=1e-5)


@pytest.mark.parametrize("name", ["anbn-n3", "brackets-pairs3-depth2", "parity-bits3"])
def test_the_truth_is_that_of_all_strings_counted(name):
    model = model_of(f"language-{name}")
    strings = [([*string, END], p) for string, p in model.config.corpus.language.strings()]
    for tokens, _ in strings[:5]:
        found = next_tokens(model, trace(model, "".join(tokens[:-1])))
        assert found.breaks is found.without_truth is None
        for t, row in enumerate(found.truth):
            begin = [(other, p) for other, p in strings if other[:t] == tokens[:t]]
            whole = sum(p for _, p in begin)
            counted = [sum(p for other, p in begin if other[t] == name) / whole for name in found.names]
            np.testing.assert_allclose(row, counted, atol=1e-9)
            assert found.true_surprise[t] == pytest.approx(-math.log2(counted[found.came[t]]))


STRINGS = {
    "right where the rule allows what it says": (
        ("anbn", "a", "aabb"),
        {"right": [True, True, True, False, False], "first_wrong": 3, "breaks": None, "without_truth": None},
    ),
    "nothing is right or wrong after a wrong symbol": (
        ("anbn", "b", "aaba"),
        {"breaks": 3, "first_wrong": 0, "is_judged": [True] * 4 + [False], "without_truth": 4},
    ),
    "it ends before it may": (("anbn", "b", "aab"), {"breaks": 3, "without_truth": None}),
    "a longer string than trained with": (
        ("anbn-n3", "a", "aaaabbbb"),
        {"without_truth": 4, "breaks": None, "first_wrong": 5},
    ),
    "a symbol that the language lacks": (("anbn", "a", "aaX b"), {"breaks": 2, "came": [0, 0, -1, -1, 1, 2]}),
    "a string that is cut": (("anbn", "a", "aaabb" * 2_000), {"came": [0, 0, 0, 1]}),
}


@pytest.mark.parametrize(("read", "expected"), STRINGS.values(), ids=STRINGS)
def test_a_string_is_judged_by_its_rule(read, expected):
    language, says, text = read
    model = spoken(model_of(f"language-{language}", max_length=4 if len(text) > 100 else 20), says)
    found = next_tokens(model, trace(model, text))
    for name, value in expected.items():
        got = getattr(found, name)
        assert (got.tolist() if isinstance(value, list) else got) == value, name
    assert (np.isnan(found.surprise) == (found.came == NONE)).all()
    if found.breaks is not None and found.came[found.breaks] != NONE:
        assert np.isinf(found.true_surprise[found.breaks])


def test_what_is_held_changes_what_it_expects():
    model = model_of("language-anbn", cell="lstm")
    read = trace(model, "aabb")
    held = next_tokens(model, read_clamped(model, read, [Clamp(letter="i", value=0.0, first=2)]))
    before = next_tokens(model, read)
    np.testing.assert_array_equal(held.network[:2], before.network[:2])
    assert (held.network[2:] != before.network[2:]).any(axis=1).all()
    assert held.truth.tolist() == before.truth.tolist()


def test_without_a_language_there_is_no_truth():
    config = bare_config("verdict", vocab_size=7, hidden_size=5, embedding_size=3, start_token=True)
    config = replace(config.with_settings(truncation="post"), task="next-token")
    words = Vocabulary([*task_of(config).specials, "the", "film", "is"])
    network = task_of(config).network(config, len(words), Classifier).eval()
    model = spoken(Model(config=config, vocabulary=words, classifier=network), "film")
    found = next_tokens(model, trace(model, "The film is."))
    assert [found.names[number] for number in found.came] == ["the", "film", "is", END]
    assert found.right.tolist() == [False, True, False, False]
    assert found.along is found.breaks is None
    assert np.isnan(found.truth).all()


def test_the_tables_have_the_numbers_by_symbol():
    model = model_of("language-parity")
    read = trace(model, "01=1")
    found = next_tokens(model, read)
    table = next_tokens_table(read, found)
    assert table["next"].tolist() == ["0", "1", "=", "1", END]
    np.testing.assert_array_equal(table["network_="], found.network[:, found.names.index("=")])
    np.testing.assert_array_equal(table["true_1"], found.truth[:, found.names.index("1")])
    assert table["is_right"].tolist() == found.right.tolist()
    inside = inside_table(read, "h", found)
    assert "logit" not in inside
    np.testing.assert_array_equal(inside["h_3"], read.arrays["h"][:, 3])


VERDICT = "gives no verdict on a text. Its answer"
test_another_question_than_it_was_trained_for = refusals(
    ModelFolderError,
    {
        "a verdict": (lambda: model_of("language-anbn")("aabb"), VERDICT),
        "verdicts": (lambda: model_of("language-anbn").probabilities(["aabb"]), VERDICT),
        "what comes next": (
            lambda: next_tokens(make_model(seed=0), trace(make_model(seed=0), "the film")),
            "says what a text is, not what comes next",
        ),
    },
)
test_no_character_is_no_string = refusals(
    EmptyReviewError, {"spaces": (lambda: trace(model_of("language-anbn"), "  "), "no character")}
)
