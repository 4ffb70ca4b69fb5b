"""Plain text from outside: whatever its encoding and the ends of its lines, it is read as one text in NFC."""

import gzip
import hashlib
import os
import tracemalloc
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnn_core.errors import DataError
from rnn_core.tables import plain
from rnn_core.tables.plain import MOST_BYTES, Seen, open_plain
from tests.zips import zipped

PROSE = "Ça n’a pas de prix, dit-elle.\nNon ?\n\n" * 40


def read(path, encoding=""):
    """The text of each file, and the counts."""
    seen, texts = Seen(), {}
    for number, piece in open_plain(path, encoding).pieces(seen):
        texts[number] = texts.get(number, "") + piece
    return list(texts.values()), seen


@pytest.fixture
def file(path_of):
    """Writes a file with this content; returns its path."""
    return lambda content, name="book.txt": path_of(name, content)


@pytest.fixture
def small_pieces(monkeypatch):
    """Bytes and characters are read a few at a time."""

    def at_once(size):
        for name in ("_AT_ONCE", "_GUESSED_BY", "_LONGEST_PIECE"):
            monkeypatch.setattr(plain, name, size)

    return at_once


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "windows-1252"])
def test_the_encoding_is_guessed_and_said(file, encoding):
    texts, seen = read(file(PROSE.encode(encoding)))
    assert texts == [PROSE]
    assert list(seen.encodings) == [encoding.removesuffix("-sig")]


def test_an_encoding_may_be_named(file):
    text = "吾輩は猫である。\n" * 60
    path = file(text.encode("shift_jis"))
    with pytest.raises(DataError, match=r"book\.txt is no plain text, read as .*name that one"):
        read(path)
    assert read(path, "shift_jis")[0] == [text]
    with pytest.raises(DataError, match=r"book\.txt has bytes that aren't utf-8"):
        read(path, "utf-8")
    with pytest.raises(DataError, match="'klingon', which is not known"):
        read(path, "klingon")


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, gzip.compress(PROSE.encode()), b"a text\0with a zero",
     bytes(range(1, 256)) * 9],
    ids=["picture", "packed", "zero", "any bytes"],
)  # fmt: skip
def test_binary_files_are_refused(file, content):
    with pytest.raises(DataError, match=r"book\.txt (is no plain text|has bytes that aren't)"):
        read(file(content))


@pytest.mark.parametrize("size", [1, 2, 3, 1_000])
def test_what_is_read_as_another_sign_is_counted(file, small_pieces, size):
    small_pieces(size)
    texts, seen = read(file("Cafe\u0301 naïve\r\nKo\u0308ln\rc\n\r\n\r"), "utf-8")
    assert (texts, seen.returns, seen.recomposed) == (["Café naïve\nKöln\nc\n\n\n"], 4, 4)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each example writes the same file again
@given(
    text=st.text(st.sampled_from("ae\u0301\u0308\u0323\r\n \u1100\u1161\u11a8👩\u200d💻🇫🇷ｅ"), min_size=1),
    size=st.integers(5, 40),
)
def test_pieces_joined_are_the_text_in_nfc(file, small_pieces, text, size):
    small_pieces(size)
    texts, seen = read(file(text), "utf-8")
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    assert texts == [unicodedata.normalize("NFC", whole)]
    assert seen.bytes == len(text.encode())


def test_a_line_without_end_takes_little_memory(file, small_pieces):
    path = file("猫" * 1_000_000)
    small_pieces(1 << 15)
    tracemalloc.start()
    longest = max(len(piece) for _, piece in open_plain(path).pieces(Seen()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert longest < 2 << 15
    assert peak < 8_000_000  # the places where 32,768 characters may be cut; as bytes the line has 3 million


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gone.txt", "There is no file or folder"),
        ("empty.txt", "not a single byte"),
        ("photos", "no plain text"),
        ("all.txt", f"1,000,000,000 bytes of plain text, where {MOST_BYTES:,} are"),
    ],
)
def test_what_is_no_text_is_refused(file, tmp_path, name, why):
    """Nothing of a large file is read."""
    os.truncate(file("", "all.txt"), 1_000_000_000)  # takes no room on disk
    file("", "empty.txt")
    file("x", "photos/a.jpg")
    file("", "photos/b.txt")
    with pytest.raises(DataError, match=why):
        open_plain(tmp_path / name)


FILES = {"b/2.py": "two\n", "a — ü.md": "one\n", "c.TXT": "three", "a.jpg": "no", ".git/x.txt": "hidden"}


@pytest.fixture(params=["folder", "zip"])
def several(file, tmp_path, request):
    """A folder with files, or a zip of it."""
    for name, text in FILES.items():
        file(text, f"several/{name}")
    folder = tmp_path / "several"
    if request.param == "folder":
        (folder / "link.txt").symlink_to(folder / "c.TXT")
        return folder
    packed = tmp_path / "several.zip"
    packed.write_bytes(zipped(FILES))
    return packed


def test_files_are_read_in_order_of_name(several):
    texts, seen = read(several)
    assert texts == ["one\n", "two\n", "three"]
    assert open_plain(several).passed_over == ("a.jpg",)
    written = b"".join(
        b"%d %s %d %s" % (len(name.encode()), name.encode(), len(text), text.encode())
        for name, text in sorted(FILES.items())
        if name in ("a — ü.md", "b/2.py", "c.TXT")
    )
    assert seen.digest.digest() == hashlib.sha256(written).digest()


def test_a_hostile_zip_is_refused(tmp_path):
    path = tmp_path / "bad.zip"
    for members, why in (
        ({"../../evil.txt": "x"}, "leads out of the folder"),
        ({"a.txt": "x" * 100_000_000}, "unpacks to 100,000,000 bytes"),
        ({"word/document.xml": "<x/>"}, "holds no plain text"),
        ({}, "holds no plain text"),
        ({"\x1b[2J.txt": "\0"}, r"^'\\x1b\[2J\.txt' in bad\.zip is no plain text"),
    ):
        path.write_bytes(zipped(members))
        with pytest.raises(DataError, match=why):
            read(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match=r"bad\.zip is damaged, or no zip"):
        open_plain(path)


@pytest.mark.parametrize("size", [1, -1])
def test_a_file_that_changes_is_refused(file, size):
    listed = open_plain(file("a line\n" * 9))
    os.truncate(listed.path, 63 + size)
    with pytest.raises(DataError, match=r"book\.txt changed while it was read"):
        list(listed.pieces(Seen()))
