"""Finding and reading IMDB, on small archives made here, honest and hostile."""

import gzip
import io
import os
import tarfile
from functools import partial
from pathlib import Path

import pytest

from rnn_core.config.corpora import corpus_named
from rnn_core.config.tokens import EXACT_CHARACTERS
from rnn_core.data import imdb
from rnn_core.data.corpus import SPLITS, Text
from rnn_core.data.imdb import IMDB_ARCHIVE, find_imdb, read_imdb
from rnn_core.data.sources import bare_config, recommended_config
from rnn_core.errors import DataError
from rnn_core.progress import Progress, finish
from tests.refusals import refusals

FILES = {
    f"aclImdb/{split}/{label}/{number}_{rating}.txt": f"{split} {label} {number}: café<br />\r\none\x85\n"
    for split in ("train", "test")
    for label, rating in (("pos", 9), ("neg", 2))
    for number in (10, 9, 1)
}
AROUND = {
    "aclImdb/README": "read me",
    "aclImdb/imdb.vocab": "the\nand",
    "aclImdb/train/labeledBow.feat": "9 0:1",
    "aclImdb/train/unsup/0_0.txt": "no label, and no UTF-8: \udcff",
    "aclImdb/train/pos/._10_9.txt": "left by a Mac",
}


def reviews_of(path):
    return finish(read_imdb(path, expected=3))


