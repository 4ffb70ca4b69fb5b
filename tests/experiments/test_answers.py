"""The published paragraphs: their figures are those of the files, and they claim no more."""

import re

import pandas as pd
import pytest

from rnn_core.experiments.answers import answer, means
from rnn_core.experiments.questions import QUESTIONS, with_case_names
from rnn_core.experiments.results import Results


def runs(name, accuracies, seconds=10.0):
    """Runs of a question: for each of its cases, in their order, the test accuracy of each seed."""
    return pd.DataFrame(
        [
            {**case, "seed": seed, "test_accuracy": accuracy, "seconds_per_epoch": seconds}
            for case, by_seed in zip(QUESTIONS[name].sweep.cases, accuracies, strict=True)
            for seed, accuracy in enumerate(by_seed)
        ]
    )


def steadily(name, low=0.8, high=0.9, chance=0.001):
    """Two seeds a case, every case better than the one before."""
    count = len(QUESTIONS[name].sweep.cases)
    at = [low + (high - low) * place / (count - 1) for place in range(count)]
    return runs(name, [[accuracy, accuracy + chance] for accuracy in at])


def test_the_mean_of_a_case_has_its_lowest_and_highest_seed_and_leaves_out_what_diverged():
    table = runs("start-token", [[0.8, 0.9, None], [0.7]])
    found = means(table, ["start_token"])
    assert found[True] == (pytest.approx(0.85), 0.8, 0.9, 2, 10.0)
    assert found[False].runs == 1
    assert found[True].spread == pytest.approx(0.1)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_has_its_paragraph_once_every_case_has_two_runs(name):
    table = steadily(name)
    said = answer(name, table)
    assert f"{len(table)} runs, 2 seeds each; seeds alone make up to 0.1 points." in said
    assert said.count(". ") >= 3
    assert "{" not in said
    shown = {
        f"{mean:.1%}" for mean in table.groupby(list(QUESTIONS[name].sweep.factors))["test_accuracy"].mean()
    }
    figures = set(re.findall(r"\d+\.\d%", said))
    assert figures
    assert figures <= shown
    assert answer(name, table.iloc[:-1]) is None


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_paragraph_stands_whichever_way_it_turns_out(name):
    for table in (steadily(name, 0.9, 0.8), steadily(name, 0.9, 0.9001), steadily(name, 0.5, 0.99, 0.2)):
        assert answer(name, table)


def test_a_difference_within_what_the_seeds_make_is_called_none():
    said = answer("start-token", runs("start-token", [[0.89, 0.90], [0.895, 0.899]]))
    assert "89.5% of the test reviews, without it on 89.7%" in said
    assert "no difference that these runs can tell" in said
    assert "up to 1.0 points" in said


def test_a_larger_one_is_told_with_its_size_and_its_side():
    said = answer("start-token", runs("start-token", [[0.90, 0.901], [0.85, 0.851]]))
    assert "5.0 points for a network with it" in said


def test_words_are_enough_where_more_bring_no_more_than_chance():
    sizes = [[0.86, 0.861], [0.88, 0.882], [0.89, 0.892], [0.892, 0.891], [0.891, 0.889]]
    said = answer("vocabulary", runs("vocabulary", sizes))
    assert "With 500 words" in said
    assert "with 5,000 on 89.1%" in said
    assert "From 5,000 words on" in said


def test_where_a_large_vocabulary_is_worse_again_the_best_one_is_named():
    sizes = [[0.86, 0.861], [0.88, 0.882], [0.89, 0.892], [0.88, 0.881], [0.87, 0.871]]
    assert "Best are 5,000 words" in answer("vocabulary", runs("vocabulary", sizes))


def test_how_far_a_cell_remembers_is_the_largest_distance_at_which_it_still_tells_the_verdict():
    far = [0.99, 0.98, 0.97, 0.6, 0.5, 0.5, 0.5] + [0.99] * 7 + [0.9] * 7
    said = answer("distance", runs("distance", [[accuracy] * 2 for accuracy in far]))
    assert "A plain RNN still tells 97.0% of the verdicts after 50 words, 60.0% after 100" in said
    assert "A GRU still tells 99.0% of the verdicts after 800 words, the farthest" in said
    assert "An LSTM tells 90.0% of the verdicts after 10 words, 90.0% after 25" in said


def test_the_smallest_bias_that_remembers_is_named_with_what_it_lets_go():
    said = answer(
        "forget-bias", runs("forget-bias", [[0.5, 0.5], [0.5, 0.6], [0.99, 1.0], [1.0, 1.0], [1.0, 1.0]])
    )
    assert "With a bias of 4 it remembers: then one part in 56 of the memory goes" in said
    assert "3% of it is there at the end" in said
    nothing = answer("forget-bias", runs("forget-bias", [[0.5, 0.6]] * 5))
    assert "None of them is enough" in nothing


def test_what_helps_alone_is_named_from_the_largest_gain_on_and_what_hurts_is_too():
    gains = [0.88, 0.90, 0.89] + [0.8805] * 7 + [0.86]
    said = answer("recipe", runs("recipe", [[accuracy, accuracy + 0.001] for accuracy in gains]))
    assert "with 800 tokens, not 256 (+2.0 points), with 20,000 words, not 5,000 (+1.0 points)." in said
    assert "These hurt: with both directions (−2.0 points)." in said


def test_a_run_is_named_after_its_case():
    table = steadily("padding").iloc[::-1]
    named = with_case_names(QUESTIONS["padding"], table)
    assert named["case"].iloc[0] == "GRU, end cut, padding after"
    row = named[named["case"] == "Elman, beginning cut, padding skipped"].iloc[0]
    assert (row["cell"], row["truncation"], row["skip_padding"]) == ("elman", "pre", True)
    plain = steadily("length")
    assert with_case_names(QUESTIONS["length"], plain) is plain


def test_there_is_no_answer_while_a_case_has_fewer_than_two_runs():
    assert answer("start-token", runs("start-token", [[0.9, 0.9], [0.9, None]])) is None
    assert answer("start-token", pd.DataFrame()) is None
    assert answer("my-own", steadily("start-token")) is None


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_what_is_committed_of_a_question_is_of_that_question(name, monkeypatch):
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")
    results, sweep = Results(name), QUESTIONS[name].sweep
    if not results.exists():
        pytest.skip("no run of it is committed yet")
    assert results.sweep() == sweep
    known = [(point.case, point.seed) for point in sweep.points()]
    table = results.table()
    assert all((result.case, result.seed) in known for result in results.all())
    assert table["test_accuracy"].dropna().between(0.45, 1).all()
    said = answer(name, table)
    if said is not None:  # its figures are those of the file
        shown = {f"{mean:.1%}" for mean in table.groupby(list(sweep.factors))["test_accuracy"].mean()}
        assert set(re.findall(r"\d+\.\d%", said)) <= shown
