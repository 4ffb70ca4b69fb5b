"""Tokens by Unicode's rules, vocabularies and windows by cases worked by hand, scripts and examples."""

import random
import re
import unicodedata
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnn_core.config.corpora import corpus_named
from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import EXACT_CHARACTERS, EXACT_WORDS, WORDS, TokenRules
from rnn_core.errors import ConfigError
from rnn_core.text.readable import readable
from rnn_core.text.scripts import has_no_spaces, is_right_to_left, isolated
from rnn_core.text.tokenizer import SPACE, clean, find_words, fold, spelled, tokenize
from rnn_core.text.vocabulary import (
    LONGEST_WORD,
    SPECIAL_TOKENS,
    Vocabulary,
    VocabularyError,
    line_of,
    word_of,
)
from rnn_core.text.window import read_review, steps_of

CHARACTERS = TokenRules(unit="characters")
RULES = [
    TokenRules(unit=unit, lowercase=lowercase, accents=accents)
    for unit in ("words", "characters")
    for lowercase in (True, False)
    for accents in ("keep", "strip")
]
LINE_ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
ODD = (
    "aΣσ İıé½™…´¨ﬁㅋㅏﾊﾞ각한हिنَ\u0301\u0323\u200b\u200c\u200d\ufe0f\u2060\u0600🇩🇪👩‍👧!?'’<br/>\x00\x96\ue000"
    + LINE_ENDS
)
TEXTS = st.one_of(st.text(), st.text(st.sampled_from(ODD)), st.text(st.characters(max_codepoint=0x3FF)))
FEW = settings(max_examples=60, deadline=None)


WORDS_OF = {
    "हिन्दी फ़िल्म, अच्छी है।": ["हिन्दी", "फ़िल्म", "अच्छी", "है"],
    "หนังดี มาก": ["หนังดี", "มาก"],
    "مُحَمَّد، فيلمٌ جميلٌ؟": ["مُحَمَّد", "فيلمٌ", "جميلٌ"],
    "שָׁלוֹם, עוֹלָם!": ["שָׁלוֹם", "עוֹלָם", "!"],
    "می‌خواهم ‌نه": ["می‌خواهم", "نه"],  # a joiner belongs to a word between its letters only
    "这部电影很好！吗？不。": ["这部电影很好", "!", "吗", "?", "不"],
    "とても、よかった。": ["とても", "よかった"],
    "그 영화": ["그", "영화"],
    "İstanbul DİYARBAKIR": ["i̇stanbul", "di̇yarbakir"],
    "١٢٣ و ४५": ["١٢٣", "و", "४५"],
    "H̱anna": ["ẖanna"],
    "🎬 ❤️ ́": [],
    "": [],
    "...  -- ()": [],
    "A<br />B<br/>c<BR>d": ["a", "b", "c", "d"],
    "It’s O'Brien's 'film'": ["it's", "o'brien's", "film"],
    "rock'n'roll'": ["rock'n'roll"],
    "So good!!! Really?": ["so", "good", "!", "!", "!", "really", "?"],
    "8/10 snake_case": ["8", "10", "snake", "case"],
    "Ｆｕｌｌ ｗｉｄｔｈ ﬁlm": ["full", "width", "film"],
    "Amélie, 千と千尋": ["amélie", "千と千尋"],
    "\x00tab\tbell\x07<script>alert(1)</script> 🎬": ["tab", "bell", "script", "alert", "1", "script"],
}


@pytest.mark.parametrize("text", WORDS_OF)
def test_a_token_is_a_run_of_letters_or_a_mark(text):
    """This holds in every script."""
    assert tokenize(text) == [unicodedata.normalize("NFKC", word) for word in WORDS_OF[text]]


CHARACTERS_OF = {
    "Not bad!": ["n", "o", "t", SPACE, "b", "a", "d", "!"],
    " \t a<br /><br />b\n": ["a", SPACE, "b"],
    "e\u0301té": ["é", "t", "é"],
    "हिन्दी": ["हि", "न्दी"],
    "ดีมาก": ["ดี", "ม", "า", "ก"],
    "很好。": ["很", "好", "。"],
    "한국": ["한", "국"],
    "👩‍👩‍👧🇩🇪🇫🇷👍🏽❤️": ["👩‍👩‍👧", "🇩🇪", "🇫🇷", "👍🏽", "❤️"],
    "a\u200bb\ufeff": ["a", "b"],
    "a\x00\x01b": ["a", SPACE, "b"],
    "<pad>": ["<", "p", "a", "d", ">"],
    "\u200b \u0301": [],
}


