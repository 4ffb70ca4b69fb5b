"""The corpora of the user's own texts: which there are, what they may be called, opening and removing one.

Beside the files of a corpus its folder has `recipe.json`, how it was made, and of a table `left_out.json`,
how many rows were left out. Its baselines and n-grams lie next to the folder. Folders that begin with a dot
are corpora that are being added. One window at a time adds or removes a corpus of a name; what a killed one
has left is cleared away.
"""

import contextlib
import functools
import itertools
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import filelock
import numpy as np
from typing_extensions import override

from rnn_core.config.corpora import CorpusRef, Recommended, corpus_named, kinds, shipped_names
from rnn_core.config.identity import CORPUS_NAME, Identity
from rnn_core.data.corpus import Corpus, identity_of, open_corpus, read_about
from rnn_core.data.own.choice import LeftOut
from rnn_core.data.own.recipe import MOST_BYTES, KeptRecipe, Recipe
from rnn_core.data.own.recommendation import recommend
from rnn_core.errors import ConfigError, DataError, reason
from rnn_core.files import FileState, FormatError, from_json, state_of
from rnn_core.paths import own_corpora_folder
from rnn_core.progress import Progress
from rnn_core.refusals import listing, shown

RECIPE, LEFT_OUT = "recipe.json", "left_out.json"
_LONGEST_GIVEN = 40
"""Characters of a name that is taken from a file, so that a number has room behind it."""


class OwnCorpus(NamedTuple):
    """A corpus that is there."""

    name: str
    classes: tuple[str, ...]
    texts: int
    bytes: int
    """The bytes that it takes on disk."""
    added: datetime
    """The time in UTC at which it was added."""
    problem: str = ""
    """A sentence that says why it can't be read, or empty."""

    @property
    def holds(self) -> str:
        """The number of its texts, and of their classes where they have any."""
        texts = f"{self.texts:,} texts"
        return f"{texts} in {len(self.classes)} classes" if len(self.classes) > 1 else texts


def own_corpora() -> list[OwnCorpus]:
    """List the corpora that are there, by name."""
    return [corpus for name in own_names() if (corpus := _described(name)) is not None]


def own_names() -> list[str]:
    """Return their names in the order of the alphabet."""
    try:
        folders = [path.name for path in own_corpora_folder().iterdir() if path.is_dir()]
    except FileNotFoundError:
        return []
    return sorted(filter(is_name, folders), key=lambda name: (name.casefold(), name))


def _described(name: str) -> OwnCorpus | None:
    """Describe a corpus; None where another window has just removed it."""
    folder = own_folder(name)
    try:
        taken = _bytes_of(name)
        added = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
    try:
        about = read_about(folder)
        texts = len(np.load(folder / "offsets.npy", mmap_mode="r")) - 1
    except (OSError, EOFError, ValueError, KeyError, DataError) as error:
        return OwnCorpus(name, (), 0, taken, added, f"It can't be read: {reason(error)}.")
    return OwnCorpus(name, tuple(about["classes"]), texts, taken, added)


def _bytes_of(name: str) -> int:
    """Return the bytes that the files of a corpus take. Raises FileNotFoundError where it is gone."""
    files = *own_folder(name).iterdir(), *OwnTexts(name).beside
    return sum(path.stat().st_size for path in files if path.is_file())


def is_name(name: str) -> bool:
    """True if a corpus of the user's own may be called that."""
    return re.fullmatch(CORPUS_NAME, name) is not None and not _is_taken(name)


def _is_taken(name: str) -> bool:
    """True if corpora of another kind are called that."""
    return any(kind.claims(name) for kind in kinds().values() if not issubclass(kind, OwnTexts))


def own_folder(name: str) -> Path:
    """Return the folder of a corpus of this name. Raises DataError for what is no name."""
    if not is_name(name):
        raise DataError(f"{shown(name)} is not the name of a corpus of your own.")
    return own_corpora_folder() / name


def check_new_name(name: str) -> None:
    """Raise DataError where a new corpus can't be called that."""
    if _is_taken(name):
        raise DataError(
            f"The name {shown(name)} belongs to a corpus that comes with Gatescope. Choose another one."
        )
    if not re.fullmatch(CORPUS_NAME, name):
        raise DataError(
            "The name of a corpus has 1 to 50 letters from A to Z, digits, - and _, and begins with a letter "
            f"or a digit, got {shown(name)}."
        )
    for there in own_names():
        if there.casefold() == name.casefold():
            as_it_is = "" if there == name else ", which differs in capital letters only"
            raise DataError(
                f"There is a corpus {shown(there)} already{as_it_is}. Choose another name, or remove that "
                f"one with `python -m rnn_core data remove {there}`."
            )


