"""Errors that a person may meet are full sentences, wherever they are raised."""

import ast
import functools
from pathlib import Path

from rnn_core.errors import ConfigError, GatescopeError, RunError, UnreadableRunError, reason, system_in_words

ROOT = Path(__file__).parents[1]
FOLDERS = ("rnn_core", "pages", "benchmarks")
REASONS = {"FormatError", "VocabularyError", "WeightsError", "DamagedTextError", "NoEquationsError"}
"""A reader's reason for a wrong value; the caller, who knows the file, puts it into a sentence."""
SIGNALS = {
    "DivergedError", "EndedError", "LostWorkerError", "NoFormulaError", "NotFiniteError", "RefusedError",
    "ScoringStoppedError", "SubmissionError", "TooLargeError", "TooManyError", "_StoppedError",
    "_TooSlowError", "_TransferError",
}  # fmt: skip
"""Caught where they are raised, and without a text of their own for people."""


@functools.cache
def sources():
    """Each file of the code that speaks of an error, with all that stands in it."""
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    texts = ((path, path.read_text(encoding="utf-8")) for path in files)
    return [(path, [*ast.walk(ast.parse(text))]) for path, text in texts if "Error" in text]


@functools.cache
def classes():
    """The names of GatescopeError and of all that derive from it."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for _, nodes in sources()
        for node in nodes
        if isinstance(node, ast.ClassDef)
    }
    found = {GatescopeError.__name__}
    while more := {name for name, its in bases.items() if its & found} - found:
        found |= more
    return found


def sentences():
    """Each place that makes an error with a sentence, and its parts; None in the place of a value."""
    known = classes()
    for path, nodes in sources():
        for node in nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
                texts = [one for one in node.args if isinstance(one, ast.JoinedStr | ast.Constant)]
                parts = getattr(texts[0], "values", texts) if texts else []
                if parts:
                    said = [part.value if isinstance(part, ast.Constant) else None for part in parts]
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", said


def test_an_error_is_a_sentence_or_begins_with_a_name():
    """It has a capital letter and a full stop, behind a value, too; one that ends in another has its."""
    without, all_sentences = [], list(sentences())
    for place, parts in all_sentences:
        *before, last = parts
        if last is None:
            before = before[-1] if before else ""
            if before is not None and not before.rstrip().endswith((".", ":")) and before.strip():
                without.append(place)
        elif not last.endswith("."):
            without.append(place)
    assert without == []
    assert [place for place, (first, *_) in all_sentences if first is not None and first[:1].islower()] == []
    assert len(all_sentences) > 100


def test_every_error_is_for_people_a_reason_or_signal():
    defined = [node.name for _, nodes in sources() for node in nodes if isinstance(node, ast.ClassDef)]
    declared = {name for name in defined if name.endswith("Error") or name == "CannotCompile"}
    assert declared == classes() | REASONS | SIGNALS


def test_an_error_is_whole_sentences():
    assert str(RunError("No space left on device")) == "No space left on device."
    assert str(RunError("Wait, then try again.")) == "Wait, then try again."
    error = UnreadableRunError("260214-153012-k3fq", "In its scores, it must be a number.", "mine")
    assert "of Gatescope: In its scores, it must be a number. It can be deleted" in str(error)
    assert (error.why, error.name) == ("In its scores, it must be a number.", "mine")


def test_a_reason_is_an_error_as_part_of_a_sentence():
    of_system = OSError(28, "No space left on device", "/runs"), OSError("a pipe")
    assert [*map(reason, of_system)] == ["No space left on device", "a pipe"]
    full = "/runs: No space left on device. Free some disk space, or choose another place."
    assert [*map(system_in_words, of_system)] == [full, "a pipe."]
    assert reason(ConfigError("Epochs must be a number.")) == "Epochs must be a number"
    assert reason(ValueError("it must be a list")) == "it must be a list"
