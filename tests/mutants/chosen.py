"""A plugin of pytest that runs the chosen tests alone, in their order, and quick ones before slow ones."""

import json
import os
from pathlib import Path

import pytest

CHOSEN = "GATESCOPE_CHOSEN_TESTS"
"""The variable that names a JSON file: a list of node ids, or nothing for all that are collected."""


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    from tests.conftest import is_long  # loaded by pytest after this file

    result = yield
    chosen = json.loads(Path(os.environ[CHOSEN]).read_text(encoding="utf-8"))
    if chosen is not None:
        asked = {item.nodeid: item for item in items}
        items[:] = [asked[node] for node in chosen if node in asked]
    items.sort(key=is_long)
    return result
