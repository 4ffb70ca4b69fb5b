"""N-grams as a baseline: what they learn from, what is kept of them, and what a page and a command say."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from pages.components.shared.baselines import _IN_WORDS, baseline_lines, baselines_in_words
from rnn_core.baselines import ngram_scores
from rnn_core.baselines.measurement import measure
from rnn_core.baselines.ngram_scores import measure_ngrams, ngrams_of
from rnn_core.baselines.ngrams import ORDERS, learn_ngrams
from rnn_core.baselines.scores import read_baselines, read_ngram_baseline, values_of
from rnn_core.baselines.ways import WAYS, measuring
from rnn_core.cli import main
from rnn_core.config.corpora import corpus_named
from rnn_core.config.identity import Identity
from rnn_core.config.run import RunConfig, defaults_for
from rnn_core.config.tasks import NEXT_TOKEN
from rnn_core.config.tokens import EXACT_CHARACTERS, EXACT_WORDS
from rnn_core.data.corpus import SPLITS, Text, build_corpus
from rnn_core.data.encoding import learn_vocabulary, split_reviews
from rnn_core.data.own.catalogue import own_corpora, own_folder, remove
from rnn_core.data.sources import load_corpus
from rnn_core.errors import BaselineError
from rnn_core.tasks.task import task_of
from rnn_core.training.trainer import Trainer
from tests.own import WORDS

TEST_BITS = "test_bits_per_token"


def letters(name="letters", tokens=EXACT_CHARACTERS, repeat=4):
    """A corpus of texts whose symbols follow from those before, but for which word comes."""
    rng, texts = np.random.default_rng(0), []
    for number in range(60):
        words = " ".join(rng.choice(WORDS, 5))
        texts.append(Text(f"{words}.\n" * repeat, number % 2, SPLITS[2 * (number % 5 == 4)]))
    identity = Identity(("even", "odd"), tokens)
    list(build_corpus(name, texts, own_folder(name), len(texts), identity))
    config = RunConfig(
        data=name, classes=identity.classes, tokens=tokens, task=NEXT_TOKEN, **defaults_for(NEXT_TOKEN)
    )
    return config, load_corpus(name)


def learned(config, corpus):
    splits = split_reviews(corpus, config.training.reviews, config.training.seed)
    vocabulary = learn_vocabulary(corpus, splits.training, config.text.vocab_size, task_of(config).specials)
    return ngrams_of(config, corpus, vocabulary), vocabulary, splits


def test_bits_are_those_of_whole_texts(monkeypatch):
    """Texts are longer than the window of a run; the vocabulary is the run's, and what it lacks counts."""
    config, corpus = letters()
    config = config.with_settings(max_length=8, vocab_size=12)
    trainer = Trainer(config, corpus)
    ngrams, vocabulary, splits = learned(config, corpus)
    assert vocabulary.words == trainer.vocabulary.words
    texts = ["".join(corpus.text(row)) for row in splits.test]
    ids = [[1, *vocabulary.encode(text), 3] for text in texts]
    assert min(map(len, ids)) > 100
    laid = np.concatenate(ids), np.cumsum([0, *map(len, ids)])
    for together in (2_000_000, 100):
        monkeypatch.setattr(ngram_scores, "_SCORED_TOGETHER", together)
        found = ngram_scores._bits(ngrams, config, corpus, splits.test, vocabulary)
        assert found == pytest.approx(ngrams.bits(*laid).mean(axis=0).tolist())
    assert (laid[0] == 2).any()


def test_what_is_measured_stands_beside_the_corpus():
    """The file of a corpus has both, and a page draws those of its measure."""
    config, _ = letters()
    *_, step = measure_ngrams("letters")
    kept = read_ngram_baseline("letters")
    assert kept.seeds == step.seeds
    assert (kept.context, kept.reviews) == (ORDERS - 1, {"training": 43, "validation": 4, "test": 12})
    assert kept.title == "n-grams, 6 symbols of context"
    first, *_, last = kept.bits("test")
    assert 0 < last < first / 3
    assert values_of("letters", TEST_BITS) == {kept.title: last}
    validation, said = kept.bits("validation")[-1], baselines_in_words(config)
    assert baseline_lines([config.corpus], "validation_bits_per_token") == {kept.title: validation}
    assert f": {validation:.3f} bits per symbol on validation, {last:.3f} on test texts" in said
    assert f"vocabulary {step.seeds[0].vocab_size})." in said
    assert "This run has a vocabulary of 10:" in baselines_in_words(config.with_settings(vocab_size=10))
    assert read_baselines("letters") == ()
    assert values_of("letters", "test_accuracy") == {}
    assert baseline_lines([config.corpus] * 2, "validation_bits_per_token") == {}
    list(measure("letters"))
    assert read_ngram_baseline("letters") == kept
    assert read_baselines("letters")
    list(measure_ngrams("letters"))
    assert read_baselines("letters")
    corpus_named("letters").baselines_file.write_text("{")
    assert baselines_in_words(config) == ""
    with pytest.raises(BaselineError, match="make it again"):
        read_ngram_baseline("letters")


