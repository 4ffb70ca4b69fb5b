"""The gradient of the objective is that of the loss as one would write it down; networks that teach."""

import copy
import math
import re
import shutil

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.reading import Batch
from rnn_core.errors import ConfigError
from rnn_core.models.folder import WEIGHTS, save_model
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.paths import pretrained_folder
from rnn_core.tasks.classes import cross_entropies, log_odds, most_probable
from rnn_core.tasks.classification import TextClassification
from rnn_core.training.checkpoint import load_checkpoint, save_checkpoint
from rnn_core.training.objective import Objective
from rnn_core.training.teachers import check_teachers
from rnn_core.training.trainer import Trainer
from tests.refusals import refusals
from tests.training.made import SMALL, interrupted, without_clocks

TASK = TextClassification()

V = 12
BATCH = Batch(
    ids=torch.tensor([[3, 4, 5, 6], [7, 8, 9, 0], [11, 0, 0, 0]]),
    lengths=torch.tensor([4, 3, 1]),
    labels=torch.tensor([1, 0, 1]),
    rows=np.arange(3),
    folds=torch.tensor([1, -1, 0]),
)
NETWORKS = {
    "last": {},
    "mean of both directions": {"readout": "mean", "bidirectional": True},
    "two logits": {"head": "two-logit"},
    "bigrams": {"bigrams": 20},
    "counted bigrams": {"counted_bigrams": 20},
    "attention": {"readout": "attention"},
    "two layers": {"layers": 2, "cell": "lstm"},
}


def make(**settings):
    torch.manual_seed(4)
    classifier = Classifier(ModelConfig(hidden_size=5, embedding_size=3, **settings), V).double()
    pairs = torch.tensor([[3, 4], [7, 8]])
    if classifier.config.counted_bigrams:
        classifier.counted.know(pairs)
        classifier.counted.set_odds(torch.tensor([0.5, 1.5]), torch.tensor([[9.0, -9.0], [3.0, -3.0]]))
    if classifier.config.bigrams:
        classifier.bigrams.know(pairs)
        torch.nn.init.normal_(classifier.bigrams.vectors.weight[1:])
    return classifier


def learned(classifier, batch=BATCH, *more, class_weights=None, **settings):
    """Returns what is recorded of a batch; its gradients stay with the network."""
    config = TrainingConfig(**settings)
    return Objective(TASK, classifier, config, *more, class_weights=class_weights).back_propagate(batch)


def gradients(classifier):
    return {name: weights.grad for name, weights in classifier.named_parameters()}


class Sure:
    """A teacher that gives each text the same probabilities."""

    def __init__(self, answers):
        self.answers = answers

    def answer(self, ids, lengths, folds):
        return torch.tensor(self.answers).double()


ANSWERS = [0.9, 0.2, 0.4]


def loss_of(logits, share=0.0, smoothing=0.0):
    """Cross-entropy against labels, moved towards the answers of a teacher, then to a half, written out."""
    p = torch.sigmoid(log_odds(logits, followed=1))
    q = (1 - share) * BATCH.labels + share * torch.tensor(ANSWERS).double()
    q = (1 - smoothing) * q + smoothing / 2
    return -(q * p.log() + (1 - q) * (1 - p).log()).mean()


def pushes(classifier, xs, loss, push):
    """Return vectors of length `push` along which the loss grows, for each row by itself."""
    packed = packing(BATCH.lengths)
    (g,) = torch.autograd.grad(loss, xs, retain_graph=True)
    return push * g / torch.stack([g[packed.rows == row].norm() for row in packed.rows]).unsqueeze(1)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize(("share", "smoothing"), [(0.0, 0.0), (0.0, 0.2), (0.7, 0.0), (1.0, 0.0), (0.7, 0.2)])
def test_it_is_the_loss_of_moved_labels_and_pushes(network, share, smoothing):
    """The mean of the loss before and after the push that makes it grow; what is recorded is that before."""
    for push in (0.0, 0.3):
        one, other, packed = make(**network), make(**network), packing(BATCH.lengths)
        how = {"teachers_share": share, "label_smoothing": smoothing, "adversarial": push}
        seen = learned(one, BATCH, Sure(ANSWERS), **how)
        xs = other.inputs(BATCH.ids, packed, BATCH.folds)
        before = other.answer(xs, packed)
        loss = loss_of(before, share, smoothing)
        if push:
            after = other.answer(xs + pushes(other, xs, loss, push), packed)
            assert loss_of(after, share, smoothing) > loss
            loss = (loss + loss_of(after, share, smoothing)) / 2
        loss.backward()
        assert_close(gradients(one), gradients(other))
        assert torch.equal(seen.right, most_probable(before) == BATCH.labels)
        assert_close(seen.losses.mean(), loss_of(before).detach())


