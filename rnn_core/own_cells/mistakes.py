"""Codes of all that a check can name: mistakes, and variants that are right and worth knowing.

The texts lie in `mistakes.md`, whose first lines say how it is written.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import NamedTuple

from rnn_core.registry import Registry

_RIGHT = " (right)"
_ITEM = re.compile(r"- (?:\*(?P<name>[^*]+)\*: )?(?P<text>.+?)(?P<reported> \(reported\))?")
_MOST_NAMED = 4


class Sentence(NamedTuple):
    """One sentence that a check may say, with places such as {shape}."""

    text: str
    is_reported: bool
    """True if only the process that ran the student's code could see it."""

    def filled(self, values: Mapping[str, object]) -> str:
        """The sentence with values in its places. Raises KeyError for a place without one.

        >>> Sentence("{names} {names:shares|share} {n:gate}{all:?, all of them}.", False).filled(
        ...     {"names": ["U", "V"], "n": 2, "all": True}
        ... )
        'U, V share 2 gates, all of them.'
        """
        return _filled(self.text, values)


class Variant(NamedTuple):
    """A mistake, or a variant that is right, with its sentences."""

    title: str
    explanation: str
    """Why it is wrong, or why it is not; the page unfolds it below the sentence of a remark."""
    is_wrong: bool
    sentences: Mapping[str, Sentence]
    """Name -> sentence; the name may be ""."""


def _filled(text: str, values: Mapping[str, object]) -> str:
    return "".join(
        before + ("" if place is None else _put(values[place], spec or "", values))
        for before, place, spec, _ in Formatter().parse(text)
    )


def _put(value: object, spec: str, values: Mapping[str, object]) -> str:
    if "|" in spec:
        one, _, more = spec.partition("|")
        return _filled(one if (len(value) if isinstance(value, list) else value) == 1 else more, values)
    if spec.startswith("?"):
        return _filled(spec[1:], values) if value else ""
    if isinstance(value, list):
        return ", ".join(value[:_MOST_NAMED]) + (", .." if len(value) > _MOST_NAMED else "")
    if spec.isalpha() and len(spec) > 1:
        return f"{value:,} {spec}{'' if value == 1 else 's'}"
    return format(value, spec) if spec else str(value)


def _mistakes(text: str) -> Iterator[tuple[str, Variant]]:
    for section in text.split("\n## ")[1:]:
        head, *paragraphs = re.split(r"\n\n|\n(?=- )", section.partition("\n# ")[0].strip())
        code, _, title = head.partition(": ")
        sentences, explanation = dict[str, Sentence](), ""
        for paragraph in (" ".join(one.split()) for one in paragraphs):
            if item := _ITEM.fullmatch(paragraph):
                sentences[item["name"] or ""] = Sentence(item["text"], item["reported"] is not None)
            else:
                explanation = paragraph
        is_wrong = not code.endswith(_RIGHT)
        yield code.removesuffix(_RIGHT), Variant(title, explanation, is_wrong, sentences)


MISTAKES = Registry("mistake", dict(_mistakes(Path(__file__).with_suffix(".md").read_text("utf-8"))))
"""All that a check can name, by its code."""
