"""Chromium for the exported page, whose modules come from the disk: nothing listens, nothing is loaded."""

import json
from pathlib import Path

import pytest

from benchmarks.app.browser import CHROMIUM_FLAGS
from rnn_core.export.page_file import colour_sheet
from tests.chromium import CHROMIUM

PROJECT = Path(__file__).parents[3]
_PLACE = "http://modules.test"
_FOR_NODE = {"node:test": "test.js", "node:assert/strict": "assert.js"}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


@pytest.fixture(scope="session")
def chromium(playwright):
    if CHROMIUM is None:
        pytest.skip("needs the command chromium")
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def module_page(chromium):
    """An empty page with the colours of figures, which can import modules of the project by their path.

    What its modules import of Node is in the folder in_browser.
    """
    imports = {name: f"{_PLACE}/tests/export/page/in_browser/{file}" for name, file in _FOR_NODE.items()}
    head = (
        '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<script type="importmap">{json.dumps({"imports": imports})}</script>'
    )
    empty = f"{head}<style>{colour_sheet()}\nbody {{background:var(--background)}}</style><body></body>"

    def serve(route):
        path = route.request.url.removeprefix(f"{_PLACE}/")
        source = (PROJECT / path).read_bytes() if path else empty.encode()
        route.fulfill(body=source, content_type=_TYPES[Path(path).suffix or ".html"])

    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    page.route("**/*", serve)
    page.goto(f"{_PLACE}/")
    yield page
    page.close()
