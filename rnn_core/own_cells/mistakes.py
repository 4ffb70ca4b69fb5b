"""What a check can name, by code: mistakes, and variants that are right and worth knowing.

The texts lie in `mistakes.md`, whose first lines say how it is written.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import NamedTuple

from rnn_core.registry import Registry

_REPORTED = " (reported)"


class Sentence(NamedTuple):
    """One sentence that a check may say, with places such as {shape}."""

    text: str
    is_reported: bool
    """True if only the process that ran the student's code could see it."""

    def filled(self, values: Mapping[str, object]) -> str:
        """The sentence with values in its places. Raises KeyError for a place without one.

        >>> shares = "{names} {names:shares|share} {count:gate}{all:?, all of them}."
        >>> Sentence(shares, False).filled({"names": ["U", "V"], "count": 1, "all": True})
        'U, V share 1 gate, all of them.'
        """
        return _filled(self.text, values)


class Mistake(NamedTuple):
    """What a code stands for."""

    title: str
    explanation: str
    """Why it is wrong, or why it is not; the page unfolds it below the sentence of a remark."""
    is_wrong: bool
    sentences: Mapping[str, Sentence]
    """By the name of each; a sentence without one has the name ""."""


def _filled(text: str, values: Mapping[str, object]) -> str:
    return "".join(
        before + ("" if place is None else _put(values[place], spec or "", values))
        for before, place, spec, _ in Formatter().parse(text)
    )


def _put(value: object, spec: str, values: Mapping[str, object]) -> str:
    """A value in its place: of `one|more` one by its number, of `?text` the text where there is a value."""
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


_MOST_NAMED = 4
_SECTION = re.compile(r"^## (?P<code>[\w-]+)(?P<right> \(right\))?: (?P<title>.+)$", re.MULTILINE)
_ITEM = re.compile(r"- (?:\*(?P<name>[^*]+)\*: )?(?P<text>.+)")


def _mistakes(text: str) -> dict[str, Mistake]:
    found = {}
    heads = [*_SECTION.finditer(text)]
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        body = re.sub(r"^# .*", "", text[head.end() : following and following.start()], flags=re.MULTILINE)
        paragraphs = [" ".join(one.split()) for one in re.split(r"\n\n|\n(?=- )", body) if one.strip()]
        sentences = {}
        for one in filter(None, map(_ITEM.fullmatch, paragraphs)):
            said = one["text"].removesuffix(_REPORTED)
            sentences[one["name"] or ""] = Sentence(said, said != one["text"])
        found[head["code"]] = Mistake(head["title"], paragraphs[-1], not head["right"], sentences)
    return found


MISTAKES = Registry("mistake", _mistakes(Path(__file__).with_suffix(".md").read_text("utf-8")))
"""By its code, all that a check can name."""
