"""What a check can name, by code: mistakes, and variants that are right and worth knowing.

The explanation is what the page unfolds below the sentence of a remark: why it is wrong, or why it is not.
"""

from typing import NamedTuple

from rnn_core.registry import Registry


class Mistake(NamedTuple):
    """What a code stands for."""

    title: str
    explanation: str
    is_wrong: bool = True


MISTAKES: Registry[Mistake] = Registry("mistake")
"""Those of cells; a check that names others registers them here."""


def _wrong(code: str, title: str, explanation: str) -> None:
    MISTAKES.register(code, Mistake(title, explanation))


def _right(code: str, title: str, explanation: str) -> None:
    MISTAKES.register(code, Mistake(title, explanation, is_wrong=False))


_wrong("no-nonlinearity", "No nonlinearity", "Without tanh or ReLU the new state is a sum of products.")
_right(
    "keep-gate",
    "z keeps the old state",
    "Both ways round are right: a network that learns can turn its gate. Say which one you mean.",
)
