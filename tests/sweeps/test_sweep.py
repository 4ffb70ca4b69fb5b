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
from tests.refusals import refusals

BASE = RunConfig(data="verdict")


def make(**given):
    return Sweep(**{"name": "try", "base": BASE, "cases": [{"cell": "gru"}, {"cell": "elman"}], **given})


def test_in_a_grid_the_last_factor_changes_fastest():
    combined = [tuple(case.values()) for case in grid({"cell": ["elman", "gru"], "max_length": [25, 50]})]
    assert combined == [("elman", 25), ("elman", 50), ("gru", 25), ("gru", 50)]
    assert grid({}) == []


def test_points_are_all_cases_of_one_seed_then_of_the_next():
    points = list(make(seeds=[3, 1]).points())
    made = [(point.case["cell"], point.seed) for point in points]
    assert made == [("gru", 3), ("elman", 3), ("gru", 1), ("elman", 1)]
    assert points[1].config == BASE.with_settings(cell="elman", seed=3)


def test_a_sweep_comes_back_from_its_dictionary():
    sweep = make(seeds=[0, 7])
    assert Sweep.from_dict(sweep.to_dict()) == sweep


SAME = [{"cell": "gru", "max_length": 5}, {"max_length": 5, "cell": "gru"}]
MANY = list(range(1_000))
test_what_can_be_no_sweep_is_refused = refusals(
    SweepError,
    {
        "no cases": (lambda: make(cases=[]), "has no points"),
        "no seeds": (lambda: make(seeds=[]), "has no points"),
        "too many": (
            lambda: make(cases=grid({"max_length": range(1, 2_001)}), seeds=range(5)),
            "10,000 points",
        ),
        "a value": (lambda: make(cases=[{"vocab_size": 1}]), "case vocab_size = 1: Vocabulary size must"),
        "no setting": (lambda: make(cases=[{"colour": "red"}]), "There is no setting called 'colour'"),
        "the seed": (lambda: make(cases=[{"seed": 3}]), "The seed is no factor"),
        "twice": (lambda: make(cases=[{"cell": "gru"}] * 2), "has the case cell = gru twice"),
        "in another order": (lambda: make(cases=SAME), "has the case cell = gru, max_length = 5 twice"),
        "a seed twice": (lambda: make(seeds=[1, 2, 1]), "has the seed 1 twice"),
        "a seed below 0": (lambda: make(seeds=[-1]), "Seed must be between"),
        "other factors": (lambda: make(cases=[{"cell": "gru"}, {"max_length": 5}]), "must vary cell"),
        "a path": (lambda: make(name="../try"), "The name of a sweep"),
        "a published name": (
            lambda: own_sweep("padding", BASE, [{"cell": "gru"}], [0]),
            "one of the questions",
        ),
        "a large grid": (  # before it is made
            lambda: grid(dict.fromkeys(["max_length", "vocab_size", "hidden_size"], MANY)),
            "have 1,000,000,000 combinations",
        ),
        "a case twice": (lambda: parse_case("cell=gru,cell=elman"), "cell"),
    },
)


def test_a_sweep_has_at_most_so_many_points():
    assert issubclass(SweepError, ConfigError)
    assert len(make(cases=grid({"max_length": list(range(1, MOST_POINTS + 1))}))) == MOST_POINTS


def test_equal_cases_in_a_file_of_before_are_one():
    values = make(cases=[SAME[0], {"cell": "elman", "max_length": 5}]).to_dict()
    sweep = Sweep.from_dict(values)
    assert Sweep.from_dict({**values, "cases": [*values["cases"], SAME[1]]}) == sweep


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
def test_words_that_are_no_factor_are_refused(words):
    for read in (parse_factor, parse_case):
        with pytest.raises(SweepError):
            read(words)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_has_two_seeds_of_all_reviews(name):
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


def test_each_step_of_the_ladder_changes_something():
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
def test_the_rate_of_each_case_is_the_best_of_those_tried(name, committed):
    """Which were tried for all, and it stands at no end of their list."""
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
