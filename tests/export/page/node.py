"""Node, which runs JavaScript without a browser; nobody who uses the app needs it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

_ASK = """
import { readFileSync } from "node:fs"
const { asked } = await import(process.argv[1])
process.stdout.write(JSON.stringify(await asked[process.argv[2]](JSON.parse(readFileSync(0, "utf8")))))
"""
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="needs Node, which tests of JavaScript run in (node)")


def node(*words, given=""):
    """Runs a program of Node, which must end well, and returns its output."""
    done = subprocess.run([NODE, *words], input=given, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ask_node(name, given=None):
    """Returns the answer of a function of `asked.js`."""
    module = Path(__file__).with_name("asked.js").as_uri()
    return json.loads(node("--input-type=module", "-e", _ASK, module, name, given=json.dumps(given)))
