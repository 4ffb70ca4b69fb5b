"""The page cuts texts into tokens, and lays the window over them, as Python does.

Three tables of Unicode are at work, each of a version of its own: Python's (`unicodedata`: normal forms,
lower case, directions), that of `regex` (letters, marks, clusters), and the browser's (normal forms, lower
case). Texts are drawn from the characters that all know: those of the oldest, which is Python 3.11's with
Unicode 14.0, beside `regex` 2026.11 and Chromium 156 with 17.0 or later.
"""

import itertools
import random
import sys
import unicodedata
from dataclasses import asdict

import pytest
import regex

from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import EXACT_CHARACTERS, EXACT_WORDS, TokenRules
from rnn_core.export.unicode_ranges import ranges_for
from rnn_core.text.readable import visible
from rnn_core.text.scripts import is_right_to_left
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import PAD_ID, SPECIAL_TOKENS, START_ID, UNK, Vocabulary
from rnn_core.text.window import read_review

pytestmark = pytest.mark.browser
RULES = [
    TokenRules(unit=unit, lowercase=lowercase, accents="keep" if (unit == "words") == lowercase else "strip")
    for unit, lowercase in itertools.product(("words", "characters"), (True, False))
] + [EXACT_CHARACTERS, EXACT_WORDS]
"""Each value of one rule with each of another, and the exact ones."""
OURS = [
    "", " ", "\n\t", "!", "?!", "'", "''a''", "a'b'c", "'tis rock 'n' roll", "It's 7/10 :-(",
    "½ x² ﬁn ＷＯＷ ㎏", "a<br />b<br>c<BR/>d<br  >e<br\x1c/>f<br\x85>g<br\ufeff>h<br\xa0/>i<br\n\n/>j",
    "< br><br / ><br", "Don’t ‘n’ ʼn ‛q", "<script>alert(1)</script><p style='x'>&amp;&lt;</p>",
    "a\x1cb\x85c\ufeffd\u200be\u00adf\u2028g\x00h\x7fi\u180ej",
    "ΟΔΟΣ ΣΑΣ Σ ΑΣ' Σ'Α ΑΣ\u0345 Α\u0345Σ ΑΣ.Β ΣΣΣ ʕΣ Σʕ aΣʰ",
    "İSTANBUL ıI Iİ i\u0307 ẞ ß ǅ ŉ ﬀ ΐ ᾳ ᾼ K Å Ω",
    "e\u0301 a\u0323\u0307 a\u0307\u0323 \u0301x q\u0307\u0323 Ä\u0308 ﷺ",
    "n\u0303o\u0308 й и\u0306 ё ά α\u0301 ø ł",
    "가각 \u1100\u1161\u11a8 \u1100\u1100\u1161",
    "가\u11a8 각\u11a8 \u1161\u1161 \u11a8\u11a8 \uac00\u1161 각\u1161 ㅎㅏㄴ ﾡￂ",
    "👩‍👩‍👧‍👦 👍🏽 ❤️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👩\u200d\u200d👩 👩\u0301\u200d👩 a\u200d👩 ©\u200d®", "🇩🇪🇫🇷🇮 a🇩b🇩🇪🇩 \u0600🇩🇪🇫",
    "हिन्दी क्षत्रिय क\u094d\u200dष क\u200c\u094dष a\u094dष \u094dष ক্ষ க்ஷ ක්ෂ ကြည် ខ្មែរ",
    "ภาษาไทย น้ำ ກຳ ไทย\u0e33", "שָׁלוֹם עוֹלָם ״צה״ל״ י״א",
    "مَرْحَبًا بِالعَالَمِ ـــ ١٢٣ \u0600\u0661\u0662 \u0600 \u0600␣ \u0601\u0601",
    "می\u200cخواهم نمی\u200d \u200cآ\u200c", "这部电影很好看。 日本語カナ ｶﾞｷﾞ が か\u3099",
    "a\r\nb\r\r\n\n\t \x00 a’b‘c‛d''e", "\u0600\r\n\u0600a \u0301\r\u0301",
    "a\ud800b \udc00 \ud83d x\udfff", "\ue000x \U000f0000y \U0010fffdz",
    "aΣ\U000f0000b a\U000f0000Σ aΣ\ue000b aΣ\ud800b", "␣ a␣b \u0301␣\u0301",
    "\u00ad\u094dक \u3164a \uffa0 \u115f\u1160\u11a8 \u034fa a\u034f", "a_b-c.d,e 3.14 1,000 0x1f ①②Ⅷ ৳৴",
    "x" * 2_000, "x" * 2_001, "é" * 4_100, "\U0001d7d8" * 2_001, "a'" * 1_500, "'b" * 2_500,
    "ab\u200c" * 1_400, "e" + "\u0301" * 2_500, "☺" + "\u200d☺" * 1_200, "x" * 1_999 + "\u200c" * 3 + "y",
    "ก" * 2_500, "\u094dक" * 1_200 + "क" + "\u094dक" * 1_200,
    # Where what stands before a sign was looked for from each of these, it would take minutes.
    "'" * 20_000 + "Σ", "क" + "\u094d" * 20_000 + "क", "\u0301" * 20_000, "☺" + "\u200d" * 20_000 + "☺",
]  # fmt: skip


