"""The examples in docstrings are true, in every module that has any."""

import doctest
import importlib
from pathlib import Path

from rnn_core.paths import pretrained_folder

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for folder in ("rnn_core", "pages/components")
    for path in (ROOT / folder).rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


def test_the_examples_in_the_docstrings_are_true(with_corpus):
    pretrained_folder().parent.mkdir()
    pretrained_folder().symlink_to(ROOT / "artifacts" / "pretrained")  # examples read them, and write nothing
    assert len(MODULES) > 30
    for name in MODULES:
        failures, attempted = doctest.testmod(importlib.import_module(name))
        assert attempted, name
        assert not failures, name
