"""What the documents say of exports, held against what is exported."""

import re
from pathlib import Path

from rnn_core.export.bundle import bundle
from rnn_core.export.page_file import page_file

PROJECT = Path(__file__).parents[2]
DECISIONS = (PROJECT / "docs" / "decisions" / "exports.md").read_text("utf-8")


def test_the_page_without_a_network_is_as_small_as_the_decision_says():
    [most] = re.findall(r"without\s+weights is under (\d\.\d+) MB", DECISIONS)
    assert len(page_file("", [], bundle("main.js"))) < 1e6 * float(most)
