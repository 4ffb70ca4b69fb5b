"""What settings and their values are called on screen, in names and in findings."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from rnn_core.config.nouns import REVIEWS, Nouns
from rnn_core.config.run import all_settings
from rnn_core.config.setting import NONE
from rnn_core.config.tokens import TokenRules
from rnn_core.symbols import KINDS


def unit_of(tokens: TokenRules) -> str:
    """What a network reads at one time step, where texts are cut by these rules.

    >>> unit_of(TokenRules()), unit_of(TokenRules(unit="characters"))
    ('word', 'character')
    """
    return tokens.unit.removesuffix("s")


_SHORT_NAMES = {
    "pre": "front",
    "post": "end",
    "one-logit": "one logit",
    "two-logit": "two logits",
    "adamw": "AdamW",
    "adam": "Adam",
    "sgd": "SGD",
    "cpu": "CPU",
    "cuda": "GPU",
}


def short_name(value: str) -> str:
    """What people call a value of a setting, where they have a shorter or another word for it.

    >>> short_name("gru"), short_name("adamw"), short_name("mean")
    ('GRU', 'AdamW', 'mean')
    """
    return KINDS[value].name if value in KINDS else _SHORT_NAMES.get(value, value)


_IN_SENTENCES = {"label_odds": "label odds"}  # "no begin with label odds" is no English


def value_in_words(value: Any) -> str:
    """The value of a setting as the forms show it.

    >>> value_in_words(True), value_in_words(5_000), value_in_words(0.005), value_in_words("pre")
    ('on', '5,000', '0.005', 'front')
    """
    if isinstance(value, np.generic):  # of a table
        value = value.item()
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return short_name(value) or NONE
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"


def setting_in_words(name: str, value: Any, nouns: Nouns = REVIEWS) -> str:
    """A setting and its value as part of a sentence.

    >>> setting_in_words("vocab_size", 5_000), setting_in_words("start_token", False)
    ('vocabulary size 5,000', 'no start token')
    """
    label = _label_in_words(name, nouns)
    if isinstance(value, bool) or value == "":
        return label if value else f"no {label}"
    shown = value_in_words(value)
    return shown if name in ("cell", "optimizer") else f"{label} {shown}"


def difference_in_words(name: str, values: Iterable[Any], nouns: Nouns = REVIEWS) -> str:
    """A setting and its values in two runs or more, as part of a sentence.

    >>> difference_in_words("vocab_size", (20_000, 5_000)), difference_in_words("label_odds", (True, False))
    ('vocabulary size (20,000 and 5,000)', 'label odds (on and off)')
    """
    return f"{_label_in_words(name, nouns)} ({' and '.join(map(value_in_words, values))})"


def _label_in_words(name: str, nouns: Nouns) -> str:
    labels = {known: declared.label for _, known, declared in all_settings(nouns)}
    return _IN_SENTENCES.get(name) or labels[name].lower()
