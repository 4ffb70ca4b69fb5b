"""Learning rates: the best on validation texts is that of the question, and no test score chose it."""

from statistics import median_low

import pandas as pd
import pytest

from rnn_core.sweeps.questions import QUESTIONS, SEARCHES
from rnn_core.sweeps.rates import RATE, tried, validation_by_rate
from rnn_core.sweeps.results import Result, Results

SEARCHED = [name for name, question in QUESTIONS.items() if question.searches]
GUESSED = 0.6
"""Of two classes of equal size: a case that no rate brings beyond has learned nothing at any."""
FEWEST, FEWEST_OF_FAILING = 3, 5


def best_rate(accuracies):
    """The rate with the highest validation accuracy; of several the middle one."""
    highest = max(accuracies.values())
    return median_low(rate for rate, accuracy in accuracies.items() if accuracy == highest)


def is_at_an_end(rate, rates):
    """Whether a better rate may lie beyond the list."""
    return rate in (min(rates), max(rates))


@pytest.fixture
def committed(monkeypatch):
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")


def test_the_best_rate_is_the_one_with_the_highest_accuracy_and_of_several_the_middle_one():
    assert best_rate({0.002: 0.7, 0.005: 0.9, 0.01: 0.8}) == 0.005
    assert best_rate({0.002: 0.9, 0.005: 1.0, 0.01: 1.0, 0.02: 1.0}) == 0.01
    assert is_at_an_end(0.002, (0.01, 0.002, 0.005))
    assert not is_at_an_end(0.005, (0.01, 0.002, 0.005))


@pytest.mark.parametrize("name", SEARCHED)
def test_all_cases_of_a_question_were_tried_at_the_same_rates_at_least(name):
    question = QUESTIONS[name]
    lists = [set(tried(question.searches, case)) for case in question.sweep.cases]
    assert len(set.intersection(*lists)) >= FEWEST


@pytest.mark.parametrize("name", SEARCHED)
def test_the_rate_of_each_case_is_the_best_that_was_tried_and_not_at_an_end_of_the_list(name, committed):
    question = QUESTIONS[name]
    assert [Results(search.name).sweep() for search in question.searches] == list(question.searches)
    table = pd.concat(Results(search.name).table() for search in question.searches)
    assert not table["test_accuracy"].notna().any()
    for case in question.sweep.cases:
        accuracies, rates = validation_by_rate(table, case), tried(question.searches, case)
        assert set(accuracies) <= set(rates)
        assert case[RATE] == best_rate(accuracies)
        if max(accuracies.values()) < GUESSED:
            assert len(rates) >= FEWEST_OF_FAILING
        elif max(accuracies.values()) < 1:
            assert not is_at_an_end(case[RATE], rates)


@pytest.mark.parametrize("name", sorted(SEARCHES))
def test_a_search_keeps_no_test_score(name):
    point = next(iter(SEARCHES[name].points()))
    result = Result(
        case=point.case, seed=0, outcome="finished", validation_accuracy=0.8, test_accuracy=0.7,
        test_loss=0.5, training_accuracy=0.9, parameters=1, optimizer_steps=1, seconds=1.0,
        seconds_per_epoch=1.0, run="some", machine="one", made="2026-01-01", pairs_right=0.5,
        sentences_right=0.5,
    )  # fmt: skip
    results = Results(name)
    results.begin(SEARCHES[name])
    written = results.append(result)
    assert (written.test_accuracy, written.test_loss, written.pairs_right) == (None, None, None)
    results.rewrite(SEARCHES[name], [result])
    assert [one.test_accuracy for one in results.all()] == [None]
    assert [one.validation_accuracy for one in results.all()] == [0.8]
