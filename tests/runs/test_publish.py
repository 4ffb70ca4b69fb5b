"""A run becomes a pretrained model."""

import dataclasses
import threading

import pytest
from filelock import FileLock

from rnn_core.data.sources import recommended_config
from rnn_core.errors import DataError, ModelFolderError, RunError
from rnn_core.files import write_json
from rnn_core.models.catalogue import list_models
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder
from rnn_core.runs import publish as module
from rnn_core.runs.publish import card, publish
from rnn_core.training.records import Record, read_history
from tests.runs.workers import trained


@pytest.fixture
def run(store, tiny):
    return trained(store, tiny)


def card_in(folder):
    return (folder / "README.md").read_text(encoding="utf-8")


def test_a_published_run_is_a_model_with_a_card(store, run, tiny):
    folder = publish(store, run.id, "small", "It knows fifty words.")
    assert list_models()[0].name == "small"
    model = Model.load(folder)
    card = card_in(folder)
    assert model.config == tiny
    assert f"{model.scores['accuracy']:.2%}" in card
    assert "python -m rnn_core train --data verdict --vocab-size 50 --max-length 8" in card
    assert "It knows fifty words." in card


def test_a_card_names_the_teachers_and_none_of_them_gives_way_to_the_network_that_they_taught(store, tiny):
    for name in ("one", "other"):
        publish(store, trained(store, tiny).id, name, "It teaches.")
    run = trained(store, tiny.with_settings(teachers="one+other"))
    with pytest.raises(RunError, match="learned from a network called one; give it another name"):
        publish(store, run.id, "one", "It was taught.", replace=True)
    said = card_in(publish(store, run.id, "taught", "It was taught."))
    assert "--teachers one+other" in said
    assert "the answers of `one` and `other`, which must be trained before it" in said


def test_a_run_without_weights_is_refused_and_the_model_of_that_name_stays(store, run):
    folder = publish(store, run.id, "small", "The first.")
    (store.folder(run.id) / "weights.safetensors").unlink()
    with pytest.raises(RunError, match=r"has no weights\.safetensors"):
        publish(store, run.id, "small", "The second.", replace=True)
    assert "The first." in card_in(folder)
    assert list(folder.parent.iterdir()) == [folder]


def test_a_model_of_that_name_is_replaced_only_when_that_is_asked_for(store, run):
    folder = publish(store, run.id, "small", "The first.")
    with pytest.raises(RunError, match=r"There is a pretrained model called small already\..*--replace"):
        publish(store, run.id, "small", "The second.")
    assert "The first." in card_in(folder)
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize(
    ("scores", "accuracy", "kinds", "said"),
    [
        ({}, 0.5, ["validation"], "lacks its scores on the test reviews"),
        (None, None, ["validation"], "lacks its accuracy on the validation reviews"),
        (None, 0.5, ["training"], "lacks an evaluation in its history"),
        (None, 0.5, [], "lacks an evaluation in its history"),
    ],
)
def test_a_run_that_lacks_what_its_card_says_is_refused_in_words(store, run, scores, accuracy, kinds, said):
    if scores is not None:
        store.runs.finish(run.id, "finished", "", scores)
    store.runs.update(run.id, validation_accuracy=accuracy)
    records = [
        Record(kind=kind, optimizer_step=1, epoch=1.0, loss=0.7, accuracy=0.5, seconds=1.0) for kind in kinds
    ]
    write_json(store.folder(run.id) / "history.json", [record.to_dict() for record in records])
    with pytest.raises(RunError, match=said):
        publish(store, run.id, "small", "It is small.")
    assert list(pretrained_folder().iterdir()) == []


def test_a_model_is_replaced_whole(store, run, monkeypatch):
    folder = publish(store, run.id, "small", "The first.")
    (folder / "notes.txt").write_text("of the first")
    copy, models = module.shutil.copyfile, []

    def watched_copy(source, target):
        models.append([entry.name for entry in list_models() if entry.is_pretrained])
        assert "The first." in card_in(folder)
        assert Model.load(folder)
        copy(source, target)
        assert target.parent != folder

    monkeypatch.setattr(module.shutil, "copyfile", watched_copy)
    publish(store, run.id, "small", "The second.", replace=True)
    assert models == [["small"]] * 5
    assert "The second." in card_in(folder)
    assert not (folder / "notes.txt").exists()
    assert list(folder.parent.iterdir()) == [folder]


def test_a_run_that_lies_in_the_place_of_the_model_is_not_replaced(store, run):
    pretrained_folder().mkdir(parents=True)
    (pretrained_folder() / "small").symlink_to(store.folder(run.id), target_is_directory=True)
    with pytest.raises(DataError, match="would replace"):
        publish(store, run.id, "small", "It is small.", replace=True)
    assert Model.load(store.folder(run.id))


