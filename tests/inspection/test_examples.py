"""Example reviews say what their title says, in words that the networks know."""

import re

import pytest

from rnn_core.config.corpora import corpus_named
from rnn_core.data import verdict as sentences
from rnn_core.data.examples import VERDICT_EXAMPLES
from rnn_core.data.sources import recommended_config
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import SPECIAL_TOKENS


def test_examples_for_the_verdict_corpus_have_no_word_that_its_networks_do_not_know():
    parts = [*sentences.CAST_WORDS.values(), *sentences.NEUTRAL_WORDS.values()]
    parts += [word for both in sentences.OPINION_WORDS.values() for word in both]
    patterns = (
        sentences.PLOT,
        sentences.PLAIN,
        sentences.EARLY,
        sentences.LATE,
        sentences.NEGATION,
        sentences.BUT,
    )
    parts += [[re.sub(r"\{[^}]*\}", " ", pattern) for pattern in kind["training"]] for kind in patterns]
    words = {token for texts in parts for text in texts for token in tokenize(text)}
    size = recommended_config("verdict").text.vocab_size
    assert len(words) + len(SPECIAL_TOKENS) <= size  # so all of them are known
    for text in (corpus_named("verdict").first_sentence, *(example.text for example in VERDICT_EXAMPLES)):
        assert set(tokenize(text)) <= words


def test_an_example_of_the_verdict_corpus_ends_on_the_verdict_that_its_label_says():
    """Its last opinion word, turned around by `can't` in the one that is negated."""
    of = {
        word: positive
        for both in sentences.OPINION_WORDS.values()
        for positive, words in zip((True, False), both, strict=True)
        for word in words
    }
    for example in VERDICT_EXAMPLES:
        opinions = [of[token] for token in tokenize(example.text) if token in of]
        assert (opinions[-1] == (example.says == "positive")) == (example.title != "Negated"), example.title


@pytest.mark.parametrize("data", ["imdb", "verdict"])
def test_each_example_has_a_title_of_its_own(data):
    examples = corpus_named(data).examples
    assert len({example.title for example in examples}) == len(examples) >= 8


def test_there_are_single_sentences_of_both_kinds_as_people_type_them():
    short = [example for example in corpus_named("imdb").examples if len(tokenize(example.text)) <= 10]
    assert {example.says for example in short} == {"positive", "negative"}
