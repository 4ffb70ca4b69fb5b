"""Directions and spaces of scripts."""

import pytest

from rnn_core.text.scripts import has_no_spaces, is_right_to_left, isolated


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


def test_scripts_without_spaces_are_noticed_by_the_share_of_all_letters_together():
    assert all(has_no_spaces([text, "OK"]) for text in WITHOUT)
    assert not any(has_no_spaces([text]) for text in WITH)
    assert has_no_spaces(["Wow", "这部电影很好看"])
    assert not has_no_spaces(["这部", "a much longer text"])


@pytest.mark.parametrize("text", ["", "ham", "naïve", "音楽", "→ 5"])
def test_what_is_written_from_left_to_right_needs_no_isolation(text):
    assert isolated(text) == text


@pytest.mark.parametrize("text", ["חיוב", "good فيلم", "٣"])
def test_what_is_written_from_right_to_left_is_isolated_once(text):
    alone = isolated(text)
    assert alone == f"\u2068{text}\u2069"
    assert isolated(alone) == alone
    assert not is_right_to_left(f"{alone} 92 % sure")  # the line around it keeps its own direction
