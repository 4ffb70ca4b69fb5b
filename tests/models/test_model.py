"""A model is a value: it answers, reads and is kept; a folder is where it may lie, not a part of it."""

import dataclasses
import itertools
import json
from functools import partial
from operator import attrgetter

import numpy as np
import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.config.text_settings import TextConfig
from rnn_core.data.encoding import encode_reviews, learn_vocabulary
from rnn_core.errors import ConfigError, EmptyReviewError, ModelFolderError
from rnn_core.files import FormatError
from rnn_core.inspection.trace import trace
from rnn_core.models.catalogue import find_model, list_models, one_of_each_cell
from rnn_core.models.model import Answer, Model
from rnn_core.nn.classifier import Classifier
from rnn_core.paths import pretrained_folder
from rnn_core.tasks.class_scores import balanced_accuracy, macro_f1, read_scores
from rnn_core.tasks.classes import cross_entropies, log_odds, probabilities_of
from rnn_core.tasks.classification import Scores, TextClassification
from rnn_core.training.records import read_history
from tests.inspection.made import make_model
from tests.refusals import refusals

TEXTS = ["the film was good", "bad", "the the film"]
SCORES = {"accuracy": 0.5, "loss": 1.0, "reviews": 4, "confusion": [[1, 1], [1, 1]]}


@pytest.mark.parametrize("classes", [2, 3])
def test_its_probabilities_are_those_of_a_trace(classes):
    """And its answer is the most probable class."""
    model = make_model(seed=1, classes=classes)
    found, names = model.probabilities(TEXTS), model.config.classes
    assert found.shape == (len(TEXTS), classes)
    for row, text in zip(found, TEXTS, strict=True):
        assert row == pytest.approx(trace(model, text).probabilities_of_classes[-1], abs=1e-6)
        answer = model(text)
        assert (answer.label, answer.probability) == (names[row.argmax()], pytest.approx(row.max()))
        assert answer.probabilities == pytest.approx(dict(zip(names, row, strict=True)))
    assert model.probabilities([]).shape == (0, classes)


def test_a_text_without_a_word_has_no_answer():
    model, text = make_model(seed=1), "... …"
    with pytest.raises(EmptyReviewError):
        model(text)
    with pytest.raises(EmptyReviewError, match="Text 2 of 2"):
        model.probabilities(["good", text])
    with pytest.raises(ConfigError, match=r"Give a list of texts, such as \[text\]"):
        model.probabilities("good")


def test_an_answer_is_printed_and_none_is_sure():
    assert str(Answer("positive", 0.9236, {})) == "positive (92.4%)"
    assert str(Answer("positive", 0.99999, {})) == "positive (> 99.9%)"


@pytest.mark.parametrize("scores", [{}, SCORES])
def test_saved_and_loaded_again_it_says_the_same(scores, tmp_path):
    model = make_model(seed=1)
    dataclasses.replace(model, scores=scores).save(tmp_path / "kept")
    loaded = Model.load(tmp_path / "kept")
    assert (loaded.name, loaded.folder, loaded.scores) == ("kept", tmp_path / "kept", scores)
    assert (loaded.config, loaded.vocabulary.words) == (model.config, model.vocabulary.words)
    assert np.array_equal(loaded.probabilities(TEXTS), model.probabilities(TEXTS))


def test_it_is_loaded_by_name_by_address_or_by_path(tmp_path, monkeypatch):
    make_model(seed=1).save(pretrained_folder() / "shipped")
    make_model(seed=2).save(tmp_path / "elsewhere" / "mine")
    monkeypatch.chdir(tmp_path)
    assert Model.load("shipped").folder == pretrained_folder() / "shipped"
    for place in ("elsewhere/mine", str(tmp_path / "elsewhere/mine"), tmp_path / "elsewhere/mine"):
        assert Model.load(place).name == "mine"


