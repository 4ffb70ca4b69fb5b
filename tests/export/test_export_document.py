"""What the documents say of exports, held against what is exported."""

import re
from pathlib import Path

import pytest

from rnn_core.export.bundle import bundle
from rnn_core.export.html import page_of
from rnn_core.export.model_formats import MODEL_FORMATS
from rnn_core.export.page_file import page_file
from rnn_core.models.model import Model
from tests.export.page.sample import stored

PROJECT = Path(__file__).parents[2]
DOCUMENT = (PROJECT / "docs" / "export.md").read_text("utf-8")
DECISIONS = (PROJECT / "docs" / "decisions" / "exports.md").read_text("utf-8")
[_ROW] = re.findall(r"^\| size \|(.*)$", DOCUMENT, re.MULTILINE)
SIZES = dict(zip(("gru", "reader", "best"), re.findall(r"\d+\.\d+(?= MB)", _ROW), strict=True))
"""The megabytes of a page, by network, in the document's row of sizes."""


def test_every_format_has_its_row_in_the_order_in_which_they_are_offered():
    assert re.findall(r"^\| `(\w+)` \|", DOCUMENT, re.MULTILINE) == list(MODEL_FORMATS)


def test_the_page_without_a_network_is_as_small_as_the_decision_says():
    [most] = re.findall(r"without\s+weights is under (\d\.\d+) MB", DECISIONS)
    assert len(page_file("", [], bundle("main.js"))) < 1e6 * float(most)


@pytest.mark.parametrize("name", ["gru", "reader"])
def test_a_page_is_as_large_as_the_document_says(name):
    model = Model.load(PROJECT / "artifacts" / "pretrained" / name)
    assert len(page_of([model], [stored(model)])) / 1e6 == pytest.approx(float(SIZES[name]), rel=0.05)
