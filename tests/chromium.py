"""The browser of the tests."""

import shutil

from benchmarks.app.browser import CHROMIUM_FLAGS

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""Chromium without a window, where that is installed: it takes a quarter less for a page."""
FLAGS = [*CHROMIUM_FLAGS, "--js-flags=--single-threaded"]
"""Other tests have the other cores: what compiles ahead there takes a tenth more of all."""