def files_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_saved_into_its_own_folder_it_loses_nothing(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    make_model(seed=1).save(tmp_path)
    assert (tmp_path / "README.md").read_text() == "mine"  # what holds no model keeps its files
    for name in ("history.json", "scores.json", "README.md", "published.json"):
        (tmp_path / name).write_text("[]" if name == "history.json" else "{}")
    before = files_in(tmp_path)
    Model.load(tmp_path).save(tmp_path)
    assert files_in(tmp_path) == before


def test_saved_elsewhere_it_takes_its_history_along(tmp_path):
    make_model(seed=1).save(tmp_path / "kept")
    (tmp_path / "kept" / "history.json").write_text("[ ]")
    model = Model.load(tmp_path / "kept")
    model.save(tmp_path / "other")
    assert files_in(tmp_path / "other") == files_in(tmp_path / "kept")
    make_model(seed=2).save(tmp_path / "kept", replace=True)
    model.save(tmp_path / "third")
    assert not (tmp_path / "third" / "history.json").exists()


def test_another_model_is_replaced_only_if_wanted(tmp_path):
    make_model(seed=1).save(tmp_path)
    for name in ("history.json", "scores.json", "README.md", "published.json", "notes.txt"):
        (tmp_path / name).write_text("{}")
    before = files_in(tmp_path)
    with pytest.raises(ModelFolderError, match=r"weights.safetensors, scores.json.*with replace=True"):
        make_model(seed=2).save(tmp_path)
    assert files_in(tmp_path) == before
    make_model(seed=2).save(tmp_path, replace=True)
    assert set(files_in(tmp_path)) == {"config.json", "vocabulary.txt", "weights.safetensors", "notes.txt"}
    assert np.array_equal(Model.load(tmp_path).probabilities(TEXTS), make_model(seed=2).probabilities(TEXTS))


CONFIG = make_model(seed=0).config


@pytest.fixture
def folder(tmp_path):
    make_model(seed=0).save(pretrained_folder() / "small")
    return pretrained_folder() / "small"


def test_models_are_found_by_name(folder):
    assert find_model("small") == folder
    for _ in range(2):  # also without its weights, so that it gets named where it is asked for
        assert [(entry.name, entry.kind) for entry in list_models()] == [("small", "pretrained")]
        (folder / "weights.safetensors").unlink(missing_ok=True)


FILES = ("config.json", "vocabulary.txt", "weights.safetensors", "history.json", "scores.json")
FOREIGN = (b"", b"{", b"\x00\xff\xfe binary", b'{"data": "no name"}', b'{"model": {"hidden_size": 99999}}')
OTHER_JSON = (("history.json", b"[{}]"), ("history.json", b"[3]"), ("scores.json", b'{"accuracy": "x"}'))


def spoilt(name, content, folder):
    """Load the model after another content was written into one of its files; None deletes it."""
    (folder / name).unlink() if content is None else (folder / name).write_bytes(content)
    Model.load(folder), read_history(folder, CONFIG.model.cell)


def of_another_cell(folder):
    spoilt("config.json", CONFIG.with_settings(cell="lstm").to_json().encode(), folder)


def cut_short(folder):
    spoilt("weights.safetensors", (folder / "weights.safetensors").read_bytes()[:-10], folder)


test_a_file_that_is_missing_or_foreign_is_named = refusals(
    ModelFolderError,
    {
        f"{name}, {content}": (partial(spoilt, name, content), f"small can't be read: {name}")
        for name, content in [*itertools.product(FILES, FOREIGN), *OTHER_JSON]
    }
    | {f"no {name}": (partial(spoilt, name, None), f"small has no {name}") for name in FILES[:3]}
    | {
        "of another cell": (of_another_cell, "not those of the network"),
        "cut short": (cut_short, "weights.safetensors: it is cut short"),
    },
)


@pytest.mark.parametrize("name", ["other", "../small", "", ".", "a/b", "small\n"])
def test_no_such_name_brings_up_the_known_ones(folder, name):
    with pytest.raises(ModelFolderError, match=r"There are: small\."):
        find_model(name)
    with pytest.raises(ModelFolderError, match=r"no model called 'nowhere'\. There are: small"):
        Model.load("nowhere")


@pytest.mark.filterwarnings("error")
def test_a_logit_of_any_size_has_a_probability():
    assert probabilities_of(np.array([-4e31, -800, 0, 800, 4e31])).tolist() == [0, 0, 0.5, 1, 1]


def test_scores_by_hand():
    scores = Scores(
        loss=0.5,
        logits=np.array([[2.0], [-1.0], [3.0], [-4.0]], np.float32),
        labels=np.array([1, 0, 0, 1], np.int8),
        indices=np.array([10, 11, 12, 13]),
    )
    assert scores.accuracy == 0.5
    assert scores.confusion() == [[1, 1], [1, 1]]
    assert [(m["index"], m["label"], m["predicted"]) for m in scores.mistakes()] == [(13, 1, 0), (12, 0, 1)]
    assert scores.mistakes()[0]["probability"] == pytest.approx(1 / (1 + np.exp(-4)))


def test_a_score_is_that_of_answers_one_by_one(tiny_corpus):
    indices = tiny_corpus.indices("training")
    vocabulary = learn_vocabulary(tiny_corpus, indices, 50)
    reviews = encode_reviews(tiny_corpus, indices, vocabulary, TextConfig())
    classifier = Classifier(CONFIG.with_settings(head_dropout=0.5).model, len(vocabulary))
    scores = TextClassification().evaluate(classifier.train(), reviews)
    assert classifier.training
    classifier.eval()
    losses = []
    for row in range(len(reviews)):
        ids = torch.from_numpy(reviews.ids[reviews.offsets[row] : reviews.offsets[row + 1]]).long()[None]
        answer = classifier(ids, torch.tensor([ids.shape[1]]))
        assert log_odds(answer, followed=1).item() == pytest.approx(scores.logits[row, 0], abs=1e-5)
        losses.append(cross_entropies(answer, torch.tensor([float(reviews.labels[row])])).item())
    assert scores.loss == pytest.approx(np.mean(losses), abs=1e-5)


THREE = Scores(
    loss=0.5,
    logits=np.array([[5, 0, 0], [3, 0, 0], [0, 2, 0], [9, 0, 0], [0, 0, 1], [1, 0, 0]], np.float32),
    labels=np.array([0, 1, 1, 2, 2, 2], np.int8),
    indices=np.arange(20, 26),
)


def test_scores_of_three_classes_by_hand():
    assert THREE.accuracy == 0.5
    assert THREE.confusion() == [[1, 0, 0], [1, 1, 0], [2, 0, 1]]
    assert balanced_accuracy(THREE.confusion()) == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert macro_f1(THREE.confusion()) == pytest.approx((2 / 5 + 2 / 3 + 2 / 4) / 3)


def test_the_surest_mistakes_of_each_class_come_first():
    wrong = [(m["index"], m["label"], m["predicted"]) for m in THREE.mistakes()]
    assert wrong == [(23, 2, 0), (21, 1, 0), (25, 2, 0)]
    assert [m["index"] for m in THREE.mistakes(at_most=3)] == [23, 21]
    assert THREE.mistakes()[1]["probability"] == pytest.approx(np.exp(3) / (np.exp(3) + 2))
    answers = np.eye(3, dtype=np.float32)
    none = Scores(loss=0.5, logits=answers, labels=np.arange(3, dtype=np.int8), indices=np.arange(3))
    assert none.mistakes() == []


def test_scores_come_back_from_json_for_their_classes():
    text = json.dumps(THREE.to_dict())
    assert read_scores(text, 3)["confusion"] == THREE.confusion()
    assert read_scores(text, 3)["mistakes"] == THREE.mistakes()
    with pytest.raises(FormatError, match="2 rows of 2 counts"):
        read_scores(text, 2)
    with pytest.raises(FormatError, match="each below 3"):
        read_scores(text.replace('"predicted": 0', '"predicted": 3'), 3)


def test_mistakes_of_before_say_the_same_today():
    for label, probability, of_predicted in ((0, 0.9, 0.9), (1, 0.25, 0.75)):
        old = {"index": 3, "probability": probability, "positive": bool(label)}
        [mistake] = read_scores(json.dumps(SCORES | {"mistakes": [old]}))["mistakes"]
        assert mistake == {"index": 3, "label": label, "predicted": 1 - label, "probability": of_predicted}


made = RunConfig().with_settings
cell_of = attrgetter("model.cell")


def test_of_each_cell_it_is_the_first_that_is_alike():
    configs = {
        "best": made(cell="gru", bigrams=500),
        "elman": made(cell="elman", learning_rate=0.1, max_length=100),
        "gru": made(cell="gru", hidden_size=128),
        "gru-again": made(cell="gru", seed=3),
        "lstm": made(cell="lstm", head_dropout=0.3),
        "lstm-large": made(cell="lstm", hidden_size=256),
    }
    assert one_of_each_cell(configs, cell_of) == ["elman", "gru", "lstm"]


def test_of_two_groups_the_one_with_more_cells_counts():
    small = {f"small-{name}": made(cell=name, hidden_size=8) for name in ("gru", "lstm")}
    large = {f"large-{name}": made(cell=name) for name in ("gru", "lstm", "elman")}
    assert one_of_each_cell({**small, **large}, cell_of) == [*large]
    of_other_texts = {"a": made(cell="gru"), "b": RunConfig(data="verdict").with_settings(cell="lstm")}
    assert one_of_each_cell(of_other_texts, cell_of) == one_of_each_cell({}, cell_of) == []
