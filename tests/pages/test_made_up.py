"""A made-up member of each kind on every page, panel and command: its registration is all that they need.

A new kind walks in by a row of `MEMBERS`, a command by a row of `COMMANDS`, a page by itself.
"""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

import app as served
from pages.components.shared.settings import train_address
from rnn_core.config.run import RunConfig
from rnn_core.export.format import Format
from rnn_core.export.formats import TRACE_FORMATS, TableFormat
from rnn_core.export.written import MODEL_FORMATS
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import RUN_FORMATS
from tests.cli.calls import call, done
from tests.export.made import NAMES
from tests.pages import test_cell_of_a_file, test_made_up_cell, test_made_up_corpus, test_made_up_readout
from tests.pages import test_made_up_task as of_task
from tests.pages.conftest import save_untrained
from tests.pages.elements import everything, figures, put
from tests.pages.everywhere import TEXT, ask, panels_of, registered
from tests.runs.workers import SMALL, artifacts_in, trained

pytestmark = pytest.mark.slow

MEMBERS = test_made_up_cell.MEMBERS | test_cell_of_a_file.MEMBERS | test_made_up_readout.MEMBERS
MEMBERS |= test_made_up_corpus.MEMBERS | of_task.MEMBERS
PAGES = dict.fromkeys(served.PAGES, lambda network: {}) | {
    "data": lambda network: {"data_reviews": network.config.data},
    "train": lambda network: train_address(network.config),
    "run": lambda network: {"run": network.run},
    "experiments": lambda network: {"sweep": "cells", "own_question": "1"},
    "cells": lambda network: {"model": network.run, "variant": network.config.model.variant},
    "read": lambda network: {"model": network.run},
}
"""Page -> what its address says, where more of a member is shown with one."""
COMMANDS = {
    "predict": (TEXT,),
    "evaluate": (),
    "runs show": (),
    "export": ("--out", "a.zip"),
    "trace": (TEXT, "--out", "a.json"),
}
"""Command -> what it is given after the name of a network."""


@pytest.fixture(scope="module", params=MEMBERS.values(), ids=MEMBERS)
def made(request, tmp_path_factory, small_verdict_cache):
    """A run of a made-up member, trained for a moment, beside another network."""
    member, home = request.param, tmp_path_factory.mktemp("made-up")
    cache = shutil.copytree(small_verdict_cache, home / "cache")
    with artifacts_in(home / "artifacts", cache), member.registered():
        run = trained(Store(), member.config)
        save_untrained(pretrained_folder() / "other", RunConfig(data="verdict"))
        yield SimpleNamespace(member=member, config=member.config, run=run.id, home=home)


@pytest.fixture
def network(made, own_folders):
    with artifacts_in(made.home / "artifacts", made.home / "cache"):
        yield made


def test_every_page_that_has_a_file_is_offered():
    assert set(served.PAGES) == {path.stem for path in Path(served.__file__).parent.glob("pages/[a-z]*.py")}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_it(open_app, network, page):
    """Read shows every panel and picture, Train what was seen inside a run."""
    member = network.member
    app = open_app("train" if page == "run" else page, PAGES[page](network), review_text=TEXT, token=2)
    if page in member.refused:
        assert member.refused[page] in everything(app)
        return
    assert not app.error
    assert member.said.get(page, "") in everything(app)
    if page == "train":
        assert app.session_state["train_settings"][member.setting] == member.name
    if page == "cells" and member.setting == "cell":
        assert app.get_by_key("cells_variant").value == member.name
    if page == "run":
        put(app, run_view="Inside")
        assert member.said.get("inside", "") in everything(app) + str(figures(app))
    if page == "read":
        for panel in panels_of(Model.load(Store().folder(network.run), task=None)):
            ask(app, panel)
            assert not app.error, panel
        put(app, read_view="What the verdict depends on")
        assert not app.error


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_it(network, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = call(*command.split(), network.run, *COMMANDS[command])
    if command in network.member.refused:
        assert answer.exit_code
        assert network.member.refused[command] in answer.output
        return
    assert answer.exit_code == 0, answer.output
    assert network.member.said.get(command, "") in answer.output
    if command == "trace":
        assert json.dumps(network.member.name) in (tmp_path / "a.json").read_text()


COUNT = TableFormat(
    label="How many", suffix=".count", mime="text/plain",
    content=lambda table: f"{table.num_rows} time steps".encode(),
)  # fmt: skip
ID = Format(label="its id", suffix=".id", mime="text/plain", content=lambda store, run: run.encode())
FORMATS = {
    "a trace": (TRACE_FORMATS, "count", COUNT, "read", "How many", "trace {run.id} film", "2 time steps"),
    "a run": (RUN_FORMATS, "id", ID, "train", "Export as its id", "runs export {run.id} --to id", "{run.id}"),
}


@pytest.mark.parametrize("of", FORMATS)
def test_a_format_is_offered_and_written(open_app, with_corpus, tmp_path, of):
    """Both the page and the command have it."""
    registry, name, form, page, label, command, content = FORMATS[of]
    run = trained(Store(), RunConfig(data="verdict").with_settings(**SMALL))
    with registered(registry, name, form):
        app = open_app(page, {"model": run.id, "run": run.id}, review_text=TEXT, read_panel="Export", token=2)
        assert label in [button.proto.label for button in app.get("download_button")]
        out = tmp_path / f"a{form.suffix}"
        words = command.format(run=run).split()
        done(*words, "--out", out)
        assert out.read_text() == content.format(run=run)
        refused = call(*words, "--out", out, "--to", "html")
        assert refused.exit_code == 2
        said = "There is no format of a run called 'html'. Choose one of: zip, id."
        assert of != "a run" or said in refused.stderr


def test_help_says_what_a_format_of_models_is_for():
    with registered(MODEL_FORMATS, "names", NAMES):
        assert NAMES.help in " ".join(done("export --help").stdout.split())
