"""`cells`: files are made, listed and allowed in a terminal."""

import json

import pytest
from click.testing import CliRunner

from rnn_core.cell_files.folder import cell_files
from rnn_core.cell_files.versions import is_allowed, keep
from rnn_core.cli import main
from rnn_core.config.run import RunConfig
from rnn_core.own_cells.beginnings import BEGINNINGS
from rnn_core.paths import own_cells_folder
from rnn_core.runs.store import Store
from tests.cell_files.sources import GATED, PLAIN, of, write


def call(*words, text=None):
    return CliRunner().invoke(main, ["cells", *words], input=text)


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_new_cell_begins_as_the_one_that_is_asked_for(beginning):
    done = call("new", "mine", "--from", beginning)
    assert done.stdout.startswith(f"Wrote {own_cells_folder() / 'mine.py'}\n")
    assert "--cell mine" in done.stdout
    assert [file.source for file in cell_files()] == [BEGINNINGS[beginning]]


@pytest.mark.parametrize("name", ["gru", "../mine", "my cell", "class", "taken"])
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(name):
    write("taken")
    done = call("new", name)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert [path.name for path in own_cells_folder().iterdir()] == ["taken.py"]
    assert call("new", "mine", "--from", "transformer").exit_code == 2


def test_the_list_says_what_each_file_is():
    assert "No cells of your own yet" in call("list").stdout
    gated, loop = write("gated", GATED), write("my_loop", "def run(cell, xs, lengths): ...")
    write("broken", "a = = 3")
    (own_cells_folder() / "gru.py").write_text(PLAIN)
    said = {one.get("name"): one for one in json.loads(call("list", "--json").stdout)}
    assert said["gated"] == {
        "name": "gated",
        "file": str(gated.path),
        "version": gated.version,
        "is_cell": True,
        "states": ["h", "c"],
        "seen": ["z", "q", "n", "g"],
        "problem": "",
    }
    assert not said["my_loop"]["is_cell"]
    assert "line 1: invalid syntax" in said["broken"]["problem"]
    assert "already a cell called gru" in said[None]["problem"]
    listed = call("list").stdout
    assert loop.name in listed
    assert gated.version in listed
    assert "states h, c; seen z, q, n, g" in listed


@pytest.mark.parametrize("by", ["version", "id", "name", "title"])
def test_what_came_with_an_imported_run_may_run_once_it_is_allowed(by):
    file = of(PLAIN)
    version = keep(file, allow=False)
    store = Store()
    run_id = store.create(RunConfig(data="verdict"), name="theirs").id
    with store.database.connection() as connection:
        config = RunConfig(data="verdict").with_settings(cell=version)
        connection.execute("UPDATE runs SET config = ?", (config.to_json(),))
    run = store.runs.get(run_id)
    asked = {"version": version, "id": run_id, "name": "theirs", "title": run.title}[by]
    refused = call("allow", asked, text="n\n")
    assert refused.exit_code == 1
    assert not is_allowed(file.digest)
    assert file.digest in refused.stderr
    assert f"{version}.py" in refused.stderr
    done = call("allow", asked, text="y\n")
    assert (done.exit_code, done.stdout) == (0, f"{version} may run on this machine.\n")
    assert is_allowed(file.digest)


def test_with_yes_nothing_is_asked_and_what_may_run_already_stays_so():
    file = of(PLAIN)
    version = keep(file, allow=False)
    for _ in range(2):
        done = call("allow", version, "--yes", "--json")
        assert json.loads(done.stdout)["digest"] == file.digest
        assert is_allowed(file.digest)
    assert call("allow", version).exit_code == 0


def test_what_no_run_is_called_and_a_run_without_a_cell_of_its_own_are_refused():
    Store().create(RunConfig(data="verdict"), name="ours")
    for run, why in (
        ("nothing", "no run with the id or name 'nothing'"),
        ("leaky@3f2a9c01b2d4", "no cell leaky@3f2a9c01b2d4"),
        ("ours", "has no cell of its own: gru comes with Gatescope"),
    ):
        done = call("allow", run, "--yes")
        assert done.exit_code == 1
        assert why in done.stderr


def test_a_command_takes_a_cell_by_the_name_of_its_file_and_says_what_is_wrong_with_it():
    write("leaky")
    helped = CliRunner().invoke(main, ["train", "--help"]).stdout
    assert "|leaky]" in "".join(helped.split())
    assert "leaky@" not in helped
    write("leaky", "a = = 3")
    done = CliRunner().invoke(main, ["train", "--data", "verdict", "--cell", "leaky"])
    assert done.exit_code == 2
    assert "leaky.py, line 1: invalid syntax" in done.stderr
    done = CliRunner().invoke(main, ["train", "--data", "verdict", "--cell", "transformer"])
    assert "'transformer' is not one of 'elman', 'ugrnn'" in done.stderr
