"""A corpus on disk: every text as text and as word numbers, mapped into memory.

A folder holds `reviews.arrow` (text, label, split and, where there are groups, group of each text),
`words.txt` (every distinct token in the order of the alphabet, as `line_of` writes it), `ids.npy` (the tokens
of all texts one after another, as line numbers of `words.txt`), `offsets.npy` (where each text begins in it)
and `about.json` (names of the classes, and how tokens were cut). Nothing that a run chooses is in there: a
vocabulary is a table from word numbers to ids.
"""

import itertools
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, NotRequired, TypedDict

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rnn_core.config.corpora import CorpusRef, corpus_named
from rnn_core.config.identity import CLASSES, Identity, spelled_alike
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.errors import DataError, reason
from rnn_core.files import from_json, to_json, whole_folder
from rnn_core.progress import Progress
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import line_of, word_of

SPLITS = ("training", "validation", "test")
FILMS = Identity(CLASSES)
"""The identity of film reviews."""


class Text(NamedTuple):
    """One labelled text as it was written; `split` is one of SPLITS."""

    text: str
    label: int
    """Index into the names of the classes of its corpus; in IMDB and the verdict corpus 1 for positive."""
    split: str
    group: int = 0
    """The group, where there are any: texts with the same number are never both learned from and scored."""


_TEXTS, _WORDS, _IDS, _OFFSETS = "reviews.arrow", "words.txt", "ids.npy", "offsets.npy"
_ABOUT, _OLD_LABEL = "about.json", "positive"
FORMAT = "gatescope-corpus-1"  # goes up when tokens, layout, texts or sizes of the verdict corpus change
_SCHEMA = pa.schema({"text": pa.string(), "label": pa.int8(), "split": pa.string()})
_GROUP = pa.field("group", pa.int64())
_AT_ONCE, _CHARACTERS_AT_ONCE = 2_000, 8_000_000
"""Texts that are written together at most, and their characters: memory does not grow with the corpus."""
_NUMBERS_AT_ONCE = 4_000_000


class About(TypedDict):
    """The content of about.json; `tokens` are the values of TokenRules, `mark` is RunConfig.corpus_mark.

    `texts_end` is that of Identity, written only where it is False.
    """

    name: str
    format: str
    words: int
    classes: list[str]
    tokens: dict[str, Any]
    mark: NotRequired[str]
    texts_end: NotRequired[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """N labelled texts; their indices run from 0 to N - 1."""

    name: str
    table: Any
    """pyarrow Table with the columns text, label, split, and group where there are groups."""
    words: tuple[str, ...]
    """Every distinct token, in the order of the alphabet."""
    ids: NDArray[np.int32]
    """(total tokens,) index into `words` of every token, text after text."""
    offsets: NDArray[np.int64]
    """(N + 1,) text i is `ids[offsets[i]:offsets[i + 1]]`."""
    labels: NDArray[np.int8]
    """(N,) index into `classes`."""
    splits: NDArray[np.int8]
    """(N,) index into SPLITS."""
    classes: tuple[str, ...] = CLASSES
    """The names of its K classes."""
    tokens: TokenRules = WORDS
    """The rules by which its texts were cut into tokens."""
    groups: NDArray[np.int64] | None = None
    """(N,) the same number for texts of the same group, which stay together in every split; None without."""
    mark: str = ""
    """A mark of what it was made of, and how; see RunConfig.corpus_mark."""
    texts_end: bool = True
    """True if its texts end, False where they are pieces of longer ones; see Identity."""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def ref(self) -> CorpusRef:
        """The corpus by its name, as its kind describes it."""
        return corpus_named(self.name)

    @property
    def identity(self) -> Identity:
        """The classes, tokens, mark and ends that a network which learned from it asks for."""
        return Identity(self.classes, self.tokens, self.mark, self.texts_end)

    def text(self, index: int) -> str:
        """The text as it was written."""
        return str(self.table.column("text")[index].as_py())

    def indices(self, split: str) -> NDArray[np.int64]:
        """The texts that come with this split, in order; may be empty."""
        return np.flatnonzero(self.splits == SPLITS.index(split))

    def lengths(self) -> NDArray[np.int64]:
        """(N,) tokens of each text."""
        return np.diff(self.offsets)


def build_corpus(
    name: str, texts: Iterable[Text], folder: Path, total: int, identity: Identity = FILMS
) -> Iterator[Progress]:
    """Write a corpus into `folder`, whole or not at all; `total` is the number of texts expected."""
    try:
        with whole_folder(folder) as new:
            yield from write_corpus(name, texts, new, total, identity)
    except OSError as error:
        raise DataError(
            f"The texts could not be kept in {folder.parent}: {reason(error)}. Free some disk space, "
            "make the folder writable, or close what still reads them, then try again."
        ) from error


def write_corpus(
    name: str,
    texts: Iterable[Text],
    folder: Path,
    total: int,
    identity: Identity,
    *,
    with_groups: bool = False,
) -> Iterator[Progress]:
    """Write the files into a folder that is there; `with_groups` where each text has one. Raises OSError."""
    schema = _SCHEMA.append(_GROUP) if with_groups else _SCHEMA
    numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)  # in order of appearance
    ends = array("q", [0])
    appeared = folder / "appeared"
    with (
        pa.OSFile(str(folder / _TEXTS), "wb") as sink,
        pa.ipc.new_file(sink, schema) as file,
        appeared.open("wb") as ids,
    ):
        for some in _portions(texts):
            columns = list(map(pa.array, zip(*some, strict=True)))[: len(schema)]
            file.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
            for text in some:
                found = array("i", map(numbers.__getitem__, tokenize(text.text, identity.tokens)))
                found.tofile(ids)
                ends.append(ends[-1] + len(found))
            yield Progress("Preparing texts", len(ends) - 1, total)

    words = sorted(numbers)
    number_of = np.empty(len(words), np.int32)
    for new, word in enumerate(words):
        number_of[numbers[word]] = new
    _renumber(appeared, folder / _IDS, number_of, ends[-1])
    np.save(folder / _OFFSETS, np.array(ends, np.int64))
    (folder / _WORDS).write_text("\n".join(map(line_of, words)), encoding="utf-8", newline="\n")
    about = About(
        name=name,
        format=FORMAT,
        words=len(words),
        classes=list(identity.classes),
        tokens=identity.tokens.to_dict(),
        mark=identity.mark,
    )
    if not identity.texts_end:
        about["texts_end"] = False
    (folder / _ABOUT).write_text(to_json(about), encoding="utf-8")


