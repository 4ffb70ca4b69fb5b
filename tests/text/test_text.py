"""Text functions, by cases worked by hand."""

import random
import unicodedata
from collections import Counter

import pytest

from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.text.readable import readable
from rnn_core.text.tokenizer import clean, tokenize
from rnn_core.text.vocabulary import SPECIAL_TOKENS, Vocabulary, VocabularyError
from rnn_core.text.window import read_review, steps_of


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("...  -- ()", []),
        ("A<br />B<br/>c<BR>d", ["a", "b", "c", "d"]),
        ("It’s O'Brien's 'film'", ["it's", "o'brien's", "film"]),
        ("rock'n'roll'", ["rock'n'roll"]),
        ("So good!!! Really?", ["so", "good", "!", "!", "!", "really", "?"]),
        ("8/10 snake_case", ["8", "10", "snake", "case"]),
        ("Ｆｕｌｌ ｗｉｄｔｈ ﬁlm", ["full", "width", "film"]),
        ("Amélie, 千と千尋", ["amélie", "千と千尋"]),
        ("\x00tab\tbell\x07<script>alert(1)</script> 🎬", ["tab", "bell", "script", "alert", "1", "script"]),
    ],
)
def test_a_token_is_a_run_of_letters_and_digits_with_inner_apostrophes_or_a_mark(text, tokens):
    assert tokenize(text) == tokens


def test_vocabulary_does_not_depend_on_the_order_in_which_words_were_counted():
    counts = Counter({"film": 3, "plot": 3, "actor": 3, "the": 9, "zebra": 1})
    shuffled = list(counts.items())
    random.Random(1).shuffle(shuffled)
    assert Vocabulary.from_counts(dict(shuffled), 6).words == Vocabulary.from_counts(counts, 6).words
    words = Vocabulary.from_counts(counts, 6)
    assert words.words == (*SPECIAL_TOKENS, "the", "actor", "film")
    assert Vocabulary.from_text(words.to_text()).words == words.words


@pytest.mark.parametrize("text", ["", "film\nplot\n", "<pad>\n<start>\n<unk>\nfilm\nfilm\n"])
def test_a_list_of_words_that_is_no_vocabulary_is_refused(text):
    with pytest.raises(VocabularyError, match="a vocabulary must"):
        Vocabulary.from_text(text)


WORDS = Vocabulary.from_counts({"slow": 3, "but": 2, "great": 1}, 10)  # ids: slow 3, but 4, great 5


@pytest.mark.parametrize(
    ("settings", "seen"),
    [
        ({"max_length": 4}, "<start> but <unk> great"),
        ({"max_length": 4, "truncation": "post"}, "<start> slow but <unk>"),
        ({"max_length": 4, "start_token": False}, "slow but <unk> great"),
        ({"max_length": 3, "start_token": False}, "but <unk> great"),
        ({"max_length": 7}, "<start> slow but <unk> great"),
        ({"max_length": 7, "skip_padding": False}, "<pad> <pad> <start> slow but <unk> great"),
        ({"max_length": 6, "skip_padding": False, "padding": "post"}, "<start> slow but <unk> great <pad>"),
        ({"max_length": 1}, "<start>"),
        ({"max_length": 1, "start_token": False}, "great"),
    ],
)
def test_the_window_of_a_review_is_cut_started_and_padded(settings, seen):
    review = read_review("Slow, but utterly great", WORDS, TextConfig(**settings))
    assert " ".join(review.window) == seen
    assert [WORDS.words[i] for i in review.ids] == list(review.window)
    assert review.unknown == (False, False, True, False)


def test_an_empty_review_still_gives_one_time_step():
    review = read_review("", WORDS, TextConfig(start_token=False))
    assert review.window == ("<pad>",)
    assert review.tokens == ()


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
    for skip in (True, False):  # padding is shown whether or not it is skipped
        made = steps_of(TEXT, WORDS, TextConfig(max_length=7, skip_padding=skip, padding="post"))
        assert made.padded == (1, 3, 4, 2, 5, 0, 0)
        assert made.padding == 2
    made = steps_of("", WORDS, TextConfig(max_length=2, start_token=False))
    assert (made.tokens, made.ids, made.truncated, made.padded) == ((), (), (), (0, 0))


CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0xF0B7)]


@pytest.mark.parametrize("unit", ["words", "characters"])
def test_no_sign_without_a_glyph_is_left_and_the_tokens_are_the_same(unit):
    rules = TokenRules(unit=unit)
    for sign in CONTROLS:
        for text in (f"don{sign}t", f"a {sign} b", f"{sign}film{sign}", f"good{sign}{sign}'s"):
            shown = readable(text, rules)
            assert tokenize(shown, rules) == tokenize(text, rules)
            categories = {unicodedata.category(left) for left in shown if left not in "\n\t"}
            assert not categories & {"Cc", "Co"}


def test_signs_of_windows_1252_become_what_was_meant_and_what_can_be_read_stays():
    assert readable("so \x93good\x94 \x96 and\x85 \x80 5") == "so “good” – and… € 5"
    assert readable("it\x92s a film\x99") == "it s a film "
    text = "Café, naïve – “fine” 👍 don’t\n\tend  here: ½ ™"
    assert readable(text) == text