def test_a_review_without_a_gradient_is_not_pushed():
    """Nor is one far whose gradient is too small to be squared."""
    classifier = make()
    with torch.no_grad():
        classifier.head.weight.zero_()
    seen, bias = learned(classifier, adversarial=1.0), classifier.head.bias.item()
    by_hand = np.mean([math.log(1 + math.exp(sign * -bias)) for sign in (1, -1, 1)])
    assert seen.losses.mean() == pytest.approx(by_hand)
    assert all(torch.isfinite(weights.grad).all() for weights in classifier.parameters())

    classifier = make()
    with torch.no_grad():
        classifier.head.weight.mul_(1e-25)
    learned(classifier, adversarial=1.0)
    assert max(weights.grad.abs().max() for weights in classifier.parameters()) < 1


MANY = BATCH._replace(labels=torch.tensor([4, 0, 2]))


def test_of_many_classes_answers_and_weights_count():
    """A text counts as its class; the recorded loss is that of the labels, without weights."""
    torch.manual_seed(4)
    found = Classifier(ModelConfig(hidden_size=5, embedding_size=3), V, 5).double()
    by_hand, weights = copy.deepcopy(found), torch.tensor([0.5, 1.0, 3.0, 1.0, 2.0])
    seen = learned(found, MANY, Sure([[0.2] * 5] * 3), teachers_share=0.25, class_weights=weights)
    targets, logits = torch.full((3, 5), 0.05).double(), by_hand(MANY.ids, MANY.lengths)
    targets[range(3), MANY.labels] += 0.75
    losses = cross_entropies(logits, targets)
    ((losses[0] * 2 + losses[1] * 0.5 + losses[2] * 3) / 3).backward()
    assert_close(gradients(found), gradients(by_hand))
    assert_close(seen.losses.mean(), cross_entropies(logits, MANY.labels).mean().detach())


TAUGHT = RunConfig().with_settings(**{**SMALL, "epochs": 2}, word_dropout=0.2, teachers="one")
slow = pytest.mark.slow  # teachers are trained


TRAINED = {}
"""The folders of the networks that were trained for the tests of this file, by their settings."""


@pytest.fixture
def make_teacher(tiny_corpus, tmp_path_factory):
    """A function that puts a network among the pretrained ones; each is trained once."""

    def make(name="one", **settings):
        config = TAUGHT.with_settings(teachers="", **{"learning_rate": 0.02, **settings})
        if config not in TRAINED:
            trainer = Trainer(config, tiny_corpus)
            list(trainer)
            TRAINED[config] = tmp_path_factory.mktemp("teacher")
            save_model(TRAINED[config], trainer.config, trainer.vocabulary, trainer.weights())
        return shutil.copytree(TRAINED[config], pretrained_folder() / name, dirs_exist_ok=True)

    return make


def answers(folder, texts_of, batch):
    """The probabilities of a network on the words of a batch, looked up in its own vocabulary."""
    model = Model.load(folder)
    ids = [model.vocabulary.encode(texts_of.words[i] for i in row) for row in batch.ids.tolist()]
    logits = model.classifier(torch.tensor(ids), batch.lengths)
    return torch.sigmoid(log_odds(logits, followed=1)).detach()


@slow
def test_teachers_read_the_words_by_their_own_ids(tiny_corpus, make_teacher):
    """The answer is their mean; they learn nothing themselves."""
    folders = [make_teacher(), make_teacher("few", vocab_size=8, cell="lstm", bigrams=5)]
    trainer = Trainer(TAUGHT.with_settings(teachers="one+few"), tiny_corpus)
    batch, teachers = next(trainer._batches_left()), trainer.learner.objective.teachers
    expected = torch.stack([answers(folder, trainer.vocabulary, batch) for folder in folders]).mean(dim=0)
    assert len(set(expected.tolist())) > 1
    before = teachers.digest()
    assert_close(teachers.answer(batch.ids, batch.lengths), expected)
    list(trainer)
    assert teachers.digest() == before
    assert_close(teachers.answer(batch.ids, batch.lengths), expected)


FEWER = {"max_length": 5, "vocab_size": 9}