@pytest.fixture(autouse=True)
def _own_places(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GATESCOPE_IMDB", raising=False)


def member(name, content=b"", kind=tarfile.REGTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, len(content), "" if kind == tarfile.REGTYPE else "/etc/passwd"
    return info, content


def write_archive(path, files, *extra):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(member("aclImdb", kind=tarfile.DIRTYPE)[0])
        for info, content in (*extra, *(member(name, os.fsencode(text)) for name, text in files.items())):
            archive.addfile(info, io.BytesIO(content))
    return path


def write_folder(path, files):
    for name, text in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(os.fsencode(text))
    return path / "aclImdb"


@pytest.fixture
def archive(tmp_path):
    return write_archive(tmp_path / "small.tar.gz", {**AROUND, **FILES})


def test_reviews_carry_label_and_split_by_their_folder(archive):
    reviews = set(reviews_of(archive))
    assert len(reviews) == 12
    assert Text("train pos 9: café<br />\r\none\x85\n", True, "training") in reviews
    assert Text("test neg 10: café<br />\r\none\x85\n", False, "test") in reviews
    assert {review.split for review in reviews} == {"training", "test"}


def test_the_order_is_that_of_the_numbers(archive, tmp_path):
    backwards = write_archive(tmp_path / "b.tar.gz", {f"./{name}": FILES[name] for name in reversed(FILES)})
    reviews = reviews_of(archive)
    assert reviews == reviews_of(backwards) == reviews_of(write_folder(tmp_path, {**AROUND, **FILES}))
    assert [review.text[:11].rstrip(":") for review in reviews[:3]] == [
        "test neg 1",
        "test neg 9",
        "test neg 10",
    ]


def test_its_characters_are_all_that_is_written(archive, monkeypatch):
    """A line ends where `<br />` stands; labels and splits are kept."""
    monkeypatch.setattr(imdb, "read_imdb", partial(read_imdb, expected=3))
    monkeypatch.setenv("GATESCOPE_IMDB", str(archive))
    named = corpus_named("imdb-characters")
    assert named.preparation().bytes > 1e8  # so it is asked for first
    assert named.how_it_stands() == "made of the archive of IMDB, on request."
    corpus, reviews = named.load(), reviews_of(archive)
    for number, review in enumerate(reviews):
        tokens = [corpus.words[token] for token in corpus.ids[slice(*corpus.offsets[number : number + 2])]]
        text = review.text.replace("<br />", "\n").replace("\x85", "…")
        assert "".join(tokens) == corpus.text(number) == text
        assert (corpus.labels[number], SPLITS[corpus.splits[number]]) == (review.label, review.split)
    assert "\r\n" in corpus.words
    config = recommended_config("imdb-characters")
    assert (config.task, config.tokens, config.identity) == ("next-token", EXACT_CHARACTERS, corpus.identity)
    assert config.with_settings(hidden_size=8).corpus == corpus.ref == named
    assert bare_config("imdb-characters").text == config.text


def test_nothing_is_promised_without_the_archive():
    named = corpus_named("imdb-characters")
    assert named.preparation() is None
    assert not named.is_at_hand()
    assert named.how_it_stands() == "made of the archive of IMDB, once it is here."
    with pytest.raises(DataError, match="not on this machine"):
        named.load()


def test_a_damaged_byte_changes_no_review_in_silence(archive):
    whole, reviews = archive.read_bytes(), reviews_of(archive)
    refused = 0
    places = range(0, len(whole), 3)
    for place in places:
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            # A few bytes carry nothing: the name in the gzip header, one run of zeros for another.
            assert reviews_of(archive) == reviews
        except DataError:
            refused += 1
    assert refused > 0.9 * len(places)


def nested_headers():
    long_name, content = member("././@LongLink", b"x", tarfile.GNUTYPE_LONGNAME)
    return gzip.compress((long_name.tobuf(tarfile.GNU_FORMAT) + content.ljust(512, b"\0")) * 5_000)


def archive_with(*extra, files=FILES, **bounds):
    """Reads an archive with another member, where no more than this is allowed."""

    def read(tmp_path, monkeypatch):
        for bound, most in bounds.items():
            monkeypatch.setattr(imdb, bound, most)
        reviews_of(write_archive(tmp_path / "a.tar.gz", files, *extra))

    return read


def folder_with(files):
    return lambda tmp_path: reviews_of(write_folder(tmp_path, files))


def linked(tmp_path):
    folder = write_folder(tmp_path, FILES)
    (folder / "train/pos/0_9.txt").symlink_to(__file__)
    reviews_of(folder)


def truncated(share):
    def read(archive):
        whole = archive.read_bytes()
        archive.write_bytes(whole[: int(len(whole) * share)])
        reviews_of(archive)

    return read


def no_archive(content):
    def read(tmp_path):
        (tmp_path / "notes.zip").write_bytes(content)
        reviews_of(tmp_path / "notes.zip")

    return read


def by_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_IMDB", str(tmp_path / "nowhere"))
    find_imdb()


def without(place):
    return {name: FILES[name] for name in FILES if not name.startswith(f"aclImdb/{place}/9_")}


OUTSIDE = ("/etc/passwd", "../outside.txt", "aclImdb/../../outside.txt", "aclImdb\\..\\..\\outside.txt")
KINDS = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE)
TRAINING = {name: FILES[name] for name in FILES if "/test/" not in name}
REVIEW, LARGE = "aclImdb/train/pos/0_9.txt", {**FILES, "aclImdb/train/pos/9_9.txt": "x" * 1_000_001}
BOMB = member("aclImdb/train/unsup.feat", bytes(2_000_000))
NONE, A_LOG = "notes.zip is damaged, or not a", gzip.compress(b"a line of a log\n" * 1000)
FOUR = ["train/pos", "train/neg", "test/pos", "test/neg"]
CUT = ("small.tar.gz is damaged", "download it again")
PATHS = ("nowhere", "~nobody-of-that-name/imdb", "x" * 5000)
REFUSED = {
    **{f"outside by {name}": (archive_with(member(name, b"x")), "leads outside") for name in OUTSIDE},
    **{f"kind {kind}": (archive_with(member(REVIEW, kind=kind)), "a link or a device") for kind in KINDS},
    "other bytes": (archive_with(member(REVIEW, b"caf\xe9")), ("train/pos/0_9.txt in ", " is not UTF-8")),
    "a link in a folder": (linked, "not a plain file"),
    "a long review": (archive_with(files=LARGE), "larger than 1,000,000 bytes"),
    "a long review in a folder": (folder_with(LARGE), "larger than 1,000,000 bytes"),
    "many files": (archive_with(_MOST_MEMBERS=10), "more than 10 files"),
    "a bomb": (archive_with(BOMB, _MOST_BYTES=1_000_000), "unpacks to more than 1,000,000 bytes"),
    **{f"{share:.1%} of it": (truncated(share), CUT) for share in (0.0, 0.1, 0.5, 0.9, 0.999)},
    "nested": (no_archive(nested_headers()), NONE),
    "a zip": (no_archive(b"PK\x03\x04"), NONE),
    "a log": (no_archive(A_LOG), NONE),
    **{
        f"too few {place}": (archive_with(files=without(place)), f"has 2 reviews in aclImdb/{place} where 3")
        for place in FOUR
    },
    "no test folder": (folder_with(TRAINING), "has 0 reviews in aclImdb/test/pos"),
    "no file": (lambda tmp_path: reviews_of(tmp_path / "gone.tar.gz"), "gone.tar.gz can't be read"),
    **{f"a path {path[:9]}": (partial(find_imdb, Path(path)), "The path given leads to") for path in PATHS},
    "an empty folder": (lambda tmp_path: find_imdb(tmp_path), "has neither aclImdb nor"),
    "an environment": (by_environment, ("GATESCOPE_IMDB leads to", "nowhere, which is not there")),
}
test_refused = refusals(DataError, REFUSED)


def test_the_first_place_that_there_is_is_taken(archive, tmp_path, monkeypatch):
    """A path comes before the environment and the cache; a folder with the folder or the archive will do."""
    assert find_imdb() is None
    cached = write_archive(tmp_path / "cache" / IMDB_ARCHIVE, FILES)
    assert find_imdb() == find_imdb(cached.parent) == cached
    folder = write_folder(tmp_path / "unpacked", FILES)
    monkeypatch.setenv("GATESCOPE_IMDB", str(folder))
    assert find_imdb() == find_imdb(folder.parent) == folder
    assert find_imdb(archive) == archive


def test_the_archive_is_downloaded_to_where_it_is_found(tmp_path, monkeypatch):
    def pretend(url, target, *, size, sha256):
        write_archive(target, FILES)
        return [Progress("Downloading", size, size)]

    monkeypatch.setattr(imdb, "download", pretend)
    assert list(imdb.download_imdb()) == [Progress("Downloading", 84_125_825, 84_125_825)]
    assert find_imdb() == tmp_path / "cache" / IMDB_ARCHIVE


def test_reading_says_how_far_it_is(tmp_path):
    files = {f"aclImdb/{place}/{number}_5.txt": "" for place in FOUR for number in range(150)}
    steps = list(read_imdb(write_folder(tmp_path, files), expected=150))
    assert steps == [Progress("Reading the archive", 500, 600)]
