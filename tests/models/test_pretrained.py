"""The committed models: they load, they answer, and their cards tell the truth.

`tiny_answers.json` has of each network of a language a string and the probabilities that it gave to each next
symbol where it was trained.
"""

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch

from rnn_core.cli.train import asked_config, train
from rnn_core.config.presets import PRESETS
from rnn_core.data.composed.overlap import overlap, sentences_within
from rnn_core.data.encoding import encode_reviews, split_reviews
from rnn_core.data.probes.pairs import NEAR, REPORTED, STRICT, THIRD, pairs, texts_without_opinion
from rnn_core.data.sources import load_corpus
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.trace import trace
from rnn_core.inspection.vanishing import reach_over_reviews
from rnn_core.models.catalogue import one_of_each_cell, published_folders
from rnn_core.models.folder import CARD, read_config
from rnn_core.models.model import Model, evaluate
from rnn_core.models.probing import probe, undecided
from rnn_core.nn.classifier import count_parameters
from rnn_core.nn.readouts import Attention
from rnn_core.paths import package_folder, pretrained_folder
from rnn_core.progress import finish
from rnn_core.runs.publish import training_command
from rnn_core.tasks.classification import TextClassification
from rnn_core.tasks.task import task_of
from rnn_core.training.records import read_history
from tests.conftest import needs_imdb

score = TextClassification().evaluate

CELLS = {
    **dict.fromkeys("attention best compact gru gru-after reader two-layers".split(), "gru"),
    **{cell: cell for cell in "elman lstm mingru ugrnn".split()},
}
NAMES = list(CELLS)
MOST_BYTES = 20_000_000


def recorded(model):
    return read_history(model.folder, model.config.model.cell)


def model_called(name):
    return Model.load(pretrained_folder() / name, None)


def card_of(name):
    return (pretrained_folder() / name / CARD).read_text(encoding="utf-8")


def accuracy_kept(model):
    """Scores of the kept weights on the validation reviews."""
    accuracies = [record.accuracy for record in recorded(model) if record.kind == "validation"]
    return accuracies[-1] if model.config.training.keep == "last" else max(accuracies)


@pytest.fixture(autouse=True)
def committed_models(monkeypatch, own_folders):
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")


@pytest.mark.parametrize("name", NAMES)
def test_a_model_tells_a_good_film_from_a_bad_one(name):
    model = model_called(name)
    assert model.config.model.cell == CELLS[name]
    good = "An excellent, wonderful film. I loved every minute of it, one of the best."
    bad = "An awful, boring waste of time. The worst film I have ever seen, terrible."
    assert [trace(model, text).label for text in (good, bad)] == ["positive", "negative"]


@pytest.mark.parametrize("name", ["best", "reader"])
def test_a_card_states_what_it_understands_of_probes(name):
    model = model_called(name)
    card = card_of(name)
    for probes in (STRICT, REPORTED, THIRD):
        [line] = [line for line in card.splitlines() if line.endswith(f"`{probes}` |")]
        scores = probe(model, probes)
        assert line.startswith(f"| {len(scores.pairs)} ") or f" {len(scores.pairs)} of the" in line
        assert f"| {100 * scores.sentences:.0f}, {scores.whole_pairs:.0%} |".replace("%", " %") in line
    strict = probe(model, STRICT)
    hardest = [strict.phenomenon(key) for key in ("irrealis", "reported_opinion", "without_lack_fail")]
    might, others, lacks = (f"{some.right_pairs.sum()} of {len(some.pairs)}" for some in hardest)
    said = f"{might} on what might have been, {others} on what others say and {lacks} on what a film lacks."
    differ = f"Of {len(strict.pairs)} pairs of sentences that differ in little"
    assert f"{differ} it gets {said}" in " ".join(card.split())
    left = f"{undecided(model, STRICT):.0%} between 30 and 70 % positive".replace("%", " %", 1)
    assert f"Of the {len(texts_without_opinion(STRICT))} texts without an opinion" in card
    assert left in card