@slow
@pytest.mark.parametrize(("settings", "counted"), [(FEWER, 0), (FEWER, 20), ({"reviews": 20}, 0)], ids=str)
def test_a_teacher_leaves_out_the_fold_of_a_review(tiny_corpus, make_teacher, settings, counted):
    """Holds whether or not the network that learns counts bigrams, by the teacher's own counts, which are
    counted again, to the bit; they are kept as they are where it had other reviews.
    """
    saved = Model.load(make_teacher(counted_bigrams=40, **settings)).classifier.counted
    trainer = Trainer(TAUGHT.with_settings(counted_bigrams=counted), tiny_corpus)
    teachers, batch = trainer.learner.objective.teachers, next(trainer._batches_left())
    [(teacher, id_of, does)] = teachers._teachers
    assert does == (settings is FEWER) == (batch.folds is not None)
    assert torch.equal(teacher.counted.known, saved.known)
    assert torch.equal(teacher.counted.odds, saved.odds)
    with torch.no_grad():
        logits = [teacher(id_of[batch.ids], batch.lengths, folds) for folds in (batch.folds, None)]
        left_out, all_counts = (torch.sigmoid(log_odds(one, followed=1)) for one in logits)
    assert torch.equal(left_out, all_counts) != does
    folds = batch.folds if does else torch.zeros_like(batch.lengths)
    assert_close(teachers.answer(batch.ids, batch.lengths, folds), left_out)
    assert len(list(trainer)) > 4


@slow
@pytest.mark.parametrize("settings", [{}, {"adversarial": 0.5}], ids=["plain", "pushed"])
def test_a_taught_training_goes_on_to_the_same_bits(tiny_corpus, make_teacher, tmp_path, settings):
    """Also where the teacher learned from fewer of these reviews, with another length."""
    make_teacher(reviews=20, max_length=9, padding="post")
    config = TAUGHT.with_settings(**settings)
    found, _ = interrupted(lambda: Trainer(config, tiny_corpus), 7, tmp_path)
    assert found == without_clocks(Trainer(config, tiny_corpus))


def taught_by_one_trained(**settings):
    """Trains with a teacher that was trained with these settings."""

    def begin(make_teacher, tiny_corpus):
        make_teacher(epochs=1, **settings)
        with pytest.raises(ConfigError) as refused:
            check_teachers(TAUGHT)
        with pytest.raises(ConfigError, match=re.escape(str(refused.value))):
            Trainer(TAUGHT, tiny_corpus)
        raise refused.value

    return begin


def taught_by_a_damaged_one(make_teacher):
    (make_teacher(epochs=1) / WEIGHTS).write_bytes(b"half a file")
    check_teachers(TAUGHT)


def taught_on_another_corpus(make_teacher):
    make_teacher(epochs=1)
    check_teachers(RunConfig(data="verdict").with_settings(teachers="one"))


def where_padding_is_read(**settings):
    """Padding must stand where the teacher read it."""

    def check(make_teacher):
        make_teacher(epochs=1, skip_padding=False)
        reads_padding = TAUGHT.with_settings(skip_padding=False)
        check_teachers(reads_padding)
        check_teachers(reads_padding.with_settings(**settings))

    return check


def go_on_with_another(make_teacher, tiny_corpus, tmp_path):
    make_teacher(epochs=1)
    begun = Trainer(TAUGHT, tiny_corpus)
    next(iter(begun))
    save_checkpoint(tmp_path, begun.state())
    make_teacher(epochs=2)
    Trainer(TAUGHT, tiny_corpus).restore(load_checkpoint(tmp_path))


def taught_by(names):
    return lambda: TAUGHT.with_settings(teachers=names)


NAMES = "Teachers must be at most 6 names of networks"
test_who_can_not_teach_is_refused = slow(
    refusals(
        ConfigError,
        {
            "learned from other reviews": (taught_by_one_trained(seed=3), "was trained with --seed 3"),
            "reads no start": (taught_by_one_trained(start_token=False), "with --no-start-token"),
            "reads padding": (taught_by_one_trained(skip_padding=False), "with --no-skip-padding"),
            "reads padding elsewhere": (where_padding_is_read(padding="post"), "must have been trained with"),
            "reads less padding": (where_padding_is_read(max_length=12), "must have been trained with"),
            "of another corpus": (taught_on_another_corpus, "was trained with --data imdb"),
            "missing": (lambda: check_teachers(TAUGHT), "There is no model called 'one'"),
            "damaged": (taught_by_a_damaged_one, "one can't be read: weights.safetensors"),
            "not the one of the beginning": (go_on_with_another, "no longer the networks that it began with"),
            **{
                f"called {names[:9]!r}": (taught_by(names), NAMES)
                for names in ("a b", "../a", "a++b", "+a", "a+", "a,b", "a" * 300, "a+b+c+d+e+f+g")
            },
            "twice": (taught_by("a+b+a"), "Each teacher must be named once, got 'a+b+a'"),
        },
    )
)
