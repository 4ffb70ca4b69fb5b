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
from rnn_core.config.text_settings import TextConfig
from rnn_core.data.encoding import encode_reviews, learn_vocabulary
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.pairs import NO_PAIR, CountedBigrams
from rnn_core.text.vocabulary import SPECIAL_TOKENS
from rnn_core.training.label_odds import FOLDS, IN_NO_FOLD, NEIGHBOURS, count_odds, folds_by_index, folds_of
from rnn_core.training.trainer import Trainer
from tests.training.made import SMALL, rows, small_trainer, without_clocks


def folds_by_hand(reviews):
    """Block by block of neighbours of one label."""
    folds, seen = [], [0, 0]
    for label in reviews.labels:
        folds.append(seen[label] // 25 % 5)
        seen[label] += 1
    return folds


def counts_by_hand(reviews, items, without=None):
    """In how many negative and positive reviews each tuple of neighbouring ids stands, one added to each; and
    the sums of both.
    """
    counts, length = {item: [1, 1] for item in items}, len(items[0])
    for ids, label, fold in zip(rows(reviews), reviews.labels, folds_by_hand(reviews), strict=True):
        if fold != without:
            neighbours = zip(*(ids[t:] for t in range(length)), strict=False)
            for item in counts.keys() & {*neighbours}:
                counts[item][label] += 1
    return counts, [sum(count[label] for count in counts.values()) for label in (0, 1)]


def odds_by_hand(reviews, items, without=None):
    counts, (negative, positive) = counts_by_hand(reviews, items, without)
    return [math.log(b / (positive - b)) - math.log(a / (negative - a)) for a, b in counts.values()]


def test_the_first_number_of_a_word_is_its_log_odds_and_the_others_are_those_of_chance(tiny_corpus):
    trainer, by_chance = small_trainer(tiny_corpus, label_odds=True), small_trainer(tiny_corpus)
    vectors, others = trainer.classifier.embedding.weight, by_chance.classifier.embedding.weight
    special, words = len(SPECIAL_TOKENS), trainer.vocabulary.words
    assert torch.equal(vectors[:, 1:], others[:, 1:])
    assert torch.equal(vectors[:special], others[:special])
    items = [(number,) for number in range(special, len(words))]
    assert vectors[special:, 0].tolist() == pytest.approx(odds_by_hand(trainer.training, items), rel=1e-5)
    assert vectors[words.index("good"), 0] > 2 > -2 > vectors[words.index("bad"), 0]


@pytest.mark.parametrize("start_token", [True, False])
def test_that_of_a_bigram_is_counted_within_a_review(tiny_corpus, start_token):
    trainer = small_trainer(tiny_corpus, label_odds=True, bigrams=20, start_token=start_token)
    bigrams = trainer.classifier.bigrams
    pairs = [divmod(number, len(trainer.vocabulary)) for number in bigrams.known.tolist()]
    vectors = bigrams.vectors.weight
    assert vectors[1:, 0].tolist() == pytest.approx(odds_by_hand(trainer.training, pairs), rel=1e-5)
    assert not vectors[NO_PAIR].any()
    assert not vectors[:, 1:].any()


def test_about_the_only_word_or_bigram_nothing_is_known(tiny_corpus):
    only = {"vocab_size": len(SPECIAL_TOKENS) + 1, "bigrams": 1}
    both = (small_trainer(tiny_corpus, label_odds=odds, **only) for odds in (True, False))
    counted, random = (trainer.classifier for trainer in both)
    assert torch.equal(counted.embedding.weight, random.embedding.weight)
    assert not counted.bigrams.vectors.weight.any()


def test_the_averaged_weights_begin_there_too(tiny_corpus):
    trainer = small_trainer(tiny_corpus, label_odds=True, weight_averaging=0.9)
    averaged = trainer.learner.averaged.module.embedding.weight
    assert torch.equal(averaged, trainer.classifier.embedding.weight)


def test_only_training_reviews_are_counted(tiny_corpus):
    turned = tiny_corpus.labels.copy()
    turned[tiny_corpus.indices("test")] = 1
    one, other = (
        small_trainer(corpus, label_odds=True).classifier.embedding.weight
        for corpus in (tiny_corpus, replace(tiny_corpus, labels=turned))
    )
    assert torch.equal(one, other)


def test_of_three_classes_each_takes_a_number_of_its_own(make_corpus):
    texts = [
        (f"{word} {word} the {number}", label, "training")
        for number in range(30)
        for label, word in enumerate(("red", "green", "blue"))
    ]
    corpus = replace(make_corpus(texts), classes=("r", "g", "b"))
    config = RunConfig(data="made", classes=corpus.classes).with_settings(**SMALL, label_odds=True)
    trainer = Trainer(config, corpus)
    vectors = trainer.classifier.embedding.weight.detach()
    for label, word in enumerate(("red", "green", "blue")):
        (token_id,) = trainer.vocabulary.encode([word])
        odds = vectors[token_id, :3]
        assert odds[label] > 1 > -1 > max(odds[other] for other in range(3) if other != label)
    (everywhere,) = trainer.vocabulary.encode(["the"])
    assert vectors[everywhere, :3].abs().max() < 0.3


def test_of_two_classes_of_unequal_size_a_rare_word_leans_to_neither(make_corpus):
    texts = [(f"the rare{i} word", int(i % 4 > 0), "training") for i in range(80)]
    corpus = make_corpus([*texts, *[("everywhere the word", int(i % 4 > 0), "training") for i in range(80)]])
    trainer = small_trainer(corpus, label_odds=True, vocab_size=300)
    vectors, words = trainer.classifier.embedding.weight.detach(), trainer.vocabulary.words
    assert vectors[words.index("everywhere"), 0].abs() < 0.1
    [small, large] = (
        [vectors[words.index(f"rare{i}"), 0].item() for i in range(80) if f"rare{i}" in words and is_of(i)]
        for is_of in (lambda i: i % 4 == 0, lambda i: i % 4 > 0)
    )
    # One use weighs more where there are few texts, so that what all rare words say adds up to little.
    assert max(small) < 0 < min(large)
    assert abs(sum(small) / len(small)) > abs(sum(large) / len(large))


def test_a_class_without_a_text_to_learn_from_keeps_the_numbers_of_chance(make_corpus):
    texts = [(f"{'red green'.split()[i % 2]} the {i}", i % 2, "training") for i in range(60)]
    corpus = replace(make_corpus([*texts, ("blue", 2, "test")]), classes=("r", "g", "b"))
    config = RunConfig(data="made", classes=corpus.classes).with_settings(**SMALL)
    counted, by_chance = (
        Trainer(config.with_settings(label_odds=odds), corpus).classifier.embedding.weight.detach()
        for odds in (True, False)
    )
    assert torch.isfinite(counted).all()
    assert torch.equal(counted[:, 2], by_chance[:, 2])
    assert not torch.equal(counted[:, :2], by_chance[:, :2])


COUNTED = {**SMALL, "vocab_size": 400, "batch_size": 16, "epochs": 1, "counted_bigrams": 3_000}


def made(corpus, network=Classifier, **settings):
    return Trainer(RunConfig().with_settings(**{**COUNTED, **settings}), corpus, network)


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


def own_words(trainer):
    """The word that only this review has, of each training review."""
    own = {id for id, word in enumerate(trainer.vocabulary.words) if re.fullmatch(r"w\d+", word)}
    return [(own & {*ids}).pop() for ids in rows(trainer.training)]


def pairs_of(trainer):
    known = trainer.classifier.counted.known.tolist()
    return [divmod(number, len(trainer.vocabulary)) for number in known if number < 1_000_000]


@pytest.mark.parametrize("most", [7, 3_000])
@pytest.mark.parametrize("start_token", [True, False])
def test_odds_are_those_counted_by_hand_with_each_fold_left_out_and_with_none(corpus, most, start_token):
    trainer = made(corpus, counted_bigrams=most, start_token=start_token)
    counted, pairs = trainer.classifier.counted, pairs_of(trainer)
    assert 0 < len(pairs) <= most
    assert all(id >= len(SPECIAL_TOKENS) for pair in pairs for id in pair)
    before, ids = torch.tensor(pairs).unbind(dim=1)
    for fold in (None, *range(5)):
        found = counted(before, ids, None if fold is None else torch.full_like(ids, fold))
        expected = odds_by_hand(trainer.training, pairs, without=fold)
        assert found.tolist() == pytest.approx(expected, abs=1e-5)


def test_of_more_classes_each_has_its_odds_against_the_rest_in_a_column_of_its_own(make_corpus):
    """By the same network on two classes: one of the three, and the other two as one."""
    texts = [(f"w{number % 7} pair {number % 3} of w{number % 5}", number % 3) for number in range(300)]

    def odds(labels, classes):
        made_of = [(text, label, "training") for (text, _), label in zip(texts, labels, strict=True)]
        corpus = replace(make_corpus(made_of), classes=classes)
        every = np.arange(300)
        reviews = encode_reviews(corpus, every, learn_vocabulary(corpus, every, 50), TextConfig())
        counted = CountedBigrams(60, 50, len(classes))
        count_odds(counted, reviews)
        return counted

    labels = [label for _, label in texts]
    three = odds(labels, ("a", "b", "c"))
    assert three.odds.shape == (60, 3)
    assert three.odds.any()
    for label in range(3):
        two = odds([int(one == label) for one in labels], ("rest", "one"))
        assert torch.equal(three.known, two.known)
        torch.testing.assert_close(three.odds[:, label], two.odds)


def test_a_pair_of_one_review_says_nothing_while_that_review_is_learned_from(corpus):
    trainer = made(corpus)
    reviews, counted, pairs = trainer.training, trainer.classifier.counted, pairs_of(trainer)
    nowhere_in = []  # the odds of a pair that is in no review: the ratio of the labels in all other pairs
    for fold in range(5):
        _, (negative, positive) = counts_by_hand(reviews, pairs, without=fold)
        nowhere_in.append(math.log(1 / (positive - 1)) - math.log(1 / (negative - 1)))
    film = trainer.vocabulary.words.index("film")
    for review, own in enumerate(own_words(trainer)):
        before, ids, fold = torch.tensor([film]), torch.tensor([own]), folds_by_hand(reviews)[review]
        values = {of: counted(before, ids, torch.tensor([of])).item() for of in range(-1, 5)}
        nowhere = nowhere_in[fold]
        assert values.pop(fold) == pytest.approx(nowhere, abs=1e-5)
        for value in values.values():  # of any other fold and of none it says the label
            assert abs(value - nowhere) > 0.5
            assert (value > nowhere) == (reviews.labels[review] == 1)


def test_every_text_of_an_epoch_leaves_out_the_fold_of_its_review_and_a_composed_one_none(corpus):
    read = []

    class Watched(Classifier):
        def head_inputs(self, ids, lengths, folds=None):
            if self.training:
                read.extend(zip(ids.tolist(), folds.tolist(), strict=True))
            return super().head_inputs(ids, lengths, folds)

    trainer = made(corpus, Watched, excerpts=0.5, snippets=50, composed=40)
    list(trainer)
    folds = dict(zip(own_words(trainer), folds_by_hand(trainer.training), strict=True))
    assert len(read) == len(trainer.training) + 90
    assert sum(fold == -1 for _, fold in read) == 40
    seen = collections.Counter()
    for ids, fold in read:
        for own in folds.keys() & {*ids}:
            assert fold == folds[own]
            seen[fold] += 1
    assert len(seen) == 5
    assert seen.total() > len(trainer.training)


def test_neighbours_are_of_one_fold_and_folds_are_about_equal(corpus):
    reviews = made(corpus).training
    folds = folds_by_index(reviews)
    assert set(folds[[i for i in range(len(folds)) if i not in reviews.indices]]) == {IN_NO_FOLD}
    for label in (0, 1):
        of_label = folds[reviews.indices[reviews.labels == label]]
        assert (of_label[:NEIGHBOURS] == 0).all()
        assert (of_label[NEIGHBOURS : 2 * NEIGHBOURS] == 1).all()
        assert set(of_label) == set(range(FOLDS))
        assert (of_label[5 * NEIGHBOURS :] == 0).all()


def test_vectors_of_bigrams_do_not_begin_with_label_odds_too_but_those_of_words_do(corpus):
    both, words = made(corpus, label_odds=True, bigrams=20), made(corpus, label_odds=True)
    assert not both.classifier.bigrams.vectors.weight.any()
    assert torch.equal(both.classifier.embedding.weight, words.classifier.embedding.weight)
    assert not torch.equal(words.classifier.embedding.weight, made(corpus).classifier.embedding.weight)


def test_about_the_only_pair_nothing_is_known_and_the_training_is_the_one_without(corpus):
    dropouts = {"word_dropout": 0.2, "embedding_dropout": 0.3, "head_dropout": 0.2, "weight_averaging": 0.9}
    for more in ({}, {"adversarial": 0.5}, {"bigrams": 30}, {"snippets": 20, "composed": 20}):
        one = without_clocks(made(corpus, counted_bigrams=1, **dropouts, **more))
        assert one == without_clocks(made(corpus, counted_bigrams=0, **dropouts, **more))
    assert one != without_clocks(made(corpus, **dropouts, **more))


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_what_is_kept_reads_with_all_counts_and_comes_back_from_its_folder(corpus, tmp_path, averaging):
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


@pytest.mark.parametrize("reviews", [20, 60, 150])
def test_few_reviews_are_in_all_folds_too(corpus, reviews):
    few = made(corpus, reviews=reviews).training
    for label in (0, 1):
        counts = np.bincount(folds_of(few)[few.labels == label], minlength=FOLDS)
        assert counts.min() > 0
        assert counts.max() - counts.min() <= NEIGHBOURS


def test_a_pair_that_stands_in_the_same_share_of_two_unequal_classes_leans_to_neither(make_corpus):
    texts = [
        (f"over there {'so fine' if i % 4 else 'so poor'} here", int(i % 4 > 0), "training")
        for i in range(400)
    ]
    trainer = made(make_corpus(texts))
    counted, words = trainer.classifier.counted, trainer.vocabulary.words
    pair = [torch.tensor([words.index(word)]) for word in ("over", "there")]
    assert counted(*pair).item() == pytest.approx(0, abs=1e-5)
    telling = [torch.tensor([words.index(word)]) for word in ("so", "fine")]
    assert counted(*telling).item() > 3