def _portions(texts: Iterable[Text]) -> Iterator[list[Text]]:
    """The texts, so many at a time as are written together."""
    portion: list[Text] = []
    characters = 0
    for text in texts:
        portion.append(text)
        characters += len(text.text)
        if len(portion) == _AT_ONCE or characters >= _CHARACTERS_AT_ONCE:
            yield portion
            portion, characters = [], 0
    if portion:
        yield portion


def _renumber(appeared: Path, numbered: Path, number_of: NDArray[np.int32], tokens: int) -> None:
    """The tokens numbered by the alphabet in place of by their appearance, some at a time."""
    header = {
        "descr": np.lib.format.dtype_to_descr(number_of.dtype),
        "fortran_order": False,
        "shape": (tokens,),
    }
    # Not mapped into memory, where a disk that fills would end the process without a word.
    with appeared.open("rb") as old, numbered.open("wb") as new:
        np.lib.format.write_array_header_1_0(new, header)
        for _ in range(0, tokens, _NUMBERS_AT_ONCE):
            number_of[np.fromfile(old, np.int32, _NUMBERS_AT_ONCE)].tofile(new)
    appeared.unlink()


def open_corpus(folder: Path) -> Corpus:
    """Map a corpus that `build_corpus` wrote into memory. Raises DataError where it can't be read."""
    try:
        with pa.memory_map(str(folder / _TEXTS)) as source:
            table = pa.ipc.open_file(source).read_all()
        if (folder / _ABOUT).exists():
            about = read_about(folder)
        else:  # written by an earlier version
            said = table.schema.metadata or {}
            name, kind, count = (said[key].decode() for key in (b"name", b"format", b"words"))
            about = About(name=name, format=kind, words=int(count), classes=list(CLASSES), tokens={})
        if about["format"] != FORMAT:
            raise ValueError("it was written by another version")
        words = tuple(map(word_of, (folder / _WORDS).read_text(encoding="utf-8").split("\n")))
        if about["words"] != len(words):
            raise ValueError(f"{_WORDS} is not the list of words that belongs to it")
        splits = table.column("split").combine_chunks().dictionary_encode()
        places = np.array(list(map(SPLITS.index, splits.dictionary.to_pylist())), np.int8)
        labels = table.column("label" if "label" in table.column_names else _OLD_LABEL)
        return Corpus(
            name=about["name"],
            table=table,
            words=words,
            ids=np.load(folder / _IDS, mmap_mode="r"),
            offsets=np.load(folder / _OFFSETS, mmap_mode="r"),
            labels=_numbers(labels.cast(pa.int8())),
            splits=places[np.from_dlpack(splits.indices)],
            **identity_of(about)._asdict(),
            groups=_numbers(table.column("group")) if "group" in table.column_names else None,
        )
    except (OSError, EOFError, ValueError, KeyError, pa.ArrowException) as error:
        raise DataError(f"The prepared texts in {folder} can't be read ({error}).") from error


def _numbers(column: Any) -> NDArray[Any]:
    """(N,) a column of whole numbers. pyarrow's own way imports pandas, which takes a second."""
    return np.concatenate([np.empty(0, np.int8), *map(np.from_dlpack, column.chunks)])


def read_about(folder: Path) -> About:
    """Read what a corpus says of itself. Raises OSError, and FormatError where it can't be read."""
    return from_json((folder / _ABOUT).read_bytes(), About)


def identity_of(about: About) -> Identity:
    """Return the identity of a corpus unopened. Raises ConfigError for token rules that can't be."""
    return Identity(
        spelled_alike(about["classes"]),
        TokenRules.from_dict(about["tokens"]),
        about.get("mark", ""),
        about.get("texts_end", True),
    )
