"""Word vectors that begin with what counting knows: the first number of each, and no other. Label odds of
pairs: as counted by hand, and what is learned from a review is counted without it.
"""

import collections
import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.pairs import NO_PAIR
from rnn_core.text.vocabulary import SPECIAL_TOKENS
from rnn_core.training.label_odds import FOLDS, IN_NO_FOLD, NEIGHBOURS, folds_by_index
from rnn_core.training.trainer import Trainer
from tests.training.made import SMALL, rows, small_trainer, without_clocks

SPECIAL = len(SPECIAL_TOKENS)


def folds_by_hand(reviews):
    """Block by block of neighbours of one label: 25, or a fifth of all where these are too few."""
    labels = reviews.labels.tolist()
    block = {label: min(25, labels.count(label) // 5) for label in labels}
    return [labels[:place].count(label) // block[label] % 5 for place, label in enumerate(labels)]


def odds_by_hand(reviews, items, without=None, label=1):
    """The log odds of a label against the rest, of each tuple of neighbouring ids, outside of a fold.

    As if two more reviews had each of them, dealt out to both sides as the reviews are.
    """
    share, length = (reviews.labels == label).mean(), len(items[0])
    counts = {item: [2 * (1 - share), 2 * share] for item in items}
    for ids, of_review, fold in zip(rows(reviews), reviews.labels, folds_by_hand(reviews), strict=True):
        if fold != without:
            for item in counts.keys() & {*zip(*(ids[t:] for t in range(length)), strict=False)}:
                counts[item][int(of_review == label)] += 1
    rest, of_label = (sum(count[side] for count in counts.values()) for side in (0, 1))
    return [math.log(b / (of_label - b)) - math.log(a / (rest - a)) for a, b in counts.values()]


def words_of(trainer):
    return [(number,) for number in range(SPECIAL, len(trainer.vocabulary))]


def pairs_of(trainer, known):
    return [divmod(number, len(trainer.vocabulary)) for number in known.tolist() if number < 1_000_000]


def test_the_first_number_of_a_word_is_its_log_odds(tiny_corpus):
    """The others are those of chance; averaged weights begin there too, and no test review is counted."""
    turned = tiny_corpus.labels.copy()
    turned[tiny_corpus.indices("test")] = 1
    trainer = small_trainer(tiny_corpus, label_odds=True, weight_averaging=0.9)
    other = small_trainer(replace(tiny_corpus, labels=turned), label_odds=True)
    by_chance = small_trainer(tiny_corpus).classifier.embedding.weight
    vectors, words = trainer.classifier.embedding.weight, trainer.vocabulary.words
    assert torch.equal(vectors[:, 1:], by_chance[:, 1:])
    assert torch.equal(vectors[:SPECIAL], by_chance[:SPECIAL])
    expected = odds_by_hand(trainer.training, words_of(trainer))
    assert vectors[SPECIAL:, 0].tolist() == pytest.approx(expected, rel=1e-5)
    assert vectors[words.index("good"), 0] > 2 > -2 > vectors[words.index("bad"), 0]
    assert torch.equal(trainer.learner.averaged.module.embedding.weight, vectors)
    assert torch.equal(other.classifier.embedding.weight, vectors)


@pytest.mark.parametrize("start_token", [True, False])
def test_that_of_a_bigram_is_counted_within_a_review(tiny_corpus, start_token):
    trainer = small_trainer(tiny_corpus, label_odds=True, bigrams=20, start_token=start_token)
    bigrams = trainer.classifier.bigrams
    vectors = bigrams.vectors.weight
    expected = odds_by_hand(trainer.training, pairs_of(trainer, bigrams.known))
    assert vectors[1:, 0].tolist() == pytest.approx(expected, rel=1e-5)
    assert not vectors[NO_PAIR].any()
    assert not vectors[:, 1:].any()


def test_of_the_only_word_or_bigram_nothing_is_known(tiny_corpus):
    only = {"vocab_size": SPECIAL + 1, "bigrams": 1}
    counted, by_chance = (small_trainer(tiny_corpus, label_odds=odds, **only) for odds in (True, False))
    assert torch.equal(counted.classifier.embedding.weight, by_chance.classifier.embedding.weight)
    assert not counted.classifier.bigrams.vectors.weight.any()


COUNTED = {**SMALL, "vocab_size": 400, "batch_size": 16, "epochs": 1, "counted_bigrams": 3_000}


def made(corpus, network=Classifier, **settings):
    config = RunConfig(data="imdb" if len(corpus.classes) == 2 else "made", classes=corpus.classes)
    return Trainer(config.with_settings(**{**COUNTED, **settings}), corpus, network)


def check_counted_pairs(trainer):
    """Each pair has its odds, with each fold left out and with none: of K > 2 classes a column of each."""
    counted, K = trainer.classifier.counted, trainer.classifier.classes
    pairs = pairs_of(trainer, counted.known)
    assert all(id >= SPECIAL for pair in pairs for id in pair)
    before, ids = torch.tensor(pairs).unbind(dim=1)
    for fold in (None, *range(5)):
        found = counted(before, ids, None if fold is None else torch.full_like(ids, fold))
        for label, column in enumerate(found.T) if K > 2 else [(1, found)]:
            expected = odds_by_hand(trainer.training, pairs, without=fold, label=label)
            assert column.tolist() == pytest.approx(expected, abs=1e-5)
    return pairs


def test_of_unequal_classes_each_takes_a_number(make_corpus):
    colours = ("red", "green", "blue")
    labels = [0, 0, 0, 1, 1, 2] * 40
    texts = [(f"{colours[of]} over there {n % 7}", of, "training") for n, of in enumerate(labels)]
    corpus = replace(make_corpus(texts), classes=colours)
    trainer = made(corpus, label_odds=True)
    vectors, words = trainer.classifier.embedding.weight, trainer.vocabulary.words
    assert np.bincount(trainer.training.labels).tolist() != [len(trainer.training) // 3] * 3
    for label, colour in enumerate(colours):
        expected = odds_by_hand(trainer.training, words_of(trainer), label=label)
        assert vectors[SPECIAL:, label].tolist() == pytest.approx(expected, abs=1e-5)
        assert vectors[words.index(colour), label] > 1
    check_counted_pairs(trainer)


def test_a_class_without_a_text_keeps_its_numbers(make_corpus):
    texts = [(f"{'red green'.split()[i % 2]} the {i}", i % 2, "training") for i in range(60)]
    corpus = replace(make_corpus([*texts, ("blue", 2, "test")]), classes=("r", "g", "b"))
    counted, by_chance = (made(corpus, label_odds=odds).classifier.embedding.weight for odds in (True, False))
    assert torch.isfinite(counted).all()
    assert torch.equal(counted[:, 2], by_chance[:, 2])
    assert not torch.equal(counted[:, :2], by_chance[:, :2])


@pytest.fixture
def corpus(make_corpus):
    """320 training reviews, each with a word of its own, a telling pair, and some that come again."""
    reviews = []
    for number in range(330):
        positive, own = number % 2 == 0, f"w{number}"
        telling = "not bad" if positive else "not good"
        text = f"{own} the film {own} {telling} was bad good {own} {'the film ' * (number % 3)}{own}"
        reviews.append((text, positive, "training" if number < 320 else "test"))
    return make_corpus(reviews)


@pytest.mark.parametrize("most", [7, 3_000])
@pytest.mark.parametrize("start_token", [True, False])
def test_odds_are_those_counted_by_hand(corpus, most, start_token):
    pairs = check_counted_pairs(made(corpus, counted_bigrams=most, start_token=start_token))
    assert 0 < len(pairs) <= most


def test_every_text_leaves_out_the_fold_of_its_review(corpus):
    """Also a part of one; a composed one none."""
    read = []

    class Watched(Classifier):
        def head_inputs(self, ids, lengths, folds=None):
            if self.training:
                read.extend(zip(ids.tolist(), folds.tolist(), strict=True))
            return super().head_inputs(ids, lengths, folds)

    trainer = made(corpus, Watched, excerpts=0.5, snippets=50, composed=40)
    list(trainer)
    words_of_one = {id for id, word in enumerate(trainer.vocabulary.words) if re.fullmatch(r"w\d+", word)}
    own = [(words_of_one & {*ids}).pop() for ids in rows(trainer.training)]
    folds = dict(zip(own, folds_by_hand(trainer.training), strict=True))
    assert len(read) == len(trainer.training) + 90
    assert sum(fold == -1 for _, fold in read) == 40
    seen = collections.Counter()
    for ids, fold in read:
        for word in folds.keys() & {*ids}:
            assert fold == folds[word]
            seen[fold] += 1
    assert len(seen) == 5
    assert seen.total() > len(trainer.training)


def test_neighbours_are_of_one_fold(corpus):
    assert (FOLDS, NEIGHBOURS) == (5, 25)
    reviews = made(corpus).training
    folds = folds_by_index(reviews)
    assert folds[reviews.indices].tolist() == folds_by_hand(reviews)
    assert set(np.delete(folds, reviews.indices)) == {IN_NO_FOLD}


def test_counted_bigrams_begin_without_label_odds(corpus):
    """Words do not."""
    both, words = made(corpus, label_odds=True, bigrams=20), made(corpus, label_odds=True)
    assert not both.classifier.bigrams.vectors.weight.any()
    assert torch.equal(both.classifier.embedding.weight, words.classifier.embedding.weight)
    assert not torch.equal(words.classifier.embedding.weight, made(corpus).classifier.embedding.weight)


def test_the_only_pair_changes_no_training(corpus):
    """Nothing is known about it."""
    dropouts = {"word_dropout": 0.2, "embedding_dropout": 0.3, "head_dropout": 0.2, "weight_averaging": 0.9}
    for more in ({"bigrams": 30}, {"adversarial": 0.5, "snippets": 20, "composed": 20}):
        one = without_clocks(made(corpus, counted_bigrams=1, **dropouts, **more))
        assert one == without_clocks(made(corpus, counted_bigrams=0, **dropouts, **more))
    assert one != without_clocks(made(corpus, **dropouts, **more))


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_what_is_kept_reads_with_all_counts(corpus, tmp_path, averaging):
    """Also when it comes back from its folder."""
    trainer = made(corpus, weight_averaging=averaging)
    list(trainer)
    kept = trainer.kept().eval()
    save_model(tmp_path, trainer.config, trainer.vocabulary, trainer.weights())
    model = Model.load(tmp_path)
    assert torch.equal(model.classifier.counted.odds, trainer.classifier.counted.odds)
    assert model.classifier.counted.odds.any()
    ids = torch.tensor(rows(trainer.training)[:1])
    lengths = torch.tensor([ids.shape[1]])
    assert torch.equal(model.classifier(ids, lengths), kept(ids, lengths))
