"""The IMDB reviews of Maas et al.: where they are found, and how they are read.

50,000 labelled reviews, 12,500 in each of `aclImdb/{train,test}/{pos,neg}/<id>_<rating>.txt`. The archive is
read as a stream and never unpacked; nothing in it is trusted before it was checked.
"""

import gzip
import os
import re
import tarfile
import zlib
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from typing_extensions import override

from rnn_core.config.corpora import Download
from rnn_core.data.corpus import Text, build_corpus
from rnn_core.data.download import download
from rnn_core.data.examples import EXAMPLE_REVIEWS
from rnn_core.data.prepared import FilmReviews
from rnn_core.errors import DataError, reason
from rnn_core.files import check_spares
from rnn_core.paths import cache_folder
from rnn_core.progress import Progress

IMDB_ARCHIVE = "aclImdb_v1.tar.gz"
IMDB_URL = f"https://ai.stanford.edu/~amaas/data/sentiment/{IMDB_ARCHIVE}"
IMDB_SIZE = 84_125_825  # bytes
IMDB_SHA256 = "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"
IMDB_CITATION = (
    "Andrew L. Maas, Raymond E. Daly, Peter T. Pham, Dan Huang, Andrew Y. Ng and Christopher Potts "
    "(2011). Learning Word Vectors for Sentiment Analysis. Proceedings of the 49th Annual Meeting "
    "of the Association for Computational Linguistics: Human Language Technologies, pages 142-150."
)
REVIEWS_PER_FOLDER = 12_500

_FOLDER = "aclImdb"
_SPLITS = {"train": "training", "test": "test"}
_POSITIVE = {"pos": True, "neg": False}
_NAME = re.compile(r"(?:\./)?aclImdb/(train|test)/(pos|neg)/(\d{1,9})_(\d{1,2})\.txt", re.ASCII)

# There are 100,000 reviews, the longest labelled one of 14 kB, and an archive packed again on a Mac can
# hold a second, small member for each file.
_MOST_MEMBERS = 250_000
_MOST_REVIEW_BYTES = 1_000_000
_MOST_BYTES = 1 << 30
_CHUNK = 1 << 18
_REVIEWS_PER_PROGRESS = 500

_ADVICE = "Delete it and download it again, or point GATESCOPE_IMDB to another archive or aclImdb folder."


class _Key(NamedTuple):
    """A key of a review; keys sort the same in whichever order the files came."""

    split: str
    positive: bool
    number: int
    rating: int


def find_imdb(path: Path | None = None) -> Path | None:
    """The archive or folder at `path`, at GATESCOPE_IMDB or in the cache; None where there is none.

    Raises DataError when one of the first two was given and leads nowhere.
    """
    if path is not None:
        return _located(path, "The path given")
    if from_environment := os.environ.get("GATESCOPE_IMDB"):
        return _located(Path(from_environment), "GATESCOPE_IMDB")
    archive = cache_folder() / IMDB_ARCHIVE
    return archive if archive.is_file() else None


def _located(path: Path, who: str) -> Path:
    """The archive or folder that `path` means. Raises DataError, naming `who` said so."""
    wrong = "which is not there"
    try:
        path = path.expanduser()
        if path.is_file() or (path / "train").is_dir() or (path / "test").is_dir():
            return path
        if (path / _FOLDER).is_dir():
            return path / _FOLDER
        if (path / IMDB_ARCHIVE).is_file():
            return path / IMDB_ARCHIVE
        if path.exists():
            wrong = f"which has neither {_FOLDER} nor {IMDB_ARCHIVE} in it"
    except (OSError, RuntimeError) as error:  # no right to look, or a ~user that does not exist
        wrong = f"which can't be looked at ({error})"
    raise DataError(
        f"{who} leads to {path}, {wrong}. Give the archive {IMDB_ARCHIVE} or the unpacked folder {_FOLDER}."
    )


def download_imdb() -> Iterator[Progress]:
    """Fetch the official archive into the cache folder; `download` says how it resumes and ends."""
    return download(IMDB_URL, cache_folder() / IMDB_ARCHIVE, size=IMDB_SIZE, sha256=IMDB_SHA256)


def read_imdb(path: Path, expected: int = REVIEWS_PER_FOLDER) -> Generator[Progress, None, list[Text]]:
    """The labelled reviews of an archive or of an `aclImdb` folder, in the same order from either.

    There must be `expected` ones in each of train/pos, train/neg, test/pos and test/neg. Raises DataError
    where the archive is damaged, incomplete or holds what a review archive has no business to hold.
    """
    texts: dict[_Key, str] = {}
    try:
        for found, content in _read_folder(path) if path.is_dir() else _read_archive(path):
            key = _Key(_SPLITS[found[1]], _POSITIVE[found[2]], int(found[3]), int(found[4]))
            try:
                texts[key] = content.decode("utf-8")
            except UnicodeDecodeError as error:
                raise DataError(f"{found[0]} in {path} is not UTF-8 text. {_ADVICE}") from error
            if len(texts) % _REVIEWS_PER_PROGRESS == 0:
                yield Progress("Reading the archive", len(texts), 4 * expected)
    except OSError as error:
        raise DataError(f"{path} can't be read ({reason(error)}). {_ADVICE}") from error
    counts = Counter((key.split, key.positive) for key in texts)
    for split_folder, split in _SPLITS.items():
        for label_folder, positive in _POSITIVE.items():
            if (count := counts[split, positive]) != expected:
                raise DataError(
                    f"{path} has {count:,} reviews in {_FOLDER}/{split_folder}/{label_folder} "
                    f"where {expected:,} are expected, so it is incomplete or not the IMDB "
                    f"reviews. {_ADVICE}"
                )
    return [Text(texts[key], key.positive, key.split) for key in sorted(texts)]


