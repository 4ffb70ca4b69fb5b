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
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import END, Vocabulary
from tests.inspection.made import make_model


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
def test_a_trace_has_the_softmax_of_the_head_at_each_time_step(settings):
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
def test_the_truth_beside_it_is_that_of_all_strings_counted(name):
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


def test_it_is_right_where_the_rule_allows_what_it_finds_most_probable():
    model = spoken(model_of("language-anbn"), "a")
    found = next_tokens(model, trace(model, "aabb"))
    assert found.right.tolist() == [True, True, True, False, False]
    assert (found.first_wrong, found.breaks, found.without_truth) == (3, None, None)


def test_after_a_wrong_symbol_there_is_no_truth_and_nothing_is_right_or_wrong():
    model = spoken(model_of("language-anbn"), "b")
    found = next_tokens(model, trace(model, "aaba"))
    assert found.breaks == 3
    assert np.isinf(found.true_surprise[3])
    assert np.isfinite(found.truth).all(axis=1).tolist() == [True, True, True, True, False]
    assert found.is_judged.tolist() == [True, True, True, True, False]
    assert found.first_wrong == 0
    early = next_tokens(model, trace(model, "aab"))  # where it ends before it may
    assert (early.breaks, early.without_truth) == (3, None)


def test_a_symbol_that_the_language_lacks_is_read_as_unknown_and_has_no_surprise():
    model = model_of("language-anbn")
    read = trace(model, "aaX b")
    found = next_tokens(model, read)
    assert read.review.window == ("<start>", "a", "a", "<unk>", "<unk>", "b")
    assert np.isnan(found.surprise).tolist() == [False, False, True, True, False, False]
    assert found.breaks == 2
    with pytest.raises(EmptyReviewError, match="no character"):
        trace(model, "  ")


def test_a_longer_string_than_trained_with_has_no_truth_from_there_on():
    model = spoken(model_of("language-anbn-n3"), "a")
    found = next_tokens(model, trace(model, "aaaabbbb"))
    assert (found.without_truth, found.breaks, found.first_wrong) == (4, None, 5)


def test_of_a_string_that_is_cut_the_symbol_that_was_cut_comes_last():
    model = model_of("language-anbn", max_length=4)
    read = trace(model, "aaabb" * 2_000)
    found = next_tokens(model, read)
    assert read.review.window == ("<start>", "a", "a", "a")
    assert [found.names[number] for number in found.came] == ["a", "a", "a", "b"]


def test_what_is_held_changes_what_it_expects():
    model = model_of("language-anbn", cell="lstm")
    read = trace(model, "aabb")
    held = next_tokens(model, read_clamped(model, read, [Clamp(letter="i", value=0.0, first=2)]))
    before = next_tokens(model, read)
    np.testing.assert_array_equal(held.network[:2], before.network[:2])
    assert (held.network[2:] != before.network[2:]).any(axis=1).all()
    assert held.truth.tolist() == before.truth.tolist()


def test_without_a_language_it_says_what_came_but_no_truth():
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


def test_a_verdict_is_refused_with_what_to_use_and_so_is_what_comes_next_of_a_classifier():
    model = model_of("language-anbn")
    for ask in (model, lambda text: model.probabilities([text])):
        with pytest.raises(
            ModelFolderError, match=r"gives no verdict on a text\. Its answer .* `model\.trace"
        ):
            ask("aabb")
    classifier = make_model(seed=0)
    with pytest.raises(ModelFolderError, match="says what a text is, not what comes next"):
        next_tokens(classifier, trace(classifier, "the film"))
