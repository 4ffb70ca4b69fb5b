"""What Train says of the baselines beside a run is what their file holds, and what of it the run is not."""

import json
import shutil

import pytest

from pages.components.shared.baselines import baselines_in_words
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.paths import results_folder
from tests.pages.second_way import RESULTS


@pytest.fixture(autouse=True)
def results():
    results_folder().mkdir(parents=True)
    for data in ("imdb", "verdict"):
        shutil.copy(RESULTS / f"baselines-{data}.json", results_folder())


def means(data, name, measure):
    baselines = json.loads((RESULTS / f"baselines-{data}.json").read_text())["baselines"]
    [shares] = [[seed[measure] for seed in one["seeds"]] for one in baselines if one["name"] == name]
    return sum(shares) / len(shares)


def test_the_baselines_say_which_reviews_they_are_of_and_their_numbers():
    said = baselines_in_words(RunConfig())
    assert f"NB-SVM on bigrams {means('imdb', 'nb-svm', 'validation_accuracy'):.1%}" in said
    assert f"Bag of words {means('imdb', 'bag-of-words', 'validation_accuracy'):.1%}" in said
    on_test = [means("imdb", name, "test_accuracy") for name in ("nb-svm", "bag-of-words", "majority")]
    assert f"on the test reviews {', '.join(f'{share:.1%}' for share in on_test)}" in said
    assert "learned from 22,500 reviews, means over the splits of seeds 0 and 1" in said
    assert "This run" not in said


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"seed": 3}, "This run has the split of seed 3:"),
        ({"reviews": 10_000}, "This run learns from 10,000 reviews:"),
        ({"seed": 2, "reviews": 500}, "has the split of seed 2 and learns from 500 reviews:"),
    ],
)
def test_beside_a_run_of_another_seed_or_of_fewer_reviews_they_say_so(settings, words):
    assert words in baselines_in_words(RunConfig().with_settings(**settings))


def test_on_reviews_whose_validation_split_is_their_own_no_seed_sets_a_run_apart():
    said = baselines_in_words(RunConfig(data="verdict").with_settings(seed=5))
    assert "seed" not in said
    assert "learned from 12,000 reviews)" in said
    few = baselines_in_words(RunConfig(data="verdict").with_settings(reviews=300))
    assert "This run learns from 300 reviews" in few


def test_without_measured_baselines_the_majority_class_is_named_alone():
    corpus_named("imdb").baselines_file.write_text("{")
    assert baselines_in_words(RunConfig()) == "Dotted: the majority class, half of the reviews."
