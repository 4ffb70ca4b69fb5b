"""Plain text -> a corpus of the user's own to write from: split by blocks of position, or file by file.

Of every ten blocks, or files, one is drawn for validation and one for the test. A block ends with a line
where there are lines. Neighbouring blocks of the same split are one text, which is a piece of a longer one.
"""

import hashlib
import math
import re
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from typing_extensions import override

from rnn_core.config.identity import Identity
from rnn_core.config.tasks import NEXT_TOKEN
from rnn_core.config.tokens import EXACT_CHARACTERS, EXACT_WORDS, TokenRules
from rnn_core.data.corpus import SPLITS, Text, write_corpus
from rnn_core.data.own import make
from rnn_core.data.own.catalogue import RECIPE, OwnTexts, is_name, own_folder
from rnn_core.data.own.recipe import KeptRecipe, check_seed
from rnn_core.data.own.recommendation import recommend_writing
from rnn_core.data.own.survey import TableLook
from rnn_core.errors import DataError
from rnn_core.files import from_json, write_json, write_whole
from rnn_core.progress import Progress
from rnn_core.refusals import listing, shown
from rnn_core.tables.plain import PlainText, Seen, cut_at, is_plain, open_plain
from rnn_core.tables.table import MOST_CELL

FOUND = "found.json"
"""The file that says what was found in plain text, by which its corpora are known."""
LOOKING_THROUGH, CUTTING = "Looking through the text", "Cutting the text into parts"
FEWEST_CHARACTERS = 1_000
"""The characters that make ten blocks, of which one is for validation and one for the test."""
_BLOCKS, _SHORTEST_BLOCK, _LONGEST_BLOCK = 100, 100, 100_000
"""The blocks of a text, and the characters of the shortest and the longest; a long text has more blocks."""
_DRAWN_TOGETHER = 10
_FEWEST_FILES = 3
_SHORTEST_PARAGRAPH, _WIDEST = 40, 120
"""The characters of a paragraph that is compared, and of a line that is a paragraph."""
_NAMED, _SHOWN = 5, 80
"""The paragraphs that are named, and their characters."""
_EMPTY_LINES = re.compile(r"\n[^\S\n]*\n\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainRecipe(KeptRecipe):
    """Plain text, and how it becomes texts."""

    unit: Literal["characters", "words"]
    """The tokens, none of which is folded or dropped."""
    split: Literal["blocks", "file"]
    """The parts that are wholly in one split: blocks of the text, or its files."""
    seed: int = 0
    """The number that decides which of them are for validation and for the test."""

    def __post_init__(self) -> None:
        check_seed(self.seed)

    @property
    def tokens(self) -> TokenRules:
        """The rules by which its texts are cut into tokens."""
        return {"characters": EXACT_CHARACTERS, "words": EXACT_WORDS}[self.unit]

    def plain(self) -> PlainText:
        """List its files. Raises DataError."""
        return open_plain(Path(self.source), self.encoding)


class PlainPart(NamedTuple):
    """The texts of one split."""

    texts: int = 0
    characters: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSurvey:
    """The counts of plain text."""

    files: int
    passed_over: tuple[str, ...]
    """The first files beside them that are no plain text by their names."""
    passed_over_files: int
    encodings: dict[str, int]
    """Encoding -> files."""
    recomposed: int
    """The characters that were written in another way than Unicode's form NFC writes them."""
    returns: int
    """The ends of lines that were written as CRLF or CR."""
    parts: dict[str, PlainPart]
    """Split -> how much."""
    pieces: int
    """The number of blocks or files."""
    repeated: int
    """The paragraphs that stand in two splits."""
    such_as: tuple[str, ...]
    """The beginnings of the first of them."""

    @property
    def characters(self) -> int:
        """The characters of all texts."""
        return sum(part.characters for part in self.parts.values())

    def values(self, texts: int) -> dict[str, Any]:
        """The counts for machines."""
        return {"found": {**asdict(self), "parts": {of: it._asdict() for of, it in self.parts.items()}}}

    def parts_line(self) -> str:
        """Say how much each split has."""
        parts = (f"{split} {it.characters:,} in {it.texts:,}" for split, it in self.parts.items())
        return f"Characters in texts: {', '.join(parts)}"

    def lines(self, texts: int) -> list[str]:
        """Say what was found, and what was done with it."""
        many = f"{self.files:,} files" if self.files > 1 else "one file"
        said = [
            f"{self.characters:,} characters in {many}, read as {listing(list(self.encodings))}",
            "Unicode normal form NFC: "
            + (f"{self.recomposed:,} characters were written otherwise" if self.recomposed else "as it was"),
        ]
        if self.returns:
            said.append(f"{self.returns:,} ends of lines, CRLF or CR, are read as newline")
        if self.passed_over_files:
            names = ", ".join(map(shown, self.passed_over))
            said.append(
                f"One file of another kind was passed over: {names}"
                if self.passed_over_files == 1
                else f"{self.passed_over_files:,} files of other kinds were passed over, such as {names}"
            )
        if self.repeated:
            said.append(
                "Paragraphs that stand in two splits, which makes the score better than it is: "
                f"{self.repeated:,}, such as {'; '.join(map(shown, self.such_as))}"
            )
        return said


def add_plain(name: str, recipe: PlainRecipe) -> Generator[Progress, None, PlainSurvey]:
    """Make a corpus of plain text; what was found in it. Raises DataError, and then leaves nothing.

    The text is read twice, to count and to write, and refused where it has changed in between.
    """
    reading = _Reading(recipe)
    with make.being_added(name, reading.plain.sources) as new:
        yield from reading.look_through()
        recipe = reading.recipe
        identity = Identity(("text",), recipe.tokens, recipe.mark, texts_end=recipe.split == "file")
        for _ in write_corpus(name, reading.texts(), new, 0, identity):
            yield Progress(CUTTING, reading.seen.bytes, reading.plain.total_bytes)
        found = reading.survey()
        write_whole(new / RECIPE, recipe.as_kept().to_json().encode())
        write_json(new / FOUND, asdict(found))
    return found


def survey_plain(recipe: PlainRecipe) -> Generator[Progress, None, PlainSurvey]:
    """Read the text of a recipe and count. Raises DataError where it makes no corpus."""
    reading = _Reading(recipe)
    yield from reading.look_through()
    for _ in reading.texts():
        yield Progress(CUTTING, reading.seen.bytes, reading.plain.total_bytes)
    return reading.survey()


make.MAKERS[PlainRecipe] = make.Maker(add_plain, survey_plain)


class _Reading:
    """Both readings of plain text: the first looks it through, the second is in texts."""

    def __init__(self, recipe: PlainRecipe) -> None:
        self.plain, self.recipe, self._first, self.seen = recipe.plain(), recipe, Seen(), Seen()
        self._parts = dict.fromkeys(SPLITS, PlainPart())
        self._pieces, self._size, self._files_with_text = 0, 0, 0
        self._split_of: dict[bytes, str] = {}
        self._repeated: dict[bytes, str] = {}

    def look_through(self) -> Iterator[Progress]:
        """Read it a first time. Raises DataError where it can't be parted."""
        plain, recipe, first = self.plain, self.recipe, self._first
        characters, with_text, is_blank = 0, set[int](), True
        for number, piece in plain.pieces(first):
            characters += len(piece)
            is_blank = is_blank and piece.isspace()
            with_text.add(number)
            yield Progress(LOOKING_THROUGH, first.bytes, plain.total_bytes)
        if characters < FEWEST_CHARACTERS:
            raise DataError(
                f"{plain.path.name} has {characters:,} characters; plain text needs {FEWEST_CHARACTERS:,} at "
                "least, so that parts of it can be held out for validation and for the test."
            )
        if is_blank:
            raise DataError(f"{plain.path.name} has only blanks and ends of lines: there is nothing to read.")
        if recipe.split == "file" and len(with_text) < _FEWEST_FILES:
            raise DataError(
                f"{plain.path.name} has {len(with_text)} of the {_FEWEST_FILES} files with text that are "
                "needed to hold out one for validation and one for the test. Split it by blocks."
            )
        if len(first.encodings) == 1:
            recipe = replace(recipe, encoding=next(iter(first.encodings)))
        self.recipe = recipe.found(first.digest.hexdigest(), first.bytes)
        self._files_with_text = len(with_text)
        self._size = min(max(math.ceil(characters / _BLOCKS), _SHORTEST_BLOCK), _LONGEST_BLOCK)

    def texts(self) -> Iterator[Text]:
        """Yield the texts. Raises DataError where the source is not what it was."""
        by_file = self.recipe.split == "file"
        pieces = self._files() if by_file else self._blocks()
        together = min(self._files_with_text, _DRAWN_TOGETHER) if by_file else _DRAWN_TOGETHER
        text, of = "", ""
        for piece, split in zip(pieces, _drawn(self.recipe.seed, together), strict=False):
            self._pieces += 1
            if text and (by_file or split != of or len(text) + len(piece) > MOST_CELL):
                yield self._text(text, of)
                text = ""
            text, of = text + piece, split
        yield self._text(text, of)
        if self.seen.digest.digest() != self._first.digest.digest():
            raise DataError(
                f"{self.plain.path.name} changed while it was read, so the corpus would be neither of the "
                "old text nor of the new one. Wait until nothing writes to it any more, then add it again; "
                "nothing was kept."
            )

    def _files(self) -> Iterator[str]:
        """Yield the text of each file that has any; one may be a mark of byte order alone."""
        text, current = "", 0
        for number, piece in self.plain.pieces(self.seen):
            if number != current:
                if text:
                    yield text
                text, current = "", number
            text += piece
            if len(text) > MOST_CELL:
                name = shown("/".join(self.plain.files[number].parts))
                raise DataError(
                    f"{name} has more than {MOST_CELL:,} characters, which are the most of one text. Split "
                    "by blocks, or cut the file."
                )
        yield text

    def _blocks(self) -> Iterator[str]:
        """Yield the blocks of all files, one after another; each file begins a line."""
        held, current, is_at_a_beginning = "", 0, True
        for number, piece in self.plain.pieces(self.seen):
            if number != current and not is_at_a_beginning:
                held += "\n"
            current, is_at_a_beginning = number, piece.endswith("\n")
            held += piece
            while len(held) > self._size:
                end = cut_at(held[: self._size], self._size // 2)
                yield held[:end]
                held = held[end:]
        if held:
            yield held

    def _text(self, text: str, split: str) -> Text:
        part = self._parts[split]
        self._parts[split] = PlainPart(part.texts + 1, part.characters + len(text))
        for paragraph in _paragraphs(text):
            mark = hashlib.blake2b(paragraph.encode(), digest_size=8).digest()
            if self._split_of.setdefault(mark, split) != split:
                self._repeated.setdefault(mark, paragraph[:_SHOWN] if len(self._repeated) < _NAMED else "")
        return Text(text, 0, split)

    def survey(self) -> PlainSurvey:
        """The counts, once all texts were read."""
        return PlainSurvey(
            files=len(self.plain.files),
            passed_over=self.plain.passed_over[:_NAMED],
            passed_over_files=len(self.plain.passed_over),
            encodings=dict(self.seen.encodings),
            recomposed=self.seen.recomposed,
            returns=self.seen.returns,
            parts=self._parts,
            pieces=self._pieces,
            repeated=len(self._repeated),
            such_as=tuple(self._repeated.values())[:_NAMED],
        )


def _drawn(seed: int, together: int) -> Iterator[str]:
    """Yield the split of each part in turn: of so many together one is for validation, one for the test."""
    draw = np.random.default_rng(seed)
    training, validation, test = SPLITS
    while True:
        order = [validation, test, *[training] * (together - 2)]
        yield from (order[place] for place in draw.permutation(together))


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs that are long enough to be compared, in one line each.

    They stand between empty lines; where there are none, or lines are as long as paragraphs, they are lines.
    """
    is_wrapped = "\n\n" in text and len(text) < _WIDEST * (text.count("\n") + 1)
    for paragraph in _EMPTY_LINES.split(text) if is_wrapped else text.split("\n"):
        if len(line := " ".join(paragraph.split())) >= _SHORTEST_PARAGRAPH:
            yield line


def is_by_itself(path: Path, look: TableLook | None) -> bool:
    """True if a file is plain text unless somebody says that it is a table.

    `look` is the first look at it as a table, None where it can't be one. A .txt with columns that look like
    texts and classes is a table, as it was before there was plain text.
    """
    is_table = look is not None and bool(look.guessed.text and look.guessed.label)
    return is_plain(path.name) and not (is_table and path.suffix.lower() == ".txt")


class PlainTexts(OwnTexts):
    """Plain text of the user's own. All of it is of one class, which nobody is asked for."""

    kind = "plain"
    task = NEXT_TOKEN
    reads = "a text\nand says what comes next"
    kept_in_bare = (*OwnTexts.kept_in_bare, "windows")
    recipes = PlainRecipe
    advise = staticmethod(recommend_writing)
    found_in = FOUND

    @classmethod
    @override
    def claims(cls, name: str) -> bool:
        return is_name(name) and (own_folder(name) / FOUND).is_file()

    @staticmethod
    @override
    def as_found(content: bytes) -> PlainSurvey:
        found: PlainSurvey = from_json(content, PlainSurvey)
        return found


KIND = PlainTexts
