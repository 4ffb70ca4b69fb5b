"""The configuration of a run: what is read, by which network, trained how."""

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from rnn_core.config.corpora import CorpusRef, corpus_named, shipped_names
from rnn_core.config.identity import CLASSES, CORPUS_NAME, Identity, check_classes, spelled_alike, wrong_count
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.nouns import REVIEWS, Nouns
from rnn_core.config.setting import Setting
from rnn_core.config.tasks import CLASSIFICATION, TASKS
from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.errors import ConfigError
from rnn_core.files import FormatError, from_json, to_json
from rnn_core.refusals import shown

MOST_BYTES = 100_000
"""Bytes of a configuration as JSON; one has about 1,000."""
_MOST_WORD_WEIGHTS = 25_000_000
_MOST_UPPER_WEIGHTS = 50_000_000
_MOST_CELL_WEIGHTS = 120_000_000
"""More than a cell of the catalogue can have."""
GROUPS: dict[str, Any] = {"text": TextConfig, "model": ModelConfig, "training": TrainingConfig}


def all_settings(nouns: Nouns = REVIEWS) -> dict[str, Setting]:
    """Name -> declaration of every setting of all groups, in the words for these texts; names are unique."""
    return {name: declared for cls in GROUPS.values() for name, declared in cls.settings(nouns).items()}


DATA = Setting(
    label="Texts",
    words="Which texts are read.",
    default="imdb",
    pattern=r"[^,=]{1,120}",
    form="the name of texts",
    in_names=lambda name: corpus_named(name).in_names,
)
"""A corpus as what is varied between runs; it is no setting of one."""


def factors() -> dict[str, Setting]:
    """Return what may differ between compared runs, by name: all settings but the seed, and the texts."""
    return {"data": DATA, **{name: declared for name, declared in all_settings().items() if name != "seed"}}


