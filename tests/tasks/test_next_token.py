"""Predicting each next token: against torch's own loss, against counting and beside the truth."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rnn_core.config.run import RunConfig
from rnn_core.data.reading import evaluation_batches
from rnn_core.data.sources import bare_config, load_corpus, recommended_config
from rnn_core.errors import ConfigError, DataError
from rnn_core.files import FormatError
from rnn_core.languages.along import string_truth
from rnn_core.nn.classifier import Classifier
from rnn_core.symbols import KINDS
from rnn_core.tasks.task import task_named
from rnn_core.text.vocabulary import END_ID, START_ID, UNK_ID
from rnn_core.training import estimate as timing
from rnn_core.training.diagnosis import diagnose
from rnn_core.training.estimate import estimate
from rnn_core.training.history import history, numbers
from rnn_core.training.trainer import Trainer
from tests.refusals import refusals
from tests.training.made import rows as windows

TOKENS, SYMBOLS = task_named("next-token"), task_named("next-symbol")
TEXTS = {"training": ["a b", "b", "a a a b", "c a"], "validation": ["a", "b a"], "test": ["a b c", "b"]}
OF_TOKENS = {
    "hidden_size": 5, "embedding_size": 4, "vocab_size": 6, "batch_size": 2, "epochs": 3, "threads": 1,
    "evaluations_per_epoch": 1, "learning_rate": 0.05, "reviews": 4,
}  # fmt: skip


@pytest.fixture
def corpus(make_corpus):
    return make_corpus([(text, n % 2, split) for split, some in TEXTS.items() for n, text in enumerate(some)])


def asked(**settings):
    config = RunConfig(data="letters").with_settings(**{"truncation": "post", **OF_TOKENS, **settings})
    return replace(config, task="next-token")


def trainer_of_tokens(corpus, **settings):
    return Trainer(asked(**settings), corpus)


def test_texts_are_read_from_start_to_their_end(corpus):
    trainer = trainer_of_tokens(corpus)
    assert trainer.vocabulary.words == ("<pad>", "<start>", "<unk>", "<end>", "a", "b")
    a, b = 4, 5
    assert windows(trainer.test) == [[START_ID, a, b, UNK_ID, END_ID], [START_ID, b, END_ID]]
    assert trainer.classifier.head.out_features == 3
    [batch] = evaluation_batches(trainer.test, 2)
    targets, places = TOKENS.asked(batch)
    # time step by time step, the longer text first: a b | b end | not unk | end
    assert targets.tolist() == [n - END_ID for n in (a, b, b, END_ID, END_ID)]
    assert places.tolist() == [0, 1, 2, 3, 5]
    # a text that is cut has no end
    assert windows(trainer_of_tokens(corpus, max_length=2).test) == [[START_ID, 4, 5], [START_ID, 5, END_ID]]
    assert windows(trainer_of_tokens(corpus, max_length=1).test) == [[START_ID, 4], [START_ID, 5]]


@pytest.mark.parametrize("cell", KINDS)
def test_loss_and_gradient_are_those_of_torch(corpus, cell):
    trainer = trainer_of_tokens(corpus, cell=cell, batch_size=4)
    network, head = trainer.classifier, trainer.classifier.head
    batch = next(trainer._batches_left())
    losses = []
    for ids, length in zip(batch.ids, batch.lengths.tolist(), strict=True):
        read = network.head_inputs(ids[None, : length - 1], torch.tensor([length - 1]))
        logits = read @ head.weight.T + head.bias
        for t in range(length - 1):
            if ids[t + 1] != UNK_ID:
                losses.append(cross_entropy(logits[t], ids[t + 1] - END_ID))
    mean = torch.stack(losses).mean()
    expected = torch.autograd.grad(mean, list(network.parameters()), allow_unused=True)
    fields, norm = trainer.learner.learn(batch, rate=0.001)
    assert fields["loss"] == pytest.approx(mean.item(), rel=1e-5)
    assert fields["bits_per_token"] == pytest.approx(mean.item() / math.log(2), rel=1e-5)
    shortened = max(1.0, norm / trainer.config.training.clip_norm)
    for weights, gradient in zip(network.parameters(), expected, strict=True):
        if gradient is not None:
            torch.testing.assert_close(weights.grad * shortened, gradient, atol=1e-6, rtol=1e-3)


def test_scores_count_every_answer_once(corpus):
    trainer = trainer_of_tokens(corpus)
    network = trainer.classifier.eval()
    losses, right = [], []
    for window in windows(trainer.test):
        logits = network(torch.tensor([window[:-1]]), torch.tensor([len(window) - 1]))
        for row, target in zip(logits, window[1:], strict=True):
            if target != UNK_ID:
                losses.append(cross_entropy(row, torch.tensor(target - END_ID)).item())
                right.append(row.argmax().item() == target - END_ID)
    scores = TOKENS.evaluate(network, trainer.test)
    assert scores.bits_per_token == pytest.approx(np.mean(losses) / math.log(2), rel=1e-5)
    assert (scores.accuracy, scores.reviews) == (pytest.approx(np.mean(right)), 2)
    assert TOKENS.read_scores(str(scores.to_dict()).replace("'", '"'), trainer.config) == scores.to_dict()
    with pytest.raises(FormatError, match="accuracy"):
        TOKENS.read_scores('{"bits_per_token": 1, "accuracy": 2, "loss": 1, "reviews": 1}', trainer.config)


def test_a_guess_has_the_entropy_of_token_shares(corpus, tmp_path, monkeypatch):
    config = asked()
    monkeypatch.setattr(type(config.corpus), "load", lambda self: corpus)
    monkeypatch.setattr(type(config.corpus), "folder", tmp_path / "corpus")
    shares = np.array([5, 3, 4]) / 12  # a, b, the end; c is unknown
    guess = TOKENS.guess(config)
    assert guess.loss == pytest.approx(-(shares * np.log(shares)).sum())
    assert guess.accuracy == pytest.approx(5 / 12)
    assert TOKENS.untrained(config).loss == pytest.approx(math.log(3))


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("languages")


@pytest.fixture(autouse=True)
def prepared(cache, monkeypatch):
    monkeypatch.setenv("GATESCOPE_CACHE", str(cache))


OF_SYMBOLS = {
    "reviews": 200, "epochs": 1, "batch_size": 50, "threads": 1, "hidden_size": 6, "embedding_size": 4,
}  # fmt: skip


def trainer_of(name, **settings):
    config = recommended_config(name).with_settings(**{**OF_SYMBOLS, **settings})
    return Trainer(config, load_corpus(name))


class Oracle(nn.Module):
    """A network whose logits are the truth's, less what `spoil` does to the probabilities of each step."""

    def __init__(self, language, spoil=lambda p: p):
        super().__init__()
        self.language, self.spoil = language, spoil
        self.head, self.device = nn.Identity(), torch.device("cpu")

    def head_inputs(self, ids, lengths):
        rows = []
        for row, length in zip(ids.tolist(), lengths.tolist(), strict=True):
            string = "".join(self.language.symbols[n - END_ID - 1] for n in row[1 : length + 1] if n > END_ID)
            found = string_truth(self.language, string).first(length)
            evenly = found.allowed / found.allowed.sum(axis=1, keepdims=True)
            p = np.where(np.isnan(found.truth), evenly, found.truth)
            rows.append(np.log(self.spoil(np.roll(p, 1, axis=1)) + 1e-300))  # the end first
        steps = [row[t] for t in range(int(lengths[0])) for row in rows if t < len(row)]
        return torch.tensor(np.array(steps))


