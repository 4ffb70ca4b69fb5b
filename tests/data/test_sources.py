"""Corpora by name."""

import pytest

from rnn_core.config.corpora import corpus_named
from rnn_core.data import sources
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.data.verdict import Verdict
from rnn_core.errors import DataError
from rnn_core.text.tokenizer import tokenize


def test_a_distance_makes_a_corpus_of_its_own(small_verdict):
    named = recommended_config("verdict").with_settings(verdict_distance=7).corpus
    corpus = load_corpus(named)
    assert corpus.name == named.name == "verdict-7"
    assert not corpus_named("verdict").folder.exists()
    said = {tuple(tokenize(corpus.text(review))[-7:]) for review in range(200)}
    labels = {tuple(tokenize(corpus.text(review))): corpus.labels[review] for review in range(200)}
    assert len(said) > 150  # the last seven words are plot, which differs from review to review
    assert set(labels.values()) == {0, 1}


def test_reviews_that_lie_where_they_would_be_kept_are_not_replaced():
    archive = corpus_named("imdb").folder / "aclImdb"
    (archive / "train").mkdir(parents=True)
    with pytest.raises(DataError, match="would replace"):
        list(sources.prepare("imdb", archive))
    assert archive.is_dir()


@pytest.mark.parametrize("name", ["verdict-7", "verdict"])
def test_what_a_preparation_takes_is_known_before(small_verdict, name):
    load_corpus(name)
    on_disk = sum(file.stat().st_size for file in corpus_named(name).folder.iterdir())
    assert corpus_named(name).preparation().bytes == pytest.approx(on_disk, rel=0.2)


def test_what_it_takes_grows_with_the_words_after_the_verdict():
    assert corpus_named("verdict-4000").preparation().bytes > 500_000_000
    assert (
        corpus_named("verdict-4000").preparation().seconds
        > 9 * corpus_named("verdict-400").preparation().seconds
    )
    assert corpus_named("imdb").preparation() is None


def test_reviews_that_stay_unreadable_are_named_with_what_to_do(monkeypatch):
    monkeypatch.setattr(Verdict, "prepare", lambda corpus, again=False: iter(()))
    with pytest.raises(
        DataError, match=r"verdict.* can't be read \(.+\)\. Delete that folder: it is made again"
    ):
        load_corpus("verdict")
