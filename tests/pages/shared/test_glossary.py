"""Terms of the field: one sentence each, and the first mention on a page leads to it."""

import ast
import re
from pathlib import Path

import pytest
import streamlit as st

from pages.components.shared import glossary
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained, explained_html, terms

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


def test_every_term_is_used_somewhere():
    said = "\n".join(text for folder in FOLDERS for text in written(folder))
    for term in terms():
        forms = "|".join(map(re.escape, (term.name, *term.forms)))
        assert re.search(rf"(?<![\w-])({forms})(?![\w-])", said, re.IGNORECASE), term.name


def test_each_sentence_is_one_and_short_and_says_something_else_than_its_term():
    for term in terms():
        assert len(term.says.split()) <= MOST_WORDS, term.name
        assert re.fullmatch(r"[^.]+(\.\d[^.]*)?\.", term.says), term.name
        assert term.name.lower() not in term.says.lower(), term.name


def test_terms_are_in_alphabetical_order_and_no_form_belongs_to_two():
    names = [term.name.lower() for term in terms()]
    assert names == sorted(names)
    forms = [form.lower() for term in terms() for form in (term.name, *term.forms)]
    assert len(forms) == len(set(forms))
    assert len({term.address for term in terms()}) == len(terms())


def test_the_first_mention_alone_is_marked():
    assert explained("A norm, norms; Gates.", "a") == "A [norm](#term-norm), norms; [Gates](#term-gate)."
    assert explained("A norm, a gate, a seed.", "b") == "A norm, a gate, a [seed](#term-seed)."


def test_a_text_that_is_written_again_keeps_its_marks():
    """A fragment runs again without the rest of its page."""
    once = explained("A norm.", "a")
    assert explained("A norm.", "a") == once
    assert explained("A norm.", "b") == "A norm."


def test_the_longest_term_is_taken_and_only_as_a_whole_word():
    assert explained("The hidden state of a cell state.", "a") == (
        "The [hidden state](#term-hidden-state) of a [cell state](#term-cell-state)."
    )
    assert explained("normal, reset-gate, logit", "b") == "normal, reset-gate, [logit](#term-logit)"
    assert explained(literal("an NB-SVM"), "b") == r"an [NB\-SVM](#term-nb-svm)"
    assert explained(literal("beyond noise, p < 0.001"), "c") == r"beyond noise, [p \<](#term-p-value) 0.001"


UNTOUCHED = (
    "`norm` $norm$ [norm](a) ![norm](norm.png) https://a.org/norm :material/seed: \\norm <norm> “norm”"
)


@pytest.mark.parametrize("text", UNTOUCHED.split())
def test_no_term_inside_of_a_link_code_a_formula_or_a_quoted_word_is_touched(text):
    assert explained(f"It is {text}.", "a") == f"It is {text}."


def test_html_keeps_its_tags_and_what_is_escaped():
    text = '<b title="a norm">norm</b> &lt;seed&gt; <a href="/">gate</a> <code>unit</code> &norm;'
    assert explained_html(text, "a") == (
        '<b title="a norm"><a href="#term-norm">norm</a></b> &lt;<a href="#term-seed">seed</a>&gt; '
        '<a href="/">gate</a> <code>unit</code> &norm;'
    )


def test_the_list_gets_each_sentence_as_text():
    """Some have `<unk>` in them."""
    script = Path(glossary.__file__).with_suffix(".js").read_text(encoding="utf-8")
    assert "innerHTML" not in script
    assert any("<" in term.says for term in terms())


@pytest.mark.usefixtures("verdict_only")
@pytest.mark.parametrize("page", ["home", "data", "read", "experiments", "cells", "build"])
def test_a_page_explains_each_term_once(open_app, make_model, page):
    make_model("gru", cell="gru")
    app = open_app(page)
    said = " ".join(part.value for part in [*app.markdown, *app.caption, *app.info])
    marks = re.findall(r"\]\((#term-[\w-]+)\)", said)
    assert marks
    assert len(marks) == len(set(marks))
