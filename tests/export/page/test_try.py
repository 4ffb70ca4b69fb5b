"""The project's own page, `docs/try/index.html`: made by the command of today, and it answers as Python does.

python -m rnn_core export reader --to html --out docs/try/index.html --force
"""

import json
import re
from pathlib import Path

import pytest

from rnn_core.export.html import PAGE_FORMAT
from rnn_core.models.model import Model
from tests.chromium import CHROMIUM

PROJECT = Path(__file__).parents[3]
PAGE = PROJECT / "docs" / "try" / "index.html"
MAKE_AGAIN = "make it again with the command at the top of this test"
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs the command chromium")]


def test_its_format_is_the_one_of_today_and_its_size_that_of_something_to_look_at():
    [data] = re.findall(
        r'<script type="application/json" id="network-\d">(.*?)</script>', PAGE.read_text("utf-8")
    )
    assert json.loads(data)["format"] == PAGE_FORMAT, MAKE_AGAIN
    assert PAGE.stat().st_size <= 2_500_000


SHOWS = """([label, share]) => {
  const { dataset } = document.querySelector(".answer .end [data-share]")
  return dataset.label === label && Math.abs(dataset.share - share) <= 0.005
}"""
"""JavaScript: whether the page gives a class this probability, up to what rounded weights may change."""


def test_its_answers_are_those_of_the_network_of_today(chromium):
    model = Model.load(PROJECT / "artifacts" / "pretrained" / "reader")
    page = chromium.new_page()
    page.goto(PAGE.as_uri())
    for text in ("What a film!", "Not a bad film at all.", "I wanted to like it."):
        answer = model(text)
        page.locator("textarea").fill(text)
        page.wait_for_function(SHOWS, arg=[answer.label, answer.probability], timeout=10_000)
    page.close()
