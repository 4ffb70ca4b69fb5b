"""The networks of made-up languages that come with the app: small, and as good as their cards say.

`tiny_answers.json` has of each a string and the probabilities that it gave to each next symbol where it was
trained.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from rnn_core.data.sources import load_corpus
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.trace import trace
from rnn_core.languages.catalogue import LANGUAGES
from rnn_core.models.evaluation import evaluate
from rnn_core.models.folder import CARD
from rnn_core.models.model import Model
from rnn_core.nn.classifier import count_parameters
from rnn_core.paths import package_folder
from rnn_core.tasks.task import task_of

PROJECT = package_folder().parent
PRETRAINED = PROJECT / "artifacts" / "pretrained"
NAMES = sorted(path.name for path in PRETRAINED.glob("tiny-*"))
ANSWERS = json.loads(Path(__file__).with_name("tiny_answers.json").read_text(encoding="utf-8"))
FURTHER = ("bits_above_truth", "right_strings", "right_longer_strings")
MOST_BYTES, MOST_UNITS = 60_000, 32
FEW_STRINGS = {"tiny-anbn", "tiny-delay"}
"""The networks whose test has few different strings, so that its truth is computed at once."""


def model_called(name):
    return Model.load(PRETRAINED / name, None)


def card_of(name):
    return (PRETRAINED / name / CARD).read_text(encoding="utf-8")


def learned(scores):
    return scores["right_strings"] == 1 and scores["bits_above_truth"] <= 0.01


@pytest.mark.parametrize("name", NAMES)
def test_it_is_small_and_called_by_its_language(name):
    model = model_called(name)
    assert name == f"tiny-{model.config.corpus.language.full_name}"
    assert model.config.model.hidden_size <= MOST_UNITS
    assert sum(file.stat().st_size for file in (PRETRAINED / name).iterdir()) <= MOST_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_as_it_did_where_it_was_trained(name):
    model, kept = model_called(name), ANSWERS[name]
    found = next_tokens(model, trace(model, kept["string"]))
    np.testing.assert_allclose(np.exp2(-found.surprise), kept["probabilities"], atol=1e-3)
    assert found.right.all()


@pytest.mark.parametrize("name", NAMES)
def test_it_learned_its_language_and_its_card_says_how_well(name):
    model, card = model_called(name), card_of(name)
    assert learned(model.scores)
    task = task_of(model.config)
    for measure in (task.score, *(one.measure for one in task.further)):
        value = f"{model.scores[measure.field]:{measure.in_full}}"
        assert any(value in line and measure.title[1:] in line for line in card.splitlines()), measure.title
    assert "## What it is not good at" in card


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in FEW_STRINGS else pytest.mark.slow) for name in NAMES]
)
def test_its_scores_can_be_repeated(name):
    model = model_called(name)
    again = evaluate(model, load_corpus(model.config.corpus)).scores.to_dict()
    assert again["bits_per_token"] == pytest.approx(model.scores["bits_per_token"], abs=1e-4)
    for field in FURTHER:  # other processors round differently
        assert again[field] == pytest.approx(model.scores[field], abs=5e-3)


@pytest.mark.parametrize("name", NAMES)
def test_the_document_on_languages_has_its_row(name):
    model = model_called(name)
    config, scores = model.config, model.scores
    parameters = count_parameters(
        config.model, len(model.vocabulary), task_of(config).classes(config, len(model.vocabulary))
    )
    document = (PROJECT / "docs" / "languages.md").read_text(encoding="utf-8")
    [row] = [line for line in document.splitlines() if line.startswith(f"| [`{name}`]")]
    assert [cell.strip() for cell in row.strip("|").split("|")][1:] == [
        f"{config.model.declared.noun.split()[-1]}, {config.model.hidden_size}",
        f"{parameters:,}",
        f"{scores['bits_above_truth']:.4f}",
        f"{scores['right_strings']:.1%}".replace("%", " %"),
        f"{scores['right_longer_strings']:.1%}".replace("%", " %"),
    ]


def test_each_is_of_another_language():
    languages = [model_called(name).config.corpus.language.name for name in NAMES]
    assert len(set(languages)) == len(languages)
    assert {*languages} <= {*LANGUAGES}
    assert {*ANSWERS} == {*NAMES}
