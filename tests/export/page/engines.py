"""The page's modules at work in a browser and in node, without a page around them."""

import contextlib
import json
import subprocess
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.app.browser import CHROMIUM_FLAGS
from tests.chromium import CHROMIUM
from tests.export.page.node import NODE

PROJECT = Path(__file__).parents[3]
_ASKED = "tests/export/page/asked.js"
_PLACE = "http://modules.test"


@contextlib.contextmanager
def node():
    """A function that asks node: the name of a function of `asked.js`, and what it is given."""

    def ask(name, given=None):
        command = [NODE, str(PROJECT / _ASKED.replace("asked.js", "ask.mjs")), name]
        done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    yield ask


@contextlib.contextmanager
def chromium():
    """A function that asks Chromium, as `node` does; one page for all questions."""

    def serve(route):
        file = PROJECT / route.request.url.removeprefix(f"{_PLACE}/")
        route.fulfill(
            body=file.read_bytes() if file.suffix == ".js" else b"", content_type=_TYPES[file.suffix]
        )

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        page = browser.new_page()
        page.route("**/*", serve)
        page.goto(f"{_PLACE}/index.html")

        def ask(name, given=None):
            # As text both ways, since a lone surrogate would not pass otherwise.
            return json.loads(page.evaluate(_QUESTION, [name, json.dumps(given)]))

        yield ask
        browser.close()


_TYPES = {".js": "text/javascript", ".html": "text/html"}
_QUESTION = f"""async ([name, given]) => {{
  const {{ asked }} = await import("/{_ASKED}")
  return JSON.stringify(asked[name](JSON.parse(given)))
}}"""
