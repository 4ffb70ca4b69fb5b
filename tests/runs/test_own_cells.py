"""A run with a cell of the user's own is a run like any other, and keeps the source that it began with."""

import io
import json
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load, save

from rnn_core.cell_files.versions import allow_to_run, current, is_allowed, kept
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import recommended_config
from rnn_core.errors import CellError, ConfigError, RunError
from rnn_core.models.model import Model
from rnn_core.paths import child_environment, import_folder
from rnn_core.runs import queue
from rnn_core.runs.publish import publish
from rnn_core.runs.run import DIVERGED, FAILED, FINISHED
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import export_run, import_run
from rnn_core.runs.worker import run_in_foreground
from tests.cell_files.sources import GATED, PLAIN, write
from tests.own_cells.files import LEAKY, leaky_that
from tests.runs.workers import SMALL, packed, trained, unpacked, wait_until


@pytest.fixture(autouse=True)
def nothing_runs_here_afterwards(monkeypatch):
    monkeypatch.setattr("rnn_core.cell_files.folder._seen", {})  # the files of other tests
    monkeypatch.setattr("rnn_core.own_cells.here._runs", False)


def config_of(cell, **settings):
    return RunConfig(data="verdict").with_settings(**{**SMALL, "cell": cell, **settings})


@pytest.fixture
def config():
    write("leaky", LEAKY)
    return config_of("leaky")


@pytest.mark.parametrize("source", [LEAKY, PLAIN, GATED], ids=["leaky", "plain", "gated"])
def test_it_trains_to_its_end_and_has_a_copy_of_its_source(store, source):
    file = write("mine", source)
    run = trained(store, config_of("mine", hidden_size=3))
    assert run.state == FINISHED, run.message
    assert run.config.model.cell == file.version
    assert (store.folder(run.id) / "cell.py").read_bytes() == file.content
    assert run.scores["accuracy"] >= 0


def test_a_changed_file_is_another_cell_and_the_run_keeps_its_own(store, config):
    run = trained(store, config)
    write("leaky", PLAIN)
    changed = config_of("leaky")
    assert changed.model.cell != run.config.model.cell
    assert store.runs.get(run.id).config == config
    assert kept(config.model.cell).source == LEAKY
    assert config.model.declared.name.startswith("leaky, older (")
    assert changed.model.declared.name == "leaky"


def test_a_file_that_is_gone_before_the_run_begins_is_trained_all_the_same(store, config):
    run = store.create(config, foreground=True)
    kept(config.model.cell).path.unlink()
    assert current("leaky") is None
    list(run_in_foreground(store, run.id, print))
    assert store.runs.get(run.id).state == FINISHED
    assert Model.load(store.folder(run.id)).config == config


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("raise ValueError('no')", "ValueError: no"),
        ("import nowhere", "The package nowhere isn't installed"),
        ("import sys; sys.exit(3)", "It ends the process"),
        ("x = x @ x", "cannot be multiplied"),
        ("input()", "It reads standard input"),
    ],
)
def test_what_its_code_raises_is_said_with_the_line_and_no_traceback(store, statement, said, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())  # as a worker has it
    write("leaky", leaky_that(statement).source)
    run = trained(store, config_of("leaky"))
    assert run.state == FAILED
    assert run.message.startswith("leaky.py, line 15: ")
    assert said in run.message
    assert statement in run.message
    assert "Traceback" not in run.message


def test_numbers_that_are_no_longer_finite_diverge_as_those_of_any_cell(store):
    write("leaky", LEAKY.replace("return (h + n) / 2", "return (h + n) / 0 * 0"))
    assert trained(store, config_of("leaky")).state == DIVERGED


def test_the_queue_takes_it_and_a_cluster_or_the_pretrained_models_do_not(store, config):
    config.model.declared.check_for_workers()
    with pytest.raises(ConfigError, match=r"leaky\.py is code of your own"):
        config.model.declared.check_stays_here()
    run = trained(store, config)
    with pytest.raises(RunError, match=rf"Run {run.id} can't become a pretrained model\. leaky\.py is code"):
        publish(store, run.id, "mine", "nothing")


@pytest.fixture
def imported(store, config, tmp_path, monkeypatch):
    """A run on another machine, which never saw its file."""
    content = export_run(store, trained(store, config).id)
    assert unpacked(content)["cell.py"] == LEAKY.encode()
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(tmp_path / "elsewhere"))
    monkeypatch.setattr("rnn_core.cell_files.folder._seen", {})
    with monkeypatch.context() as patch:
        patch.setattr("rnn_core.own_cells.process.OwnProcess.asking", asked)
        return import_run(Store(), io.BytesIO(content))


def asked(*_arguments, **_more):
    raise AssertionError("the code of an imported cell was to run")