@pytest.mark.parametrize("text", CHARACTERS_OF)
def test_characters_are_what_a_reader_takes_for_one(text):
    assert tokenize(text, CHARACTERS) == CHARACTERS_OF[text]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (WORDS, ["café", "ça", "ёж", "άλφα", "हिन्दी", "شَمس"]),
        (TokenRules(lowercase=False), ["Café", "ÇA", "Ёж", "Άλφα", "हिन्दी", "شَمس"]),
        (TokenRules(accents="strip"), ["cafe", "ca", "еж", "αλφα", "हिन्दी", "شَمس"]),
        (TokenRules(lowercase=False, accents="strip"), ["Cafe", "CA", "Еж", "Αλφα", "हिन्दी", "شَمس"]),
    ],
)
def test_accents_are_stripped_where_they_are_no_vowels(rules, words):
    assert tokenize("Café ÇA Ёж Άλφα हिन्दी شَمس", rules) == words


LONG = " end ".join(["a" + "\u0301" * 2_500, "字" * (LONGEST_WORD + 1), "ab'" * 900, "ㅋ" * 2_500])


@given(TEXTS)
@FEW
@example(LINE_ENDS.join("abc"))
@example("\u0600 a \u0600\u0601\u2003b")
@example(LONG)
def test_any_tokens_come_back_from_a_vocabulary(text):
    """None is too long for it, and nothing of a long run is lost."""
    for rules in RULES:
        tokens = tokenize(text, rules)
        assert not [token for token in tokens if len(token.splitlines()) != 1 or re.search(r"\s", token)]
        assert max(map(len, tokens), default=0) <= LONGEST_WORD
        assert "".join(tokens).count("字") >= text.count("字")
        words = Vocabulary([*SPECIAL_TOKENS, *dict.fromkeys(tokens)])
        kept = words.to_text().encode()  # as a file
        assert Vocabulary.from_text(kept.decode()).words == words.words
        assert kept.decode() == "\n".join(words.words) + "\n"  # to the byte as before there were exact tokens


EXACT = [EXACT_CHARACTERS, EXACT_WORDS]
EXACT_OF = [
    (EXACT_WORDS, ["Don’t", " ", "go", " ", "-", "-", "\r\n", " ", " ", "it's", " ", "5", ".", "5é", "!"]),
    (EXACT_WORDS, [*"'", "tis", " ", "<", "br", *" />", "ＷＯＷ", " ", "½", "\t", "👩‍👩‍👧", "_", "x"]),
    (EXACT_WORDS, ["\x00", "हिन्दी", "\u2028"]),
    (EXACT_CHARACTERS, [*"Né!  \n", "\r\n", "\x00", "👩‍👩‍👧", "हि", "\u200b"]),
]


@pytest.mark.parametrize(("rules", "tokens"), EXACT_OF)
def test_exact_tokens_leave_no_sign_out(rules, tokens):
    assert tokenize("".join(tokens), rules) == tokens


@given(TEXTS)
@settings(max_examples=300, deadline=None)
@example(LINE_ENDS.join("abc"))
@example(r"\u{a} \u{5c}u{a} \\u{} \u{110000} \u{0a}")
@example("e\u0301 \u0600 a\r\n\r\r\n a’b''c’ 각\u11a8")
@example(LONG + "\n" * 2_500 + "☺" + "\u200d☺" * 1_200)
def test_exact_tokens_joined_are_the_text(text):
    """They come back from a vocabulary's file, one a line; none is too long for it."""
    for rules in EXACT:
        tokens = tokenize(text, rules)
        assert "".join(tokens) == spelled(tokens, rules) == unicodedata.normalize("NFC", text)
        assert max(map(len, tokens), default=0) <= LONGEST_WORD
        words = Vocabulary([*SPECIAL_TOKENS, *dict.fromkeys(tokens)])
        kept = words.to_text()
        assert len(kept.splitlines()) == len(words)
        assert Vocabulary.from_text(kept.encode().decode()).words == words.words


