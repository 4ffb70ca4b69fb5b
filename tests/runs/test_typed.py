"""JANET, typed: saved, trained, read, held, swept, exported and imported; its run has all of it.

Whatever becomes of the saved cell, and where code of one's own may not run.
"""

import io
import json

import pytest

from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.typed import delete_cell, save_cell
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import load_corpus
from rnn_core.errors import RunError
from rnn_core.export.written import MODEL_FORMATS, export_models
from rnn_core.inspection.clamps import as_clamps, read_clamped
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.runs.publish import publish
from rnn_core.runs.run import FINISHED
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import export_run, import_run
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep
from rnn_core.training.estimate import estimate
from tests.cell_files.sources import JANET
from tests.export.pytorch_answers import code_of
from tests.runs.workers import SMALL, trained
from tests.zips import unzipped, zipped

OTHER = "h' = tanh(x @ W + h @ U + b)"
TEXTS = ["what a good film", "a bad one"]


@pytest.fixture
def config(monkeypatch):
    monkeypatch.setenv(SWITCH, "0")
    save_cell("janet", JANET)
    return RunConfig(data="verdict").with_settings(**SMALL, cell="janet")


@pytest.fixture
def run(store, config):
    """A run whose saved cell became another one while it waited."""
    run = store.create(config, foreground=True)
    save_cell("janet", OTHER, replace=True)
    store.delete(run.id)
    return trained(store, config)


def test_it_is_trained_read_and_held(store, run, config):
    assert (run.state, run.config) == (FINISHED, config), run.message
    assert not (store.folder(run.id) / "cell.py").exists()
    delete_cell("janet")
    model = Model.load(store.folder(run.id))
    held = read_clamped(model, trace(model, TEXTS[0]), as_clamps("f=1"))
    assert not held.arrays["h"].any()  # what is kept whole is never written
    assert estimate(config, load_corpus("verdict")).parameters == sum(
        weights.numel() for weights in model.classifier.parameters()
    )


def test_its_zip_brings_it_along(store, run, config, tmp_path, monkeypatch):
    """The other machine has a different cell of its name, so it comes under a new one."""
    before, content = Model.load(store.folder(run.id)).probabilities(TEXTS), export_run(store, run.id)
    files = unzipped(content)
    values = json.loads(files["config.json"])
    assert values["model"]["cell"] == config.model.cell
    values["model"]["cell"] = values["model"]["cell"].replace("name: janet", "name: mine")
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(tmp_path / "elsewhere"))
    save_cell("janet", OTHER)
    renamed = zipped(files | {"config.json": json.dumps(values).encode()})
    for file, name in ((content, "janet ("), (renamed, "mine")):
        found = import_run(store := Store(), io.BytesIO(file))
        assert found.config.differences(config) == {}
        assert found.config.model.declared.name.startswith(name)
        model = Model.load(store.folder(found.id))
        assert model.probabilities(TEXTS).tolist() == before.tolist()
        assert store.records.all(found.id)


def test_a_zip_whose_cell_can_not_be_is_refused(store, run):
    files = unzipped(export_run(store, run.id))
    values = json.loads(files["config.json"])
    for cell, why in {
        "janet": "names the cell 'janet' without its version",
        "h' = tnh(x @ W)": "Line 1, column 6",
        "h' = x @ W" + "#" * 50_000: "at most 4,000",
        "h' = tanh(x @ W + b)": "can't be read",  # whose weights are others
    }.items():
        values["model"]["cell"] = cell
        with pytest.raises(RunError, match=why):
            import_run(store, io.BytesIO(zipped(files | {"config.json": json.dumps(values).encode()})))
    assert len(store.runs.all()) == 1


def test_every_format_has_it(store, run, tmp_path):
    """Code that is handed on computes the same."""
    model = Model.load(store.folder(run.id))
    for name, form in MODEL_FORMATS.items():
        export_models([model], tmp_path / f"mine{form.suffix}", to=name)
    network = code_of(tmp_path / "mine").Network()
    for text, probabilities in zip(TEXTS, model.probabilities(TEXTS).tolist(), strict=True):
        assert [*network.probabilities(text).values()] == pytest.approx(probabilities, abs=1e-6)


def test_its_card_says_its_equations(store, run):
    card = (publish(store, run.id, "mine", "Nobody asked.") / "README.md").read_text()
    assert (
        "to be saved as `janet.txt`:\n\n    # name: janet\n    f = sigmoid(x @ W_f + h @ U_f + b_f)" in card
    )
    assert "--cell janet" in card
    assert Model.load("mine").config == run.config


@pytest.mark.slow
def test_processes_of_a_sweep_have_it(store, config):
    sweep = Sweep(name="try", base=config, cases=[{"cell": "janet"}, {"cell": "gru"}], seeds=[0])
    delete_cell("janet")
    assert len(list(run_sweep(sweep, store, workers=2))) == 2
    assert {run.state for run in store.runs.all()} == {FINISHED}
    assert len(Results("try").all()) == 2
