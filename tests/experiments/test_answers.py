"""The published paragraphs: their figures are those of the files, and they claim no more."""

import pandas as pd
import pytest

from rnn_core.experiments.answers import answer, means
from rnn_core.experiments.questions import QUESTIONS
from rnn_core.experiments.results import Results


def runs(factor, **accuracies):
    values = {"on": True, "off": False}
    return pd.DataFrame(
        [
            {factor: values[name], "seed": seed, "test_accuracy": accuracy}
            for name, by_seed in accuracies.items()
            for seed, accuracy in enumerate(by_seed)
        ]
    )


def test_the_mean_of_a_case_has_its_lowest_and_highest_seed_and_leaves_out_what_diverged():
    table = runs("start_token", on=[0.8, 0.9, None], off=[0.7])
    found = means(table, "start_token")
    assert found[True] == (pytest.approx(0.85), 0.8, 0.9, 2)
    assert found[False].runs == 1
    assert found[True].spread == pytest.approx(0.1)


def test_a_difference_within_what_the_seeds_make_is_called_none():
    said = answer("start-token", runs("start_token", on=[0.89, 0.90], off=[0.895, 0.899]), 2)
    assert "89.5% of the test reviews, without it on 89.7%" in said
    assert "no difference that these runs can tell" in said
    assert "up to 1.0 points" in said


def test_a_larger_one_is_told_with_its_size_and_its_side():
    said = answer("start-token", runs("start_token", on=[0.90, 0.901], off=[0.85, 0.851]), 2)
    assert "5.0 points for a network with it" in said


def test_words_are_enough_where_more_bring_no_more_than_chance():
    sizes = {500: [0.86, 0.861], 2_000: [0.88, 0.882], 5_000: [0.89, 0.892], 40_000: [0.891, 0.889]}
    table = pd.DataFrame(
        [{"vocab_size": size, "test_accuracy": value} for size, both in sizes.items() for value in both]
    )
    said = answer("vocabulary", table, 4)
    assert "With 500 words" in said
    assert "with 5,000 on 89.1%" in said
    assert "From 5,000 words on" in said


def test_where_a_large_vocabulary_is_worse_again_the_best_one_is_named():
    sizes = {500: [0.86, 0.861], 5_000: [0.89, 0.892], 40_000: [0.87, 0.871]}
    table = pd.DataFrame(
        [{"vocab_size": size, "test_accuracy": value} for size, both in sizes.items() for value in both]
    )
    assert "Best are 5,000 words" in answer("vocabulary", table, 3)


def test_there_is_no_answer_while_a_case_has_no_run():
    assert answer("start-token", runs("start_token", on=[0.9]), 2) is None
    assert answer("start-token", pd.DataFrame(), 2) is None
    assert answer("my-own", runs("start_token", on=[0.9], off=[0.8]), 2) is None


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_what_is_committed_of_a_question_is_of_that_question(name, monkeypatch):
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")
    results, sweep = Results(name), QUESTIONS[name].sweep
    if not results.exists():
        pytest.skip("no run of it is committed yet")
    assert results.sweep() == sweep
    known = [(point.case, point.seed) for point in sweep.points()]
    assert all((result.case, result.seed) in known for result in results.all())
    said = answer(name, results.table(), len(sweep.cases))
    if said is not None:
        for mean in means(results.table(), sweep.factors[0]).values():
            assert 0.5 < mean.mean < 1
