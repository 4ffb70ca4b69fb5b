"""A text in an address comes back whole, and nothing else does harm."""

import base64
import contextlib
import random
import re
import zlib

import pytest

from pages.components.shared.packed_text import DamagedTextError, pack, unpack

MOST = 1_000_000


def any_text(rng, length):
    """Characters of all planes, half of surrogate pairs aside."""
    points = (rng.choice((rng.randrange(0x80), rng.randrange(0xD800), rng.randrange(0xE000, 0x110000)))
              for _ in range(length))  # fmt: skip
    return "".join(map(chr, points))


def test_any_text_comes_back_to_the_letter():
    for seed in range(50):
        rng = random.Random(seed)
        text = any_text(rng, rng.randrange(300))
        assert unpack(pack(text), MOST) == text, seed


def test_what_is_special_elsewhere_comes_back_too():
    for text in ("", "a", "a film\n\r\n\t", "\0", "<b>bold</b> & **so** $x$", "🎬" * 1000):
        assert unpack(pack(text), MOST) == text


def test_an_address_takes_it_as_it_is():
    for seed in range(20):
        assert re.fullmatch(r"[A-Za-z0-9_-]+", pack(any_text(random.Random(seed), 200))), seed


def test_a_review_is_shorter_than_it_was():
    review = "The cast is wonderful and the music is beautiful, but the story is a dull mess. " * 5
    assert len(pack(review)) < len(review) / 2


def test_half_of_a_surrogate_pair_becomes_a_question_mark():
    assert unpack(pack("good \ud83d film"), MOST) == "good ? film"


def test_a_text_may_be_as_long_as_allowed_and_no_longer():
    for text in ("x" * 100, "🎬" * 100):
        assert unpack(pack(text), 100) == text
        with pytest.raises(DamagedTextError):
            unpack(pack(text), 99)


def test_no_more_is_unpacked_than_may_be_kept(monkeypatch):
    bomb = pack("x" * 50_000_000)
    assert len(bomb) < 100_000
    made = []
    original = zlib.decompressobj

    class Watched:
        def __init__(self):
            self._of = original()

        def decompress(self, squeezed, most):
            made.append(self._of.decompress(squeezed, most))
            return made[-1]

        def __getattr__(self, name):
            return getattr(self._of, name)

    monkeypatch.setattr(zlib, "decompressobj", Watched)
    with pytest.raises(DamagedTextError):
        unpack(bomb, 1_000)
    assert [len(part) for part in made] == [4_001]


def test_every_beginning_of_a_packed_text_is_known_as_damaged():
    packed = pack("The film is great, but the film is dull.")
    for length in range(len(packed)):
        with pytest.raises(DamagedTextError):
            unpack(packed[:length], MOST)


NEVER_PACKED = (
    "", "=", "a", "ab", "abc", "abcde", "%%%", "a b", "é", "🎬", "\ud83d", "\0", "-_-_", "x" * 100_000,
)  # fmt: skip


def test_what_was_never_packed_is_known_as_damaged():
    for packed in NEVER_PACKED:
        with pytest.raises(DamagedTextError):
            unpack(packed, MOST)


def test_one_wrong_letter_never_gives_another_text():
    text = "The film is great, but the film is dull."
    whole = pack(text)
    for at in range(len(whole)):
        for letter in "AHio09-_=/ ":
            with contextlib.suppress(DamagedTextError):
                assert unpack(f"{whole[:at]}{letter}{whole[at + 1 :]}", MOST) == text, (at, letter)


def test_what_follows_a_packed_text_is_not_dropped_in_silence():
    squeezed = zlib.compress(b"good") + b"more"
    with pytest.raises(DamagedTextError):
        unpack(base64.urlsafe_b64encode(squeezed).decode().rstrip("="), MOST)


def test_bytes_that_are_no_text_are_known_as_damaged():
    with pytest.raises(DamagedTextError):
        unpack(base64.urlsafe_b64encode(zlib.compress(b"\xff\xfe")).decode().rstrip("="), MOST)
