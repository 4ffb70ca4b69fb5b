"""A run travels as one zip file, and comes back whole."""

import io
import json
from importlib import import_module

import pytest
from click.testing import CliRunner

from rnn_core.cli import main
from rnn_core.errors import RunError
from rnn_core.models.model import Model
from rnn_core.runs.transfer import export_run, import_run
from tests.runs.workers import trained


@pytest.fixture
def exported(store, tiny):
    run = trained(store, tiny)
    store.runs.describe(run.id, name="the first", note="It is\nsmall.", starred=True)
    return run.id, export_run(store, run.id)


def test_a_run_whose_deletion_was_killed_is_not_exported_in_part(store, exported):
    run_id, _ = exported
    (store.folder(run_id) / "vocabulary.txt").unlink()
    with pytest.raises(RunError, match=r"no vocabulary\.txt any more"):
        export_run(store, run_id)
    store.delete(run_id)
    assert store.runs.all() == []


def test_a_run_comes_back_whole_under_an_id_of_its_own(store, exported):
    old_id, content = exported
    run, old = import_run(store, io.BytesIO(content)), store.runs.get(old_id)
    assert run.id != old.id
    kept = "name note state message config scores validation_accuracy total_steps optimizer_step"
    for field in kept.split():
        assert getattr(run, field) == getattr(old, field), field
    assert store.records.all(run.id) == store.records.all(old.id)
    one, two = (Model.load(store.folder(run_id)) for run_id in (run.id, old_id))
    assert one.vocabulary.to_text() == two.vocabulary.to_text()
    weights = [(model.folder / "weights.safetensors").read_bytes() for model in (one, two)]
    assert weights[0] == weights[1]
    assert not store.runs.active()
    store.delete(run.id)


def test_a_run_without_a_model_is_not_exported(store, tiny):
    run = store.create(tiny)
    with pytest.raises(RunError, match="no model yet"):
        export_run(store, run.id)


def test_the_command_line_exports_and_imports(store, exported, tmp_path):
    out = tmp_path / "run.zip"
    assert CliRunner().invoke(main, ["runs", "export", exported[0], "--out", str(out)]).exit_code == 0
    elsewhere = str(tmp_path / "no" / "x.zip")
    nowhere = CliRunner().invoke(main, ["runs", "export", exported[0], "--out", elsewhere])
    assert nowhere.exit_code == 1
    assert "x.zip: No such file or directory" in nowhere.output
    taken = CliRunner().invoke(main, ["runs", "import", str(out), "--json"])
    assert json.loads(taken.output)["state"] == "finished"
    (tmp_path / "none.zip").write_bytes(b"none")
    refused = CliRunner().invoke(main, ["runs", "import", str(tmp_path / "none.zip")])
    assert refused.exit_code == 1
    assert "no zip file of a run" in refused.output


def test_a_run_is_imported_from_a_pipe_which_can_not_be_read_backwards(store, exported, monkeypatch):
    class Pipe(io.BytesIO):
        def seek(self, *_):
            raise io.UnsupportedOperation("seek")

    monkeypatch.setattr(import_module("rnn_core.cli.runs"), "standard_input", lambda: Pipe(exported[1]))
    taken = CliRunner().invoke(main, ["runs", "import", "-", "--json"])
    assert json.loads(taken.output)["state"] == "finished"


def test_a_name_a_note_and_a_star_are_kept(store, tiny):
    run = store.create(tiny)
    store.runs.describe(run.id, name=" a\tname ", note="one\ntwo\x00", starred=True)
    run = store.runs.get(run.id)
    assert (run.name, run.note, run.starred) == ("a name", "one\ntwo", True)
    with pytest.raises(RunError, match="at most 2,000 characters"):
        store.runs.describe(run.id, name="", note="x" * 3_000, starred=False)
    with pytest.raises(RunError, match="at most 80 characters, got 5,000"):
        store.runs.describe(run.id, name="x" * 5_000, note="", starred=False)
