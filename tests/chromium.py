"""The browser of the tests."""

import shutil

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""Chromium without a window, where that is installed: it takes a quarter less for a page."""
