"""Terms of the field: one sentence each, to which the first mention on a page leads; symbols in equations."""

import ast
import re
from pathlib import Path

import pytest
import streamlit as st

from pages.components.shared import glossary
from pages.components.shared.equations import convention, equations
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained, terms, terms_in
from rnn_core.config.run import all_settings
from rnn_core.figures.colours import LIGHT, colour_of, ink
from rnn_core.symbols import CELLS

PROJECT = Path(__file__).resolve().parents[3]
FOLDERS = ["pages", *(f"rnn_core/{name}" for name in ("config", "figures", "baselines", "sweeps"))]
MOST_WORDS = 24


MARKED = glossary._marked


@pytest.fixture(autouse=True)
def terms_marked(terms_unmarked, monkeypatch):
    """And each test is a page of its own."""
    monkeypatch.setattr(glossary, "_marked", MARKED)
    st.session_state.pop(glossary._EXPLAINED, None)


def written(folder):
    """All strings of a folder's modules but for docstrings."""
    found = []
    for file in (PROJECT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            body = getattr(node, "body", None)
            for statement in body if isinstance(body, list) else []:
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    statement.value.value = None
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    findings = [file.read_text(encoding="utf-8") for file in (PROJECT / folder).rglob("*.md")]
    return [*found, *findings]


def test_every_term_is_used_and_says_a_short_sentence():
    """A sentence doesn't use its own word; terms are in alphabetical order, and no form belongs to two."""
    said = "\n".join(text for folder in FOLDERS for text in written(folder))
    said += "\n".join(setting.words for setting in all_settings().values())
    for term in terms():
        forms = "|".join(map(re.escape, term.forms))
        assert re.search(rf"(?<![\w-])({forms})(?![\w-])", said, re.IGNORECASE), term.name
        assert len(term.says.split()) <= MOST_WORDS, term.name
        assert re.fullmatch(r"[^.]+(\.\d[^.]*)?\.", term.says), term.name
        assert term.name.lower() not in term.says.lower(), term.name
    names = [term.name.lower() for term in terms()]
    assert names == sorted(names)
    forms = [form.lower() for term in terms() for form in term.forms]
    assert len(forms) == len(set(forms))
    assert len({term.address for term in terms()}) == len(terms())


MARKED_AS = {
    "A norm, norms; Gates.": "A [norm](#term-norm), norms; [Gates](#term-gate).",
    "Hidden state, cell state.": "[Hidden state](#term-hidden-state), [cell state](#term-cell-state).",
    "normal, reset-gate, logit": "normal, reset-gate, [logit](#term-logit)",
    literal("an NB-SVM"): r"an [NB\-SVM](#term-nb-svm)",
    literal("beyond noise, p < 0.001"): r"beyond noise, [p \<](#term-p-value) 0.001",
}
"""A text -> its first mentions marked: the longest term, as a whole word."""


@pytest.mark.parametrize("text", MARKED_AS)
def test_the_first_mention_alone_is_marked(text):
    """A text that is written again keeps its marks: a fragment runs again without the rest of its page."""
    for _ in range(2):
        assert explained(text, "a") == MARKED_AS[text]
    assert explained(text, "b") == text
    assert explained("A seed.", "b") == "A [seed](#term-seed)."


UNTOUCHED = (
    "`norm` $norm$ [norm](a) ![norm](norm.png) https://a.org/norm :material/seed: \\norm <norm> “norm”"
)


@pytest.mark.parametrize("text", UNTOUCHED.split())
def test_a_link_code_a_formula_or_a_quote_is_untouched(text):
    assert explained(f"It is {text}.", "a") == f"It is {text}."


def test_terms_of_a_plain_text_have_addresses():
    assert terms_in("The norm of a norm, by {number}", "a") == {"norm": "#term-norm"}
    assert terms_in("The norm", "another place") == {}


@pytest.mark.usefixtures("verdict_only")
@pytest.mark.parametrize("page", ["home", "data", "read", "experiments", "cells", "build"])
def test_a_page_explains_each_term_once(open_app, make_model, page):
    make_model("gru", cell="gru")
    app = open_app(page)
    said = " ".join(part.value for part in [*app.markdown, *app.caption, *app.info])
    marks = re.findall(r"\]\((#term-[\w-]+)\)", said)
    assert marks
    assert len(marks) == len(set(marks))


@pytest.mark.parametrize("cell", CELLS)
def test_each_symbol_wears_the_colour_of_its_role(cell):
    formula = equations(cell, LIGHT)
    for known in CELLS[cell].symbols:
        if known.equation:
            assert rf"\textcolor{{{ink(colour_of(known), LIGHT)}}}{{{known.latex}}}" in formula


def test_commands_and_indices_of_equations_stay():
    formula = equations("lstm", LIGHT)
    assert r"\sigma(W_i x + U_i " in formula
    assert r"\tanh(" in formula
    plain = re.sub(r"\\textcolor\{#\w+\}\{(\w)\}", r"\1", equations("gru", LIGHT))
    assert r"h' &= (1 - z) \odot h + z \odot n" in plain


def test_what_differs_in_the_paper_stands_below():
    """Where there is something."""
    assert convention("gru") == CELLS["gru"].convention
    said = convention("s6")
    assert said.startswith(CELLS["s6"].convention)
    assert said.endswith(f"Other in the paper: {CELLS['s6'].differs}")