@given(st.one_of(st.text(), st.text(st.sampled_from("\\u{}a5c\n "))))
def test_any_word_comes_back_from_its_line(word):
    line = line_of(word)
    assert word_of(line) == word
    assert not re.search(r"\s", line)


@pytest.mark.parametrize("folding", [{}, {"lowercase": False, "accents": "strip"}])
def test_exact_tokens_fold_nothing(folding):
    with pytest.raises(ConfigError, match="Exact tokens keep a text as it is written, got"):
        TokenRules(exact=True, **folding)
    assert "exact" not in WORDS.to_dict()  # files say what they said before
    assert TokenRules.from_dict(EXACT_WORDS.to_dict()) == EXACT_WORDS


@given(TEXTS)
@FEW
@example("H̱ ΑΣ:Α ŉ a\u200c\u200cb")
@example("It’s ＯＫ<br />now Straße ǅ ﬀ")
def test_cleaning_twice_changes_nothing_more(text):
    for rules in RULES:
        cleaned = clean(text, rules)
        assert clean(cleaned, rules) == cleaned
        tokens = tokenize(text, rules)
        assert tokenize(cleaned, rules) == tokens
        if rules.unit == "words":
            assert tokenize(spelled(tokens, rules), rules) == tokens


@given(TEXTS)
@FEW
@example("It’s<br/>it's ＷＯＷ: wow! 8/10")
@example("x½y ™ ﬁm ΑΣ:Α ㄱㅏ ﾊﾞ 각 \u0600\ue000 \u0600 a")
def test_every_token_is_found_at_its_place(text):
    for rules in [*RULES, *EXACT]:
        tokens = tokenize(text, rules)
        for token in set(tokens):
            places = find_words(text, {token}, rules)
            for first, last in places:
                assert _of_one_case(token, rules) in _of_one_case(fold(text[first:last], rules), rules)
            assert 1 <= len(places) <= tokens.count(token)
        places = find_words(text, set(tokens), rules)
        assert all(before[1] <= after[0] for before, after in pairwise(places))


def _of_one_case(text, rules):
    """Return a text of one case: a sigma at a word's end depends on what follows; any blank is a SPACE."""
    one = unicodedata.normalize("NFC", text.lower().replace("ς", "σ"))
    blanks = ("Cc", "Co", "Cs", "Zs", "Zl", "Zp") if rules.unit == "characters" and not rules.exact else ()
    return "".join(SPACE if unicodedata.category(sign) in blanks else sign for sign in one)


def test_the_place_of_a_token_is_all_that_was_written():
    text = "ＷＯＷ！ De\u0301jà <br/>ﬁn film™ ½"
    rules = TokenRules(accents="strip")
    found = [text[slice(*place)] for place in find_words(text, {"wow", "!", "deja"}, rules)]
    assert found == ["ＷＯＷ", "！", "De\u0301jà"]
    spread = " 很 <br>e\u0301👩‍👧"
    found = find_words(spread, {SPACE, "很", "é", "👩‍👧"}, CHARACTERS)
    assert [spread[slice(*place)] for place in found] == ["很", " <br>", "e\u0301", "👩‍👧"]
    assert [text[slice(*place)] for place in find_words(text, {"fin", "filmtm", "2"})] == ["ﬁn", "film™", "½"]


def test_characters_are_spelled_without_gaps():
    assert spelled([*"not", SPACE, *"bad"], CHARACTERS) == spelled(["not", "bad"], WORDS) == "not bad"


def test_a_vocabulary_does_not_depend_on_the_order():
    counts = Counter({"film": 3, "plot": 3, "actor": 3, "the": 9, "zebra": 1})
    shuffled = list(counts.items())
    random.Random(1).shuffle(shuffled)
    assert Vocabulary.from_counts(dict(shuffled), 6).words == Vocabulary.from_counts(counts, 6).words
    words = Vocabulary.from_counts(counts, 6)
    assert words.words == (*SPECIAL_TOKENS, "the", "actor", "film")
    assert Vocabulary.from_text(words.to_text()).words == words.words


NO_WORDS = [" ", "a b", "\x85", r"\u{61}", r"\u{000a}", r"\u{110000}", ""]
NO_VOCABULARIES = ["", "film\nplot\n", "<pad>\n<start>\n<unk>\nfilm\nfilm\n"]


