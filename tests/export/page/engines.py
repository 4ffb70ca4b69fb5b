"""The modules of the page at work in node and in a browser: asked by the names of functions of `asked.js`."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.chromium import CHROMIUM
from tests.export.page.node import NODE, needs_node

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs the command chromium")
each_engine = pytest.mark.parametrize(
    "engine",
    [
        pytest.param("node", marks=needs_node),
        pytest.param("chromium", marks=[needs_chromium, pytest.mark.browser]),
    ],
)
_FOLDER = Path(__file__).parent


def ask_node(name, given=None):
    """What a function answers in node."""
    done = subprocess.run(
        [NODE, str(_FOLDER / "ask.mjs"), name],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def asked_in(module_page):
    """A function that asks a page, as `ask_node` asks node."""
    # As text both ways, since a lone surrogate would not pass otherwise.
    question = """async ([name, given]) => {
      const { asked } = await import("/tests/export/page/asked.js")
      return JSON.stringify(await asked[name](JSON.parse(given)))
    }"""
    return lambda name, given=None: json.loads(module_page.evaluate(question, [name, json.dumps(given)]))


def engines(request):
    """Those that are here, by name."""
    asking = {"node": ask_node} if NODE else {}
    return asking | ({"chromium": asked_in(request.getfixturevalue("module_page"))} if CHROMIUM else {})