def texts_of(assigned):
    """10,000 texts: ours, each character that all tables know in one of them, and mixtures of what melts."""
    known = {sign for sign in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(sign) != "Cn"}
    known &= set(regex.findall(r"\P{Cn}", "".join(known)))
    known &= {chr(code) for first, behind in assigned for code in range(first, behind)}
    assert len(known) > 280_000
    rng = random.Random(0)
    private = [sign for sign in sorted(known) if sign >= "\U000f0000"]
    all_signs = sorted(known.difference(private))
    rng.shuffle(all_signs)
    joins = [sign for sign in all_signs if _JOINS.match(sign)]
    few = sorted(set("".join(OURS)))
    drawn = ["".join(all_signs[first : first + 32]) for first in range(0, len(all_signs), 32)]
    while len(OURS) + len(drawn) < 10_000:
        pools = rng.choices((all_signs, joins, few, private), (4, 8, 8, 1), k=rng.randrange(1, 24))
        drawn.append("".join(map(rng.choice, pools)))
    # Two halves of a surrogate pair are two characters in Python; in a browser they are one.
    return [*OURS, *(_PAIR.sub("\udc00", text) for text in drawn)]


_JOINS = regex.compile(r"[^\p{GCB=Other}\p{GCB=LV}\p{GCB=LVT}\p{Co}]|\p{InCB=Consonant}|\p{ExtPict}")
_PAIR = regex.compile("[\ud800-\udbff]+(?=[\udc00-\udfff])")


def test_10_000_texts_have_the_tokens_of_python(ask_chromium):
    texts = texts_of(ask_chromium("assigned"))
    assert len(texts) == 10_000
    ways = [{"rules": asdict(rules), "unicode": ranges_for(rules)} for rules in RULES]
    for rules, answer in zip(RULES, ask_chromium("tokens", {"texts": texts, "ways": ways}), strict=True):
        right = [tokenize(text, rules) for text in texts]
        compared = zip(texts, right, answer, strict=True)
        different = [(text, tokens, found) for text, tokens, found in compared if tokens != found]
        assert not different, (rules, len(different), different[:3])


WORDS = Vocabulary.from_counts({"great": 3, "end": 2, "naïve": 1, "不": 1}, size=10)
WINDOWS = [
    TextConfig(max_length=length, truncation=cut, padding=filled, start_token=start, skip_padding=skip)
    for length, cut, filled, start, skip in itertools.product(
        (1, 2, 5, 300), ("pre", "post"), ("pre", "post"), (True, False), (True, False)
    )
]


READ = [
    "", "great", "A naïve start, a great end!", "<start> <pad> great", "slow great end " * 40, "7 שלום great",
    "مرحبا", "7 great שלום", "१२ שלום", "a\\u{a}\r\n\n \t\x00",
]  # fmt: skip
SIGNS = Vocabulary([*SPECIAL_TOKENS, *"ae \n\\u{}\x00", "\r\n"])


@pytest.mark.parametrize(("rules", "known"), [(TokenRules(), WORDS), (EXACT_CHARACTERS, SIGNS)])
def test_the_page_reads_the_window_of_python(ask_chromium, rules, known):
    of_all = {"tokens": asdict(rules), "vocabulary": known.to_text(), "unicode": ranges_for(rules)}
    asked = {"texts": READ, "networks": [{**of_all, "text": asdict(config)} for config in WINDOWS]}
    for config, answer in zip(WINDOWS, ask_chromium("readings", asked), strict=True):
        for text, found in zip(READ, answer, strict=True):
            review = read_review(text, known, config, rules)
            kept = iter(range(review.kept.start, review.kept.stop))
            places = [None if one in (PAD_ID, START_ID) else next(kept) for one in review.ids]
            seen = zip(review.window, places, strict=True)
            labels = [
                f"{visible(review.tokens[place])} {UNK}" if word == UNK else visible(word)
                for word, place in seen
            ]
            assert found == {
                "tokens": [*review.tokens],
                "rightToLeft": is_right_to_left(" ".join(review.tokens)),
                "kept": [review.kept.start, review.kept.stop],
                "unknown": [*review.unknown],
                "window": [*review.window],
                "ids": [*review.ids],
                "places": places,
                "labels": labels,
            }, (config, text)