@pytest.mark.parametrize("name", ["anbn-n6", "parity-bits5", "brackets-pairs4", "reber-longest11"])
def test_knowing_the_truth_every_string_is_right(name):
    trainer = trainer_of(f"language-{name}")
    texts = trainer.validation
    scores = SYMBOLS.evaluate(Oracle(texts.language), texts)
    assert scores.bits_above_truth == pytest.approx(0, abs=1e-9)
    assert (scores.right_strings, scores.right_longer_strings) == (1, 1)
    assert scores.bits_per_token < math.log2(len(texts.language.predicted))


def test_an_error_while_scoring_leaves_no_mode(monkeypatch):
    """Nor where the error is kept, as a notebook keeps its last one."""
    trainer = trainer_of("language-anbn-n6")
    network, texts = trainer.classifier.train(), trainer.validation

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(SYMBOLS), "_truth_and_answers", interrupted)
    with pytest.raises(KeyboardInterrupt) as kept:
        SYMBOLS.evaluate(network, texts)
    assert kept.value.__traceback__ is not None
    assert network.training
    assert not torch.is_inference_mode_enabled()


def test_bits_above_the_truth_are_the_mean_kl():
    """No string is right that has one step wrong."""
    texts = trainer_of("language-anbn-n6").validation

    def scored(spoil):
        return SYMBOLS.evaluate(Oracle(texts.language, spoil), texts)

    uniform = scored(lambda p: np.full_like(p, 1 / 3))
    sizes = (texts.lengths() // 2 - 1).tolist()
    entropies = [string_truth(texts.language, "a" * n + "b" * n).entropies for n in sizes]
    assert uniform.bits_above_truth == pytest.approx(math.log2(3) - np.concatenate(entropies).mean())
    assert uniform.bits_per_token == pytest.approx(math.log2(3))
    assert scored(lambda p: np.tile([0.0, 0.5, 0.4], (len(p), 1))).right_strings == 0  # it never ends


def test_a_string_that_the_window_cuts_is_not_right():
    corpus, config = load_corpus("language-anbn"), recommended_config("language-anbn")
    config = config.with_settings(max_length=12)
    vocabulary = Trainer(config.with_settings(**OF_SYMBOLS), corpus).vocabulary
    rows = corpus.indices("test")[:100]
    texts = SYMBOLS.encode(corpus, rows, vocabulary, config.text)
    scores = SYMBOLS.evaluate(Oracle(config.corpus.language), texts)
    whole = np.mean([len(corpus.text(row)) <= 11 for row in rows.tolist()])  # and the end
    assert 0 < whole < 1
    assert (scores.right_strings, scores.right_longer_strings) == (pytest.approx(whole), 0.0)


def test_records_hold_what_is_right():
    """Evaluations alone measure longer strings."""
    trainer = trainer_of("language-anbn-n6", epochs=2)
    all_records = list(trainer)
    shown = numbers(history("made", all_records, "next-symbol"))
    assert "validation right longer strings" in shown
    assert "training right longer strings" not in shown
    assert "training bits per symbol" in shown
    records = [record for record in all_records if record.kind == "validation"]
    assert records[-1].fields.keys() == {
        "loss", "accuracy", "bits_per_token", "bits_above_truth", "right_strings", "right_longer_strings",
    }  # fmt: skip
    assert all(record.score == record.fields["bits_per_token"] for record in records)
    assert trainer.kept_score == min(record.score for record in records)
    scores = trainer.score_test()
    assert SYMBOLS.read_scores(json.dumps(scores.to_dict()), trainer.config) == scores.to_dict()


@pytest.mark.parametrize("max_length", [9, 100])
def test_the_estimate_counts_what_evaluations_read(monkeypatch, max_length):
    """The time steps of longer strings are included."""
    trainer = trainer_of("language-anbn-n6", epochs=2, evaluations_per_epoch=2, max_length=max_length)
    a_second_for_each, rows = timing._Seconds(whole=0.0, forward=1.0 * timing._LONG * 50), 50
    assert trainer.config.training.batch_size == rows
    measured = (timing._Seconds(whole=0.0, forward=0.0), a_second_for_each, 0.0)
    monkeypatch.setattr(timing, "_measure", lambda *_: measured)
    read, head_inputs = [], Classifier.head_inputs

    def counting(network, ids, lengths, *folds):
        read.extend([] if network.training else [int(lengths.sum())])
        return head_inputs(network, ids, lengths, *folds)

    monkeypatch.setattr(Classifier, "head_inputs", counting)
    for _ in trainer:
        pass
    trainer.score_test()
    found = estimate(trainer.config, load_corpus("language-anbn-n6"))
    assert found.seconds == pytest.approx(sum(read))
    assert found.parameters == sum(weights.numel() for weights in trainer.classifier.parameters())


def test_batches_mix_lengths_and_splits_share_longer():
    trainer = trainer_of("language-anbn-n6")
    assert len(set(next(trainer._batches_left()).lengths.tolist())) > 1  # each step weighs the same
    splits = (trainer.training, trainer.validation, trainer.test)
    assert len({id(texts.longer) for texts in splits}) == 1
    windows = np.split(trainer.test.longer.ids, trainer.test.longer.offsets[1:-1])
    symbols = trainer.vocabulary.words
    read = ["".join(symbols[number] for number in ids[1:-1]) for ids in windows]
    assert read == list(trainer.config.corpus.longer(300))
    assert trainer_of("language-anbn-n6", max_length=9).test.longer.lengths().max() == 10


def test_a_loss_that_stays_at_the_shares_is_stuck():
    """A network that answers with the shares of the symbols; it begins at log V."""
    config = trainer_of("language-parity-bits5").config
    strings = "".join(
        text.text for text in config.corpus.written(config.corpus.sizes) if text.split == "training"
    )
    uses = np.array([strings.count(symbol) for symbol in "01="] + [20_000])
    plateau = -(uses / uses.sum() * np.log(uses / uses.sum())).sum()
    assert SYMBOLS.untrained(config).loss == pytest.approx(math.log(4))
    assert SYMBOLS.guess(config).loss == pytest.approx(plateau)

    def record(kind, loss, epoch=1.0):
        numbers = {"loss": loss, "bits_per_token": loss / math.log(2), "gradient_norm": 0.3}
        return {"kind": kind, "epoch": epoch, "learning_rate": 0.01, **numbers}

    stays = [record("training", plateau, step / 40) for step in range(1, 41)]
    [found] = diagnose(config, history("", [*stays, record("validation", plateau)], "next-symbol"))
    bits = f"{plateau / math.log(2):.3f} bits"
    assert (found.kind, found.title) == ("stuck", f"Stuck at {bits}")
    assert f"that of always answering with the shares of the symbols is {bits}" in found.sentence
    learned = [*stays, record("validation", 0.9 * plateau)]
    assert diagnose(config, history("", learned, "next-symbol")) == []


def test_a_result_is_said_in_bits_and_strings():
    scores = {"bits_above_truth": 0.0123, "right_strings": 0.5, "right_longer_strings": 0.25}
    assert SYMBOLS.further_in_words(scores) == (
        "That is 0.0123 bits above the truth. Each step is right in 50.0% of these strings, and in 25.0% of "
        "300 longer ones."
    )
    assert math.isnan(SYMBOLS.further_scores(scores | {"bits_above_truth": None})["bits_above_truth"])


def test_a_language_is_asked_for_its_next_symbol():
    config = recommended_config("language-delay")
    assert config.task == bare_config("language-delay").task == "next-symbol"
    assert RunConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize("max_length", [4, 100])
def test_the_line_of_the_truth_is_the_mean_entropy(max_length):
    """The entropy of what a network is asked."""
    corpus = load_corpus("language-anbn-n6")
    config = recommended_config("language-anbn-n6").with_settings(max_length=max_length)
    entropies = []
    for row in corpus.indices("validation").tolist():
        n = len(corpus.text(row)) // 2
        for t in range(min(2 * n + 1, max_length)):
            p = (6 - t) / (7 - t) if 1 <= t <= n and t < 6 else 1
            entropies.append(-sum(q * math.log2(q) for q in (p, 1 - p) if q))
    assert SYMBOLS.truth(config) == pytest.approx(np.mean(entropies))


def test_texts_that_are_no_language_have_no_truth(corpus):
    with pytest.raises(DataError, match="it is no language"):
        SYMBOLS.encode(corpus, np.arange(3), trainer_of_tokens(corpus).vocabulary, asked().text)


def classify_strings():
    replace(recommended_config("language-delay"), task="classification", classes=("string",))


test_settings_that_mean_nothing_for_it = refusals(
    ConfigError,
    {
        "both directions": (lambda: asked(bidirectional=True), "must be False for predicting the next token"),
        "no start": (lambda: asked(start_token=False), "Start token must be True"),
        "the end of a text": (lambda: asked(truncation="pre"), "Truncation side must be 'post'"),
        "class weights": (lambda: asked(class_weights="balanced"), "Class weights must be 'off'"),
        "snippets": (lambda: asked(snippets=5), "Short parts of reviews must be 0"),
        "classes": (classify_strings, "language-delay has no classes: it is for predicting the next symbol"),
    },
)
