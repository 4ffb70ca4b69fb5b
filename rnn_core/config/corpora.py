"""A corpus before it is opened: its name, and what its kind says of it.

A kind of corpora is a class: it recognises the names of its corpora and says what their texts are called
(NamedCorpus), which settings suit them and which make no sense (SuitedCorpus), where they lie and how they
are got (KeptCorpus), and what may be done with them. Each kind lives in a module of its own above this one.
"""

import functools
import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from rnn_core.config.identity import Identity
from rnn_core.config.nouns import TEXTS, Nouns
from rnn_core.config.tasks import CLASSIFICATION
from rnn_core.errors import ConfigError, DataError
from rnn_core.progress import Progress
from rnn_core.refusals import shown
from rnn_core.registry import HOMES, Registry

FIRST, ALWAYS_AT_HAND = "imdb", "verdict"
"""The corpus to begin with, and the one that needs no download."""


class Example(NamedTuple):
    """A text to begin with whose author's opinion is known."""

    title: str
    text: str
    says: str
    """The name of the class that its author means."""
    asks: str
    """The task that the text sets a network, in a sentence or two."""


class Preparation(NamedTuple):
    """The cost of preparing a corpus, about: seconds, and bytes on disk."""

    what: str
    """The corpus at the beginning of a sentence that says how much room it takes."""
    bytes: int
    seconds: float


class Download(NamedTuple):
    """The download of a corpus that does not come with the app."""

    bytes: int
    source: str
    """The owner of the server."""
    archive: str
    """The file in the cache that it is kept in."""
    at_a_path: str
    """The name of the file or folder of a user who has the corpus already."""
    fetch: Callable[[], Iterator[Progress]]
    find: Callable[[Path | None], Path | None]
    """Finds the corpus on this machine, at the path or at the usual places. Raises DataError."""


class Recommended(NamedTuple):
    """The settings to start from on a corpus, and why these: a sentence for each choice."""

    settings: Mapping[str, Any]
    identity: Identity | None = None
    """The identity of the corpus, where only the corpus itself says it."""
    reasons: tuple[str, ...] = ()


def worded(template: str) -> Any:
    """Words that are made whenever they are read, of a template in which {0} is the corpus.

    A subclass may put a plain text in its place.
    """
    return property(template.format)


@dataclass(frozen=True)
class NamedCorpus:
    """The words for a corpus and its texts. A kind overrides what is special about it."""

    name: str
    nouns: ClassVar[Nouns] = TEXTS
    reads: ClassVar[str] = ""
    """The words on a network's card for what it reads and says; "" for a text and its class."""
    at_first: ClassVar[str] = "Writing the {texts}"
    """The words for the first part of preparing it."""
    limit_of_counts: ClassVar[str] = ""
    """A clause that says what no list of words shows of it; "" for what holds of any list."""
    examples: ClassVar[tuple[Example, ...]] = ()
    first_sentence: ClassVar[str] = ""
    """The text that Home begins with; "" for the first test text."""
    first_search: ClassVar[str] = ""
    """The first query of a search in its texts; "" for the most telling token."""

    def __str__(self) -> str:
        return self.name

    data: ClassVar[str] = worded("{0.name}")
    """The name of the corpus in a configuration."""
    title: ClassVar[str] = worded("{0.name}")
    """The name of the corpus on screen."""
    in_names: ClassVar[str] = worded("{0.name}")
    """The name of the corpus as a part of another name, short among those of its kind."""
    listed_as: ClassVar[str] = worded("{0.title}")
    """The name of the corpus in a list that offers it."""
    phrase: ClassVar[str] = worded("the corpus {0.name}")
    """The name of the corpus in a sentence."""
    in_errors: ClassVar[str] = worded("{0.data}")
    """The name of the corpus where a setting is refused."""
    lessons: ClassVar[str] = worded("{0.nouns.texts} of {0.name}")
    """The words for its texts, as a network learned from them."""
    text_like_these: ClassVar[str] = worded("a {0.nouns.text} like those of {0.name}")
    """The words for a text to type for a network that learned from it."""
    invitation: ClassVar[str] = worded("Type {0.text_like_these}")
    """The words of Home above the line to type in."""
    _these: ClassVar[str] = worded("these {0.nouns.texts}")


