"""The languages by name, and a language from its name with options, as in "delay-k100-fillers4"."""

import re

from rnn_core.errors import ConfigError
from rnn_core.languages.anbn import AnBn, AnBnCn
from rnn_core.languages.brackets import Brackets
from rnn_core.languages.delay import Delay
from rnn_core.languages.language import Language
from rnn_core.languages.parity import Parity
from rnn_core.languages.reber import Reber
from rnn_core.languages.recall import Recall
from rnn_core.refusals import shown
from rnn_core.registry import Registry
from rnn_core.text.vocabulary import END

LANGUAGES: Registry[type[Language]] = Registry(
    "language", {kind.name: kind for kind in (Reber, AnBn, AnBnCn, Brackets, Parity, Recall, Delay)}
)


_SHORTEST, _LONGEST = 4, 2_000  # symbols: what has fewer is a part of a word, too


def languages_of(text: str) -> list[str]:
    """The names of the languages, at the usual values of their options, that a whole text is a string of.

    >>> languages_of("aabb"), languages_of("aab"), languages_of("an abba")
    (['anbn'], [], [])
    """
    string = text.strip()
    if not _SHORTEST <= len(string) <= _LONGEST or len(string.split()) > 1:
        return []
    return [name for name, kind in LANGUAGES.items() if END in kind().after(string).allowed]


def language_named(name: str) -> Language:
    """A language with its options. Raises ConfigError in words for what is none.

    >>> language_named("delay-k100").sizes, language_named("delay").sizes
    (range(100, 101), range(20, 21))
    """
    which, *options = name.split("-")
    kind, values = LANGUAGES[which], {}
    for option in options:
        found = re.fullmatch(r"([a-z]+)(\d{1,9})", option, re.ASCII)
        if found is None or found[1] not in kind.settings():
            offered = ", ".join(
                f"{name}{declared.low:.0f} to {name}{declared.high:.0f}"
                for name, declared in kind.settings().items()
            )
            raise ConfigError(f"The language {which} has no option {shown(option)}. Choose of: {offered}.")
        values[found[1]] = int(found[2])
    language = kind(**values)
    if language.full_name != name:
        raise ConfigError(
            "Options of a language stand in their order, without those at their usual value: write "
            f"{language.full_name}, not {shown(name)}."
        )
    return language
