"""A docstring begins with a verb or a noun, never with a question or a preposition."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("rnn_core", "pages", "benchmarks", "tests")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
OPENERS = set("what whether which how those of by as in on with for from to at so another".split())
PAIRS = {("the", "same"), ("all", "of")}
FEWEST = 2
"""Words with more than one letter: a docstring that is a shape says nothing of what has it."""
HOMES = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each docstring: of the module, its classes and functions, and below fields."""
    for home in ast.walk(ast.parse(source)):
        if not isinstance(home, HOMES):
            continue
        for before, statement in zip([None, *home.body], home.body, strict=False):
            match statement:
                case ast.Expr(value=ast.Constant(value=str(text))) if before is None or isinstance(
                    before, ast.Assign | ast.AnnAssign
                ):
                    yield statement.lineno, text


def wrong_openers(source: str) -> list[tuple[int, str]]:
    """Return line and first words of each docstring that begins as none should."""
    found = []
    for line, text in docstrings(source):
        words = [word.lower().strip(",.:;()") for word in text.split()]
        said = [word for word in words if len(word) > 1 and word[-1].isalpha()]
        if words[0] in OPENERS or tuple(words[:2]) in PAIRS or len(said) < FEWEST:
            found.append((line, " ".join(text.split()[:6])))
    return found


def test_no_docstring_opens_with_a_preposition():
    assert len(FILES) > 700
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {words}"
        for path in FILES
        for line, words in wrong_openers(path.read_text("utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "source",
    [
        '"""What it is."""',
        'def f():\n    """Whether it is."""',
        'class A:\n    x: int\n    """Of the call."""',
        'class A:\n    """The same one."""',
        '"""By name."""',
        '"""So many tokens."""',
        '"""All of it."""',
        'class A:\n    x: int\n    """(N, T)."""',
    ],
)
def test_a_wrong_opener_is_found(source):
    assert wrong_openers(source)


def test_nouns_and_verbs_are_openers():
    source = 'def f():\n    """Return it."""\n    g()\n    "Of no field."'
    assert not wrong_openers(source)