def defaults_for(task: str) -> dict[str, Any]:
    """Group -> its settings at their defaults, but for what a task fixes."""
    fixed = TASKS[task].fixed
    return {
        group: cls(**{name: held.value for name, held in fixed.items() if name in cls.settings()})
        for group, cls in GROUPS.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """Everything that decides how a run turns out; round-trips through JSON."""

    data: str = "imdb"
    classes: tuple[str, ...] = CLASSES
    tokens: TokenRules = WORDS
    corpus_mark: str = ""
    """Differs for each corpus of the user's own, whatever its name; empty for those of the app."""
    texts_end: bool = True
    """True if the texts of the corpus end, False where they are pieces of longer ones; see Identity."""
    task: str = ""
    """The task, a key of `TASKS`. Empty it is what texts of this corpus are usually asked."""
    text: TextConfig = field(default_factory=lambda: GROUPS["text"]())
    model: ModelConfig = field(default_factory=lambda: GROUPS["model"]())
    training: TrainingConfig = field(default_factory=lambda: GROUPS["training"]())

    def __post_init__(self) -> None:
        _check_corpus(self.data, self.identity)
        if not self.task:
            object.__setattr__(self, "task", corpus_named(self.data).task)
        object.__setattr__(self, "classes", spelled_alike(self.classes))
        _check_together(self)
        task, values = TASKS[self.task], self.values()
        if task.needs_classes and len(self.classes) < 2:
            usual = TASKS[corpus_named(self.data).task].label
            if usual == task.label:
                raise wrong_count(self.classes)
            raise ConfigError(f"{self.data} has no classes: it is for {usual}, not for {task.label}.")
        for name, declared in all_settings().items():
            if (held := task.fixed.get(name)) is not None and values[name] != held.value:
                raise ConfigError(held.refuse(declared.label, task.label, values[name]))

    @classmethod
    def plain(cls, data: str, identity: Identity | None = None, task: str = "") -> Self:
        """The defaults on a corpus, with this identity where one is given, for a task or the usual one."""
        if identity is None:
            return cls(data=data)
        classes, tokens, mark, texts_end = identity
        return cls(
            data=data,
            classes=tuple(classes),
            tokens=tokens,
            corpus_mark=mark,
            texts_end=texts_end,
            task=task,
            **defaults_for(task or corpus_named(data).task),
        )

    @property
    def identity(self) -> Identity:
        """The identity that its corpus must have."""
        return Identity(self.classes, self.tokens, self.corpus_mark, self.texts_end)

    @property
    def teachers(self) -> tuple[str, ...]:
        """The names of the networks from which it learns, too."""
        return tuple(filter(None, self.training.teachers.split("+")))

    @property
    def corpus(self) -> CorpusRef:
        """The corpus that is read.

        >>> RunConfig(data="verdict").with_settings(verdict_distance=50).corpus.name
        'verdict-50'
        """
        return corpus_named(self.data).of_run(self.values())

    def with_settings(self, **values: Any) -> Self:
        """This configuration with some settings changed, whichever group they belong to.

        `data` puts other texts in the place of its own, `task` another task; all settings stay.

        >>> RunConfig().with_settings(cell="lstm", epochs=2).model.cell
        'lstm'
        """
        group_of = {name: group for group, cls in GROUPS.items() for name in cls.settings()}
        changed: dict[str, dict[str, Any]] = {group: {} for group in GROUPS}
        data, task = values.pop("data", self.data), values.pop("task", self.task)
        for name, value in values.items():
            if name not in group_of:
                raise ConfigError(f"There is no setting called {shown(name)}.")
            changed[group_of[name]][name] = value
        return dataclasses.replace(
            self,
            data=data,
            task=task,
            **{
                group: dataclasses.replace(getattr(self, group), **new)
                for group, new in changed.items()
                if new
            },
        )

    def values(self) -> dict[str, Any]:
        """Setting name -> value, over all groups."""
        groups = {group: getattr(self, group) for group in GROUPS}
        return {name: getattr(of, name) for group, of in groups.items() for name in GROUPS[group].settings()}

    def differences(self, other: "RunConfig") -> dict[str, Any]:
        """Its own values of the settings in which it differs from another configuration.

        >>> RunConfig().with_settings(cell="lstm").differences(RunConfig())
        {'cell': 'lstm'}
        """
        ours, theirs = self.values(), other.values()
        return {
            name: ours[name]
            for name, declared in all_settings().items()
            if declared.same(ours[name]) != declared.same(theirs[name])
        }

    def to_dict(self) -> dict[str, Any]:
        """A nested dictionary that JSON can hold."""
        values = {**dataclasses.asdict(self), "tokens": self.tokens.to_dict()}
        if self.task == CLASSIFICATION:  # as it was while there was no other task
            del values["task"]
        if self.texts_end:  # as it was while all texts did
            del values["texts_end"]
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`: defaults for missing settings, unknown ones are refused."""
        for name in values:
            if name not in ("data", "classes", "tokens", "corpus_mark", "texts_end", "task", *GROUPS):
                raise ConfigError(f"There is no group of settings called {shown(name)}.")
        for group in ("tokens", *GROUPS):
            if not isinstance(values.get(group, {}), Mapping):
                raise ConfigError(f"The settings under {group!r} must be an object.")
        classes = values.get("classes", CLASSES)
        if not isinstance(classes, list | tuple):
            raise ConfigError(f"Classes must be a list of names, got {shown(classes)}.")
        mark = values.get("corpus_mark", "")
        if not (isinstance(mark, str) and re.fullmatch("[0-9a-f]{0,64}", mark)):
            raise ConfigError(f"The mark of a corpus must be up to 64 digits from 0 to f, got {shown(mark)}.")
        texts_end = values.get("texts_end", True)
        if not isinstance(texts_end, bool):
            raise ConfigError(f"That texts end must be true or false, got {shown(texts_end)}.")
        return cls(
            data=values.get("data", "imdb"),
            corpus_mark=mark,
            texts_end=texts_end,
            classes=tuple(classes),
            tokens=TokenRules.from_dict(values.get("tokens", {})),
            task=values.get("task", ""),
            **{group: of.from_dict(values.get(group, {})) for group, of in GROUPS.items()},
        )

    def to_json(self) -> str:
        """Indented JSON with a final newline."""
        return to_json(self.to_dict(), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of `to_json`. Raises ConfigError where the text is no such configuration."""
        try:
            values = from_json(text, dict[str, Any], most_bytes=MOST_BYTES)
        except FormatError as error:
            raise ConfigError(f"The configuration can't be read: {error}") from error
        return cls.from_dict(values)


def _check_corpus(data: object, identity: Identity) -> None:
    """Refuse a name that no corpus can have, and classes or tokens that this corpus can't have."""
    if not (isinstance(data, str) and re.fullmatch(CORPUS_NAME, data)):
        raise ConfigError(
            f"Data must be {', '.join(shipped_names())} or the name of a corpus, 1 to 50 letters, "
            f"digits, - and _, got {shown(data)}."
        )
    corpus = corpus_named(data)
    if corpus.data != data:
        raise ConfigError(f"Data must not be called like {corpus.data} in other letters, got {data}.")
    if corpus.identity is not None and identity != corpus.identity:
        raise ConfigError(
            f"The classes of {data} are {' and '.join(corpus.identity.classes)}, and its tokens "
            f"{corpus.identity.tokens.in_words}."
        )
    check_classes(identity.classes)


def _check_together(config: RunConfig) -> None:
    """Refuse settings that exclude one another, or their corpus with its K classes."""
    text, model, training, K = config.text, config.model, config.training, len(config.classes)
    corpus = corpus_named(config.data)
    refused = corpus.refused()
    for group in (text, model, training):
        for name, declared in group.settings().items():
            if name in refused and (asked := getattr(group, name)):
                why = f"since {refused[name]}, got {asked:,}"
                raise ConfigError(f"{declared.label} must be 0 for {corpus.in_errors}, {why}.")
    teachers = training.teachers.split("+")
    if len(set(teachers)) < len(teachers):
        raise ConfigError(f"Each teacher must be named once, got {shown(training.teachers)}.")
    E = model.embedding_size
    for name, on in (("Label odds", model.label_odds), ("Counted bigrams", model.counted_bigrams)):
        if on and max(2, E) < K:
            raise ConfigError(
                f"{name} need an embedding size of at least the {K} classes, since each class takes one "
                f"number of a word's vector, got {E:,}."
            )
    for needing, asked, reason in (
        ("Bigrams need", model.bigrams, "they are added to it"),
        ("Counted bigrams need", model.counted_bigrams, "they are added to it"),
        ("Label odds need", model.label_odds, "they are written into it"),
        ("Adversarial perturbation needs", training.adversarial, "it pushes that"),
        ("A tied embedding needs", model.tied, "it is the head's weights, too"),
    ):
        if asked and model.input == "one-hot":
            raise ConfigError(f"{needing} an embedding as input, since {reason}.")
    if model.tied and model.hidden_size != E:
        raise ConfigError(
            "A tied embedding needs an embedding size that equals the hidden size, since its vectors are the "
            f"head's weights, got {E:,} and {model.hidden_size:,}."
        )
    _check_sizes(text, model)


def _check_sizes(text: TextConfig, model: ModelConfig) -> None:
    one_hot = model.input == "one-hot"
    width = model.hidden_size if one_hot else model.embedding_size
    for name, vectors, size in (
        ("Vocabulary size", text.vocab_size, "hidden" if one_hot else "embedding"),
        ("Bigrams", model.bigrams, "embedding"),
    ):
        if vectors * width > _MOST_WORD_WEIGHTS:
            raise ConfigError(
                f"{name} times {size} size must be at most {_MOST_WORD_WEIGHTS:,}, which is what a laptop "
                f"can hold while training, got {vectors:,} x {width:,}."
            )
    H, ways = model.hidden_size, 2 if model.bidirectional else 1
    lowest = _weights_of_cell(model, text.vocab_size if one_hot else model.embedding_size)
    if lowest > _MOST_CELL_WEIGHTS:
        raise ConfigError(
            f"A cell must have at most {_MOST_CELL_WEIGHTS:,} weights, which is what a laptop can hold while "
            f"training, got {lowest:,}. Choose fewer units, or equations with fewer matrices."
        )
    weights = (model.layers - 1) * ways * _weights_of_cell(model, ways * H)
    if weights > _MOST_UPPER_WEIGHTS:
        raise ConfigError(
            f"The layers above the lowest must have at most {_MOST_UPPER_WEIGHTS:,} weights together, "
            f"which is what a laptop can hold while training, got {weights:,}. Choose fewer layers or units."
        )


def _weights_of_cell(model: ModelConfig, input_size: int) -> int:
    """The numbers in the matrices of a cell that gets so many, as far as its equations are known."""
    source, H = model.declared.source, model.hidden_size
    matrices = (name for name, weight in source.weights.items() if weight.is_matrix)
    return sum(math.prod(source.shape(name, input_size, H)) for name in matrices)
