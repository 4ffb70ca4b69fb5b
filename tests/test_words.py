"""Words that must not come back: a student whose English is middling reads a sentence once.

All that people read is looked at, on screen, on the command line and in the documents, and the code with it.
"""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]

AVOIDED = {
    "anew": "again",
    "whoever|whomever": "anyone who",
    "heed|heeds|heeded": "follow",
    "owe|owes|owed": "contributes",
    "heard|hears": "reads, uses",
    "told|tells": "says, sets apart",
    r"(?:what|all) (?:it|they|that) (?:came|comes) to": "the result",
    r"(?:take|takes|taken)(?: it| them| this| that)? along": "export",
    "chance": "the random generator, the seed, or noise over seeds",
}
"""What is avoided, as a pattern of whole words, and the usual word for it."""

REVIEWS = {"verdict_sentences.py", "examples.py"}
"""Files of made-up reviews, whose authors write as they like."""

KEY = '["chance"]'
"""Of checkpoints written before; names in files on disk stay as they are."""

FILES = [PROJECT / "app.py", *PROJECT.glob("*.md")] + [
    path
    for folder in ("pages", "rnn_core", "benchmarks", "docs", "artifacts/pretrained")
    for path in (PROJECT / folder).rglob("*.*")
    if path.suffix in {".py", ".js", ".html", ".md"} and path.name not in REVIEWS
]


def found(avoided: str, text: str) -> list[str]:
    """The places of `text` that have what is avoided, with what is around them."""
    joined = re.sub(r'"\s+f?"', "", text.replace(KEY, ""))  # strings in a row are one sentence
    pattern = rf"\b(?:{avoided})\b".replace(" ", r"\s+")
    return [
        joined[max(0, match.start() - 40) : match.end() + 40].replace("\n", " ")
        for match in re.finditer(pattern, joined, re.IGNORECASE)
    ]


@pytest.mark.parametrize("avoided", AVOIDED)
def test_the_usual_word_stands_where_people_read(avoided):
    places = [
        f"{path.relative_to(PROJECT)}: … {place} …"
        for path in FILES
        for place in found(avoided, path.read_text(encoding="utf-8"))
    ]
    assert not places, f"Write {AVOIDED[avoided]!r} instead:\n" + "\n".join(places)


def test_a_word_is_found_across_lines_and_only_as_a_whole():
    assert found("chance", 'f"by "\n    "Chance."')
    assert found("came to", "what it came\nto")
    assert not found("told", "untold, told_to_stop")