@pytest.mark.parametrize("name", ["best", "gru", "reader"])
def test_documents_state_the_pairs_that_are_right(name):
    model = model_called(name)
    shares = [f"{100 * probe(model, probes).whole_pairs:.0f}" for probes in (REPORTED, STRICT, THIRD)]
    decisions = (package_folder().parent / "docs/decisions/training.md").read_text(encoding="utf-8")
    assert f"`{name}` {', '.join(shares)} %" in " ".join(decisions.split())
    for probes in (STRICT, REPORTED, THIRD) if name == "gru" else ():
        scores = probe(model, probes)
        cell = f"| {100 * scores.sentences:.0f}, {100 * scores.whole_pairs:.0f} % | `{probes}` |"
        assert cell in card_of("reader")


def test_the_card_of_reader_says_what_probes_share():
    card = " ".join(card_of("reader").split())
    shared = overlap()
    for figure in (
        f"{shared.families_of_phenomena} of whose {shared.families} families",
        f"{shared.patterns_of_probes} of their {shared.patterns:,} patterns",
        f"{sentences_within(1, REPORTED)} of the {2 * len(pairs(REPORTED))} reported sentences",
        f"{sentences_within(NEAR, THIRD)} of their {2 * len(pairs(THIRD))} sentences",
    ):
        assert figure in card


def test_all_committed_models_are_known_and_small():
    folders = [path for path in pretrained_folder().iterdir() if path.is_dir()]
    of_verdicts = [folder.name for folder in folders if task_of(read_config(folder)).gives_verdict]
    assert sorted(of_verdicts) == sorted(NAMES)
    for folder in folders:
        assert sum(file.stat().st_size for file in folder.iterdir()) <= MOST_BYTES


def test_the_best_model_is_the_preset_and_as_promised():
    best, compact = (model_called(name) for name in ("best", "compact"))
    assert best.config.with_settings(threads=0, teachers="") == PRESETS["best"].config
    assert best.scores["accuracy"] >= 0.92
    assert max(record.seconds for record in recorded(best)) <= 15 * 60
    assert compact.config.model.readout == "last"
    assert count_parameters(compact.config.model, len(compact.vocabulary)) <= 400_000
    assert compact.scores["accuracy"] >= 0.90


def validation_of(model, imdb, most=None):
    training = model.config.training
    reviews = split_reviews(imdb, training.reviews, training.seed).validation[:most]
    return encode_reviews(imdb, reviews, model.vocabulary, model.config.text)


@pytest.mark.slow
@needs_imdb
@pytest.mark.parametrize("name", "attention best elman lstm mingru reader ugrnn".split())
def test_validation_scores_can_be_repeated(name, imdb):
    """A network of each cell, and the one that pages open; the cards of all repeat some answers."""
    model = model_called(name)
    repeated = score(model.classifier, validation_of(model, imdb)).accuracy
    assert repeated == pytest.approx(accuracy_kept(model), abs=1e-3)  # other processors round differently


@needs_imdb
def test_the_gradient_puts_a_gru_first(imdb):
    """Agrees with the text on distance; the networks are those that Cells compares at first."""
    configs = {name: model_called(name).config for name in NAMES}
    at_100 = {}
    for name in one_of_each_cell(configs, lambda config: config.model.variant):
        reach = finish(reach_over_reviews(model_called(name), imdb))
        at_100[configs[name].model.variant] = max(reach.middle(letter)[100] for letter in reach.norms)
    assert max(at_100, key=at_100.__getitem__) == "gru"
    assert 1 < at_100["gru"] / at_100["ugrnn"] < 1.2
    assert 1.8 < at_100["gru"] / at_100["mingru"] < 2.2


@needs_imdb
def test_the_attention_network_uses_its_attention(imdb, monkeypatch):
    model = Model.load(pretrained_folder() / "attention")
    encoded = validation_of(model, imdb, most=1_000)
    own = score(model.classifier, encoded)
    monkeypatch.setattr(Attention, "scores", lambda self, hs: torch.zeros(len(hs)))
    equal = score(model.classifier, encoded)
    assert equal.accuracy < own.accuracy
    assert equal.loss > 1.1 * own.loss


