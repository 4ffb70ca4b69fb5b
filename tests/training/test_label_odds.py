"""Word vectors that begin with what counting knows: the first number of each, and no other."""

import math
from dataclasses import replace

import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.nn.pairs import NO_PAIR
from rnn_core.text.vocabulary import SPECIAL_TOKENS
from rnn_core.training.trainer import Trainer

SETTINGS = {
    "hidden_size": 8, "embedding_size": 4, "vocab_size": 30, "max_length": 20, "batch_size": 8, "threads": 1,
}  # fmt: skip


def made(corpus, **settings):
    return Trainer(RunConfig().with_settings(**{**SETTINGS, **settings}), corpus)


def log_odds(counts, others):
    """Of each item, by the number of reviews of either label that have it, one added to each."""
    a, b = ({item: count + 1 for item, count in side.items()} for side in (counts, others))
    return {
        item: math.log(a[item] / (sum(a.values()) - a[item]))
        - math.log(b[item] / (sum(b.values()) - b[item]))
        for item in a
    }


def reviews_with(items, reviews, label):
    """In how many reviews of this label each of the items stands; an item is a tuple of neighbouring ids."""
    windows = [
        reviews.ids[begin:end].tolist()
        for begin, end, of in zip(reviews.offsets[:-1], reviews.offsets[1:], reviews.labels, strict=True)
        if of == label
    ]
    return {
        item: sum(
            any(tuple(ids[t : t + len(item)]) == item for t in range(len(ids) - len(item) + 1))
            for ids in windows
        )
        for item in items
    }


def test_the_first_number_of_a_word_is_its_log_odds_and_the_others_are_those_of_chance(tiny_corpus):
    trainer, by_chance = made(tiny_corpus, label_odds=True), made(tiny_corpus)
    vectors, others = trainer.classifier.embedding.weight, by_chance.classifier.embedding.weight
    special, words = len(SPECIAL_TOKENS), trainer.vocabulary.words
    assert torch.equal(vectors[:, 1:], others[:, 1:])
    assert torch.equal(vectors[:special], others[:special])
    items = [(number,) for number in range(special, len(words))]
    expected = log_odds(*(reviews_with(items, trainer.training, label) for label in (1, 0)))
    assert vectors[special:, 0].tolist() == pytest.approx(list(expected.values()), rel=1e-5)
    assert vectors[words.index("good"), 0] > 2 > -2 > vectors[words.index("bad"), 0]


@pytest.mark.parametrize("start_token", [True, False])
def test_that_of_a_bigram_is_counted_within_a_review(tiny_corpus, start_token):
    trainer = made(tiny_corpus, label_odds=True, bigrams=20, start_token=start_token)
    bigrams = trainer.classifier.bigrams
    pairs = [divmod(number, len(trainer.vocabulary)) for number in bigrams.known.tolist()]
    expected = log_odds(*(reviews_with(pairs, trainer.training, label) for label in (1, 0)))
    vectors = bigrams.vectors.weight
    assert vectors[1:, 0].tolist() == pytest.approx(list(expected.values()), rel=1e-5)
    assert not vectors[NO_PAIR].any()
    assert not vectors[:, 1:].any()


def test_about_the_only_word_or_bigram_nothing_is_known(tiny_corpus):
    only = {"vocab_size": len(SPECIAL_TOKENS) + 1, "bigrams": 1}
    counted, random = (made(tiny_corpus, label_odds=odds, **only).classifier for odds in (True, False))
    assert torch.equal(counted.embedding.weight, random.embedding.weight)
    assert not counted.bigrams.vectors.weight.any()


def test_the_averaged_weights_begin_there_too(tiny_corpus):
    trainer = made(tiny_corpus, label_odds=True, weight_averaging=0.9)
    averaged = trainer.learner.averaged.module.embedding.weight
    assert torch.equal(averaged, trainer.classifier.embedding.weight)


def test_only_training_reviews_are_counted(tiny_corpus):
    turned = tiny_corpus.labels.copy()
    turned[tiny_corpus.indices("test")] = 1
    trainers = [
        made(corpus, label_odds=True) for corpus in (tiny_corpus, replace(tiny_corpus, labels=turned))
    ]
    one, other = (trainer.classifier.embedding.weight for trainer in trainers)
    assert torch.equal(one, other)


def test_of_three_classes_each_takes_a_number_of_its_own(make_corpus):
    texts = [
        (f"{word} {word} the {number}", label, "training")
        for number in range(30)
        for label, word in enumerate(("red", "green", "blue"))
    ]
    corpus = replace(make_corpus(texts), classes=("r", "g", "b"))
    config = RunConfig(data="made", classes=corpus.classes).with_settings(**SETTINGS, label_odds=True)
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
    trainer = made(corpus, label_odds=True, vocab_size=300)
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
    config = RunConfig(data="made", classes=corpus.classes).with_settings(**SETTINGS)
    counted, by_chance = (
        Trainer(config.with_settings(label_odds=odds), corpus).classifier.embedding.weight.detach()
        for odds in (True, False)
    )
    assert torch.isfinite(counted).all()
    assert torch.equal(counted[:, 2], by_chance[:, 2])
    assert not torch.equal(counted[:, :2], by_chance[:, :2])