class SuitedCorpus(NamedCorpus):
    """The settings that suit the texts of a corpus, and those that make no sense for them."""

    task: ClassVar[str] = CLASSIFICATION
    """The task that a network of its texts is given unless another one is asked for; a key of `TASKS`."""
    identity: ClassVar[Identity | None] = None
    """The identity of each corpus of this kind; None where it is read from the corpus."""
    bare: ClassVar[Mapping[str, Any]] = {}
    """Settings without any ingredient. Results and links are kept by them, so they stay as they are."""
    recommended: ClassVar[Mapping[str, Any]] = {}
    """Settings that an expert would start from."""
    kept_in_bare: ClassVar[tuple[str, ...]] = ()
    """Recommended settings that bare ones have, too."""
    own_settings: ClassVar[Mapping[str, str]] = {}
    """Settings that this kind alone has -> why no other one has them, after "since"."""
    refuses: ClassVar[Mapping[str, str]] = {"composed": "they are opinions about films"}
    """Settings that make no sense here -> why, after "since"."""
    is_even: ClassVar[bool] = False
    """True if its classes have equally many texts."""
    training_texts: ClassVar[int | None] = None
    """The number of its texts to learn from; None where it is not known before."""

    @property
    def language(self) -> Any:
        """The made-up language of its texts, a `rnn_core.languages.language.Language`; else None."""
        return None

    @property
    def symbols(self) -> tuple[str, ...]:
        """All tokens in the order of the vocabulary, where counts of the texts don't decide it; else none."""
        return self.language.symbols if self.language else ()

    def with_options(self, options: Mapping[str, int]) -> "CorpusRef":
        """The corpus of its language with these options. Raises ConfigError for options that can't be."""
        raise ConfigError(f"{self.phrase} has no options.")

    def refused(self) -> Mapping[str, str]:
        """Settings that make no sense here, those of other kinds included -> why."""
        others = (kind.own_settings for kind in kinds().values() if not isinstance(self, kind))
        return {name: why for settings in (*others, self.refuses) for name, why in settings.items()}

    def why_idle(self, name: str) -> str:
        """Return why a setting with its default changes nothing here, empty where it does something."""
        if name == "composed" and name in self.refuses:
            return f"Composed sentences are opinions about films, so they don't help with {self._these}."
        if name == "vocab_size" and self.symbols:
            return f"The vocabulary is all {len(self.symbols)} symbols of {self.phrase}."
        if name == "class_weights" and self.is_even:
            return f"Both classes have equally many {self.nouns.texts}, so they count equally already."
        return ""

    def recommendation(self) -> Recommended:
        """The settings to start from. Raises DataError where they follow from texts that are gone."""
        return Recommended(self.recommended, self.identity)


class KeptCorpus(NamedCorpus, ABC):
    """The place of a corpus, and the ways to get, open and compare it."""

    download: ClassVar[Download | None] = None
    """The place that its texts come from; None where nothing has to be fetched."""
    how_to_get_it: ClassVar[str] = "not on this machine."
    """The words of Data for how it comes to this machine."""
    is_published: ClassVar[bool] = False
    """True if its baselines come with the app."""
    is_private: ClassVar[bool] = False
    """True if its texts may be private."""

    @property
    @abstractmethod
    def folder(self) -> Path:
        """The folder of the corpus, once it is there."""

    @abstractmethod
    def is_prepared(self) -> bool:
        """True if it can be opened at once."""

    def can_be_made_again(self) -> bool:
        """True if preparing it needs nothing that isn't on this machine."""
        return False

    def is_at_hand(self) -> bool:
        """True if a run can have it without asking the user for anything."""
        return self.is_prepared() or self.can_be_made_again()

    @abstractmethod
    def prepare(self, path: Path | None = None, *, again: bool = False) -> Iterator[Progress]:
        """Make it ready; ends at once where it is, unless `again`. `path` is where the user has it.

        Raises DataError.
        """

    @abstractmethod
    def open(self) -> Any:
        """The corpus as it lies there, a `rnn_core.data.corpus.Corpus`.

        Raises DataError where it can't be read, or an earlier version wrote its texts by another law.
        """

    def load(self) -> Any:
        """The corpus, prepared first where it can be and `open` can't have it. Raises DataError."""
        return self.open()

    def preparation(self) -> Preparation | None:
        """The cost of preparing it; None where that is small, or not known before."""
        return None

    def origin(self) -> Path | None:
        """The path of what was downloaded. Raises DataError where the user named a wrong place."""
        return self.download.find(None) if self.download else None

    def how_it_stands(self) -> str:
        """Say if a run can have it, for Home. Raises DataError as `origin` does."""
        return "ready." if self.is_prepared() else "not on this machine."

    def provenance(self) -> Any:
        """(recipe, rows left out) of one that was made of a table; else None."""
        return None

    def mark(self) -> str:
        """A mark that another corpus in its place does not have; "" where none can be. Raises DataError."""
        return ""

    def why_gone(self, identity: Identity) -> str:
        """Why a run that learned from a corpus with this identity can't go on with it; "" where it can."""
        return ""

    @property
    def baselines_file(self) -> Path:
        """The file of its baselines."""
        return self.folder.with_name(f"{self.name}.baselines.json")

    @property
    def ngrams_file(self) -> Path:
        """The file of the n-grams that were counted last in its texts."""
        return self.folder.with_name(f"{self.name}.ngrams.npz")