def name_for(file: str) -> str:
    """A free name for a corpus made of a file that is called so.

    >>> name_for("Café tickets (2).csv")
    'Cafe-tickets-2'
    """
    plain = (
        unicodedata.normalize("NFKD", Path(Path(file).name.lstrip(".")).stem)
        .encode("ascii", "ignore")
        .decode()
    )
    name = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-_")[:_LONGEST_GIVEN] or "texts"
    taken = {there.casefold() for there in own_names()}
    numbered = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(one for one in numbered if one.casefold() not in taken and not _is_taken(one))


def gone(name: str) -> DataError:
    """The error for a corpus that is not there, to be raised."""
    if _is_taken(name):
        return DataError(f"{shown(name)} comes with Gatescope and is no corpus of your own texts.")
    others = own_names()
    there = f"There are {', '.join(others)}" if others else "There is none of your own yet"
    first, _, _ = name.partition("-")
    alike = [one for one in shipped_names() if one.startswith(f"{first.casefold()}-")]
    meant = f" Gatescope comes with {listing(alike)}." if alike else ""
    return DataError(
        f"There is no corpus {shown(name)} on this machine.{meant} Add it again on Data or with "
        f"`python -m rnn_core data add`; networks that learned from it still read a text you type. {there}."
    )


def _unreadable(name: str, error: Exception) -> DataError:
    return DataError(
        f"The corpus {shown(name)} can't be read. Remove it with `python -m rnn_core data remove {name}` "
        f"and add it again; its recipe is in {own_folder(name) / RECIPE}. What is wrong: {reason(error)}."
    )


def working_folder(name: str) -> Path:
    """A new name for a folder of a corpus that is being added or removed."""
    return own_corpora_folder() / f".{name.casefold()}.{secrets.token_hex(4)}"


@contextlib.contextmanager
def alone_with(name: str) -> Iterator[None]:
    """Keep other windows from adding or removing a corpus of this name, in whatever capital letters.

    What one that was killed has left, which may be gigabytes, is cleared away, before and after, of other
    names too. Raises DataError while another window holds the name.
    """
    folder = own_corpora_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock_of(name)
        lock.acquire()
    except filelock.Timeout as error:
        raise DataError(
            f"Another window is adding or removing {shown(name)} just now. Wait until it is done, or choose "
            "another name."
        ) from error
    except OSError as error:
        raise DataError(
            f"{folder} can't be written: {reason(error)}. Make it writable, then try again."
        ) from error
    try:
        _clear_away(name)
        for other in {left.name[1:].rpartition(".")[0] for left in _left("*")}:
            with contextlib.suppress(filelock.Timeout), _lock_of(other):
                _clear_away(other)
        yield
    finally:
        _clear_away(name)
        lock.release()


def _lock_of(name: str) -> filelock.BaseFileLock:
    lock = own_corpora_folder() / f".{name.casefold()}.lock"
    return filelock.FileLock(lock, timeout=0, thread_local=False)


def _clear_away(name: str) -> None:
    for left in _left(name.casefold()):
        shutil.rmtree(left, ignore_errors=True)


def _left(name: str) -> Iterator[Path]:
    """The folders of a corpus that is, or was, being added or removed."""
    return own_corpora_folder().glob(f".{name}.{'[0-9a-f]' * 8}")


def recipe_in(path: Path) -> KeptRecipe | None:
    """The recipe of a corpus in a file, its source looked up from there; None for a file that holds none."""
    with contextlib.suppress(OSError, ValueError):
        if path.suffix.lower() == ".json" and path.stat().st_size <= MOST_BYTES:
            content = path.read_bytes()
            for kind in kinds().values():
                if issubclass(kind, OwnTexts):
                    with contextlib.suppress(DataError):
                        recipe = kind.recipes.from_json(content)
                        source = (path.parent / recipe.source).absolute()
                        return replace(recipe, source=str(source), uploaded=False) if recipe.sha256 else None
    return None


