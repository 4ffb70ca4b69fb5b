"""A table -> a corpus of the user's own: whole or not at all, and the same bytes from the same table.

Here, or in a process of its own, so that a large table stops no page.
"""

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rnn_core.config.identity import Identity
from rnn_core.data.corpus import SPLITS, Text, write_corpus
from rnn_core.data.own.catalogue import LEFT_OUT, RECIPE, OwnTexts, alone_with, check_new_name, working_folder
from rnn_core.data.own.choice import Choice, choose
from rnn_core.data.own.recipe import KeptRecipe, Recipe
from rnn_core.data.own.rows import Rows, digest_cells, read_rows
from rnn_core.data.own.survey import Survey, TableLook, look_at, survey, surveyed
from rnn_core.errors import DataError, reason
from rnn_core.files import check_spares, write_json, write_whole
from rnn_core.progress import Progress
from rnn_core.tables.apart import ask
from rnn_core.tables.table import GUESS, Options, Table

FINGERPRINT = "Taking the table's fingerprint"
_AT_ONCE = 16_000_000
"""Bytes of a source that are hashed together."""


def add(name: str, recipe: Recipe) -> Generator[Progress, None, Survey]:
    """Make a corpus by a recipe; what was found in its table. Raises DataError, and then leaves nothing.

    The table is read twice, to decide on every row and to write, and refused where it has changed in between.
    """
    table = recipe.table()
    with being_added(name, table.files) as new:
        sha256, size = yield from fingerprint(table)
        recipe = recipe.found(sha256, size)
        rows = yield from read_rows(table, recipe)
        choice = choose(rows, recipe, table.path.name)
        texts = _texts(table, recipe, rows, choice)
        yield from write_corpus(
            name,
            texts,
            new,
            choice.texts,
            Identity(choice.classes, recipe.tokens, recipe.mark),
            with_groups=choice.groups is not None,
        )
        write_whole(new / RECIPE, recipe.as_kept().to_json().encode())
        write_json(new / LEFT_OUT, choice.left_out._asdict())
    return surveyed(rows, choice)


@contextlib.contextmanager
def being_added(name: str, sources: Sequence[Path]) -> Iterator[Path]:
    """A folder for the files of a new corpus, which is the corpus of this name once the block has ended.

    Nothing of it is left after an error. Raises DataError where it can't be kept or called that, or a file
    beside it would replace one of `sources`.
    """
    check_new_name(name)
    own = OwnTexts(name)
    for file in own.beside:
        check_spares(file, sources)
    with alone_with(name):
        check_new_name(name)  # another window may have added it before this one was alone
        new = working_folder(name)
        try:
            new.mkdir()
            yield new
            for file in own.beside:
                file.unlink(missing_ok=True)  # of one whose folder was deleted by hand
            new.rename(own.folder)
        except OSError as error:
            raise DataError(
                f"The corpus could not be kept in {new.parent}: {reason(error)}. Free some disk space, or "
                "make the folder writable, then add it again; nothing of it was kept."
            ) from error
        finally:
            shutil.rmtree(new, ignore_errors=True)


def _texts(table: Table, recipe: Recipe, rows: Rows, choice: Choice) -> Iterator[Text]:
    """The texts that are kept, read again. Raises DataError where the table is not what it was."""
    digest, row = hashlib.blake2b(digest_size=32), 0
    for batch in table.batches(recipe.columns):
        digest_cells(digest, batch)
        cells = batch.columns[recipe.text]
        if row + len(cells) > len(rows):
            break
        for place, cell in enumerate(cells, row):
            if choice.labels[place] >= 0:
                text = (cell or "").encode("utf-8", "replace").decode()  # no file can hold half a letter
                group = 0 if choice.groups is None else int(choice.groups[place])
                yield Text(text, int(choice.labels[place]), SPLITS[choice.splits[place]], group)
        row += len(cells)
    if digest.digest() != rows.digest:
        raise DataError(
            f"{table.path.name} changed while it was read, so the corpus would be neither of the old file "
            "nor of the new one. Wait until nothing writes to it any more, then add it again; nothing was "
            "kept."
        )


def fingerprint(table: Table) -> Generator[Progress, None, tuple[str, int]]:
    """SHA-256 and size of a file, or of a folder's files with their names. Raises DataError."""
    path = table.path
    digest = hashlib.sha256()
    try:
        is_folder = path.is_dir()
        total, done = sum(file.stat().st_size for file in table.files), 0
        for file in table.files:
            if is_folder:
                name = file.relative_to(path).as_posix().encode("utf-8", "surrogateescape")
                digest.update(b"%d %s %d " % (len(name), name, file.stat().st_size))
            with file.open("rb") as source:
                while some := source.read(_AT_ONCE):
                    digest.update(some)
                    done += len(some)
                    yield Progress(FINGERPRINT, done, max(total, done, 1))
    except OSError as error:
        raise DataError(f"{error.filename or path} can't be read: {reason(error)}.") from error
    return digest.hexdigest(), total


def add_apart(name: str, recipe: KeptRecipe) -> Generator[Progress, None, Any]:
    """Make a corpus by a recipe in a process of its own. Raises DataError, and then leaves nothing.

    Progress comes several times a second, so that closing this generator, which ends the process, is quick.
    """
    check_new_name(name)
    try:
        return (yield from ask(MAKERS[type(recipe)].add, name=name, recipe=recipe))
    finally:
        with contextlib.suppress(DataError), alone_with(name):  # which clears away what a killed one left
            pass


def survey_apart(recipe: KeptRecipe) -> Generator[Progress, None, Any]:
    """Look at the source of a recipe in a process of its own, to be closed in the same way."""
    return ask(MAKERS[type(recipe)].survey, recipe=recipe)


def look_apart(path: Path, options: Options = GUESS, text: str = "") -> Generator[Progress, None, TableLook]:
    """`look_at` in a process of its own, to be closed in the same way."""
    return ask(look_at, path=str(path), options=options, text=text)


class Maker(NamedTuple):
    """The work that is done by a kind of recipe."""

    add: Callable[..., Generator[Progress, None, Any]]
    """Makes a corpus, given its name and the recipe; returns what was found."""
    survey: Callable[..., Generator[Progress, None, Any]]
    """Only looks, given the recipe."""


MAKERS: dict[type[KeptRecipe], Maker] = {Recipe: Maker(add, survey)}
"""Kind of recipe -> the work by it."""
