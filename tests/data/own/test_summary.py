"""A corpus in numbers, each counted a second way."""

import numpy as np
import pytest

from rnn_core.data.own.summary import QUANTILES, PartCount, summary
from rnn_core.text.tokenizer import tokenize
from tests.data.own.made import added, table


@pytest.fixture
def corpus(tmp_path):
    telling = {"billing": "invoice", "shipping": "parcel", "login": "password"}
    names = list(telling)
    rows = [
        (
            f"please see to {telling[names[i % 3]]} {'again ' * (i % 5)}{i}",
            names[i % 3],
            ["train", "test"][i % 4 == 0],
        )
        for i in range(120)
    ]
    return added(table(tmp_path, rows), split="split")


def test_texts_and_tokens_of_every_class_and_split_are_counted(corpus):
    parts = summary(corpus).parts
    for label, name in enumerate(corpus.classes):
        for split in ("training", "validation", "test"):
            texts = [corpus.text(i) for i in corpus.indices(split) if corpus.labels[i] == label]
            assert parts[name][split] == PartCount(len(texts), sum(len(tokenize(text)) for text in texts))


def test_lengths_are_quantiles_of_all_texts(corpus):
    lengths = [len(tokenize(corpus.text(i))) for i in range(len(corpus))]
    assert summary(corpus).lengths == tuple(np.quantile(lengths, QUANTILES))


def test_the_word_that_only_one_class_has_is_its_most_telling(corpus):
    numbers = summary(corpus, most=3)
    for name, word in (("billing", "invoice"), ("shipping", "parcel"), ("login", "password")):
        first = numbers.telling[name][0]
        texts = numbers.parts[name]["training"].texts
        assert (first.word, first.inside, first.outside) == (word, texts, 0)
        assert first.log_odds > 0
        assert len(numbers.telling[name]) <= 3


def test_a_corpus_of_one_word_has_none_that_tells(make_corpus):
    corpus = make_corpus([("w", 0, "training"), ("w", 1, "training")])
    assert summary(corpus).telling == {"negative": (), "positive": ()}
