"""What a reader sees of a review has a glyph, and is read as the review is."""

import unicodedata

from rnn_core.text.readable import readable
from rnn_core.text.tokenizer import tokenize

CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0xF0B7)]


def test_no_sign_without_a_glyph_is_left_and_the_tokens_are_the_same():
    for sign in CONTROLS:
        for text in (f"don{sign}t", f"a {sign} b", f"{sign}film{sign}", f"good{sign}{sign}'s"):
            shown = readable(text)
            assert tokenize(shown) == tokenize(text)
            assert not [
                left for left in shown if unicodedata.category(left) in ("Cc", "Co") and left not in "\n\t"
            ]


def test_signs_of_windows_1252_become_what_was_meant():
    assert readable("so \x93good\x94 \x96 and\x85 \x80 5") == "so “good” – and… € 5"
    assert readable("it\x92s a film\x99") == "it s a film "


def test_what_can_be_read_stays():
    text = "Café, naïve – “fine” 👍 don’t\n\tend  here: ½ ™"
    assert readable(text) == text
