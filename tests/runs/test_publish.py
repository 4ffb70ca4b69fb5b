"""A run becomes a pretrained model."""

import doctest

import pytest

from rnn_core.models.catalogue import list_models
from rnn_core.models.folder import ModelFolderError, load_model
from rnn_core.runs import publish as module
from rnn_core.runs.publish import publish
from rnn_core.runs.run import RunError
from rnn_core.runs.worker import run_in_foreground


def test_the_examples_in_the_docstrings_are_true():
    failures, attempted = doctest.testmod(module)
    assert attempted
    assert not failures


def test_a_published_run_is_a_model_with_a_card(store, tiny):
    run = store.create(tiny, foreground=True)
    list(run_in_foreground(store, run.id, print))
    folder = publish(store, run.id, "small", "It knows fifty words.")
    assert list_models()[0].name == "small"
    model = load_model(folder)
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert model.config == tiny
    assert f"{model.scores['accuracy']:.2%}" in card
    assert "python -m rnn_core train --data verdict --vocab-size 50 --max-length 8" in card
    assert "It knows fifty words." in card


def test_a_run_that_has_not_finished_is_refused(store, tiny):
    run = store.create(tiny, foreground=True)
    with pytest.raises(RunError, match="only a finished run"):
        publish(store, run.id, "small", "")


def test_a_name_that_leaves_the_folder_is_refused(store, tiny):
    run = store.create(tiny, foreground=True)
    with pytest.raises(ModelFolderError, match="letters, digits"):
        publish(store, run.id, "../small", "")
