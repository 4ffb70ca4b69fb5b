"""The words of the field: one sentence each, the same wherever it is shown.

A page passes its texts through `explained`, which makes the first mention of each term a link. The browser
shows its sentence beside it (`glossary.js`): under the pointer, at a tap, or when the keyboard comes to it.
"""

import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from pages.components.shared.assets import component

ADDRESS = "#term-"
"""The beginning of the link of a term."""

_NOUN = re.compile(r"(?<![ptd]ed)(?<!odds)(?<!\W)$")
"""Ends of forms that have a plural: no participle, no sign."""
_EXPLAINED = "terms_explained"  # term -> the place on the page that explains it
_IN_MARKDOWN = r"""
    `[^`]*` | \$[^$]*\$              # code, formulas
    | !?\[[^\]]*\]\([^)]*\)          # links, pictures
    | :[a-z]+/\w+: | https?://\S+    # icons, addresses
    | “[^”]*”                        # words of a text that was read
    | <[^>]*> | \\. | &\w+;
"""
_glossary = component("gatescope_glossary", __file__, "term.css", "streamlit_names.css", isolate_styles=False)


class GlossaryTerm(NamedTuple):
    """A word of the field."""

    name: str
    says: str
    """Meaning of the term in one short sentence."""
    forms: tuple[str, ...]
    """The ways to write it."""

    @property
    def address(self) -> str:
        """The address that its links lead to."""
        return ADDRESS + re.sub(r"\W", "-", self.name.lower())


@cache
def terms() -> tuple[GlossaryTerm, ...]:
    """All terms, in alphabetical order."""
    written = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    forms = {name: (name, *written["also"].get(name, ())) for name in written["says"]}
    return tuple(
        GlossaryTerm(name, says, (*forms[name], *map(_plural, filter(_NOUN.search, forms[name]))))
        for name, says in written["says"].items()
    )


def _plural(noun: str) -> str:
    """More than one of it.

    >>> _plural("batch"), _plural("vocabulary"), _plural("gate")
    ('batches', 'vocabularies', 'gates')
    """
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "tch")) else f"{noun}s"


def show_glossary() -> None:
    """The list of all terms behind a button, in app.py before the page runs: none is explained at first."""
    st.session_state[_EXPLAINED] = {}
    _glossary(key="glossary", data=[[term.name, term.says, term.address] for term in terms()], height=1)


def explained(text: str, place: str = "") -> str:
    """Markdown whose first mention of each term is a link, also when a fragment writes this place again."""
    return _marked(text, place or text, lambda written, term: f"[{written}]({term.address})")


def caption_with_terms(text: str, place: str, help: str | None = None) -> None:
    """A caption whose terms are explained."""
    st.caption(explained(text, place), help=help)


def terms_in(text: str, place: str) -> dict[str, str]:
    """The terms of a plain text that are first mentioned on the page there, as written -> their address."""
    found: dict[str, str] = {}

    def note(written: str, term: GlossaryTerm) -> str:
        found[written] = term.address
        return written

    _marked(text, place, note)
    return found


def _marked(text: str, place: str, link: Callable[[str, GlossaryTerm], str]) -> str:
    places = st.session_state.setdefault(_EXPLAINED, {})
    here: set[str] = set()

    def mark(found: re.Match[str]) -> str:
        written = found["term"]
        term = _terms_by_form()[written.replace("\\", "").lower()] if written else None
        if term is None or term.name in here or places.setdefault(term.name, place) != place:
            return found[0]
        here.add(term.name)
        return link(written, term)

    return _pattern().sub(mark, text)


@cache
def _terms_by_form() -> dict[str, GlossaryTerm]:
    return {form.lower(): term for term in terms() for form in term.forms}


@cache
def _pattern() -> re.Pattern[str]:
    """Matches text that stays as it is, or a form of a term as a whole word, the longest first."""
    escaped = (re.escape(form) for form in sorted(_terms_by_form(), key=len, reverse=True))
    forms = "|".join(re.sub(r"\\-|<", r"\\\\?\g<0>", form) for form in escaped)  # as `literal` writes it, too
    # The forms are outside of the verbose part, where a space would count for nothing.
    return re.compile(rf"(?x:{_IN_MARKDOWN})|(?<![\w-])(?P<term>{forms})(?![\w-])", re.IGNORECASE | re.DOTALL)
