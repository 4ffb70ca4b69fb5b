"""A setting: a label, a range, a sentence on what it does, and the checks that follow from them."""

import ast
import contextlib
import dataclasses
import functools
import inspect
import itertools
import math
import re
import textwrap
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from rnn_core.config.nouns import REVIEWS, Nouns
from rnn_core.errors import ConfigError
from rnn_core.refusals import shown

_LARGE = 10**15  # from here on a number that is refused is shortened
NONE = "none"
"""The word for a text that is empty, and for none of what is counted, typed and shown."""
FEW = (10, 20, 50, 100, 200)
"""Steps of a slider that a corpus of few texts needs."""
_SWITCH = {"true": True, "on": True, "false": False, "off": False}


def _itself(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Everything a form or a command line needs to know of one setting."""

    label: str = ""
    words: str = ""
    """The help text, with places for `Nouns.fill`."""
    default: Any
    says: Callable[[str], str] = _itself
    """Completes the help text, where it lists what may be registered later."""
    low: float = -math.inf
    high: float = math.inf
    choices: Collection[str] = ()
    meant: Callable[[Any], Any] = _itself
    """Returns the choice that is meant by what came, such as a version by its name. Raises ConfigError."""
    given: Callable[[str], str] = _itself
    """Returns the choice that a command line gives, where that may be a path. Raises ConfigError."""
    same: Callable[[Any], Any] = _itself
    """Returns what two values have in common that are one choice, whatever each is called."""
    typed: Callable[[Any], Any] = _itself
    """Writes a choice as one types it."""
    at_present: Callable[[Any], Any] = _itself
    """Returns what takes the place of a choice that a form has held while the choices changed."""
    pattern: str = ""
    """A regular expression that all of a text without choices must match."""
    form: str = ""
    """The pattern in words, as in "must be ..."."""
    steps: Sequence[int] = ()
    """Values of a slider; without them a number is typed."""
    zero: str = ""
    """The name of 0 on that slider."""
    nouns: Nouns = REVIEWS
    in_names: Callable[[Any], str] = str
    """Writes a value as a part of a name, as of a published network."""

    @property
    def help(self) -> str:
        """A sentence or two on what it does."""
        return self.nouns.fill(self.says(self.words))

    @property
    def kind(self) -> type:
        """bool, int, float or str: the type of the default."""
        return type(self.default)

    def check(self, value: object) -> Any:
        """Return `value` as this setting's type, or raise ConfigError in words.

        A whole number passes where a decimal is asked for, since JSON does not tell 1 from 1.0.
        """
        if self.choices:
            value = self.meant(value)
            if not isinstance(value, str) or value not in self.choices:
                known = ", ".join(map(self.typed, self.choices))
                raise ConfigError(f"{self.label} must be one of {known}, got {shown(value)}.")
            return value
        kinds = (int, float) if self.kind is float else (self.kind,)
        if type(value) not in kinds:  # not isinstance: true is no whole number
            names = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
            raise ConfigError(f"{self.label} must be {names[self.kind]}, got {shown(value)}.")
        if isinstance(value, int | float) and not self.low <= value <= self.high:  # nan is refused, too
            came = f"{value:,}" if abs(value) < _LARGE else shown(value)
            raise ConfigError(f"{self.label} must be between {self.low:,} and {self.high:,}, got {came}.")
        if isinstance(value, str) and not re.fullmatch(self.pattern, value):
            raise ConfigError(f"{self.label} must be {self.form}, got {shown(value)}.")
        return self.kind(value)

    def parse(self, text: str) -> Any:
        """The value as one types it, "on" for true. Raises ConfigError.

        >>> Setting(label="Epochs", default=4, low=1).parse("8")
        8
        """
        found: Any = text
        if self.kind is bool:
            found = _SWITCH.get(text.lower(), text)
        elif self.kind in (int, float):
            with contextlib.suppress(ValueError):  # then it is refused below, as the text it is
                found = self.kind(text)
        elif not self.choices and text.lower() == NONE:
            found = ""
        return self.check(found)


def setting(default: Any, *, between: tuple[float, float] = (-math.inf, math.inf), **more: Any) -> Any:
    """A field of a group; `more` are fields of its Setting.

    The docstring below it has label and help text: "Epochs. How often the network sees each training {text}."
    """
    low, high = between
    declared = Setting(default=default, low=low, high=high, **more)
    return field(default=default, metadata={"setting": declared})


def _docstrings(cls: type) -> dict[str, str]:
    """Field -> the docstring below it, in one line; those of the class that it extends, too."""
    found = {} if cls.__base__ in (None, Settings) else _docstrings(cls.__base__)
    [body] = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(body, ast.ClassDef)
    for above, below in itertools.pairwise(body.body):
        match above, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A frozen group of settings that refuses values out of range."""

    def __post_init__(self) -> None:
        for name, declared in self.settings().items():
            object.__setattr__(self, name, declared.check(getattr(self, name)))

    @classmethod
    @functools.cache
    def settings(cls, nouns: Nouns = REVIEWS) -> Mapping[str, Setting]:
        """Field name -> its declaration in the words for these texts, in the order of the fields."""
        written, declared = _docstrings(cls), {}
        for one in dataclasses.fields(cls):
            label, _, words = written[one.name].partition(". ")
            labelled: Setting = one.metadata["setting"]
            declared[one.name] = dataclasses.replace(
                labelled, label=nouns.fill(label), words=words, nouns=nouns
            )
        return declared

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The group with these values, defaults for the rest; an unknown name is refused."""
        for name in values:
            if name not in cls.settings():
                raise ConfigError(f"There is no setting called {shown(name)}.")
        return cls(**values)


def option(name: str) -> str:
    """A setting as the command line calls it.

    >>> option("vocab_size")
    '--vocab-size'
    """
    return f"--{name.replace('_', '-')}"


def flag(name: str, value: object) -> str:
    """A setting and its value as one types them on the command line.

    >>> flag("vocab_size", 5000), flag("start_token", False)
    ('--vocab-size 5000', '--no-start-token')
    """
    if isinstance(value, bool):
        return option(name) if value else option(f"no_{name}")
    return f"{option(name)} {value}"