def _read_folder(folder: Path) -> Iterator[tuple[re.Match[str], bytes]]:
    """The match of _NAME and the content of each review in an `aclImdb` folder."""
    for split in _SPLITS:
        for label in _POSITIVE:
            part = folder / split / label
            if not part.is_dir():
                continue  # its reviews are missed, and named, by the count at the end
            with os.scandir(part) as entries:
                for entry in entries:
                    name = f"{_FOLDER}/{split}/{label}/{entry.name}"
                    if found := _NAME.fullmatch(name):
                        if not entry.is_file(follow_symlinks=False):
                            raise _foreign(folder, f"{name} is not a plain file")
                        with Path(entry.path).open("rb") as file:
                            content = file.read(_MOST_REVIEW_BYTES + 1)
                        _check_size(folder, name, len(content))
                        yield found, content


def _read_archive(path: Path) -> Iterator[tuple[re.Match[str], bytes]]:
    """The match of _NAME and the content of each review in an archive, in one pass over it."""
    try:
        # Mode "r|gz" would take a cut stream for its end and check no checksum; gzip does both.
        with _BoundedGzip(path) as stream:
            with tarfile.open(fileobj=stream, mode="r|", bufsize=_CHUNK) as archive:
                for count, member in enumerate(archive, start=1):
                    if count > _MOST_MEMBERS:
                        raise _foreign(path, f"it holds more than {_MOST_MEMBERS:,} files")
                    if not (member.isfile() or member.isdir()):
                        raise _foreign(path, f"{member.name!r} in it is a link or a device")
                    if member.name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", member.name):
                        raise _foreign(path, f"{member.name!r} in it leads outside of the archive")
                    found = _NAME.fullmatch(member.name)
                    if found is None or not member.isfile():
                        continue
                    _check_size(path, member.name, member.size)
                    file = archive.extractfile(member)
                    yield found, file.read() if file is not None else b""
            while stream.read(_CHUNK):  # to the end, where the checksum stands
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, RecursionError) as error:
        raise DataError(f"{path} is damaged, or not a .tar.gz archive ({error}). {_ADVICE}") from error


class _BoundedGzip(gzip.GzipFile):
    """A gzip file that raises DataError once it gives more than an archive of reviews holds."""

    def read(self, size: int | None = -1) -> bytes:
        """Return at most `size` bytes."""
        data = super().read(size)
        if self.tell() > _MOST_BYTES:
            raise _foreign(Path(self.name), f"it unpacks to more than {_MOST_BYTES:,} bytes")
        return data


def _check_size(path: Path, name: str, size: int) -> None:
    if size > _MOST_REVIEW_BYTES:
        raise _foreign(path, f"{name} in it is larger than {_MOST_REVIEW_BYTES:,} bytes")


def _foreign(path: Path, why: str) -> DataError:
    return DataError(f"{path} is not the archive of the IMDB reviews: {why}. {_ADVICE}")


class Imdb(FilmReviews):
    """The IMDB reviews, read from the archive or folder on this machine."""

    kind = "imdb"
    recommended: ClassVar[Mapping[str, Any]] = {
        "vocab_size": 10_000,
        "max_length": 200,
        "hidden_size": 64,
        "label_odds": True,
        "excerpts": 0.5,
        "epochs": 2,
        "learning_rate": 8e-3,
    }
    refuses: ClassVar[Mapping[str, str]] = {}
    training_texts = 9 * 2 * REVIEWS_PER_FOLDER // 10  # a tenth is for validation
    answers_probes = True
    download = Download(
        IMDB_SIZE,
        "Stanford",
        IMDB_ARCHIVE,
        f"{IMDB_ARCHIVE} or {_FOLDER}",
        fetch=download_imdb,
        find=find_imdb,
    )
    examples = EXAMPLE_REVIEWS
    first_sentence = "The cast is wonderful and the music is beautiful, but the story is a dull mess."
    at_first = "Reading and checking the archive"
    title = phrase = "IMDB"
    data = "imdb"
    how_to_get_it = "not on this machine yet. Download it, or name a path of your own, on this page."

    @classmethod
    @override
    def claims(cls, name: str) -> bool:
        return name.casefold() == cls.kind

    @override
    def how_it_stands(self) -> str:
        if self.is_prepared():
            return f"{4 * REVIEWS_PER_FOLDER:,} labelled reviews, ready."
        if find_imdb() is not None:
            return "found on this machine; prepared when a run first needs them."
        return "not on this machine yet. The download is offered below."

    @override
    def build(self, path: Path | None) -> Iterator[Progress]:
        found = find_imdb(path)
        if found is None:
            raise DataError(
                "The IMDB reviews are not on this machine. Download them with "
                "`python -m rnn_core data download`, or set GATESCOPE_IMDB to the archive "
                "aclImdb_v1.tar.gz or the folder aclImdb. The verdict corpus needs no download."
            )
        check_spares(self.folder, [found])
        reviews = yield from read_imdb(found)
        yield from build_corpus(self.name, self.as_read(reviews), self.folder, len(reviews), self.identity)

    def as_read(self, reviews: Iterable[Text]) -> Iterable[Text]:
        """The reviews of the archive as their corpus has them."""
        return reviews


KIND = Imdb