class CorpusRef(SuitedCorpus, KeptCorpus):
    """A corpus by its name: what its kind is, which corpora are of it, and what may be done with them."""

    kind: ClassVar[str]
    """The name of the kind."""
    is_shipped: ClassVar[bool] = False
    """True if corpora of this kind come with the app, so that everyone's are the same."""
    offer: ClassVar[str]
    """The words for corpora of this kind in the help of a command."""
    of_films: ClassVar[bool] = False
    """True if its texts are English opinions about films, so that probes and composed sentences suit them."""
    answers_probes: ClassVar[bool] = False
    """True if its baselines and sweeps answer the probes, as people wrote these opinions."""
    is_generated: ClassVar[bool] = False
    """True if a law writes its texts, so that nobody meant anything by them."""
    splits_overlap: ClassVar[bool] = False
    """True if it is meant that texts of a test stand among those to learn from, so that none is a copy."""

    @classmethod
    @abstractmethod
    def claims(cls, name: str) -> bool:
        """True if a corpus of this name is of this kind, in capital letters or not."""

    @classmethod
    @abstractmethod
    def offered(cls) -> Sequence[str]:
        """The corpora of this kind that a list offers now."""

    @classmethod
    def together(cls) -> str:
        """The words for all corpora of this kind where they share a line of a list; "" where each has one."""
        return ""

    def of_run(self, settings: Mapping[str, Any]) -> "CorpusRef":
        """The corpus that a run with these settings reads."""
        return self


@functools.cache
def kinds() -> Registry[type[CorpusRef]]:
    """The kinds of corpora, by name."""
    found: Registry[type[CorpusRef]] = Registry("kind of corpora")
    for home in HOMES[found.kind]:
        kind = importlib.import_module(home).KIND
        found.register(kind.kind, kind)
    return found


def corpus_named(name: str | CorpusRef) -> CorpusRef:
    """The corpus of this name, there or not. Raises DataError for what no corpus can be called.

    >>> corpus_named("verdict-50").title, corpus_named("tickets").nouns.text
    ('verdict corpus', 'text')
    """
    if isinstance(name, CorpusRef):
        return name
    for kind in kinds().values():
        if kind.claims(name):
            return kind(name)
    raise DataError(f"{shown(name)} is not the name of a corpus.")


def shipped_names() -> tuple[str, ...]:
    """The corpora that come with the app."""
    return tuple(name for kind in kinds().values() if kind.is_shipped for name in kind.offered())


def shipped_lines() -> Iterator[tuple[str, Sequence[CorpusRef]]]:
    """The lines of a list of the corpora that come with the app: title, and the corpora that it is about."""
    for kind in (kind for kind in kinds().values() if kind.is_shipped):
        corpora = [kind(name) for name in kind.offered()]
        if title := kind.together():
            yield title, corpora
        else:
            yield from ((corpus.listed_as, (corpus,)) for corpus in corpora)


def comes_with_the_app(name: str) -> bool:
    """True if a corpus of this name comes with the app, offered or not, as with other options of a language.

    Raises ConfigError in words for options that can't be.
    """
    return any(kind.is_shipped and kind.claims(name) and kind(name).data == name for kind in kinds().values())


def offered_names() -> tuple[str, ...]:
    """Every corpus that a run can take now: those that come with the app, then the user's own."""
    return tuple(name for kind in kinds().values() for name in kind.offered())