@pytest.mark.parametrize("text", [*NO_VOCABULARIES, *(f"<pad>\n<start>\n<unk>\n{one}\n" for one in NO_WORDS)])
def test_words_that_are_no_vocabulary_are_refused(text):
    with pytest.raises(VocabularyError, match="a vocabulary must"):
        Vocabulary.from_text(text)


KNOWN = Vocabulary.from_counts({"slow": 3, "but": 2, "great": 1}, 10)  # ids: slow 3, but 4, great 5


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
    review = read_review("Slow, but utterly great", KNOWN, TextConfig(**settings))
    assert " ".join(review.window) == seen
    assert [KNOWN.words[i] for i in review.ids] == list(review.window)
    assert review.unknown == (False, False, True, False)


def test_an_empty_review_still_gives_one_time_step():
    review = read_review("", KNOWN, TextConfig(start_token=False))
    assert (review.window, review.tokens) == (("<pad>",), ())


def test_every_step_of_a_review_that_is_cut():
    cut = "SLOW,<br />but utterly great"
    made = steps_of(cut, KNOWN, TextConfig(max_length=3, truncation="post"))
    assert made.cleaned == clean(cut) == "slow, but utterly great"
    assert made.review.tokens == ("slow", "but", "utterly", "great")
    assert made.ids == (3, 4, 2, 5)
    assert (made.ids[made.review.kept], made.review.ids) == ((3, 4), (1, 3, 4))
    for skip in (True, False):  # padding is shown whether or not it is skipped
        made = steps_of(cut, KNOWN, TextConfig(max_length=7, skip_padding=skip, padding="post"))
        assert made.review.ids == (1, 3, 4, 2, 5, 0, 0)
    made = steps_of("", KNOWN, TextConfig(max_length=2, start_token=False))
    assert (made.review.tokens, made.ids, made.review.ids) == ((), (), (0, 0))


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
    assert readable("it\x92s\x00", EXACT_WORDS) == "it\x92s\x00"  # which are its tokens
    text = "Café, naïve – “fine” 👍 don’t\n\tend  here: ½ ™"
    assert readable(text) == text


LEFT = ["", "123 - !", "A film", "good فيلم", "这部电影", "\u2067שלום\u2069 film", "\u2066film"]
RIGHT = ["הסרט", "فيلم good", "12 فيلم", "\u2066film\u2069 שלום", "\u200fabc"]


def test_the_first_strong_sign_decides_the_direction():
    """An isolate is passed over, and a mark of direction is strong."""
    assert all(is_right_to_left(text) for text in RIGHT)
    assert not any(is_right_to_left(text) for text in LEFT)


WITHOUT = ["这部电影很好看。", "とてもよかったデス", "スーパー", "หนังดีมาก", "ຮູບເງົາດີ", "ភាពយន្តល្អ", "ရုပ်ရှင်ကောင်း"]
WITH = ["", "!? 12", "A film", "영화가 좋다", "हिन्दी फ़िल्म", "فيلم جميل", "A film by 王家卫"]


def test_scripts_without_spaces_are_noticed():
    assert all(has_no_spaces([text, "OK"]) for text in WITHOUT)
    assert not any(has_no_spaces([text]) for text in WITH)
    assert has_no_spaces(["Wow", "这部电影很好看"])
    assert not has_no_spaces(["这部", "a much longer text"])


@pytest.mark.parametrize("text", ["חיוב", "good فيلم", "٣"])
def test_right_to_left_alone_is_isolated_and_once(text):
    alone = isolated(text)
    assert alone == f"\u2068{text}\u2069"
    assert isolated(alone) == alone
    assert not is_right_to_left(f"{alone} 92 % sure")  # the line around it keeps its own direction
    for left_to_right in ("", "ham", "naïve", "音楽", "→ 5"):
        assert isolated(left_to_right) == left_to_right


def test_each_example_has_a_title_of_its_own():
    """There are single sentences of both kinds."""
    for data in ("imdb", "verdict"):
        examples = corpus_named(data).examples
        assert len({one.title for one in examples}) == len(examples) >= 8
    short = [one for one in corpus_named("imdb").examples if len(tokenize(one.text)) <= 10]
    assert {one.says for one in short} == {"positive", "negative"}
