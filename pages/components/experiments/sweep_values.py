"""The values of a factor as a form writes them: words for choices, and what it holds at first."""

from typing import Any

from pages.components.shared import settings
from rnn_core.config.setting import NONE, Setting
from rnn_core.config.words import short_name
from rnn_core.errors import ConfigError

_USUAL = {"max_length": "25, 100, 400", "vocab_size": "500, 2000, 5000"}
_SHARES = "0, 0.2, 0.4"
"""For a share that is off by default."""
_AS_IT_IS = ("device", "threads")
"""What is no question about a network: at first the value that it has."""


def values_at_first(factor: str) -> str:
    """All choices, both sides of a switch, or some numbers around the one on the page Train."""
    declared, value = settings.DECLARED[factor], settings.value(factor)
    if factor in _AS_IT_IS:
        return _shown(value)
    if declared.choices:
        return ", ".join(_shown(choice) for choice in declared.choices)
    if declared.kind is str:
        return _shown(value)
    if declared.kind is bool:
        return "on, off"
    if factor in _USUAL:
        return _USUAL[factor]
    if not value:
        return _SHARES if declared.kind is float and declared.high <= 0.9 else _shown(value)
    around = (declared.kind(part) for part in (value / 2, value, value * 2))
    return ", ".join(
        _shown(number) for number in dict.fromkeys(around) if declared.low <= number <= declared.high
    )


def in_code(factor: str, text: str) -> str:
    """What was typed, choices as the settings call them. Raises ConfigError for one that there is not.

    >>> in_code("truncation", "front, end"), in_code("cell", "GRU, elman")
    ('pre, post', 'gru, elman')
    """
    declared = settings.DECLARED[factor]
    if not declared.choices or not text.strip():
        return text
    return ", ".join(_choice(declared, word.strip()) for word in text.split(","))


def _choice(declared: Setting, word: str) -> str:
    by_word = {
        **{short_name(choice).lower(): choice for choice in declared.choices},
        **{choice: choice for choice in declared.choices},
    }
    if word.lower() not in by_word:
        known = ", ".join(_shown(choice) for choice in declared.choices)
        raise ConfigError(f"{declared.label} must be one of {known}, got {word!r}.")
    return by_word[word.lower()]


def _shown(value: Any) -> str:
    """As it is typed: a whole number in all its digits.

    >>> _shown("pre"), _shown(1_000_000), _shown(0.0025)
    ('front', '1000000', '0.0025')
    """
    if isinstance(value, str):
        return short_name(value) or NONE
    return f"{value:g}" if isinstance(value, float) else str(value)
