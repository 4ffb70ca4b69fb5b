"""Text functions, by cases worked by hand; directions and spaces of scripts."""

import random
import re
import unicodedata
from collections import Counter

import pytest

from rnn_core.config.corpora import corpus_named
from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.data import verdict as sentences
from rnn_core.data.examples import VERDICT_EXAMPLES
from rnn_core.data.sources import recommended_config
from rnn_core.text.readable import readable
from rnn_core.text.scripts import has_no_spaces, is_right_to_left, isolated
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
def test_a_token_is_a_run_of_letters_or_a_mark(text, tokens):
    assert tokenize(text) == tokens


def test_a_vocabulary_does_not_depend_on_the_order():
    counts = Counter({"film": 3, "plot": 3, "actor": 3, "the": 9, "zebra": 1})
    shuffled = list(counts.items())
    random.Random(1).shuffle(shuffled)
    assert Vocabulary.from_counts(dict(shuffled), 6).words == Vocabulary.from_counts(counts, 6).words
    words = Vocabulary.from_counts(counts, 6)
    assert words.words == (*SPECIAL_TOKENS, "the", "actor", "film")
    assert Vocabulary.from_text(words.to_text()).words == words.words


@pytest.mark.parametrize("text", ["", "film\nplot\n", "<pad>\n<start>\n<unk>\nfilm\nfilm\n"])
def test_words_that_are_no_vocabulary_are_refused(text):
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
def test_the_window_is_cut_started_and_padded(settings, seen):
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
def test_no_sign_without_a_glyph_is_left(unit):
    rules = TokenRules(unit=unit)
    for sign in CONTROLS:
        for text in (f"don{sign}t", f"a {sign} b", f"{sign}film{sign}", f"good{sign}{sign}'s"):
            shown = readable(text, rules)
            assert tokenize(shown, rules) == tokenize(text, rules)
            categories = {unicodedata.category(left) for left in shown if left not in "\n\t"}
            assert not categories & {"Cc", "Co"}


def test_signs_of_windows_1252_become_what_was_meant():
    assert readable("so \x93good\x94 \x96 and\x85 \x80 5") == "so “good” – and… € 5"
    assert readable("it\x92s a film\x99") == "it s a film "
    text = "Café, naïve – “fine” 👍 don’t\n\tend  here: ½ ™"
    assert readable(text) == text


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", False),
        ("123 - !", False),
        ("A film", False),
        ("הסרט", True),
        ("فيلم good", True),
        ("12 فيلم", True),
        ("good فيلم", False),
        ("这部电影", False),
        ("\u2067שלום\u2069 film", False),  # an isolate is passed over
        ("\u2066film\u2069 שלום", True),
        ("\u2066film", False),
        ("\u200fabc", True),  # a mark of direction is strong
    ],
)
def test_the_first_strong_sign_decides_the_direction(text, answer):
    assert is_right_to_left(text) is answer


WITHOUT = ["这部电影很好看。", "とてもよかったデス", "スーパー", "หนังดีมาก", "ຮູບເງົາດີ", "ភាពយន្តល្អ", "ရုပ်ရှင်ကောင်း"]
WITH = ["", "!? 12", "A film", "영화가 좋다", "हिन्दी फ़िल्म", "فيلم جميل", "A film by 王家卫"]


def test_scripts_without_spaces_are_noticed():
    assert all(has_no_spaces([text, "OK"]) for text in WITHOUT)
    assert not any(has_no_spaces([text]) for text in WITH)
    assert has_no_spaces(["Wow", "这部电影很好看"])
    assert not has_no_spaces(["这部", "a much longer text"])


@pytest.mark.parametrize("text", ["", "ham", "naïve", "音楽", "→ 5"])
def test_left_to_right_needs_no_isolation(text):
    assert isolated(text) == text


@pytest.mark.parametrize("text", ["חיוב", "good فيلم", "٣"])
def test_right_to_left_is_isolated_once(text):
    alone = isolated(text)
    assert alone == f"\u2068{text}\u2069"
    assert isolated(alone) == alone
    assert not is_right_to_left(f"{alone} 92 % sure")  # the line around it keeps its own direction


def test_examples_of_verdicts_have_known_words():
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


def test_an_example_ends_on_the_verdict_of_its_label():
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


def test_there_are_single_sentences_of_both_kinds():
    short = [example for example in corpus_named("imdb").examples if len(tokenize(example.text)) <= 10]
    assert {example.says for example in short} == {"positive", "negative"}
