"""What a sweep is made of, and what can't be one; the learning rates that its cases were tried with."""

from itertools import pairwise
from statistics import median_low

import pandas as pd
import pytest

from rnn_core.cli.train import asked_config
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import recommended_config
from rnn_core.errors import ConfigError, SweepError
from rnn_core.languages.catalogue import LANGUAGES
from rnn_core.sweeps.questions import QUESTIONS, SEARCHES, own_sweep
from rnn_core.sweeps.rates import RATE, tried, validation_by_rate, worst_seed
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import MOST_POINTS, Sweep, grid, parse_case, parse_factor
from rnn_core.tasks.task import task_of
from tests.own import ended

BASE = RunConfig(data="verdict")


def make(**given):
    return Sweep(**{"name": "try", "base": BASE, "cases": [{"cell": "gru"}, {"cell": "elman"}], **given})


def test_a_grid_has_every_combination_the_last_factor_changing_fastest():
    assert grid({"cell": ["elman", "gru"], "max_length": [25, 50]}) == [
        {"cell": "elman", "max_length": 25},
        {"cell": "elman", "max_length": 50},
        {"cell": "gru", "max_length": 25},
        {"cell": "gru", "max_length": 50},
    ]
    assert grid({}) == []


def test_points_are_all_cases_of_one_seed_then_of_the_next():
    points = list(make(seeds=[3, 1]).points())
    made = [(point.case["cell"], point.seed) for point in points]
    assert made == [("gru", 3), ("elman", 3), ("gru", 1), ("elman", 1)]
    assert points[1].config == BASE.with_settings(cell="elman", seed=3)


def test_a_sweep_comes_back_from_its_dictionary():
    sweep = make(seeds=[0, 7])
    assert Sweep.from_dict(sweep.to_dict()) == sweep


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cases": []}, "has no points"),
        ({"seeds": []}, "has no points"),
        ({"cases": [{"max_length": n} for n in range(1, 2_001)], "seeds": [0, 1, 2, 3, 4]}, "10,000 points"),
        ({"cases": [{"vocab_size": 1}]}, "In the case vocab_size = 1: Vocabulary size must be between"),
        ({"cases": [{"colour": "red"}]}, "There is no setting called 'colour'"),
        ({"cases": [{"seed": 3}]}, "The seed is no factor"),
        ({"cases": [{"cell": "gru"}, {"cell": "gru"}]}, "has the case cell = gru twice"),
        (
            {"cases": [{"cell": "gru", "max_length": 5}, {"max_length": 5, "cell": "gru"}]},
            "has the case cell = gru, max_length = 5 twice",
        ),
        ({"seeds": [1, 2, 1]}, "has the seed 1 twice"),
        ({"seeds": [-1]}, "Seed must be between"),
        ({"cases": [{"cell": "gru"}, {"max_length": 5}]}, "All cases of the sweep try must vary cell"),
        ({"name": "../try"}, "The name of a sweep"),
    ],
)
def test_what_can_not_be_is_refused_in_words_before_anything_begins(given, said):
    with pytest.raises(SweepError) as refused:
        make(**given)
    assert said in str(refused.value)
    assert isinstance(refused.value, ConfigError)


def test_cases_equal_but_for_order_in_a_file_of_before_are_one():
    sweep = make(cases=[{"cell": "gru", "max_length": 5}, {"cell": "elman", "max_length": 5}])
    values = sweep.to_dict()
    values["cases"].append({"max_length": 5, "cell": "gru"})
    assert Sweep.from_dict(values) == sweep


def test_a_grid_of_too_many_combinations_is_refused_before_it_is_made():
    many = list(range(1_000))
    with pytest.raises(SweepError, match="have 1,000,000,000 combinations"):
        grid({"max_length": many, "vocab_size": many, "hidden_size": many})


def test_a_sweep_of_ones_own_can_not_be_called_like_a_published_one():
    with pytest.raises(SweepError, match="padding is one of the questions"):
        own_sweep("padding", BASE, [{"cell": "gru"}], [0])


def test_the_most_points_are_allowed():
    assert len(make(cases=grid({"max_length": list(range(1, MOST_POINTS + 1))}))) == MOST_POINTS


@pytest.mark.parametrize(
    ("words", "factor"),
    [
        ("vocab-size=500, 2000", ("vocab_size", [500, 2000])),
        ("learning_rate=1e-3", ("learning_rate", [0.001])),
        ("start_token=on,false", ("start_token", [True, False])),
        ("cell=gru,lstm", ("cell", ["gru", "lstm"])),
    ],
)
def test_a_factor_is_read_as_its_setting_is_declared(words, factor):
    assert parse_factor(words) == factor


