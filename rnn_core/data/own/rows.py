"""The first reading of a table: of each row only numbers, so that memory stays small however long it is.

A million rows take about 30 MB: what a text is is remembered as eight bytes of a hash of its tokens.
"""

import bisect
import hashlib
import itertools
import math
import re
from array import array
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.identity import LONGEST_CLASS, is_class_name, one_spelling, without_unseen
from rnn_core.data.corpus import SPLITS
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.statistics import made_up_texts, most_telling, odds_against_rest
from rnn_core.errors import DataError
from rnn_core.progress import Progress
from rnn_core.refusals import shown
from rnn_core.tables.guess import SPLIT_OF_WORD
from rnn_core.tables.table import Cell, RowBatch, Table
from rnn_core.text.tokenizer import tokenize

MOST_TEXTS = 2_000
"""The texts of each label whose words are remembered; this and the next bound keep memory small."""
_MOST_NUMBERS = 10_000_000
"""The words of all these texts together, four bytes each."""
_SHOWN = 6


class Tally:
    """The words in the first texts of each label, each word once for a text."""

    def __init__(self) -> None:
        self._number_of: dict[str, int] = {}
        self._texts = Counter[int]()
        self._rows, self._lengths, self._words = array("q"), array("i"), array("i")
        self._read = 0

    def add(self, tokens: Sequence[Sequence[str]], labels: Sequence[int]) -> None:
        """Take in some texts, as long as a label has not too many; those with the label -1 don't count."""
        for row, (text, label) in enumerate(zip(tokens, labels, strict=True), self._read):
            if label >= 0 and self._texts[label] < MOST_TEXTS and len(self._words) < _MOST_NUMBERS:
                self._texts[label] += 1
                numbers = {self._number_of.setdefault(word, len(self._number_of)) for word in text}
                self._rows.append(row)
                self._lengths.append(len(numbers))
                self._words.extend(numbers)
        self._read += len(labels)

    def telling(
        self, classes: Sequence[str], labels: NDArray[np.int8], splits: NDArray[np.int8]
    ) -> dict[str, tuple[str, ...]]:
        """Class -> up to six words that set it apart, by the rows (R,) for training."""
        rows = np.array(self._rows, np.int64)
        label_of = np.where(splits[rows] == SPLITS.index("training"), labels[rows], -1).astype(np.int64)
        label_of_each = np.repeat(label_of, self._lengths)
        numbers = np.array(self._words, np.int64)[label_of_each >= 0]
        size = len(self._number_of)
        place = label_of_each[label_of_each >= 0] * size + numbers
        counts = np.bincount(place, minlength=len(classes) * size).reshape(len(classes), size)
        stands = set(np.flatnonzero(counts.sum(axis=0)).tolist())
        words = [(word, number) for word, number in sorted(self._number_of.items()) if number in stands]
        if len(words) < 2:  # the odds of the only word there is are without bounds
            return {}
        texts = counts[:, [number for _, number in words]]  # (K, W)
        everywhere, made_up = texts.sum(axis=0), made_up_texts(texts)
        found = {}
        for name, inside in zip(classes, texts, strict=True):
            odds = odds_against_rest(inside, everywhere - inside, made_up)
            _, towards = most_telling(odds, everywhere)
            found[name] = tuple(words[here][0] for here in towards[:_SHOWN].tolist())
        return found


