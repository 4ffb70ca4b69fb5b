"""The zip of any model comes back as a run: whole, to the bit."""

import io
import json

import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.errors import ExportError, RunError
from rnn_core.export.archive import PACKING, zipped
from rnn_core.export.model_formats import MODEL_FORMATS
from rnn_core.models.model import Model
from rnn_core.notebook import TrainedModel
from rnn_core.progress import finish
from rnn_core.runs.publish import publish
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import export_run, import_run, model_to_export
from rnn_core.training.records import Record
from tests.cell_files.sources import write
from tests.export.made import save_small
from tests.own_cells.files import LEAKY
from tests.runs.workers import SMALL, trained, unpacked

pytestmark = pytest.mark.usefixtures("with_corpus")


@pytest.fixture
def store():
    return Store()


@pytest.fixture(scope="module")
def tiny():
    return RunConfig(data="verdict").with_settings(**SMALL, cell="gru")


def archive(*models):
    return finish(MODEL_FORMATS["zip"].export(models)).files[""]


def taken_in(store, model):
    """The run that was made of the zip of a model, and its model; all weights are those of before."""
    run = import_run(store, io.BytesIO(archive(model)))
    again = Model.load(store.folder(run.id), task=None)
    assert again.config == model.config
    assert again.vocabulary.words == model.vocabulary.words
    assert again.scores == model.scores
    for name, weights in model.classifier.state_dict().items():
        assert torch.equal(again.classifier.state_dict()[name], weights), name
    return run, again


def test_a_model_of_a_folder_comes_back_as_a_run(store, tmp_path):
    run, _ = taken_in(store, Model.load(save_small(tmp_path / "small", readout="attention", layers=2)))
    assert (run.name, run.state, run.total_steps, run.validation_accuracy) == ("small", "finished", 0, None)


def test_of_a_pretrained_model_its_scores_and_curves_come_along(store, tiny):
    made = trained(store, tiny)
    model = Model.load(publish(store, made.id, "handed", "It is small."))
    run, _ = taken_in(store, model)
    assert run.name == "handed"
    assert run.scores == made.scores
    assert run.total_steps == made.total_steps
    assert run.validation_accuracy == pytest.approx(made.validation_accuracy)
    assert store.records.all(run.id) == store.records.all(made.id)


def test_the_zip_of_a_run_is_the_one_that_runs_export_writes(store, tiny):
    run = trained(store, tiny)
    store.runs.describe(run.id, name="the first", note="It is\nsmall.", starred=True)
    content = archive(model_to_export(store, store.folder(run.id)))
    assert unpacked(content) == unpacked(export_run(store, run.id))
    assert content == archive(model_to_export(store, store.folder(run.id)))
    assert json.loads(unpacked(content)["run.json"])["note"] == "It is\nsmall."
    again = import_run(store, io.BytesIO(content))
    assert (again.name, again.note, again.scores) == ("the first", "It is\nsmall.", run.scores)


def test_a_run_is_exported_under_the_title_that_its_user_gave(store, tiny):
    run = trained(store, tiny)
    store.runs.describe(run.id, name='"""</script>', note="", starred=False)
    model = model_to_export(store, store.folder(run.id))
    assert model.name == '"""</script>'
    assert model("the film was good").label in model.config.classes


def test_a_model_that_was_trained_just_now_is_exported_unsaved(store, tmp_path):
    kept = Model.load(save_small(tmp_path / "small"))
    records = [
        Record(kind="validation", optimizer_step=step, epoch=step, loss=0.5, accuracy=accuracy, seconds=1.0)
        for step, accuracy in ((3, 0.75), (6, 0.5))
    ]
    parts = {"config": kept.config, "vocabulary": kept.vocabulary, "classifier": kept.classifier}
    model = TrainedModel(name="n" * 100, **parts, history=records)
    run, _ = taken_in(store, model)
    assert (run.name, run.total_steps) == ("n" * 80, 6)
    assert run.validation_accuracy == (0.75 if kept.config.training.keep == "best" else 0.5)
    assert store.records.all(run.id) == records


def test_a_network_of_three_classes_in_hebrew_comes_back(store, tmp_path):
    base = RunConfig(data="tickets", classes=("חיובי", "שלילי", "אחר"))
    _, again = taken_in(store, Model.load(save_small(tmp_path / "hebrew", base)))
    assert again.config.classes == ("חיובי", "שלילי", "אחר")


def test_a_cell_of_ones_own_goes_along_and_is_not_allowed_to_run_by_that(store, tiny, monkeypatch):
    write("leaky", LEAKY)
    run = trained(store, RunConfig(data="verdict").with_settings(**SMALL, cell="leaky"))
    content = archive(model_to_export(store, store.folder(run.id)))
    assert unpacked(content)["cell.py"] == LEAKY.encode()
    assert unpacked(content) == unpacked(export_run(store, run.id))


@pytest.mark.parametrize("spoilt", ["vocabulary.txt", "weights.safetensors"])
def test_a_run_without_a_model_or_a_part_of_it_is_refused(store, tiny, spoilt):
    run = trained(store, tiny)
    (store.folder(run.id) / spoilt).unlink()
    with pytest.raises(RunError, match=r"no model yet|no vocabulary\.txt any more"):
        model_to_export(store, store.folder(run.id))


def test_a_run_that_has_not_ended_is_refused(store, tiny):
    run = store.create(tiny)
    with pytest.raises(RunError, match="no model yet: it can be exported once it has ended with one"):
        model_to_export(store, store.folder(run.id))


def test_a_disk_that_is_full_while_it_is_packed_is_said(tmp_path, monkeypatch):
    model = Model.load(save_small(tmp_path / "small"))

    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ExportError, match=r"could not be put together in .*No space left.*Free some disk"):
        archive(model)


def test_packing_says_how_far_it_is_and_a_large_file_is_packed_in_pieces():
    said = [*zipped({"a": bytes(2_500_000), "b": b"", "c": b"1"})]
    assert {one.doing for one in said} == {PACKING}
    assert [one.done for one in said] == [1_000_000, 2_000_000, 2_500_000, 2_500_001]
    assert {one.total for one in said} == {2_500_001}
