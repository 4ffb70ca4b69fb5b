"""A page reads the address that the browser asked it with; a text in it comes back whole."""

import base64
import contextlib
import random
import re
import tracemalloc
import zlib
from functools import partial

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.shared import address, settings
from pages.components.shared.address import DamagedTextError, pack, unpack
from pages.components.shared.address_keys import OWNERS, claim
from tests.pages.conftest import TEXT
from tests.pages.elements import labels
from tests.refusals import refusals


def test_a_key_of_two_owners_is_refused():
    both = r"'task' .* two owners, the settings of a run and the menu: give one"
    with pytest.raises(ValueError, match=both):
        claim("task", "the menu")
    assert "the menu" not in OWNERS.values()
    assert {*settings.KEYS} == {"data", "task", *settings.DECLARED}


@pytest.mark.parametrize(("page", "task"), [("read", "turn"), ("train", "train")])
def test_five_things_are_linked_as_before(open_app, verdict_only, page, task):
    """Earlier versions said them under the key of a setting, which Train refused in a warning."""
    app = open_app(page, {"task": task, "data": "verdict"})
    assert "Done" in labels(app)
    assert "".join(app.query_params["try"]) == task
    assert "task" not in app.query_params
    assert not app.warning


def picker_page():
    import streamlit as st

    from pages.components.shared import address

    options = st.session_state.get("options", ["a", "b", "c"])
    picked = address.follow("letter", "picked", options, lambda: options[-1], "No such letter.")
    address.write("letter", "picked", picked)
    st.text(picked)


def picked(app):
    app.run()
    assert app.query_params["letter"] == app.text[0].value
    return app.text[0].value


def test_a_picker_follows_the_address_once():
    """Then what was picked, what it wrote last where the choice is gone, and at last the usual."""
    app = AppTest.from_function(picker_page)
    assert picked(app) == "c"
    app.query_params["letter"] = "a"
    assert picked(app) == "a"
    app.session_state["picked"] = "a label of before"
    assert picked(app) == "a"
    app.session_state["picked"] = "b"
    assert picked(app) == "b"
    app.session_state["options"] = ["a", "c"]
    assert picked(app) == "c"


def test_an_address_of_no_option_is_warned_of_once():
    app = AppTest.from_function(picker_page)
    app.query_params["letter"] = "x"
    for warnings in (["No such letter."], []):
        assert picked(app) == "c"
        assert [warning.value for warning in app.warning] == warnings


def test_a_run_that_ends_early_finds_nothing_new(monkeypatch):
    """It ends just when its value goes to the browser, which asks with it the next time."""
    app = AppTest.from_function(picker_page)
    monkeypatch.setattr(address, "say", lambda name, value: st.stop())
    app.run()
    monkeypatch.undo()
    app.query_params["letter"], app.session_state["picked"] = "c", "b"
    assert picked(app) == "b"


MOST = 1_000_000


def any_text(rng, length):
    """Characters of all planes, half of surrogate pairs aside."""
    planes = ((0, 0x80), (0, 0xD800), (0xE000, 0x110000))
    return "".join(chr(rng.randrange(*rng.choice(planes))) for _ in range(length))


def test_any_text_comes_back_to_the_letter():
    """It has letters of an address only, and is shorter; half of a surrogate pair becomes a question mark."""
    rng = random.Random(0)
    special = ("", "a", "a film\n\r\n\t", "\0", "<b>bold</b> & **so** $x$", "🎬" * 1000)
    for text in (*special, *(any_text(rng, rng.randrange(300)) for _ in range(50))):
        assert unpack(pack(text), MOST) == text
        assert re.fullmatch(r"[A-Za-z0-9_-]+", pack(text))
    review = "The cast is wonderful and the music is beautiful, but the story is a dull mess. " * 5
    assert len(pack(review)) < len(review) / 2
    assert unpack(pack("good \ud83d film"), MOST) == "good ? film"
    for text in ("x" * 100, "🎬" * 100):
        assert unpack(pack(text), 100) == text


def test_no_more_is_unpacked_than_may_be_kept():
    bomb = pack("x" * 50_000_000)
    assert len(bomb) < 100_000
    tracemalloc.start()
    with pytest.raises(DamagedTextError):
        unpack(bomb, 1_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


def packed(squeezed):
    return base64.urlsafe_b64encode(squeezed).decode().rstrip("=")


WRONG = ("", "=", "a", "ab", "abc", "abcde", "%%%", "a b", "é", "🎬", "\ud83d", "\0", "-_-_")
NEVER_PACKED = {
    **{ascii(letters): letters for letters in WRONG},
    "too many letters": "x" * 100_000,
    "more follows the packed text": packed(zlib.compress(b"good") + b"more"),
    "bytes that are no text": packed(zlib.compress(b"\xff\xfe")),
}
test_what_was_never_packed_is_damaged = refusals(
    DamagedTextError,
    {
        **{name: (partial(unpack, letters, MOST), "") for name, letters in NEVER_PACKED.items()},
        "a letter more than allowed": (lambda: unpack(pack("x" * 100), 99), ""),
        "a sign more than allowed": (lambda: unpack(pack("🎬" * 100), 99), ""),
    },
)


def test_a_damaged_text_never_gives_another_one():
    """Each beginning is known as damaged, and so is one with a wrong letter, if that makes a difference."""
    whole = pack(TEXT)
    for at in range(len(whole)):
        with pytest.raises(DamagedTextError):
            unpack(whole[:at], MOST)
        for letter in "AHio09-_=/ ":
            with contextlib.suppress(DamagedTextError):
                assert unpack(f"{whole[:at]}{letter}{whole[at + 1 :]}", MOST) == TEXT, (at, letter)
