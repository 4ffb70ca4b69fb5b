"""The committed curves and networks: they are those of the results, and answer as they say."""

import numpy as np
import pytest

from rnn_core.config.corpora import corpus_named
from rnn_core.data.sources import load_corpus
from rnn_core.models.catalogue import published_folders, read_published
from rnn_core.models.folder import read_config
from rnn_core.models.model import Model
from rnn_core.paths import results_folder
from rnn_core.sweeps.curves import read_curves, runs_with_curves
from rnn_core.sweeps.findings import remembered
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.results import Results
from rnn_core.tasks.task import task_of
from tests.conftest import needs_imdb

# It reads every published curve and network.
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("committed")]

ROUNDING = 1e-4  # of a probability, between processors


def test_all_that_is_published_is_small_enough():
    published = [path for part in ("curves", "models") for path in (results_folder() / part).rglob("*")]
    assert sum(path.stat().st_size for path in published if path.is_file()) <= 13_000_000


@pytest.mark.parametrize("question", QUESTIONS)
def test_published_curves_are_of_runs_in_the_results(question):
    results, sweep = {one.run: one for one in Results(question).all()}, QUESTIONS[question].sweep
    for run in runs_with_curves(question):
        result = results[run]
        config = sweep.base.with_settings(**result.case)
        records = read_curves(question, run, config.model.cell)
        assert records[-1].optimizer_step == result.optimizer_steps
        evaluations = [record.accuracy for record in records if record.kind == "validation"]
        kept = max(evaluations) if config.training.keep == "best" else evaluations[-1]
        assert kept == pytest.approx(result.validation_accuracy, abs=1e-6)


@pytest.mark.parametrize("question", ["distance", "languages", "length", "vocabulary"])
def test_networks_are_those_of_all_cases_of_a_question(question):
    """They have the scores of its results."""
    results, sweep = {one.run: one for one in Results(question).all()}, QUESTIONS[question].sweep
    even = 0.01 if task_of(sweep.base).at_every_step else 1e-3  # rounding picks one of two equal symbols
    by_case = {}
    for folder in published_folders():
        published = read_published(folder)
        if question in published.runs:
            result, model = results[published.runs[question]], Model.load(folder, None)
            assert model.config == sweep.base.with_settings(**result.case, seed=result.seed)
            assert model.scores["accuracy"] == result.test_accuracy
            assert abs(published.accuracy - result.test_accuracy) <= published.largest_change + even
            by_case[tuple(result.case.values())] = folder.name
    assert not by_case or by_case.keys() == {tuple(case.values()) for case in sweep.cases}


@pytest.mark.parametrize(
    ("data", "count"),
    [
        ("verdict-10", 7),  # one distance is enough: each takes seconds to make
        ("language-recall", 10),
        ("language-reber", 10),
        pytest.param("imdb", None, marks=needs_imdb),
    ],
)
def test_published_networks_answer_as_those_trained(data, count, request):
    """Both are compared on the reviews that both were asked."""
    corpus = request.getfixturevalue("imdb") if data == "imdb" else load_corpus(data)
    folders = [folder for folder in published_folders() if read_config(folder).corpus == corpus_named(data)]
    assert len(folders) == (count or len(folders)) > 0
    for folder in folders:
        model, published = Model.load(folder, None), read_published(folder)
        indices, task = np.array([*map(int, published.probe)]), task_of(model.config)
        assert np.isin(indices, corpus.indices("test")).all()
        texts = task.encode(corpus, indices, model.vocabulary, model.config.text)
        probabilities = task.probabilities(model.classifier, texts)
        furthest = np.abs(probabilities - list(published.probe.values())).max()
        assert furthest <= published.largest_change + ROUNDING


def test_networks_stand_in_the_order_of_their_numbers():
    names = [folder.name for folder in published_folders()]
    of_gru = [name for name in names if name.startswith("distance-") and name.endswith("-gru")]
    assert of_gru == [f"distance-{words}-gru" for words in (10, 25, 50, 100, 200)]


def test_words_remembered_are_those_of_the_runs(committed):
    """Every seed is right on 95 % up to there, as Cells and the text on the question say."""
    lowest = committed("distance").groupby(["cell", "verdict_distance"])["test_accuracy"].min()
    farthest = dict.fromkeys(lowest.index.unique("cell"), 0)
    for cell in farthest:
        for distance, accuracy in lowest[cell].items():
            if accuracy < 0.95:
                break
            farthest[cell] = distance
    assert remembered() == farthest
