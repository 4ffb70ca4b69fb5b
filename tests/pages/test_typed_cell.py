"""A cell that was typed on every page: `test_made_up.py` opens each page, panel and command with it.

Its saved text is another one by now, and code of one's own may not run.
"""

import contextlib

import pytest

from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.typed import typed_cell
from rnn_core.cell_files.typed_files import save_cell
from tests.cell_files.sources import JANET
from tests.pages.everywhere import MadeUp

CELL = typed_cell(f"# name: janet\n{JANET}")


@contextlib.contextmanager
def changed_since():
    """The saved cell of its name is another one, and own code is off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "0")
        save_cell("janet", JANET.replace("tanh", "relu"))
        yield


MEMBERS = {
    "a typed cell": MadeUp(
        setting="cell",
        name=CELL.text,
        registered=changed_since,
        said={"cells": "odot", "read": CELL.name_apart, "inside": "■ W"},
    )
}
