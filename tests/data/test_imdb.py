"""Finding and reading IMDB, on small archives made here, honest and hostile."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from rnn_core.data import imdb
from rnn_core.data.corpus import Text
from rnn_core.data.imdb import IMDB_ARCHIVE, REVIEWS_PER_FOLDER, find_imdb, read_imdb
from rnn_core.errors import DataError
from rnn_core.progress import Progress

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


def reviews_of(path: Path, expected: int = REVIEWS_PER_FOLDER) -> list[Text]:
    steps = read_imdb(path, expected)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GATESCOPE_IMDB", raising=False)


def member(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(content)
    return info, content


def write_archive(
    path: Path, files: dict[str, str], extra: tuple[tuple[tarfile.TarInfo, bytes], ...] = ()
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(member("aclImdb", kind=tarfile.DIRTYPE)[0])
        for info, content in (*extra, *(member(n, text.encode()) for n, text in files.items())):
            archive.addfile(info, io.BytesIO(content))
    return path


def write_folder(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return path / "aclImdb"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_archive(tmp_path / "small.tar.gz", {**AROUND, **FILES})


def test_reviews_carry_text_label_and_split_by_their_folder(archive: Path) -> None:
    reviews = set(reviews_of(archive, expected=3))
    assert len(reviews) == 12
    assert Text("train pos 9: café<br />", True, "training") in reviews
    assert Text("test neg 10: café<br />", False, "test") in reviews
    assert {review.split for review in reviews} == {"training", "test"}


def test_what_has_no_label_is_passed_over_undecoded(tmp_path: Path) -> None:
    unlabelled = member("aclImdb/train/unsup/1_0.txt", b"\xff\xff")
    archive = write_archive(tmp_path / "a.tar.gz", FILES, (unlabelled,))
    assert len(reviews_of(archive, expected=3)) == 12


def test_the_order_does_not_depend_on_the_order_of_the_files(archive: Path, tmp_path: Path) -> None:
    backwards = write_archive(tmp_path / "b.tar.gz", dict(reversed(FILES.items())))
    reviews = reviews_of(archive, expected=3)
    assert reviews == reviews_of(backwards, expected=3)
    assert [review.text.split(":")[0] for review in reviews[:3]] == [
        "test neg 1",
        "test neg 9",
        "test neg 10",
    ]


def test_the_folder_form_equals_the_archive_form(archive: Path, tmp_path: Path) -> None:
    folder = write_folder(tmp_path, {**AROUND, **FILES})
    assert reviews_of(folder, expected=3) == reviews_of(archive, expected=3)


def test_names_that_begin_with_a_dot_and_slash_are_read(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "a.tar.gz", {f"./{name}": FILES[name] for name in FILES})
    assert len(reviews_of(archive, expected=3)) == 12


def test_line_ends_are_left_as_they_are(tmp_path: Path) -> None:
    files = dict.fromkeys(FILES, "one\r\ntwo\n")
    for path in (write_archive(tmp_path / "a.tar.gz", files), write_folder(tmp_path, files)):
        assert {review.text for review in reviews_of(path, expected=3)} == {"one\r\ntwo\n"}


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../outside.txt", "aclImdb/../../outside.txt", "aclImdb\\..\\..\\outside.txt"]
)
def test_a_member_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    archive = write_archive(tmp_path / "a.tar.gz", FILES, (member(name, b"x"),))
    with pytest.raises(DataError, match="leads outside"):
        reviews_of(archive, expected=3)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    info, _ = member("aclImdb/train/pos/0_9.txt", kind=kind)
    info.linkname = "/etc/passwd"
    archive = write_archive(tmp_path / "a.tar.gz", FILES, ((info, b""),))
    with pytest.raises(DataError, match="is a link or a device"):
        reviews_of(archive, expected=3)


def test_a_link_in_the_folder_form_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, FILES)
    try:
        (folder / "train/pos/0_9.txt").symlink_to(__file__)
    except OSError:
        pytest.skip("this system lets no one but an administrator make links")
    with pytest.raises(DataError, match="not a plain file"):
        reviews_of(folder, expected=3)


def test_a_review_beyond_all_size_is_refused_in_either_form(tmp_path: Path) -> None:
    files = {**FILES, "aclImdb/train/pos/9_9.txt": "x" * 1_000_001}
    for path in (write_archive(tmp_path / "a.tar.gz", files), write_folder(tmp_path, files)):
        with pytest.raises(DataError, match="larger than 1,000,000 bytes"):
            reviews_of(path, expected=3)


def test_too_many_members_are_refused(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imdb, "_MOST_MEMBERS", 10)
    with pytest.raises(DataError, match="more than 10 files"):
        reviews_of(archive, expected=3)


def test_an_archive_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imdb, "_MOST_BYTES", 1_000_000)
    bomb = member("aclImdb/train/unsup.feat", bytes(2_000_000))
    archive = write_archive(tmp_path / "a.tar.gz", FILES, (bomb,))
    with pytest.raises(DataError, match="unpacks to more than 1,000,000 bytes"):
        reviews_of(archive, expected=3)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_named_with_what_to_do(archive: Path, share: float) -> None:
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DataError, match=r"small\.tar\.gz is damaged.*download it again"):
        reviews_of(archive, expected=3)


def test_a_damaged_byte_never_changes_a_review_in_silence(archive: Path) -> None:
    whole, reviews = archive.read_bytes(), reviews_of(archive, expected=3)
    refused = 0
    places = range(0, len(whole), 3)
    for place in places:
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            # A few bytes carry nothing: the name in the gzip header, one run of zeros for another.
            assert reviews_of(archive, expected=3) == reviews
        except DataError:
            refused += 1
    assert refused > 0.9 * len(places)


def test_headers_nested_without_end_are_refused(tmp_path: Path) -> None:
    long_name, content = member("././@LongLink", b"x", tarfile.GNUTYPE_LONGNAME)
    block = long_name.tobuf(tarfile.GNU_FORMAT) + content.ljust(512, b"\0")
    path = tmp_path / "nested.tar.gz"
    path.write_bytes(gzip.compress(block * 5_000))
    with pytest.raises(DataError, match=r"nested\.tar\.gz is damaged"):
        reviews_of(path)


def test_a_file_that_is_no_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.zip"
    path.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(DataError, match=r"notes\.zip is damaged, or not a \.tar\.gz"):
        reviews_of(path)


def test_gzip_that_holds_no_tar_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(b"a line of a log\n" * 1000))
    with pytest.raises(DataError, match=r"log\.gz is damaged"):
        reviews_of(path)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("label", ["pos", "neg"])
def test_missing_reviews_are_counted_and_named(tmp_path: Path, split: str, label: str) -> None:
    files = {name: FILES[name] for name in FILES if not name.startswith(f"aclImdb/{split}/{label}/9_")}
    for path in (write_archive(tmp_path / "a.tar.gz", files), write_folder(tmp_path, files)):
        with pytest.raises(DataError, match=f"has 2 reviews in aclImdb/{split}/{label} where 3"):
            reviews_of(path, expected=3)


def test_a_folder_without_a_part_is_incomplete(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, {name: FILES[name] for name in FILES if "test" not in name})
    with pytest.raises(DataError, match="has 0 reviews in aclImdb/test/pos"):
        reviews_of(folder, expected=3)


def test_a_review_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    files = (member("aclImdb/train/pos/0_9.txt", b"caf\xe9"),)
    archive = write_archive(tmp_path / "a.tar.gz", FILES, files)
    with pytest.raises(DataError, match=r"train/pos/0_9\.txt in .* is not UTF-8"):
        reviews_of(archive, expected=4)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.tar\.gz can't be read"):
        reviews_of(tmp_path / "gone.tar.gz")


def test_nothing_is_found_where_nothing_is() -> None:
    assert find_imdb() is None


def test_the_archive_in_the_cache_is_found(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "cache" / IMDB_ARCHIVE, FILES)
    assert find_imdb() == archive


def test_the_environment_goes_before_the_cache_and_a_path_before_both(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_archive(tmp_path / "cache" / IMDB_ARCHIVE, FILES)
    folder = write_folder(tmp_path / "unpacked", FILES)
    monkeypatch.setenv("GATESCOPE_IMDB", str(folder))
    assert find_imdb() == folder
    assert find_imdb(archive) == archive


def test_a_folder_that_holds_the_folder_or_the_archive_will_do(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "one", FILES)
    archive = write_archive(tmp_path / "two" / IMDB_ARCHIVE, FILES)
    assert find_imdb(folder.parent) == folder
    assert find_imdb(archive.parent) == archive


def test_a_path_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", Path("~nobody-of-that-name/imdb"), Path("x" * 5000)):
        with pytest.raises(DataError, match="The path given leads to"):
            find_imdb(path)
    with pytest.raises(DataError, match="has neither aclImdb nor"):
        find_imdb(tmp_path)


def test_an_environment_that_leads_nowhere_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATESCOPE_IMDB", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"GATESCOPE_IMDB leads to .*nowhere, which is not there"):
        find_imdb()


def test_the_official_archive_is_downloaded_to_where_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pretend(url: str, target: Path, *, size: int, sha256: str) -> list[Progress]:
        write_archive(target, FILES)
        return [Progress("Downloading", size, size)]

    monkeypatch.setattr(imdb, "download", pretend)
    assert list(imdb.download_imdb()) == [Progress("Downloading", 84_125_825, 84_125_825)]
    assert find_imdb() == tmp_path / "cache" / IMDB_ARCHIVE


def test_reading_says_how_far_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "aclImdb"
    for split in ("train", "test"):
        for label, rating in (("pos", 9), ("neg", 2)):
            (folder / split / label).mkdir(parents=True)
            for number in range(150):
                (folder / split / label / f"{number}_{rating}.txt").write_text("a review")
    assert list(read_imdb(folder, expected=150)) == [Progress("Reading the archive", 500, 600)]