def test_an_imported_run_is_shown_and_its_code_does_not_run(imported, config, monkeypatch):
    monkeypatch.setattr("rnn_core.own_cells.process.OwnProcess.asking", asked)
    store = Store()
    assert store.runs.get(imported.id).config == config
    assert store.records.all(imported.id)
    assert kept(config.model.cell).source == LEAKY
    assert not is_allowed(kept(config.model.cell).digest)
    with pytest.raises(CellError, match=f"gatescope cells allow {config.model.cell}"):
        Model.load(store.folder(imported.id))
    with pytest.raises(ConfigError, match="gatescope cells allow"):
        store.create(config)
    assert unpacked(export_run(store, imported.id))["cell.py"] == LEAKY.encode()


def test_an_imported_run_that_was_allowed_is_read_and_trained(imported, config):
    allow_to_run(kept(config.model.cell).digest)
    assert Model.load(Store().folder(imported.id)).config == config
    assert trained(Store(), config).state == FINISHED


def test_a_cell_in_a_zip_must_be_the_one_that_the_settings_name(store, config):
    files = unpacked(export_run(store, trained(store, config).id))
    spoilt = {
        "is not the cell": {"cell.py": PLAIN.encode()},
        "is no text in UTF-8": {"cell.py": b"\0"},
        "There is no cell": {"config.json": renamed(files["config.json"], "leaky@000000000000")},
        "can't be kept": {"config.json": renamed(files["config.json"], f"../{config.model.cell}")},
        "without its version": {"config.json": renamed(files["config.json"], "leaky")},
    }
    for said, changed in spoilt.items():
        some = {**files, **changed}
        if said in ("There is no cell", "without its version"):
            del some["cell.py"]
        before = [run.id for run in store.runs.all()]
        with pytest.raises(RunError, match=said):
            import_run(store, packed(some))
        assert [run.id for run in store.runs.all()] == before


def renamed(config, cell):
    values = json.loads(config)
    values["model"]["cell"] = cell
    return json.dumps(values).encode()


def test_weights_of_an_imported_cell_that_may_not_run_are_checked_beside_the_cell(imported, config):
    store = Store()
    files = unpacked(export_run(store, imported.id))
    weights = load(files["weights.safetensors"])
    weights["head.weight"] = torch.zeros(3, 3)
    with pytest.raises(RunError, match=r"head\.weight must be"):
        import_run(store, packed({**files, "weights.safetensors": save(weights)}))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="its crashes have no signals")
@pytest.mark.usefixtures("forked_workers", "real_worker")
def test_a_crash_of_its_code_is_said_with_the_line(store):
    write("leaky", leaky_that("import os; os.abort()").source)
    run = store.create(config_of("leaky"))
    queue.start_next(store)
    wait_until(lambda: store.runs.get(run.id).state == FAILED)
    said = store.runs.get(run.id).message
    assert (
        said == "leaky.py, line 15: The process that ran the code crashed (Aborted): `import os; os.abort()`."
    )


HURRIED = """
from rnn_core.runs import own_code
from rnn_core.runs.worker import run_worker

own_code.LONGEST_CALL, own_code._LOOK_EVERY = 0.3, 0.1
run_worker({!r})
"""


@pytest.mark.slow
def test_a_loop_that_never_ends_is_ended_with_its_line(store):
    write("leaky", leaky_that("while True: pass").source)
    run = store.create(config_of("leaky"))
    worker = [sys.executable, "-c", HURRIED.format(run.id)]
    ended = subprocess.run(
        worker, cwd=import_folder(), env=child_environment(), capture_output=True, check=False
    )
    said = (
        "leaky.py, line 15: The code computed for 0.3 s and did not come to an end (an endless loop?): "
        "`while True: pass`."
    )
    assert (ended.returncode, ended.stderr.decode().strip()) == (1, said)
    run = store.runs.get(run.id)
    assert (run.state, run.message) == (FAILED, said)


@pytest.mark.parametrize(
    "settings",
    [
        {"layers": 2, "bidirectional": True, "layer_dropout": 0.2},
        {"readout": "attention", "weight_averaging": 0.9, "adversarial": 0.5},
        {"skip_padding": False, "class_weights": "balanced", "optimizer": "sgd"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_it_stands_in_any_network_and_training(store, config, settings):
    run = trained(store, config.with_settings(**settings))
    assert run.state == FINISHED, run.message
    assert Model.load(store.folder(run.id)).config == run.config


def test_it_learns_a_language(store):
    write("leaky", LEAKY)
    asked = {
        "cell": "leaky",
        "reviews": 100,
        "epochs": 1,
        "hidden_size": 5,
        "embedding_size": 3,
        "threads": 1,
    }
    run = trained(store, recommended_config("language-anbn-n3").with_settings(**asked))
    assert run.state == FINISHED, run.message
