"""Chromium for the exported page, whose modules come from the disk: nothing listens, nothing is loaded."""

import json
from pathlib import Path

import pytest

from rnn_core.export.page_file import colour_sheet
from tests.export.page.node import ask_node, needs_node

PROJECT = Path(__file__).parents[3]
_PLACE = "http://modules.test"
_FOR_NODE = {"node:test": "test.js", "node:assert/strict": "assert.js"}
_TYPES = {".js": "text/javascript", ".json": "application/json", ".css": "text/css", ".html": "text/html"}


@pytest.fixture(scope="module")
def module_page(browser):
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
        if path and not (PROJECT / path).is_file():
            route.fulfill(status=404)  # what imports it fails, and waits for nothing
            return
        source = (PROJECT / path).read_bytes() if path else empty.encode()
        route.fulfill(body=source, content_type=_TYPES[Path(path).suffix or ".html"])

    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.route("**/*", serve)
    page.goto(f"{_PLACE}/")
    yield page
    page.close()


@pytest.fixture(scope="module")
def ask_chromium(module_page):
    """A function that asks a function of `asked.js` by its name."""
    # As text both ways, since a lone surrogate would not pass otherwise.
    question = """async ([name, given]) => {
      const { asked } = await import("/tests/export/page/asked.js")
      return JSON.stringify(await asked[name](JSON.parse(given)))
    }"""
    return lambda name, given=None: json.loads(module_page.evaluate(question, [name, json.dumps(given)]))


@pytest.fixture(
    scope="module",
    params=[pytest.param("node", marks=needs_node), pytest.param("chromium", marks=pytest.mark.browser)],
)
def ask(request):
    """A function that asks as `ask_chromium` does, in each of the two."""
    return ask_node if request.param == "node" else request.getfixturevalue("ask_chromium")
