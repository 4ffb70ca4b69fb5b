"""A refusal where msgspec says it in other words than those that are known."""

import pytest

from rnn_core.refusals import refusal


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Value 2.0 at /3/accuracy is above 1.0", "value 2.0 at /3/accuracy is above 1.0"),
        ("No float - at `$[3].accuracy`", "record 4, accuracy: no float"),
        ("Expected `decimal` - at `$`", "it must be decimal"),
        ("x" * 1_000, "x" * 197 + "..."),
        ("", ""),
    ],
)
def test_other_words_of_msgspec_stand_as_they_are_in_one_short_line(said: str, sentence: str) -> None:
    assert refusal(said, b"", "record") == sentence
