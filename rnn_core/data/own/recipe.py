"""The recipe of a corpus: all that must be known to make it again of its table, to the byte."""

import builtins
import dataclasses
import hashlib
import itertools
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from rnn_core.config.identity import one_spelling
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.errors import ConfigError, DataError, reason
from rnn_core.files import FormatError, from_json, to_json
from rnn_core.refusals import shown
from rnn_core.tables.open import open_table
from rnn_core.tables.table import Options, Table

Duplicates = Literal["keep-first", "keep-all"]
AcrossSplits = Literal["leave-training", "keep-all"]
Contradictory = Literal["leave-out", "keep-first", "keep-all"]
SmallClasses = Literal["leave-out", "join", "keep"]

OTHER = "other"
"""The class that small ones are joined into."""
FEW_TEXTS = 10
"""A class with fewer texts is small."""
_WHERE = ("source", "uploaded")
"""Fields that say where the table lay, and nothing of what is in it."""
_MOST_BYTES = 5_000_000
_MERGE = re.compile(r"((?:\\[\\=]|[^=])*+)=(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\=])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A table, the columns of it that are read, and what becomes of each kind of row.

    Two texts are the same where their tokens are, since a network can't see another difference.
    """

    source: str
    """The path of the table; its name, once an uploaded one was deleted."""
    uploaded: bool = False
    """True if it came from a browser, so that it must be given again to make the same corpus."""
    sha256: str = ""
    """The digest of its content when the corpus was made; empty before."""
    bytes: int = 0
    encoding: str = ""
    """The encoding, and next the delimiter and the sheet, in which the table is read; empty where it says so
    itself."""
    delimiter: str = ""
    sheet: str = ""
    text: str
    """The column with the texts; the next three are columns, too, the last two empty where there is none."""
    label: str
    split: str = ""
    group: str = ""
    """Rows that share a value here, an author for example, are never both learned from and scored."""
    merges: tuple[tuple[str, str], ...] = ()
    """The old name of a class, and its new name; two old names with the same new one become one class. All in
    one spelling, whatever way they were typed."""
    thresholds: tuple[float, ...] = ()
    """The lower ends of the classes of a rating, from the lowest to the highest; empty for named classes."""
    test_share: float = 0.2
    """The share of the texts of each class for testing, where no column says which ones these are."""
    seed: int = 0
    """The number that decides which texts are for testing."""
    tokens: TokenRules = WORDS
    duplicates: Duplicates = "keep-first"
    """The treatment of a text that is in the same class and split twice."""
    across_splits: AcrossSplits = "leave-training"
    """The treatment of a text that is in two splits."""
    contradictory: Contradictory = "leave-out"
    """The treatment of a text that is in two classes."""
    small_classes: SmallClasses = "leave-out"
    """The treatment of a class with fewer than ten texts."""

    def __post_init__(self) -> None:
        if not (self.text and self.label):
            raise ConfigError("Name the column with the texts and the column with the classes.")
        if len(set(self.columns)) < len(self.columns):
            used = ", ".join(map(shown, self.columns))
            raise ConfigError(f"Text, label, split and group must be columns of their own, got {used}.")
        if not 0 < self.test_share < 1:
            raise ConfigError(
                f"The test share must be between 0 and 1, such as 0.2, got {self.test_share:,g}."
            )
        if not 0 <= self.seed < 2**31:
            raise ConfigError(f"The seed must be between 0 and {2**31 - 1:,}, got {self.seed:,}.")
        merges = tuple((one_spelling(old), one_spelling(new)) for old, new in self.merges)
        object.__setattr__(self, "merges", merges)
        old = [name for name, _ in self.merges]
        if twice := next((name for name in old if old.count(name) > 1), None):
            raise ConfigError(f"The class {shown(twice)} is merged twice; give it one new name.")
        if empty := next((name for pair in self.merges for name in pair if not name.strip()), None):
            raise ConfigError(f"A merge needs two names, the old and the new one, got {shown(empty)}.")
        if not all(map(math.isfinite, self.thresholds)):
            raise ConfigError("Thresholds must be numbers.")
        if any(low >= high for low, high in itertools.pairwise(self.thresholds)):
            said = ", ".join(f"{value:g}" for value in self.thresholds)
            raise ConfigError(f"Thresholds must rise, each above the one before, got {said}.")

    def table(self) -> Table:
        """Open its table. Raises DataError."""
        options = Options(encoding=self.encoding, delimiter=self.delimiter, sheet=self.sheet)
        return open_table(Path(self.source), options)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return tuple(filter(None, (self.text, self.label, self.split, self.group)))

    @property
    def mark(self) -> str:
        """A mark that corpora share which are the same to the byte, wherever their table lay."""
        decides = {name: value for name, value in self.to_dict().items() if name not in _WHERE}
        return hashlib.sha256(to_json(decides).encode()).hexdigest()

    @property
    def made_of(self) -> str:
        """The table, as a part of a sentence."""
        if self.uploaded:
            return f"{self.source}, which was uploaded and not kept: to make this corpus again, give it again"
        return self.source

    def as_kept(self) -> Self:
        """Return it without the place of an uploaded table, which is deleted once it is a corpus."""
        return dataclasses.replace(self, source=Path(self.source).name) if self.uploaded else self

    def to_dict(self) -> dict[str, Any]:
        """A dictionary that JSON can hold."""
        return {**dataclasses.asdict(self), "tokens": self.tokens.to_dict()}

    def to_json(self) -> str:
        """Indented JSON with a final newline."""
        return to_json(self.to_dict(), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str | builtins.bytes) -> Self:
        """The inverse of `to_json`. Raises DataError where the text is no recipe."""
        try:
            made: Any = from_json(text, cls, most_bytes=_MOST_BYTES)
        except FormatError as error:
            raise DataError(f"The recipe of a corpus can't be read: {reason(error)}.") from error
        return made


def parse_thresholds(words: str) -> tuple[float, ...]:
    """Thresholds as one types them, with commas between them. Raises ConfigError.

    >>> parse_thresholds("4, 7")
    (4.0, 7.0)
    """
    try:
        return tuple(float(word) for word in words.split(",")) if words.strip() else ()
    except ValueError:
        raise ConfigError(
            f"Thresholds must be numbers with commas between them, such as 4,7, got {shown(words)}."
        ) from None


def parse_merge(words: str) -> tuple[str, str]:
    r"""A merge as one types it; in a name \= is an equals sign, and \\ a backslash. Raises ConfigError.

    >>> parse_merge("pos=positive"), parse_merge(r"a\=b=equal")
    (('pos', 'positive'), ('a=b', 'equal'))
    """
    found = _MERGE.fullmatch(words)
    old, new = (_ESCAPED.sub(r"\1", name).strip() for name in found.groups()) if found else ("", "")
    if not (old and new):
        raise ConfigError(
            f"Write a merge as OLD=NEW, got {shown(words)}. An equals sign in a name is written \\=."
        )
    return old, new
