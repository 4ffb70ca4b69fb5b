"""Node, which runs JavaScript without a browser; nobody who uses the app needs it."""

import shutil

import pytest

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="needs Node, which tests of JavaScript run in (node)")
