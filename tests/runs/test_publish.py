"""A run becomes a pretrained model."""

import dataclasses
import threading

import pytest
import torch
from filelock import FileLock
from safetensors.torch import load_file

from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.errors import DataError, ModelFolderError, RunError
from rnn_core.files import write_json
from rnn_core.models.catalogue import list_models
from rnn_core.models.model import Model, evaluate
from rnn_core.paths import pretrained_folder
from rnn_core.runs import publish as module
from rnn_core.runs.publish import card, publish
from rnn_core.training.records import Record, read_history
from tests.runs.workers import trained


def card_in(folder):
    return (folder / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def published(store, finished):
    """The folder of the run as a model called small; no test leaves another file beside it."""
    folder = publish(store, finished.id, "small", "The first.")
    yield folder
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []


def test_a_published_run_is_a_model_with_a_card(published, tiny):
    assert list_models()[0].name == "small"
    model, said = Model.load(published), card_in(published)
    assert model.config == tiny
    assert f"{model.scores['accuracy']:.2%}" in said
    assert "python -m rnn_core train --data verdict --vocab-size 50 --max-length 8" in said
    assert "The first." in said


def test_halved_weights_have_their_own_scores(store, finished):
    """Scores of the run, whose scoring may have been stopped, are not needed."""
    of_run = {**Model.load(store.folder(finished.id)).scores}
    store.runs.finish(finished.id, "finished", "", {})
    (store.folder(finished.id) / "scores.json").unlink()
    folder = publish(store, finished.id, "half", "The first.", half=True)
    assert {weight.dtype for weight in load_file(folder / "weights.safetensors").values()} == {torch.float16}
    model = Model.load(folder)
    found = evaluate(model, load_corpus(model.config.corpus)).scores.to_dict()
    assert {**model.scores} == found != of_run
    assert f"{found['loss']:.4f} nats" in card_in(folder)


def test_a_card_names_the_teachers(store, finished, tiny):
    """None of them gives way to the network that they taught."""
    for name in ("one", "other"):
        publish(store, finished.id, name, "It teaches.")
    run = trained(store, tiny.with_settings(teachers="one+other"))
    with pytest.raises(RunError, match="learned from a network called one; give it another name"):
        publish(store, run.id, "one", "It was taught.", replace=True)
    said = card_in(publish(store, run.id, "taught", "It was taught."))
    assert "--teachers one+other" in said
    assert "the answers of `one` and `other`, which must be trained before it" in said


def test_a_refusal_leaves_the_model_of_that_name(store, finished, published, tiny, monkeypatch):
    with pytest.raises(RunError, match=r"There is a pretrained model called small already\..*--replace"):
        publish(store, finished.id, "small", "The second.")
    (store.folder(finished.id) / "weights.safetensors").unlink()
    with pytest.raises(RunError, match=r"has no weights\.safetensors"):
        publish(store, finished.id, "small", "The second.", replace=True)
    waiting = store.create(tiny, foreground=True)
    with pytest.raises(RunError, match="only a finished run"):
        publish(store, waiting.id, "small", "The second.", replace=True)
    with pytest.raises(ModelFolderError, match="letters, digits"):
        publish(store, finished.id, "../small", "The second.")
    monkeypatch.setattr(module, "_PATIENCE", 0)
    lock = FileLock(pretrained_folder().with_suffix(".lock"))
    with lock, pytest.raises(RunError, match="Another window is publishing a model just now"):
        publish(store, finished.id, "another", "The second.")
    assert "The first." in card_in(published)
    assert list(published.parent.iterdir()) == [published]


@pytest.mark.parametrize(
    ("scores", "accuracy", "kind", "said"),
    [
        ({}, 0.5, "validation", "lacks its scores on the test reviews"),
        (None, None, "validation", "lacks its accuracy on the validation reviews"),
        (None, 0.5, "training", "lacks an evaluation in its history"),
    ],
)
def test_a_run_lacking_what_its_card_says_is_refused(store, finished, scores, accuracy, kind, said):
    if scores is not None:
        store.runs.finish(finished.id, "finished", "", scores)
    store.runs.update(finished.id, validation_accuracy=accuracy)
    record = Record(kind=kind, optimizer_step=1, epoch=1.0, loss=0.7, accuracy=0.5, seconds=1.0)
    write_json(store.folder(finished.id) / "history.json", [record.to_dict()])
    with pytest.raises(RunError, match=said):
        publish(store, finished.id, "small", "It is small.")
    assert list(pretrained_folder().iterdir()) == []


def test_a_model_is_replaced_whole(store, finished, published, monkeypatch):
    (published / "notes.txt").write_text("of the first")
    copy, models = module.shutil.copyfile, []

    def watched_copy(source, target):
        models.append([entry.name for entry in list_models() if entry.is_pretrained])
        assert "The first." in card_in(published)
        assert Model.load(published)
        copy(source, target)
        assert target.parent != published

    monkeypatch.setattr(module.shutil, "copyfile", watched_copy)
    publish(store, finished.id, "small", "The second.", replace=True)
    assert models == [["small"]] * 5
    assert "The second." in card_in(published)
    assert not (published / "notes.txt").exists()


def test_a_run_in_place_of_the_model_stays(store, finished):
    pretrained_folder().mkdir(parents=True)
    (pretrained_folder() / "small").symlink_to(store.folder(finished.id), target_is_directory=True)
    with pytest.raises(DataError, match="would replace"):
        publish(store, finished.id, "small", "It is small.", replace=True)
    assert Model.load(store.folder(finished.id))


def test_a_model_comes_back_after_a_killed_publishing(store, finished, published):
    killed = published.with_name(".small.a1b2c3d4")
    (killed / "new").mkdir(parents=True)
    published.rename(killed / "old")
    with pytest.raises(RunError, match="There is a pretrained model called small already"):
        publish(store, finished.id, "small", "The second.")
    assert "The first." in card_in(published)


@pytest.mark.parametrize("other", ["small", "another"])
def test_two_that_publish_at_once_undo_nothing(store, finished, published, tiny, monkeypatch, other):
    given = {"args": (store, finished.id, other, "Beside."), "kwargs": {"replace": True}}
    beside, copy = threading.Thread(target=publish, **given), module.shutil.copyfile

    def copy_while_another_publishes(source, target):
        if beside.ident is None:
            beside.start()
            beside.join(0.2)
        copy(source, target)

    monkeypatch.setattr(module.shutil, "copyfile", copy_while_another_publishes)
    publish(store, finished.id, "small", "The second.", replace=True)
    beside.join()
    said = {path.name: card_in(path) for path in published.parent.iterdir()}
    assert said.keys() == {"small", other}
    assert "Beside." in said[other]
    assert Model.load(published.with_name(other)).config == tiny


@pytest.mark.parametrize(
    ("cell", "keep", "said"),
    [
        ("elman", "best", ("\nA plain RNN (Elman) with", "are those of the best evaluation", "after 1.00")),
        ("lstm", "last", ("\nAn LSTM with", "are those at the end of the training", "after 2.00 epochs")),
    ],
)
def test_a_card_says_whose_weights_it_has(finished, tiny, cell, keep, said):
    usual = {"kind": "validation", "loss": 0.5, "seconds": 1}
    scores = enumerate((0.9, 0.8), start=1)
    evaluations = [Record(**usual, epoch=n, optimizer_step=4 * n, accuracy=score) for n, score in scores]
    run = dataclasses.replace(finished, config=tiny.with_settings(cell=cell, keep=keep))
    text = card(run, "small", evaluations, "")
    assert [words for words in said if words not in text] == []


def test_the_card_of_a_language_has_its_own_scores(store):
    sizes = {"hidden_size": 2, "embedding_size": 2, "reviews": 64, "epochs": 1, "threads": 1}
    config = recommended_config("language-anbn").with_settings(**sizes, evaluations_per_epoch=2)
    run = trained(store, config)
    folder = publish(store, run.id, "counter", "It is hardly trained.")
    said, scores = card_in(folder), Model.load(folder, None).scores
    for row in (
        f"| Test bits per symbol | {scores['bits_per_token']:.4f} on 1,000 strings, scored once |",
        f"| Bits above the truth | {scores['bits_above_truth']:.5f} |",
        f"| Right strings | {scores['right_strings']:.2%} |",
        f"| Right longer strings | {scores['right_longer_strings']:.2%} |",
        f"| Validation bits per symbol | {run.validation_accuracy:.4f}, after ",
        "--data language-anbn",
    ):
        assert row in said
    assert "an accuracy" not in said
    assert "a tenth of" not in said


def test_a_published_history_has_every_evaluation(store, finished, tiny):
    """And enough steps for a curve, and those after which it wrote."""
    first, *others = read_history(run := store.folder(finished.id), tiny.model.cell)
    records = dataclasses.replace(first, written="aaa"), *others
    write_json(run / "history.json", [record.to_dict() for record in records])
    folder = publish(store, finished.id, "small", "It is small.", most_steps=3)
    history = read_history(folder, tiny.model.cell)
    assert [r.optimizer_step for r in history if r.kind == "training"] == [1, 3, 6]
    assert [r.optimizer_step for r in history if r.kind == "validation"] == [4, 8]
