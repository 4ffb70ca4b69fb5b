"""A cell of a file of the user's, which is its equations everywhere but on Build.

`test_made_up.py` opens every page, panel and command with one whose file is another by now; here is what only
a file has, and a run of before, whose setting is a version of a file.
"""

import contextlib
import subprocess

import pytest

from rnn_core.cell_files import folder
from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.versions import keep, versions_folder
from rnn_core.errors import CellError
from rnn_core.paths import own_cells_folder
from rnn_core.symbols import CELLS
from tests.cell_files.sources import PLAIN, PLAIN_TEXT, checked, of, traced, write
from tests.pages.elements import as_written, said
from tests.pages.everywhere import TEXT, MadeUp

WORDS = PLAIN_TEXT.replace("\n", "  # new content\n")
OLDER = f"# as it was\n{PLAIN}"
pytestmark = pytest.mark.slow


@contextlib.contextmanager
def changed_since():
    """A cell whose file was saved again after its check, where code may not run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "0")
        checked("slow", OLDER, WORDS)
        write("slow", PLAIN)
        yield


MEMBERS = {
    "a cell of a file": MadeUp(
        setting="cell",
        name=traced(of(OLDER, "slow"), WORDS).cell.text,
        registered=changed_since,
        said={
            "cells": "new content",
            "read": "The file slow.py has changed since: this run keeps the source",
            "inside": "■ W",
        },
    )
}


def opened(open_app, page, variant):
    return open_app(page, {"model": "mine", "variant": variant}, review_text=TEXT)


def test_pages_show_its_equations_and_its_source(open_app, make_model):
    text = checked("slow").cell.text
    make_model("mine", cell=text)
    for page in ("read", "cells"):
        app = opened(open_app, page, text)
        assert not app.warning
        assert any("class Leaky(nn.Module)" in code.value for code in app.code)
        assert any(r"\tanh" in latex.value for latex in app.latex)
    assert "slow" in app.get_by_key("cells_variant").options


def imported(monkeypatch, refused):
    """It came with a run."""
    (own_cells_folder() / "slow.py").unlink()
    (versions_folder() / "allowed" / of(PLAIN, "slow").digest).unlink()
    monkeypatch.setattr(folder, "_seen", {})  # as in another process


def switched_off(monkeypatch, refused):
    monkeypatch.setenv(SWITCH, "0")


def not_traced(monkeypatch, refused):
    refused.refusal = CellError("slow.py, line 15: sort has no equation.")


WHY = {
    imported: "came with an imported run, and its code does not run here",
    switched_off: "gatescope app --own-cells",
    not_traced: "sort has no equation",
}


@pytest.mark.parametrize("made_so", WHY, ids=lambda made_so: made_so.__name__)
def test_where_it_has_no_equations_read_says_why(
    open_app, make_model, monkeypatch, read_as_equations, made_so
):
    """Every page opens, shows its code where it can be read, and starts nothing."""
    version = keep(write("slow"))
    make_model("mine", cell=version)
    for path in versions_folder().glob("*.json"):
        path.unlink()
    made_so(monkeypatch, read_as_equations)
    begun, begin = [], subprocess.Popen.__init__
    monkeypatch.setattr(subprocess.Popen, "__init__", lambda *a, **more: begun.append(a) or begin(*a, **more))
    for page in ("home", "data", "train", "experiments", "cells", "read"):
        app = opened(open_app, page, version)
    assert WHY[made_so] in said(app)
    assert any("class Leaky(nn.Module)" in code.value for code in app.code)
    assert [words for words in begun if "own_cells" in str(words)] == []


def test_a_run_of_before_is_read_and_then_listed(open_app, make_model, read_as_equations):
    version = keep(write("slow"))
    make_model("mine", cell=version)
    write("slow", OLDER)
    app = opened(open_app, "read", version)
    assert not app.error
    older = f"slow, older ({version.partition('@')[2][:4]})"
    assert older in as_written(app)
    assert older in opened(open_app, "cells", version).get_by_key("cells_variant").options
    assert read_as_equations == [version]


def test_a_version_that_was_never_here_is_another_cell(open_app):
    app = open_app("cells", {"variant": keep(of(PLAIN, "gone"), allow=False)[:-1] + "0"}, review_text=TEXT)
    assert app.get_by_key("cells_variant").value in CELLS.registered()
