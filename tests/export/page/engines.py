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


def asked_of(engine, request):
    """A function that asks this engine; the browser is started where it is the one."""
    return ask_node if engine == "node" else asked_in(request.getfixturevalue("module_page"))


def engines(request):
    """All that are here, by name."""
    here = [name for name, program in (("node", NODE), ("chromium", CHROMIUM)) if program]
    return {name: asked_of(name, request) for name in here}
