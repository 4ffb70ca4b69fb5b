"""The zip of any model comes back as a run: whole, to the bit."""

import io

import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.errors import ExportError
from rnn_core.export.archive import PACKING, zipped
from rnn_core.export.written import MODEL_FORMATS
from rnn_core.models.model import Model
from rnn_core.notebook import TrainedModel
from rnn_core.progress import finish
from rnn_core.runs.publish import publish
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import export_run, import_run, model_to_export
from rnn_core.training.records import Record
from tests.cell_files.sources import PLAIN, checked
from tests.export.made import small_model
from tests.runs.workers import SMALL, trained
from tests.zips import unzipped


@pytest.fixture(autouse=True)
def small_corpus(small_verdict_cache, monkeypatch):
    monkeypatch.setenv("GATESCOPE_CACHE", str(small_verdict_cache))


def train(cell="gru"):
    return trained(Store(), RunConfig(data="verdict").with_settings(**SMALL, cell=cell))


def archive(model):
    return finish(MODEL_FORMATS["zip"].export([model])).files[""]


def taken_in(model):
    """The run that was made of the zip of a model; all that belongs to the model is that of before."""
    store = Store()
    run = import_run(store, io.BytesIO(archive(model)))
    again = Model.load(store.folder(run.id), task=None)
    assert again.config == model.config
    assert again.vocabulary.words == model.vocabulary.words
    assert again.scores == model.scores
    for name, weights in model.classifier.state_dict().items():
        assert torch.equal(again.classifier.state_dict()[name], weights), name
    return run


def test_a_model_comes_back_as_a_run():
    model = small_model(classes=("חיובי", "שלילי", "אחר"), readout="attention", layers=2, bigrams=9)
    run = taken_in(model)
    assert (run.name, run.state, run.total_steps, run.validation_accuracy) == ("small", "finished", 0, None)


def test_scores_and_curves_come_along():
    store, made = Store(), train()
    run = taken_in(Model.load(publish(store, made.id, "handed", "It is small.")))
    assert (run.name, run.scores, run.total_steps) == ("handed", made.scores, made.total_steps)
    assert run.validation_accuracy == pytest.approx(made.validation_accuracy)
    assert store.records.all(run.id) == store.records.all(made.id)


@pytest.mark.parametrize("cell", ["gru", "leaky"])
def test_the_zip_is_the_one_of_runs_export(cell):
    """A cell of a file has its source there, too."""
    checked("leaky")
    store, run = Store(), train(cell)
    store.runs.describe(run.id, name='"""</script>', note="It is\nsmall.", starred=True)
    content = archive(model_to_export(store, store.folder(run.id)))
    assert unzipped(content) == unzipped(export_run(store, run.id))
    assert unzipped(content).get("cell.py") == (PLAIN.encode() if cell == "leaky" else None)
    again = import_run(store, io.BytesIO(content))
    assert (again.name, again.note, again.scores) == ('"""</script>', "It is\nsmall.", run.scores)


def test_a_model_trained_just_now_is_exported_unsaved():
    kept = small_model()
    records = [
        Record(kind="validation", optimizer_step=step, epoch=step, loss=0.5, accuracy=accuracy, seconds=1.0)
        for step, accuracy in ((3, 0.75), (6, 0.5))
    ]
    parts = {"config": kept.config, "vocabulary": kept.vocabulary, "classifier": kept.classifier}
    run = taken_in(TrainedModel(name="n" * 100, **parts, history=records))
    assert (run.name, run.total_steps) == ("n" * 80, 6)
    assert run.validation_accuracy == (0.75 if kept.config.training.keep == "best" else 0.5)
    assert Store().records.all(run.id) == records


def test_a_full_disk_is_said(monkeypatch):
    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ExportError, match=r"could not be put together in .*No space left.*Free some disk"):
        archive(small_model())


def test_a_large_file_is_packed_in_pieces():
    said = [*zipped({"a": bytes(2_500_000), "b": b"", "c": b"1"})]
    assert {one.doing for one in said} == {PACKING}
    assert [one.done for one in said] == [1_000_000, 2_000_000, 2_500_000, 2_500_001]
    assert {one.total for one in said} == {2_500_001}
