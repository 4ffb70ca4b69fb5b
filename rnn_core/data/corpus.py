"""A corpus on disk: every review as text and as word numbers, read without unpacking anything.

A folder holds `reviews.arrow` (text, label and split of each review), `words.txt` (every distinct token
of the corpus in the order of the alphabet), `ids.npy` (the tokens of all reviews one after another, as
line numbers of `words.txt`) and `offsets.npy` (where each review begins in it). Arrow and NumPy map the
files into memory, so opening takes no time and all processes share one copy. No choice that a run makes
is in there: a vocabulary of any size is a count over `ids` and a table from word numbers to ids.
"""

import itertools
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rnn_core.data.review import SPLITS, Review
from rnn_core.errors import DataError, reason
from rnn_core.progress import Progress
from rnn_core.text.tokenizer import tokenize

_REVIEWS, _WORDS, _IDS, _OFFSETS = "reviews.arrow", "words.txt", "ids.npy", "offsets.npy"
FORMAT = "gatescope-corpus-1"  # goes up when tokens, layout or the sentences of the verdict corpus change


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """N labelled reviews; indices of reviews run from 0 to N - 1."""

    name: str
    table: Any
    """pyarrow Table with the columns text, positive, split."""
    words: tuple[str, ...]
    """Every distinct token of the corpus."""
    ids: NDArray[np.int32]
    """(total tokens,) index into `words` of every token, review after review."""
    offsets: NDArray[np.int64]
    """(N + 1,) review i is `ids[offsets[i]:offsets[i + 1]]`."""
    labels: NDArray[np.int8]
    """(N,) 1 for a positive review."""
    splits: NDArray[np.int8]
    """(N,) index into SPLITS."""

    def __len__(self) -> int:
        return len(self.labels)

    def text(self, index: int) -> str:
        """The review as it was written."""
        return str(self.table.column("text")[index].as_py())

    def indices(self, split: str) -> NDArray[np.int64]:
        """The reviews that come with this split, in order; may be empty."""
        return np.flatnonzero(self.splits == SPLITS.index(split))

    def lengths(self) -> NDArray[np.int64]:
        """(N,) tokens of each review."""
        return np.diff(self.offsets)


def build_corpus(name: str, reviews: Iterable[Review], folder: Path, total: int) -> Iterator[Progress]:
    """Write a corpus into `folder`, whole or not at all; `total` is the number of reviews expected."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=folder.name + ".", dir=folder.parent))
    try:
        yield from _write(name, reviews, new, total)
        _replace(new, folder)
    except OSError as error:
        raise DataError(
            f"The reviews could not be kept in {folder.parent}: {reason(error)}. Free some disk space, "
            "make the folder writable, or close what still reads them, then try again."
        ) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _write(name: str, reviews: Iterable[Review], folder: Path, total: int) -> Iterator[Progress]:
    numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)  # in order of appearance
    ids: list[NDArray[np.int32]] = []
    columns: dict[str, list[Any]] = {"text": [], "positive": [], "split": []}
    for done, review in enumerate(reviews, start=1):
        tokens = tokenize(review.text)
        ids.append(np.fromiter(map(numbers.__getitem__, tokens), np.int32, len(tokens)))
        for column, value in zip(columns, review, strict=True):
            columns[column].append(value)
        if done % 500 == 0 or done == total:
            yield Progress("Preparing reviews", done, total)

    words = sorted(numbers)
    renumbered = np.empty(len(words), np.int32)
    for new, word in enumerate(words):
        renumbered[numbers[word]] = new
    flat = np.concatenate(ids) if ids else np.empty(0, np.int32)
    np.save(folder / _IDS, renumbered[flat])
    np.save(folder / _OFFSETS, np.array([0, *itertools.accumulate(map(len, ids))], np.int64))
    (folder / _WORDS).write_text("\n".join(words), encoding="utf-8", newline="\n")
    metadata = {"name": name, "format": FORMAT, "words": str(len(words))}
    table = pa.table(columns).replace_schema_metadata(metadata)
    with (
        pa.OSFile(str(folder / _REVIEWS), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as file,
    ):
        file.write_table(table)


def _replace(new: Path, folder: Path) -> None:
    """Put `new` where `folder` is; what was there stays whole until the new one stands."""
    old = new.with_name(f"{new.name}.old")
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def open_corpus(folder: Path) -> Corpus:
    """Map a corpus that `build_corpus` wrote into memory. Raises DataError where it can't be read."""
    try:
        with pa.memory_map(str(folder / _REVIEWS)) as source:
            table = pa.ipc.open_file(source).read_all()
        metadata = table.schema.metadata or {}
        if metadata.get(b"format") != FORMAT.encode():
            raise ValueError("it was written by another version")
        words = (folder / _WORDS).read_text(encoding="utf-8").split("\n")
        if metadata[b"words"] != str(len(words)).encode():
            raise ValueError(f"{_WORDS} is not the list of words that belongs to it")
        splits = np.array(table.column("split").to_pylist())
        return Corpus(
            name=metadata[b"name"].decode(),
            table=table,
            words=tuple(words),
            ids=np.load(folder / _IDS, mmap_mode="r"),
            offsets=np.load(folder / _OFFSETS, mmap_mode="r"),
            labels=np.array(table.column("positive").to_pylist(), np.int8),
            splits=np.select([splits == name for name in SPLITS], range(len(SPLITS))).astype(np.int8),
        )
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise DataError(
            f"The prepared reviews in {folder} can't be read ({error}). Delete that folder: it is made again."
        ) from error
