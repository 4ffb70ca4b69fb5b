"""Tokens by Unicode's rules: words of every script, characters as a reader sees them."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.text.tokenizer import SPACE, clean, find_words, fold, spelled, tokenize
from rnn_core.text.vocabulary import LONGEST_WORD, SPECIAL_TOKENS, Vocabulary

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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("हिन्दी फ़िल्म, अच्छी है।", ["हिन्दी", "फ़िल्म", "अच्छी", "है"]),
        ("หนังดี มาก", ["หนังดี", "มาก"]),
        ("مُحَمَّد، فيلمٌ جميلٌ؟", ["مُحَمَّد", "فيلمٌ", "جميلٌ"]),
        ("שָׁלוֹם, עוֹלָם!", ["שָׁלוֹם", "עוֹלָם", "!"]),
        ("می‌خواهم ‌نه", ["می‌خواهم", "نه"]),  # a joiner belongs to a word between its letters only
        ("这部电影很好！吗？不。", ["这部电影很好", "!", "吗", "?", "不"]),
        ("とても、よかった。", ["とても", "よかった"]),
        ("그 영화", ["그", "영화"]),
        ("İstanbul DİYARBAKIR", ["i̇stanbul", "di̇yarbakir"]),
        ("١٢٣ و ४५", ["١٢٣", "و", "४५"]),
        ("H̱anna", ["ẖanna"]),
        ("🎬 ❤️ ́", []),
    ],
)
def test_words_of_every_script_are_whole(text, words):
    assert tokenize(text) == [unicodedata.normalize("NFKC", word) for word in words]


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("Not bad!", ["n", "o", "t", SPACE, "b", "a", "d", "!"]),
        (" \t a<br /><br />b\n", ["a", SPACE, "b"]),
        ("e\u0301té", ["é", "t", "é"]),
        ("हिन्दी", ["हि", "न्दी"]),
        ("ดีมาก", ["ดี", "ม", "า", "ก"]),
        ("很好。", ["很", "好", "。"]),
        ("한국", ["한", "국"]),
        ("👩‍👩‍👧🇩🇪🇫🇷👍🏽❤️", ["👩‍👩‍👧", "🇩🇪", "🇫🇷", "👍🏽", "❤️"]),
        ("a\u200bb\ufeff", ["a", "b"]),
        ("a\x00\x01b", ["a", SPACE, "b"]),
        ("<pad>", ["<", "p", "a", "d", ">"]),
        ("\u200b \u0301", []),
    ],
)
def test_characters_are_what_a_reader_takes_for_one(text, characters):
    assert tokenize(text, CHARACTERS) == characters


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


@pytest.mark.parametrize("text", ["a" + "\u0301" * 10_000, "字" * 5_000, "ab'" * 3_000, "ㅋ" * 5_000])
@pytest.mark.parametrize("rules", [WORDS, CHARACTERS], ids=lambda rules: rules.unit)
def test_no_token_is_too_long_for_a_vocabulary(text, rules):
    tokens = tokenize(f"so {text} end", rules)
    assert max(map(len, tokens)) <= LONGEST_WORD
    assert "字" not in text or "".join(tokens).count("字") == 5_000  # nothing is lost
    words = Vocabulary([*SPECIAL_TOKENS, *dict.fromkeys(tokens)])
    assert Vocabulary.from_text(words.to_text()).words == words.words


@given(TEXTS)
@FEW
@example(LINE_ENDS.join("abc"))
@example("\u0600 a \u0600\u0601\u2003b")
def test_any_tokens_come_back_from_a_vocabulary(text):
    for rules in RULES:
        tokens = tokenize(text, rules)
        assert not [token for token in tokens if len(token.splitlines()) != 1 or re.search(r"\s", token)]
        words = Vocabulary([*SPECIAL_TOKENS, *dict.fromkeys(tokens)])
        kept = words.to_text().encode()  # as a file
        assert Vocabulary.from_text(kept.decode()).words == words.words


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
    for rules in RULES:
        tokens = tokenize(text, rules)
        for token in set(tokens):
            places = find_words(text, {token}, rules)
            for first, last in places:
                assert _of_one_case(token, rules) in _of_one_case(fold(text[first:last], rules), rules)
            assert 1 <= len(places) <= tokens.count(token)
        places = find_words(text, set(tokens), rules)
        assert all(before[1] <= after[0] for before, after in pairwise(places))


def _of_one_case(text, rules):
    """What a sigma is at the end of a word depends on what follows; any blank is a SPACE."""
    one = unicodedata.normalize("NFC", text.lower().replace("ς", "σ"))
    blanks = ("Cc", "Co", "Cs", "Zs", "Zl", "Zp") if rules.unit == "characters" else ()
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
    assert spelled(tokenize("Not  bad", CHARACTERS), CHARACTERS) == "not bad"
    assert spelled(["not", "bad"], WORDS) == "not bad"
