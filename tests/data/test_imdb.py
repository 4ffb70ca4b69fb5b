"""Finding and reading IMDB, on small archives made here, honest and hostile."""

import gzip
import io
import shutil
import tarfile
from pathlib import Path

import pytest

from rnn_core.data import imdb
from rnn_core.data.corpus import Text
from rnn_core.data.imdb import IMDB_ARCHIVE, find_imdb, read_imdb
from rnn_core.errors import DataError
from rnn_core.progress import Progress, finish

FILES = {
    f"aclImdb/{split}/{label}/{number}_{rating}.txt": f"{split} {label} {number}: café<br />"
    for split in ("train", "test")
    for label, rating in (("pos", 9), ("neg", 2))
    for number in (10, 9, 1)
}
AROUND = {
    "aclImdb/README": "read me",
    "aclImdb/imdb.vocab": "the\nand",
    "aclImdb/train/labeledBow.feat": "9 0:1",
    "aclImdb/train/unsup/0_0.txt": "no label",
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
        for info, content in (*extra, *(member(name, text.encode()) for name, text in files.items())):
            archive.addfile(info, io.BytesIO(content))
    return path


def write_folder(path, files):
    for name, text in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return path / "aclImdb"


def both_forms(path, files):
    return write_archive(path / "a.tar.gz", files), write_folder(path, files)


@pytest.fixture
def archive(tmp_path):
    return write_archive(tmp_path / "small.tar.gz", {**AROUND, **FILES})


def test_reviews_carry_text_label_and_split_by_their_folder(archive):
    reviews = set(reviews_of(archive))
    assert len(reviews) == 12
    assert Text("train pos 9: café<br />", True, "training") in reviews
    assert Text("test neg 10: café<br />", False, "test") in reviews
    assert {review.split for review in reviews} == {"training", "test"}


def test_the_order_depends_neither_on_that_of_the_files_nor_on_the_form(archive, tmp_path):
    backwards = write_archive(tmp_path / "b.tar.gz", dict(reversed(FILES.items())))
    reviews = reviews_of(archive)
    assert reviews == reviews_of(backwards) == reviews_of(write_folder(tmp_path, {**AROUND, **FILES}))
    assert [review.text.split(":")[0] for review in reviews[:3]] == [
        "test neg 1",
        "test neg 9",
        "test neg 10",
    ]


def test_what_has_no_label_is_passed_over_undecoded_and_a_dot_and_slash_before_names_too(tmp_path):
    unlabelled = member("aclImdb/train/unsup/1_0.txt", b"\xff\xff")
    files = {f"./{name}": FILES[name] for name in FILES}
    assert len(reviews_of(write_archive(tmp_path / "a.tar.gz", files, unlabelled))) == 12


def test_line_ends_are_left_as_they_are(tmp_path):
    for path in both_forms(tmp_path, dict.fromkeys(FILES, "one\r\ntwo\n")):
        assert {review.text for review in reviews_of(path)} == {"one\r\ntwo\n"}


@pytest.mark.parametrize(
    ("extra", "what"),
    [
        *(
            (member(name, b"x"), "leads outside")
            for name in (
                "/etc/passwd",
                "../outside.txt",
                "aclImdb/../../outside.txt",
                "aclImdb\\..\\..\\outside.txt",
            )
        ),
        *(
            (member("aclImdb/train/pos/0_9.txt", kind=kind), "is a link or a device")
            for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE)
        ),
        (member("aclImdb/train/pos/0_9.txt", b"caf\xe9"), r"train/pos/0_9\.txt in .* is not UTF-8"),
    ],
)
def test_a_member_that_may_not_be_is_refused(tmp_path, extra, what):
    with pytest.raises(DataError, match=what):
        reviews_of(write_archive(tmp_path / "a.tar.gz", FILES, extra))


def test_a_link_in_the_folder_form_is_refused(tmp_path):
    folder = write_folder(tmp_path, FILES)
    try:
        (folder / "train/pos/0_9.txt").symlink_to(__file__)
    except OSError:
        pytest.skip("this system lets no one but an administrator make links")
    with pytest.raises(DataError, match="not a plain file"):
        reviews_of(folder)


def test_a_review_beyond_all_size_is_refused_in_either_form(tmp_path):
    for path in both_forms(tmp_path, {**FILES, "aclImdb/train/pos/9_9.txt": "x" * 1_000_001}):
        with pytest.raises(DataError, match="larger than 1,000,000 bytes"):
            reviews_of(path)


