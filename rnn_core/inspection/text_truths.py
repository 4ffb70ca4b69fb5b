"""Truths of a real text after each of its symbols, which a unit may keep track of.

A truth follows the text sign by sign and keeps what it needs of the text so far, so it knows nothing of what
comes. An apostrophe is no quotation mark, since it looks like one within a word. An empty line closes all
quotes and brackets, as it begins a paragraph.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

import regex

from rnn_core.languages.language import CATEGORY, NUMBER
from rnn_core.registry import Registry
from rnn_core.text.tokenizer import APOSTROPHES, BASE, MARK

Value = float | str | None


class TextTruth(NamedTuple):
    """A truth along a text."""

    kind: str
    """NUMBER or CATEGORY."""
    step: Callable[[str, str], str]
    """Returns what is kept of the text, given what was kept before, at first nothing, and the next sign."""
    value: Callable[[str], float | str]
    """Returns the truth, given what is kept."""

    def along(self, tokens: Sequence[str]) -> list[Value]:
        """The truth after each of the tokens that are the text."""
        values = [*map(self.value, accumulate("".join(tokens), self.step, initial=""))]
        return after_each(tokens, values[1:])


def after_each(tokens: Sequence[str], values: Sequence[Value]) -> list[Value]:
    """The value after each token, given that after each sign of the text."""
    return [values[end - 1] for end in accumulate(map(len, tokens))]


_LETTER = regex.compile(f"[{BASE}{MARK}]")
_ENDS, _BEHIND = (".", "!", "?", "…"), "\"'”’»)]"
"""The signs that end a sentence, and those that may stand behind them."""


def _opened(closes: dict[str, str]) -> Callable[[str, str], str]:
    """Keep the marks that are open, given those that each closing one may close; "\\n" where a line began."""
    opens = {*"".join(closes.values())}

    def step(kept: str, sign: str) -> str:
        if sign == "\n":
            return "" if kept.endswith("\n") else f"{kept}\n"
        if sign.isspace():
            return kept
        kept = kept.rstrip("\n")
        place = max(map(kept.rfind, closes.get(sign, "")), default=-1)
        if place >= 0:
            return kept[:place]
        return kept + sign if sign in opens else kept

    return step


def _word(kept: str, sign: str) -> str:
    """Keep the word; an apostrophe behind a letter is one of it, as the next sign may be a letter."""
    is_inner = sign in APOSTROPHES and kept[-1:] not in ("", *APOSTROPHES)
    return kept + sign if is_inner or _LETTER.match(sign) else ""


def _sentence(kept: str, sign: str) -> str:
    if sign.isspace() and (not kept or sign == kept[-1] == "\n" or kept.rstrip(_BEHIND).endswith(_ENDS)):
        return ""
    return kept + sign


def _line(kept: str, sign: str) -> str:
    return "" if sign == "\n" else kept + sign


def _depth(kept: str) -> int:
    return len(kept.rstrip("\n"))


TRUTHS: Registry[TextTruth] = Registry(
    "truth of a text",
    {
        "inside quotes": TextTruth(
            CATEGORY,
            _opened({'"': '"', "”": "“„", "“": "„", "»": "«"}),
            lambda kept: "yes" if _depth(kept) else "no",
        ),
        "depth of brackets": TextTruth(NUMBER, _opened({")": "(", "]": "[", "}": "{"}), _depth),
        "inside a capitalised word": TextTruth(
            CATEGORY, _word, lambda kept: "yes" if kept[:1].isupper() else "no"
        ),
        "place in the word": TextTruth(NUMBER, _word, len),
        "place in the sentence": TextTruth(NUMBER, _sentence, len),
        "place in the line": TextTruth(NUMBER, _line, len),
    },
)
"""The truths of every text, by name. Places are counted in characters, from 1; 0 is outside or before."""