def test_counts_are_kept_with_their_corpus(monkeypatch):
    """They are learned again for another vocabulary, from other texts and where the file is damaged."""
    config, corpus = letters()
    kept, learnings, [before] = corpus_named("letters").ngrams_file, [], own_corpora()

    def counting(*texts):
        learnings.append(texts)
        return learn_ngrams(*texts)

    monkeypatch.setattr(ngram_scores, "learn_ngrams", counting)
    first, vocabulary, _ = learned(config, corpus)
    context = vocabulary.encode("login pa")
    assert (learned(config, corpus)[0].probabilities(context) == first.probabilities(context)).all()
    assert len(first.probabilities(context)) == task_of(config).classes(config, len(vocabulary))
    assert len(learnings) == 1
    for other in ({"vocab_size": 9}, {"seed": 1}, {"reviews": 20}):
        learned(config.with_settings(**other), corpus)
    assert len(learnings) == 4
    kept.write_bytes(kept.read_bytes()[:-50])
    learned(config, corpus)
    learned(config, corpus)
    assert len(learnings) == 5
    [after] = own_corpora()
    assert (after.added, after.bytes) == (before.added, before.bytes + kept.stat().st_size)
    assert remove("letters") == after.bytes
    assert not kept.exists()


def test_of_very_many_tokens_the_first_are_counted(monkeypatch):
    _, corpus = letters()
    rows = split_reviews(corpus, len(corpus), 0).training
    monkeypatch.setattr(ngram_scores, "_MOST_TOKENS", int(corpus.lengths()[rows[:7]].sum()))
    *_, step = measure_ngrams("letters")
    assert step.reviews["training"] == 7
    monkeypatch.setattr(ngram_scores, "_MOST_TOKENS", 1)
    *_, step = measure_ngrams("letters")
    assert step.reviews["training"] == 1


def test_the_best_context_is_compared():
    """A word says that a blank comes next; of words that are drawn few long contexts come twice."""
    config, _ = letters("some-words", EXACT_WORDS)
    *_, step = measure_ngrams("some-words")
    kept, test = read_ngram_baseline("some-words"), step.seeds[0].test_bits
    assert kept.best == int(np.argmin(step.seeds[0].validation_bits)) == 2
    assert values_of("some-words", TEST_BITS) == {"n-grams, 2 symbols of context": test[2]}
    assert f"{test[2]:.3f} on test texts (learned from" in (said := baselines_in_words(config))
    longest = f"{kept.bits('validation')[6]:.3f} there, {test[6]:.3f} on test texts."
    assert f"chosen on validation; with 6 symbols of context it is {longest}" in said
    assert step.in_words(corpus_named("some-words").nouns).startswith("n-grams, 2 symbols of context, seed 0")
    equal = replace(step.seeds[0], validation_bits=(3.0, 2.0, 2.0))
    assert replace(kept, seeds=(equal,)).best == 1


def test_each_way_to_count_has_a_sentence():
    assert set(_IN_WORDS) == set(WAYS)


def test_the_command_measures_what_a_corpus_asks(monkeypatch):
    letters()
    monkeypatch.setattr("rnn_core.cli.baselines.way_of", lambda data: "n-grams")
    done = CliRunner().invoke(main, ["baselines", "--data", "letters"])
    assert done.exit_code == 0, done.stderr
    bits = read_ngram_baseline("letters").bits("test")
    for context, value in (("1 symbol", bits[1]), ("6 symbols", bits[6])):
        assert f"\n{context} of context: {value:.4f} bits per symbol on the test texts" in done.stdout
    assert len(done.stdout.splitlines()) == ORDERS + 1
    assert f"seed 0: {bits[-1]:.4f} bits per symbol on the test texts, scored once" in done.stderr
    assert f"seed 0: {read_ngram_baseline('letters').seeds[0].strings:,} different strings" in done.stderr
    said = CliRunner().invoke(main, ["baselines", "--data", "letters", "--json"])
    assert json.loads(said.stdout) == json.loads(corpus_named("letters").baselines_file.read_text())
    with pytest.raises(BaselineError, match="Composed sentences are not counted"):
        list(measure_ngrams("letters", 5))
    assert [one.done for one in measuring("letters", "n-grams")] == [0, 1, 2]