def test_a_model_that_a_killed_publishing_had_taken_away_comes_back_and_nothing_else_is_left(store, run):
    folder = publish(store, run.id, "small", "The first.")
    killed = folder.with_name(".small.a1b2c3d4")
    (killed / "new").mkdir(parents=True)
    folder.rename(killed / "old")
    with pytest.raises(RunError, match="There is a pretrained model called small already"):
        publish(store, run.id, "small", "The second.")
    assert "The first." in card_in(folder)
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("other", ["small", "another"])
def test_two_windows_that_publish_at_once_do_not_undo_each_other(store, run, tiny, monkeypatch, other):
    folder = publish(store, run.id, "small", "The first.")
    beside = threading.Thread(
        target=publish, args=(store, run.id, other, "Beside."), kwargs={"replace": True}
    )
    copy = module.shutil.copyfile

    def copy_while_another_publishes(source, target):
        if beside.ident is None:
            beside.start()
            beside.join(0.2)
        copy(source, target)

    monkeypatch.setattr(module.shutil, "copyfile", copy_while_another_publishes)
    publish(store, run.id, "small", "The second.", replace=True)
    beside.join()
    said = {path.name: card_in(path) for path in folder.parent.iterdir()}
    assert sorted(said) == sorted({"small", other})
    assert "Beside." in said[other]
    assert Model.load(folder.with_name(other)).config == tiny


def test_a_publishing_that_finds_another_at_work_for_long_says_so(store, run, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE", 0)
    pretrained_folder().mkdir(parents=True)
    with (
        FileLock(pretrained_folder().with_suffix(".lock")),
        pytest.raises(RunError, match="Another window is publishing a model just now"),
    ):
        publish(store, run.id, "small", "It is small.")


@pytest.mark.parametrize(
    ("cell", "keep", "network", "weights"),
    [
        ("elman", "best", "A plain RNN (Elman)", "those of the best evaluation on the validation reviews"),
        ("gru", "last", "A GRU", "those at the end of the training"),
        ("lstm", "last", "An LSTM", "those at the end of the training"),
    ],
)
def test_a_card_names_the_network_and_says_which_weights_it_has(store, tiny, cell, keep, network, weights):
    text = card_in(publish(store, trained(store, tiny.with_settings(cell=cell, keep=keep)).id, "small", ""))
    assert f"\n{network} with" in text
    assert f"The weights are {weights}." in text


def test_a_run_that_has_not_finished_and_a_name_that_leaves_the_folder_are_refused(store, tiny):
    waiting = store.create(tiny, foreground=True)
    with pytest.raises(RunError, match="only a finished run"):
        publish(store, waiting.id, "small", "")
    with pytest.raises(ModelFolderError, match="letters, digits"):
        publish(store, waiting.id, "../small", "")


def test_a_card_says_the_validation_accuracy_of_the_weights_it_has(run, tiny):
    evaluations = [
        Record(kind="validation", optimizer_step=4 * n, epoch=n, loss=0.5, accuracy=accuracy, seconds=n)
        for n, accuracy in ((1, 0.9), (2, 0.8))
    ]
    for keep, epoch in (("best", 1), ("last", 2)):
        config = tiny.with_settings(keep=keep)
        text = card(dataclasses.replace(run, config=config), "small", evaluations, "")
        assert f", after {epoch}.00 epochs" in text


def test_a_network_of_a_language_is_published_with_its_own_scores_on_its_card(store):
    config = recommended_config("language-anbn").with_settings(
        hidden_size=2, embedding_size=2, reviews=64, epochs=1, evaluations_per_epoch=2, threads=1
    )
    run = trained(store, config)
    folder = publish(store, run.id, "counter", "It is hardly trained.")
    card, scores = card_in(folder), Model.load(folder, None).scores
    for row in (
        f"| Test bits per token | {scores['bits_per_token']:.4f} on 1,000 strings, scored once |",
        f"| Bits above the truth | {scores['bits_above_truth']:.5f} |",
        f"| Right strings | {scores['right_strings']:.2%} |",
        f"| Right longer strings | {scores['right_longer_strings']:.2%} |",
        f"| Validation bits per token | {run.validation_accuracy:.4f}, after ",
    ):
        assert row in card
    assert "an accuracy" not in card
    assert "a tenth of" not in card
    assert "--data language-anbn" in card


def test_a_published_history_has_every_evaluation_and_enough_steps_for_a_curve(store, run, tiny):
    folder = publish(store, run.id, "small", "It is small.", most_steps=3)
    history = read_history(folder, tiny.model.cell)
    assert [r.optimizer_step for r in history if r.kind == "training"] == [3, 6]
    assert [r.optimizer_step for r in history if r.kind == "validation"] == [4, 8]