def test_too_many_members_are_refused(archive, monkeypatch):
    monkeypatch.setattr(imdb, "_MOST_MEMBERS", 10)
    with pytest.raises(DataError, match="more than 10 files"):
        reviews_of(archive)


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(imdb, "_MOST_BYTES", 1_000_000)
    bomb = member("aclImdb/train/unsup.feat", bytes(2_000_000))
    with pytest.raises(DataError, match="unpacks to more than 1,000,000 bytes"):
        reviews_of(write_archive(tmp_path / "a.tar.gz", FILES, bomb))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_named_with_what_to_do(archive, share):
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DataError, match=r"small\.tar\.gz is damaged.*download it again"):
        reviews_of(archive)


def test_a_damaged_byte_never_changes_a_review_in_silence(archive):
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


@pytest.mark.parametrize(
    "content",
    [nested_headers(), b"PK\x03\x04 something else", gzip.compress(b"a line of a log\n" * 1000)],
    ids=["headers nested without end", "no archive", "gzip that holds no tar"],
)
def test_a_file_that_is_no_archive_is_named(tmp_path, content):
    (tmp_path / "notes.zip").write_bytes(content)
    with pytest.raises(DataError, match=r"notes\.zip is damaged, or not a \.tar\.gz"):
        reviews_of(tmp_path / "notes.zip")


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("label", ["pos", "neg"])
def test_missing_reviews_are_counted_and_named(tmp_path, split, label):
    files = {name: FILES[name] for name in FILES if not name.startswith(f"aclImdb/{split}/{label}/9_")}
    for path in both_forms(tmp_path, files):
        with pytest.raises(DataError, match=f"has 2 reviews in aclImdb/{split}/{label} where 3"):
            reviews_of(path)
    shutil.rmtree(tmp_path / "aclImdb" / split)
    with pytest.raises(DataError, match=f"has 0 reviews in aclImdb/{split}/pos"):
        reviews_of(tmp_path / "aclImdb")


def test_a_file_that_is_gone_is_said(tmp_path):
    with pytest.raises(DataError, match=r"gone\.tar\.gz can't be read"):
        reviews_of(tmp_path / "gone.tar.gz")


def test_of_a_path_the_environment_and_the_cache_the_first_that_there_is_is_taken(
    archive, tmp_path, monkeypatch
):
    assert find_imdb() is None
    cached = write_archive(tmp_path / "cache" / IMDB_ARCHIVE, FILES)
    assert find_imdb() == cached
    folder = write_folder(tmp_path / "unpacked", FILES)
    monkeypatch.setenv("GATESCOPE_IMDB", str(folder))
    assert find_imdb() == folder
    assert find_imdb(archive) == archive


def test_a_folder_that_holds_the_folder_or_the_archive_will_do(tmp_path):
    folder = write_folder(tmp_path / "one", FILES)
    archive = write_archive(tmp_path / "two" / IMDB_ARCHIVE, FILES)
    assert find_imdb(folder.parent) == folder
    assert find_imdb(archive.parent) == archive


def test_a_path_that_leads_nowhere_is_said_with_who_named_it(tmp_path, monkeypatch):
    for path in (tmp_path / "nowhere", Path("~nobody-of-that-name/imdb"), Path("x" * 5000)):
        with pytest.raises(DataError, match="The path given leads to"):
            find_imdb(path)
    with pytest.raises(DataError, match="has neither aclImdb nor"):
        find_imdb(tmp_path)
    monkeypatch.setenv("GATESCOPE_IMDB", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"GATESCOPE_IMDB leads to .*nowhere, which is not there"):
        find_imdb()


def test_the_official_archive_is_downloaded_to_where_it_is_found(tmp_path, monkeypatch):
    def pretend(url, target, *, size, sha256):
        write_archive(target, FILES)
        return [Progress("Downloading", size, size)]

    monkeypatch.setattr(imdb, "download", pretend)
    assert list(imdb.download_imdb()) == [Progress("Downloading", 84_125_825, 84_125_825)]
    assert find_imdb() == tmp_path / "cache" / IMDB_ARCHIVE


def test_reading_says_how_far_it_is(tmp_path):
    labels = (("pos", 9), ("neg", 2))
    files = {
        f"aclImdb/{split}/{label}/{number}_{rating}.txt": "a review"
        for split in ("train", "test")
        for label, rating in labels
        for number in range(150)
    }
    steps = list(read_imdb(write_folder(tmp_path, files), expected=150))
    assert steps == [Progress("Reading the archive", 500, 600)]
