"""The pattern of a sentence: it stays when the words with a meaning of their own are taken out.

Sentences of one pattern differ in what they judge and in the words that judge it, not in what connects these.
"""

from functools import cache
from pathlib import Path
from typing import TypeAlias

from rnn_core.text.tokenizer import tokenize

Pattern: TypeAlias = tuple[str, ...]

OPEN = "_"
"""Stands for one or more words with a meaning of their own."""


@cache
def _connecting() -> frozenset[str]:
    return frozenset(Path(__file__).with_name("connecting.txt").read_text(encoding="utf-8").split())


def pattern_of(text: str) -> Pattern:
    """The connecting words of a text, with OPEN in the place of all others between two of them.

    >>> pattern_of("The acting isn't as bad as I feared.")
    ('the', '_', "isn't", 'as', '_', 'as', 'i', 'feared')
    """
    connecting = _connecting()
    pattern: list[str] = []
    for token in tokenize(text):
        if token.partition("'")[0] in connecting:  # it's, don't
            pattern.append(token)
        elif pattern[-1:] != [OPEN]:
            pattern.append(OPEN)
    return tuple(pattern)
