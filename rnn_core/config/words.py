"""What settings and their values are called on screen, in names and in findings."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from rnn_core.config.identity import is_built_in
from rnn_core.config.run import all_settings
from rnn_core.config.setting import NONE
from rnn_core.config.tokens import TokenRules
from rnn_core.symbols import KINDS

DATA_NAMES = {"imdb": "IMDB", "verdict": "verdict corpus"}


def data_name(data: str) -> str:
    """What a corpus is called on screen; one of the user's own by its name.

    >>> data_name("imdb"), data_name("tickets")
    ('IMDB', 'tickets')
    """
    return DATA_NAMES.get(data, data)


def noun_of(data: str) -> str:
    """What one text of a corpus is called.

    >>> noun_of("verdict"), noun_of("tickets")
    ('review', 'text')
    """
    return "review" if is_built_in(data) else "text"


def texts_in_words(data: str) -> str:
    """What the texts of a corpus are called.

    >>> texts_in_words("imdb"), texts_in_words("tickets")
    ('reviews', 'texts')
    """
    return f"{noun_of(data)}s"


_OF_REVIEWS = {
    "positive training reviews than in negative ones": "training texts of one class than in the others",
    "this review and its neighbours, which are often of the same film": "this text and its neighbours",
    "reviews": "texts",
    "review": "text",
}
_REVIEWS = re.compile(rf"\b({'|'.join(_OF_REVIEWS)})\b", re.IGNORECASE)


def said_of(data: str, sentence: str) -> str:
    """A sentence about reviews, in the words for the texts of a corpus.

    >>> said_of("imdb", "Reviews that are read."), said_of("tickets", "Reviews that are read.")
    ('Reviews that are read.', 'Texts that are read.')
    """
    return sentence if is_built_in(data) else _REVIEWS.sub(_of_texts, sentence)


def _of_texts(found: re.Match[str]) -> str:
    said = _OF_REVIEWS[found[0].lower()]
    return said.capitalize() if found[0][0].isupper() else said


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
_LABELS = {name: setting.label for _, name, setting in all_settings()}


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


def setting_in_words(name: str, value: Any) -> str:
    """A setting and its value as part of a sentence.

    >>> setting_in_words("vocab_size", 5_000), setting_in_words("start_token", False)
    ('vocabulary size 5,000', 'no start token')
    """
    label = _label_in_words(name)
    if isinstance(value, bool) or value == "":
        return label if value else f"no {label}"
    shown = value_in_words(value)
    return shown if name in ("cell", "optimizer") else f"{label} {shown}"


def difference_in_words(name: str, values: Iterable[Any]) -> str:
    """A setting and its values in two runs or more, as part of a sentence.

    >>> difference_in_words("vocab_size", (20_000, 5_000)), difference_in_words("label_odds", (True, False))
    ('vocabulary size (20,000 and 5,000)', 'label odds (on and off)')
    """
    return f"{_label_in_words(name)} ({' and '.join(map(value_in_words, values))})"


def _label_in_words(name: str) -> str:
    return _IN_SENTENCES.get(name) or _LABELS[name].lower()
