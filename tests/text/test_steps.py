"""One review through every step, by hand."""

from rnn_core.config.text_settings import TextConfig
from rnn_core.text.tokenizer import clean, find_words, tokenize
from rnn_core.text.vocabulary import Vocabulary
from rnn_core.text.window import steps_of

WORDS = Vocabulary.from_counts({"slow": 3, "but": 2, "great": 1}, 10)  # ids: slow 3, but 4, great 5
TEXT = "SLOW,<br />but utterly great"


def test_every_step_of_a_review_that_is_cut():
    made = steps_of(TEXT, WORDS, TextConfig(max_length=3, truncation="post"))
    assert made.raw == TEXT
    assert made.cleaned == clean(TEXT) == "slow, but utterly great"
    assert made.tokens == ("slow", "but", "utterly", "great")
    assert made.ids == (3, 4, 2, 5)
    assert made.truncated == (3, 4)
    assert made.padded == (1, 3, 4)
    assert made.padding == 0


def test_padding_is_shown_whether_or_not_it_is_skipped():
    for skip in (True, False):
        made = steps_of(TEXT, WORDS, TextConfig(max_length=7, skip_padding=skip, padding="post"))
        assert made.padded == (1, 3, 4, 2, 5, 0, 0)
        assert made.padding == 2


def test_an_empty_text_is_all_padding():
    made = steps_of("", WORDS, TextConfig(max_length=2, start_token=False))
    assert (made.tokens, made.ids, made.truncated, made.padded) == ((), (), (), (0, 0))


def test_the_words_found_in_a_text_are_its_tokens():
    text = "It’s<br/>it's ＷＯＷ: wow! 8/10"
    for word in set(tokenize(text)):
        places = find_words(text, {word})
        assert [clean(text[first:last]) for first, last in places] == [word] * tokenize(text).count(word)