LOOKING = "Looking through the table"
_MOST_NAMES = 20_000
"""The different labels that are counted; a column with more holds no classes."""
_MAY_BE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_WHOLE = re.compile(r"([+-]?\d+)\.0+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """R rows of a table, in its order."""

    fingerprints: NDArray[np.uint64]
    """(R,) of the tokens of each text: the same for the same tokens."""
    tokens: NDArray[np.int32]
    """(R,) how many each text has; 0 for an empty one."""
    labels: NDArray[np.int32]
    """(R,) index into `names`; -1 where the cell is empty."""
    splits: NDArray[np.int8]
    """(R,) index into SPLITS; -1 in a table that doesn't say."""
    groups: NDArray[np.uint64] | None
    """(R,) the same for rows of the same group; None in a table without groups."""
    names: tuple[str, ...]
    """Every label as it is written, or the classes of a rating."""
    first_rows: tuple[int, ...]
    """The row in which each of these names stands first, from 1."""
    tally: Tally
    """The words in the first texts of each label."""
    digest: bytes
    """The digest of all cells that were read: the same if and only if they are."""

    def __len__(self) -> int:
        return len(self.tokens)


def digest_cells(digest: hashlib.blake2b, batch: RowBatch) -> None:
    """Take all cells of a batch into a digest, which then says whether they are the same as others."""
    for name, cells in batch.columns.items():
        # The lengths keep two cells from passing for one.
        lengths = np.array([-1 if cell is None else len(cell) for cell in cells], np.int64)
        digest.update(name.encode("utf-8", "replace"))
        digest.update(lengths.tobytes())
        digest.update("".join(filter(None, cells)).encode("utf-8", "surrogatepass"))


def read_rows(table: Table, recipe: Recipe) -> Generator[Progress, None, Rows]:
    """Read the columns of a recipe once. Raises DataError, which names the row, for what can't be used."""
    reading = _Reading(table, recipe)
    for batch in table.batches(recipe.columns):
        reading.add(batch)
        yield Progress(LOOKING, batch.bytes_done, max(table.total_bytes, 1))
    return reading.rows()


class _Reading:
    """The rows read so far."""

    def __init__(self, table: Table, recipe: Recipe) -> None:
        self._file, self._recipe = table.path.name, recipe
        self._number_of = {name: number for number, name in enumerate(class_of_rating(recipe.thresholds))}
        self._first_rows = [0] * len(self._number_of)
        self._digest, self._tally = hashlib.blake2b(digest_size=32), Tally()
        self._columns: dict[str, list[NDArray[np.generic]]] = {}
        self._read = 0

    def add(self, batch: RowBatch) -> None:
        """Take in a batch."""
        recipe = self._recipe
        texts, labels = batch.columns[recipe.text], batch.columns[recipe.label]
        tokens = [tokenize(text, recipe.tokens) if text else [] for text in texts]
        self._keep("tokens", np.array([len(one) for one in tokens], np.int32))
        self._keep("fingerprints", _fingerprints(["\x1f".join(one) for one in tokens]))
        numbers = self._labels(labels, batch.first_row)
        self._keep("labels", np.array(numbers, np.int32))
        self._tally.add(tokens, numbers)
        if recipe.split:
            self._keep("splits", self._splits(batch.columns[recipe.split], batch.first_row))
        if recipe.group:
            groups = enumerate(batch.columns[recipe.group], batch.first_row)
            # A row without a group is a group of its own; no cell begins with this sign.
            names = [one_spelling((cell or "").strip()) or f"\0{row}" for row, cell in groups]
            self._keep("groups", _fingerprints(names))
        digest_cells(self._digest, batch)
        self._read += len(texts)

    def _keep(self, name: str, values: NDArray[np.generic]) -> None:
        self._columns.setdefault(name, []).append(values)

    def _labels(self, cells: Sequence[Cell], first_row: int) -> list[int]:
        thresholds = self._recipe.thresholds
        numbers = []
        for row, cell in enumerate(cells, first_row):
            name = label_of(cell)
            if name and thresholds:
                number = rating(name, thresholds)
                if number is None:
                    where = (
                        f"Row {row:,} of {self._file} has {shown(name)} in column {shown(self._recipe.label)}"
                    )
                    if is_ambiguous(name):
                        raise DataError(
                            f"{where}, which may be {name.replace(',', '')} or {name.replace(',', '.')}, so "
                            "thresholds can't be applied to it. Write it without the comma, or with a point "
                            "before the decimals."
                        )
                    raise DataError(
                        f"{where}, which is no number, so thresholds can't be applied to it. Correct that "
                        "cell, or leave the thresholds out and take the values as classes."
                    )
                if not self._first_rows[number]:
                    self._first_rows[number] = row
                numbers.append(number)
            else:
                numbers.append(self._number(name, row) if name else -1)
        return numbers

    def _number(self, name: str, row: int) -> int:
        """The number of a label, a new one for a new label. Raises DataError."""
        found = self._number_of.get(name)
        if found is not None:
            return found
        column = shown(self._recipe.label)
        if not is_class_name(name):
            long = len(name) > LONGEST_CLASS
            what = f"{len(name):,} characters" if long else f"a control character, {shown(name)},"
            raise DataError(
                f"Row {row:,} of {self._file} has a label with {what} in column {column}; the name of a "
                f"class has {LONGEST_CLASS} printable characters at most. If it is the column of "
                "the texts, choose another one."
            )
        if len(self._number_of) == _MOST_NAMES:
            some = ", ".join(shown(one) for one, _ in zip(self._number_of, range(5), strict=False))
            raise DataError(
                f"Column {column} of {self._file} has more than {_MOST_NAMES:,} different values up to row "
                f"{row:,}, such as {some}: these are no classes. Choose another column; if it is a rating, "
                "give thresholds, such as 4,7."
            )
        self._number_of[name] = len(self._number_of)
        self._first_rows.append(row)
        return self._number_of[name]

    def _splits(self, cells: Sequence[Cell], first_row: int) -> NDArray[np.int8]:
        words = [(cell or "").strip().lower() for cell in cells]
        known = {word: SPLITS.index(split) for word, split in SPLIT_OF_WORD.items()}
        try:
            return np.array([known[word] for word in words], np.int8)
        except KeyError as error:
            [unknown] = error.args
            row = words.index(unknown) + first_row
            came = shown(unknown) if unknown else "nothing"
            raise DataError(
                f"Row {row:,} of {self._file} has {came} in column {shown(self._recipe.split)}; a split is "
                "one of train, validation and test. Correct that cell, or leave the column of splits "
                "out: then the test texts are drawn."
            ) from None

    def rows(self) -> Rows:
        """All that was read. Raises DataError for a table without a row."""
        if not self._read:
            raise DataError(f"{self._file} has no row below its header, so there is no text to take.")
        columns: dict[str, Any] = {"splits": np.full(self._read, -1, np.int8), "groups": None}
        columns |= {name: np.concatenate(parts) for name, parts in self._columns.items()}
        return Rows(
            **columns,
            names=tuple(self._number_of),
            first_rows=tuple(self._first_rows),
            tally=self._tally,
            digest=self._digest.digest(),
        )


def label_of(cell: Cell) -> str:
    """A label in one spelling: spaces in a row are one, and a whole number is written without decimals.

    What can't be seen, such as a mark of direction, is left out, and a letter with an accent is one sign.

    >>> label_of("  very   good "), label_of("3.0"), label_of("3.5"), label_of(None)
    ('very good', '3', '3.5', '')
    """
    name = one_spelling(" ".join(without_unseen(" ".join((cell or "").split())).split()))
    whole = _WHOLE.fullmatch(name)
    return whole[1] if whole else name


def _fingerprints(texts: Sequence[str]) -> NDArray[np.uint64]:
    """Eight bytes of a hash of each: two of a million different texts agree once in 40 million tables."""
    some = [hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest() for text in texts]
    return np.frombuffer(b"".join(some), np.uint64)


def class_of_rating(thresholds: Sequence[float]) -> list[str]:
    """Name the classes of a rating from the lowest to the highest; none without thresholds.

    >>> class_of_rating([4, 7])
    ['under 4', '4 to under 7', '7 and more']
    """
    if not thresholds:
        return []
    said = [f"{value:.15g}" for value in thresholds]
    between = [f"{low} to under {high}" for low, high in itertools.pairwise(said)]
    return [f"under {said[0]}", *between, f"{said[-1]} and more"]


def rating(cell: str, thresholds: Sequence[float]) -> int | None:
    """Return the class of a rating that a cell belongs to; None for a cell that is no number, or may be two.

    >>> rating("3,5", [4, 7]), rating("4", [4, 7]), rating("9", [4, 7]), rating("good", [4, 7])
    (0, 1, 2, None)
    """
    value = None if "_" in cell or is_ambiguous(cell) else number_in(cell)
    return None if value is None else bisect.bisect_right(thresholds, value)


def is_ambiguous(cell: str) -> bool:
    """True if a comma in it may stand before decimals or between thousands.

    >>> is_ambiguous("1,000"), is_ambiguous("0,125"), is_ambiguous("3,5")
    (True, False, False)
    """
    return _MAY_BE_THOUSANDS.fullmatch(cell.strip()) is not None


def number_in(cell: str) -> float | None:
    """The number that a cell is, with a comma or a point before its decimals; None for none."""
    try:
        value = float(cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