PROJECT = package_folder().parent
TINY = sorted(path.name for path in (PROJECT / "artifacts" / "pretrained").glob("tiny-*"))
ANSWERS = json.loads(Path(__file__).with_name("tiny_answers.json").read_text(encoding="utf-8"))
FURTHER = ("bits_above_truth", "right_strings", "right_longer_strings")
MOST_OF_TINY, MOST_UNITS = 60_000, 32


@pytest.mark.parametrize("name", TINY)
def test_it_is_small_and_answers_as_it_did(name):
    """It is called by its language."""
    model, kept = model_called(name), ANSWERS[name]
    assert name == f"tiny-{model.config.corpus.language.full_name}"
    assert model.config.model.hidden_size <= MOST_UNITS
    assert sum(file.stat().st_size for file in (pretrained_folder() / name).iterdir()) <= MOST_OF_TINY

    found = next_tokens(model, trace(model, kept["string"]))
    np.testing.assert_allclose(np.exp2(-found.surprise), kept["probabilities"], atol=1e-3)
    assert found.right.all()


@pytest.mark.parametrize("name", [*NAMES, *TINY])
def test_a_card_states_the_scores_that_are_kept(name):
    """One of reviews also how many, and the validation accuracy; one of a language has learned its rule."""
    model, card = model_called(name), card_of(name)
    if name in NAMES:
        assert f"{model.scores['accuracy']:.2%} of 25,000 reviews" in card
        assert f"{accuracy_kept(model):.2%}" in card
    else:
        assert model.scores["right_strings"] == 1
        assert model.scores["bits_above_truth"] <= 0.01
    task = task_of(model.config)
    further = task.further if task.needs_further(model.scores) else ()
    for measure in (task.score, *(one.measure for one in further)):
        value = f"{model.scores[measure.field]:{measure.in_full}}"
        assert any(value in line and measure.title[1:] in line for line in card.splitlines()), measure.title
    assert "## What it is not good at" in card


def test_the_command_of_each_published_network_runs():
    """Its config.json opens, and the command that trains it gives the same settings."""
    assert len(published_folders()) > 100
    for folder in published_folders():
        config = read_config(folder)
        words = shlex.split(training_command(config).removeprefix("python -m rnn_core train "))
        settings = train.make_context("train", words).params
        data, _ = settings.pop("data"), [settings.pop(other) for other in ("name", "as_json")]
        assert asked_config(data, settings) == config, folder.name


@pytest.mark.slow
@pytest.mark.parametrize("name", TINY)
def test_its_scores_can_be_repeated(name):
    model = model_called(name)
    again = evaluate(model, load_corpus(model.config.corpus)).scores.to_dict()
    assert again["bits_per_token"] == pytest.approx(model.scores["bits_per_token"], abs=1e-4)
    for field in FURTHER:  # other processors round differently
        assert again[field] == pytest.approx(model.scores[field], abs=5e-3)


@pytest.mark.parametrize("name", TINY)
def test_the_document_on_languages_has_its_row(name):
    model = model_called(name)
    config, scores = model.config, model.scores
    classes = task_of(config).classes(config, len(model.vocabulary))
    parameters = count_parameters(config.model, len(model.vocabulary), classes)
    document = (PROJECT / "docs" / "languages.md").read_text(encoding="utf-8")
    [row] = [line for line in document.splitlines() if line.startswith(f"| [`{name}`]")]
    assert [cell.strip() for cell in row.strip("|").split("|")][1:] == [
        f"{config.model.declared.noun.split()[-1]}, {config.model.hidden_size}",
        f"{parameters:,}",
        f"{scores['bits_above_truth']:.4f}",
        f"{scores['right_strings']:.1%}".replace("%", " %"),
        f"{scores['right_longer_strings']:.1%}".replace("%", " %"),
    ]
