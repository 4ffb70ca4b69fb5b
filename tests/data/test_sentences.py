import dataclasses

import numpy as np
import pytest

from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.data.encoding import learn_vocabulary
from rnn_core.data.sentences import encode_ends, ends_of
from rnn_core.errors import DataError
from rnn_core.text.vocabulary import Vocabulary

LONG = "word " * 36


def test_the_ends_are_the_first_and_last_sentence_that_is_neither_too_short_nor_too_long():
    assert ends_of(f"Oh no. {LONG}. One two three four five! Six?<br />One two three four six. Bye.") == [
        "One two three four five!",
        "One two three four six.",
    ]
    assert ends_of("Only one sentence is here. No more.") == ["Only one sentence is here."]
    assert ends_of("Nothing.") == []


def test_a_sentence_has_the_label_and_the_index_of_its_review(make_corpus):
    texts = [
        "It is short. This film was a delight. I would see it twice.",
        "Too short.",
        "This film was a bore. Go home now. I would not see it.",
    ]
    corpus = make_corpus([(text, label, "training") for text, label in zip(texts, (1, 1, 0), strict=True)])
    rows = corpus.indices("training")
    encoded = encode_ends(corpus, rows, learn_vocabulary(corpus, rows, 100), TextConfig())
    assert encoded.indices.tolist() == [0, 0, 2, 2]
    assert encoded.labels.tolist() == [1, 1, 0, 0]
    assert np.diff(encoded.offsets).tolist() == [6, 6, 6, 6]


def test_characters_have_no_sentences_to_score(make_corpus):
    corpus = make_corpus([("お茶がおいしい。とてもおいしい。", True, "test")])
    corpus = dataclasses.replace(corpus, name="tea", tokens=TokenRules(unit="characters"))
    with pytest.raises(DataError, match=r"tea are read by characters.*leave out --sentences"):
        encode_ends(corpus, corpus.indices("test"), Vocabulary.from_counts({}, 3), TextConfig())


def test_a_corpus_without_a_sentence_of_that_length_is_refused(make_corpus):
    corpus = make_corpus([("Too short. Far too short.", True, "test")])
    with pytest.raises(DataError, match="No text of made begins or ends with a sentence of 5 to 35 words"):
        encode_ends(corpus, corpus.indices("test"), Vocabulary.from_counts({}, 3), TextConfig())