def remove(name: str) -> int:
    """Delete a corpus, also one in use; the bytes that it took. Raises DataError where there is none.

    It is gone once its folder has another name. A file of it that can't be deleted then is cleared away with
    the next adding or removing.
    """
    with alone_with(name):
        OwnTexts(name).need()
        doomed = working_folder(name)
        try:
            freed = _bytes_of(name)
            own_folder(name).rename(doomed)
            for file in OwnTexts(name).beside:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise DataError(
                f"The corpus {shown(name)} could not be removed: {reason(error)}. Stop the runs that read it "
                "and close its pages, then try again."
            ) from error
        shutil.rmtree(doomed, ignore_errors=True)
        return freed


class OwnTexts(CorpusRef):
    """A corpus of the user's own, made of a table where no other kind claims it: it is there or gone."""

    kind = "own"
    offer = "a corpus of your own, by its name in `data list`"
    kept_in_bare: ClassVar[tuple[str, ...]] = ("vocab_size", "max_length", "reviews", "batch_size", "head")
    is_private = True
    recipes: ClassVar[type[KeptRecipe]] = Recipe
    """The recipes by which corpora of this kind are made."""
    found_in: ClassVar[str] = LEFT_OUT
    """The file that says what was found when it was made."""
    _these = "your texts"

    @classmethod
    @override
    def claims(cls, name: str) -> bool:
        return is_name(name)

    @classmethod
    @override
    def offered(cls) -> Sequence[str]:
        return [name for name in own_names() if type(corpus_named(name)) is cls]

    @property
    @override
    def folder(self) -> Path:
        return own_folder(self.name)

    @property
    def beside(self) -> tuple[Path, ...]:
        """The files next to the folder that go with it, of which each may be there."""
        return self.baselines_file, self.ngrams_file

    @override
    def is_prepared(self) -> bool:
        # Not is_dir(), which says yes to other capital letters on some systems.
        return self.name in own_names()

    def need(self) -> None:
        """Raise DataError where it is not there."""
        if not self.is_prepared():
            raise gone(self.name)

    @override
    def prepare(self, path: Path | None = None, *, again: bool = False) -> Iterator[Progress]:
        self.need()
        yield from ()

    @override
    def open(self) -> Corpus:
        self.need()
        try:
            return open_corpus(self.folder)
        except DataError as error:
            raise _unreadable(self.name, error) from error

    @override
    def recommendation(self) -> Recommended:
        self.need()
        return _recommended(self, state_of(self.folder))

    @override
    def provenance(self) -> tuple[Any, Any]:
        """The recipe by which it was made, and what was found then: the rows left out of a table.

        Raises DataError.
        """
        self.need()
        read = {}
        for file in (RECIPE, self.found_in):
            try:
                read[file] = (self.folder / file).read_bytes()
            except OSError as error:
                raise DataError(f"{self.folder / file} can't be read: {reason(error)}.") from error
        recipe = self.recipes.from_json(read[RECIPE])
        try:
            return recipe, self.as_found(read[self.found_in])
        except (FormatError, TypeError) as error:
            raise DataError(f"{self.folder / self.found_in} can't be read: {reason(error)}.") from error

    @staticmethod
    def advise(corpus: Corpus) -> Recommended:
        """Return the settings to start from on such a corpus."""
        return recommend(corpus)

    @staticmethod
    def as_found(content: bytes) -> Any:
        """Return what was found, of the JSON that was kept. Raises FormatError or TypeError for another."""
        counts: dict[str, Any] = from_json(content, dict[str, int])
        return LeftOut(**counts)

    @override
    def mark(self) -> str:
        self.need()
        try:
            return read_about(self.folder).get("mark", "")
        except (OSError, FormatError) as error:
            raise _unreadable(self.name, error) from error

    @override
    def why_gone(self, identity: Identity) -> str:
        if not self.is_prepared():
            return str(gone(self.name))
        try:
            found = identity_of(read_about(self.folder))
        except (ConfigError, DataError, OSError, FormatError) as error:
            return f"The corpus {shown(self.name)} can't be read: {reason(error)}."
        if how := identity.differs(found):
            return (
                f"The corpus {shown(self.name)} on this machine is not the one that this run learned from: "
                f"{how}. Add the corpus again as it was to go on."
            )
        return ""


@functools.lru_cache(maxsize=16)
def _recommended(corpus: OwnTexts, _state: FileState) -> Recommended:
    return corpus.advise(corpus.open())


KIND = OwnTexts
