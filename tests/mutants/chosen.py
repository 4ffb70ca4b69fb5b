"""A plugin of pytest that runs the chosen tests alone, in their order, and quick ones before slow ones."""

import json
import os
from pathlib import Path

import pytest

CHOSEN = "GATESCOPE_CHOSEN_TESTS"
"""The variable that names a JSON file: a list of node ids, or nothing for all that are collected."""


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    result = yield
    chosen = json.loads(Path(os.environ[CHOSEN]).read_text(encoding="utf-8"))
    if chosen is not None:
        place = {node: number for number, node in enumerate(chosen)}
        items[:] = [item for item in items if item.nodeid in place]
        items.sort(key=lambda item: place[item.nodeid])
    items.sort(key=lambda item: any(mark.name in ("slow", "browser") for mark in item.iter_markers()))
    return result
