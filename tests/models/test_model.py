"""A model is a value: it answers, reads and is kept; a folder is where it may lie, not a part of it."""

import numpy as np
import pytest

from rnn_core.errors import EmptyReviewError, ModelFolderError
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Answer, Model
from rnn_core.paths import pretrained_folder
from tests.inspection.made import make_model

TEXTS = ["the film was good", "bad", "the the film"]
SCORES = {"accuracy": 0.5, "loss": 1.0, "reviews": 4, "confusion": [[1, 1], [1, 1]]}


@pytest.mark.parametrize("classes", [2, 3])
def test_its_probabilities_are_those_after_the_last_token_of_a_trace(classes):
    model = make_model(seed=1, classes=classes)
    found = model.probabilities(TEXTS)
    assert found.shape == (len(TEXTS), classes)
    for row, text in zip(found, TEXTS, strict=True):
        assert row == pytest.approx(model.trace(text).probabilities_of_classes[-1], abs=1e-6)


def test_called_with_a_text_it_answers_the_most_probable_class():
    model = make_model(seed=1, classes=3)
    answer, row = model(TEXTS[0]), model.probabilities(TEXTS[:1])[0]
    assert answer.label == model.config.classes[row.argmax()]
    assert answer.probability == pytest.approx(row.max())
    assert answer.probabilities == pytest.approx(dict(zip(model.config.classes, row, strict=True)))


def test_an_answer_is_printed_as_people_read_it_and_no_network_is_sure():
    assert str(Answer("positive", 0.9236, {})) == "positive (92.4%)"
    assert str(Answer("positive", 0.99999, {})) == "positive (> 99.9%)"


@pytest.mark.parametrize("text", ["", " ", "... …"])
def test_a_text_without_a_word_has_no_answer(text):
    model = make_model(seed=1)
    with pytest.raises(EmptyReviewError):
        model(text)
    with pytest.raises(EmptyReviewError, match="Text 2 of 2"):
        model.probabilities(["good", text])


def test_it_is_traced_without_a_folder():
    model = make_model(seed=1, layers=2)
    for name, values in trace(model, TEXTS[0], 0, 1).arrays.items():
        assert np.array_equal(model.trace(TEXTS[0], 0, 1).arrays[name], values)


@pytest.mark.parametrize("scores", [{}, SCORES])
def test_saved_and_loaded_again_it_says_the_same(scores, tmp_path):
    model = make_model(seed=1)
    Model(config=model.config, vocabulary=model.vocabulary, classifier=model.classifier, scores=scores).save(
        tmp_path / "kept"
    )
    loaded = Model.load(tmp_path / "kept")
    assert (loaded.name, loaded.folder, loaded.scores) == ("kept", tmp_path / "kept", scores)
    assert np.array_equal(loaded.probabilities(TEXTS), model.probabilities(TEXTS))


def test_it_is_loaded_by_name_by_address_or_by_path(tmp_path, monkeypatch):
    make_model(seed=1).save(pretrained_folder() / "shipped")
    make_model(seed=2).save(tmp_path / "elsewhere" / "mine")
    monkeypatch.chdir(tmp_path)
    assert Model.load("shipped").folder == pretrained_folder() / "shipped"
    for place in ("elsewhere/mine", str(tmp_path / "elsewhere/mine"), tmp_path / "elsewhere/mine"):
        assert Model.load(place).name == "mine"
    with pytest.raises(ModelFolderError, match=r"no model called 'nowhere'. There are: shipped"):
        Model.load("nowhere")


def test_saved_over_another_one_it_takes_nothing_of_it(tmp_path):
    model = make_model(seed=1)
    model.save(tmp_path)
    (tmp_path / "history.json").write_text("[]")
    model.save(tmp_path)
    assert not (tmp_path / "history.json").exists()
