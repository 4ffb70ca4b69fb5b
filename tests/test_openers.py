"""A docstring says what a thing does or is: it begins with a verb or a noun, never with a question or a preposition."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(path for folder in ("rnn_core", "pages", "benchmarks", "tests") for path in (ROOT / folder).rglob("*.py"))
OPENERS = {"what", "whether", "which", "how", "those", "of", "by", "as", "in", "on", "with", "for", "from", "to", "at"}


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each docstring: of the module, its classes and functions, and below fields."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for number, statement in enumerate(node.body):
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str):
                    if number == 0 or isinstance(node.body[number - 1], ast.Assign | ast.AnnAssign):
                        yield statement.lineno, statement.value.value


def wrong_openers(source: str) -> list[tuple[int, str]]:
    """Return line and first words of each docstring that begins as none should."""
    found = []
    for line, text in docstrings(source):
        first = " ".join(text.split()[:2]).lower()
        if first == "the same" or first.split(" ")[0].strip(",.:;") in OPENERS:
            found.append((line, " ".join(text.split()[:6])))
    return found


def test_no_docstring_opens_with_a_preposition():
    wrong = [f"{path.relative_to(ROOT)}:{line} {words}" for path in FILES for line, words in wrong_openers(path.read_text("utf-8"))]
    assert len(FILES) > 700
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "source",
    ['"""What it is."""', 'def f():\n    """Whether it is."""', 'class A:\n    x: int\n    """Of the call."""', 'class A:\n    """The same one."""', '"""By name."""'],
)
def test_a_wrong_opener_is_found(source):
    assert wrong_openers(source)


def test_a_noun_and_a_verb_are_openers():
    assert not wrong_openers('"""Tables."""\nclass A:\n    """Return it."""\n    x: int\n    """Index of the call."""\n    y = "Of text that is no docstring."')