@pytest.mark.parametrize(
    "words", ["colour=red", "cell", "cell=", "max_length=many", "start_token=perhaps", ""]
)
def test_a_factor_and_a_case_that_can_not_be_read_are_refused(words):
    for read, given in ((parse_factor, words), (parse_case, words), (parse_case, "cell=gru,cell=elman")):
        with pytest.raises(SweepError):
            read(given)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_published_question_is_asked_with_two_seeds_at_least_of_all_reviews(name):
    question, sweep = QUESTIONS[name], QUESTIONS[name].sweep
    assert sweep.name == name
    assert len(sweep.seeds) >= (3 if name in ("vocabulary", "padding") else 2)
    assert len(question.cases) in (0, len(sweep.cases))
    generated = {"distance": "verdict", "forget-bias": "verdict"}
    generated |= {"languages": "language-reber", "delay": "language-delay"}
    assert sweep.base.data == generated.get(name, "imdb")
    of_all = sweep.base.training.reviews  # which every corpus of languages has
    assert of_all == 25_000 or sweep.base.task == "next-symbol"
    assert all(point.config.training.reviews == of_all for point in sweep.points())


def test_each_step_of_the_ladder_changes_something_and_keeps_what_came_before():
    cases = QUESTIONS["ladder"].sweep.cases
    changed = [{name for name in after if after[name] != before[name]} for before, after in pairwise(cases)]
    assert all(changed)
    assert sum(map(len, changed)) == len(set.union(*changed))


def test_a_sweep_over_distances_reads_a_corpus_for_each():
    corpora = [corpus_named(f"verdict-{distance}") for distance in (10, 100, 200, 25, 50)]
    assert list(QUESTIONS["distance"].sweep.corpora) == corpora


SEARCHED = [name for name, question in QUESTIONS.items() if question.searches]
GUESSED = 0.6  # of two classes of equal size: a case that no rate brings beyond has learned nothing at any
FEWEST, FEWEST_OF_FAILING = 3, 5


@pytest.fixture
def committed(monkeypatch):
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")


@pytest.mark.parametrize("name", SEARCHED)
def test_the_rate_of_each_case_is_the_best_of_those_tried_for_all_and_not_at_an_end_of_the_list(
    name, committed
):
    question = QUESTIONS[name]
    lists = [set(tried(question.searches, case)) for case in question.sweep.cases]
    assert len(set.intersection(*lists)) >= FEWEST
    assert [Results(search.name).sweep() for search in question.searches] == list(question.searches)
    table = pd.concat(Results(search.name).table() for search in question.searches)
    assert not table["test_accuracy"].notna().any()
    score = task_of(question.sweep.base).score
    for case in question.sweep.cases:
        by_rate, rates = validation_by_rate(table, case, score), tried(question.searches, case)
        scores = {rate: worst_seed(seeds, score) for rate, seeds in by_rate.items()}
        assert set(scores) <= set(rates)
        highest = next(iter(scores.values()))
        best = median_low(rate for rate, reached in scores.items() if reached == highest)
        assert case[RATE] == best  # of several the middle one
        if not score.is_share:
            assert rates == [0.003, 0.01, 0.03]  # on languages, where no list grows
        elif highest < GUESSED:
            assert len(rates) >= FEWEST_OF_FAILING
        elif highest < 1:
            assert case[RATE] not in (min(rates), max(rates))


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_language_starts_from_the_rate_searched(name, committed):
    """In command, form and notebook: the best rate on validation strings, in the mean of all cells."""
    data = f"language-{name}"
    config, table = recommended_config(data), Results("languages-rates").table()
    bits = table[table["data"] == data].groupby(RATE)["validation_bits_per_token"].mean()
    assert config.training.learning_rate == bits.idxmin()
    assert config.training.epochs >= table[table["data"] == data]["epochs"].max()
    assert config.training.weight_decay == 0
    assert asked_config(data, {"cell": "elman"}) == config.with_settings(cell="elman")


@pytest.mark.parametrize("name", sorted(SEARCHES))
def test_a_search_keeps_no_test_score(name):
    result = ended(next(SEARCHES[name].points()).case, pairs_right=0.5, sentences_right=0.5)
    results = Results(name)
    results.begin(SEARCHES[name])
    written = results.append(result)
    assert (written.test_accuracy, written.test_loss, written.pairs_right) == (None, None, None)
    results.rewrite(SEARCHES[name], [result])
    assert [one.test_accuracy for one in results.all()] == [None]
    assert [one.validation_accuracy for one in results.all()] == [0.75]
