"""Corpora by name."""

from rnn_core.config import default_config
from rnn_core.data.sources import corpus_folder, load_corpus
from rnn_core.text.tokenizer import tokenize


def test_a_distance_makes_a_corpus_of_its_own():
    name = default_config("verdict").with_settings(verdict_distance=7).corpus
    corpus = load_corpus(name)
    assert corpus.name == name == "verdict-7"
    assert not corpus_folder("verdict").exists()
    said = {tuple(tokenize(corpus.text(review))[-7:]) for review in range(200)}
    labels = {tuple(tokenize(corpus.text(review))): corpus.labels[review] for review in range(200)}
    assert len(said) > 150  # the last seven words are plot, which differs from review to review
    assert set(labels.values()) == {0, 1}
