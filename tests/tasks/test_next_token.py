"""The task of predicting each next token, against torch's own loss and against counting."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from rnn_core.config.run import RunConfig
from rnn_core.data.batches import evaluation_batches
from rnn_core.data.corpus import Text, build_corpus, open_corpus
from rnn_core.errors import ConfigError
from rnn_core.files import FormatError
from rnn_core.symbols import KINDS
from rnn_core.tasks.task import task_named
from rnn_core.text.vocabulary import END_ID, START_ID, UNK_ID
from rnn_core.training.checkpoint import load_checkpoint, save_checkpoint
from rnn_core.training.trainer import Trainer

TASK = task_named("next-token")
TEXTS = {"training": ["a b", "b", "a a a b", "c a"], "validation": ["a", "b a"], "test": ["a b c", "b"]}
SMALL = {
    "hidden_size": 5, "embedding_size": 4, "vocab_size": 6, "batch_size": 2, "epochs": 3, "threads": 1,
    "evaluations_per_epoch": 1, "learning_rate": 0.05, "reviews": 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    texts = [Text(text, n % 2, split) for split, some in TEXTS.items() for n, text in enumerate(some)]
    folder = tmp_path_factory.mktemp("letters") / "letters"
    for _ in build_corpus("letters", texts, folder, len(texts)):
        pass
    return folder


@pytest.fixture(scope="module")
def corpus(folder):
    return open_corpus(folder)


def asked(**settings):
    config = RunConfig(data="letters").with_settings(**{"truncation": "post", **SMALL, **settings})
    return replace(config, task="next-token")


def trainer_of(corpus, **settings):
    return Trainer(asked(**settings), corpus)


def windows(texts):
    return [texts.ids[a:b].tolist() for a, b in zip(texts.offsets, texts.offsets[1:], strict=False)]


def test_each_text_is_read_from_start_and_its_end_is_asked(corpus):
    trainer = trainer_of(corpus)
    assert trainer.vocabulary.words == ("<pad>", "<start>", "<unk>", "<end>", "a", "b")
    a, b = 4, 5
    assert windows(trainer.test) == [[START_ID, a, b, UNK_ID, END_ID], [START_ID, b, END_ID]]
    assert trainer.classifier.head.out_features == 3
    [batch] = evaluation_batches(trainer.test, 2)
    targets, places = TASK.asked(batch)
    # time step by time step, the longer text first: a b | b end | not unk | end
    assert targets.tolist() == [n - END_ID for n in (a, b, b, END_ID, END_ID)]
    assert places.tolist() == [0, 1, 2, 3, 5]


def test_a_text_that_is_cut_has_no_end(corpus):
    assert windows(trainer_of(corpus, max_length=2).test) == [[START_ID, 4, 5], [START_ID, 5, END_ID]]
    assert windows(trainer_of(corpus, max_length=1).test) == [[START_ID, 4], [START_ID, 5]]


@pytest.mark.parametrize("cell", KINDS)
def test_loss_and_gradient_are_those_of_torch_at_each_step(corpus, cell):
    trainer = trainer_of(corpus, cell=cell, batch_size=4)
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
    step = trainer.learner.learn(batch)
    assert step.fields["loss"] == pytest.approx(mean.item(), rel=1e-5)
    assert step.fields["bits_per_token"] == pytest.approx(mean.item() / math.log(2), rel=1e-5)
    shortened = max(1.0, step.gradient_norm / trainer.config.training.clip_norm)
    for weights, gradient in zip(network.parameters(), expected, strict=True):
        if gradient is not None:
            torch.testing.assert_close(weights.grad * shortened, gradient, atol=1e-6, rtol=1e-3)


def test_scores_count_every_answer_once(corpus):
    trainer = trainer_of(corpus)
    network = trainer.classifier.eval()
    losses, right = [], []
    for window in windows(trainer.test):
        logits = network(torch.tensor([window[:-1]]), torch.tensor([len(window) - 1]))
        for row, target in zip(logits, window[1:], strict=True):
            if target != UNK_ID:
                losses.append(cross_entropy(row, torch.tensor(target - END_ID)).item())
                right.append(row.argmax().item() == target - END_ID)
    scores = TASK.evaluate(network, trainer.test, torch.device("cpu"))
    assert scores.bits_per_token == pytest.approx(np.mean(losses) / math.log(2), rel=1e-5)
    assert (scores.accuracy, scores.reviews) == (pytest.approx(np.mean(right)), 2)
    assert TASK.read_scores(str(scores.to_dict()).replace("'", '"'), trainer.config) == scores.to_dict()
    with pytest.raises(FormatError, match="accuracy"):
        TASK.read_scores('{"bits_per_token": 1, "accuracy": 2, "loss": 1, "reviews": 1}', trainer.config)


def test_a_network_that_knows_shares_alone_has_the_entropy_of_the_tokens(corpus, folder, monkeypatch):
    config = asked()
    monkeypatch.setattr(type(config.corpus), "load", lambda self: corpus)
    monkeypatch.setattr(type(config.corpus), "folder", folder)
    shares = np.array([5, 3, 4]) / 12  # a, b, the end; c is unknown
    guess = TASK.guess(config)
    assert guess.loss == pytest.approx(-(shares * np.log(shares)).sum())
    assert guess.accuracy == pytest.approx(5 / 12)
    assert TASK.untrained(config).loss == pytest.approx(math.log(3))


def test_training_goes_on_from_a_checkpoint_with_the_same_bits(corpus, tmp_path):
    whole = [
        replace(one, seconds=0.0, seconds_left=None, tokens_per_second=None) for one in trainer_of(corpus)
    ]
    first, second = trainer_of(corpus), trainer_of(corpus)
    begun = [record for _, record in zip(range(3), first, strict=False)]
    save_checkpoint(tmp_path, first.state())
    torch.manual_seed(5)
    second.restore(load_checkpoint(tmp_path))
    went_on = [replace(one, seconds=0.0, seconds_left=None, tokens_per_second=None) for one in second]
    assert went_on == whole[len(begun) :]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"bidirectional": True}, "Both directions must be False for predicting the next token"),
        ({"start_token": False}, "Start token must be True"),
        ({"truncation": "pre"}, "Truncation side must be 'post'"),
        ({"class_weights": "balanced"}, "Class weights must be 'off'"),
        ({"snippets": 5}, "Short parts of reviews must be 0"),
    ],
)
def test_settings_that_mean_nothing_for_it_are_refused(settings, why):
    with pytest.raises(ConfigError, match=why):
        asked(**settings)
