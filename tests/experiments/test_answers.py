"""The published paragraphs: their figures are those of the files, and they claim no more."""

import re
from itertools import product

import pandas as pd
import pytest

from rnn_core.experiments.answers import answer, means
from rnn_core.experiments.questions import QUESTIONS, with_case_names
from rnn_core.experiments.results import Results


def runs(name, accuracies):
    """Runs of a question: for each of its cases, in their order, the test accuracy of each seed.

    An epoch of the first seed of the first case takes 10 s, of the second 11 s, of the next case 20 s.
    """
    return pd.DataFrame(
        [
            {**case, "seed": seed, "test_accuracy": accuracy, "seconds_per_epoch": 10.0 * number + seed}
            for number, (case, by_seed) in enumerate(
                zip(QUESTIONS[name].sweep.cases, accuracies, strict=True), start=1
            )
            for seed, accuracy in enumerate(by_seed)
        ]
    )


def level(name, **instead):
    """Two seeds of 80 % a case, but for the cases of these numbers."""
    others = {int(number.removeprefix("case_")): seeds for number, seeds in instead.items()}
    count = len(QUESTIONS[name].sweep.cases)
    return runs(name, [others.get(number, [0.8, 0.8]) for number in range(count)])


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
    assert f"{len(table)} runs, 2 seeds each; the seed alone moves" in said
    assert "by up to 0.1 points" in said
    assert said.count(". ") >= 3
    assert "{" not in said
    assert figures(said)
    assert figures(said) <= figures_of(name, table)
    assert answer(name, table.iloc[:-1]) is None


def figures(said):
    """Every accuracy and every difference that a paragraph names."""
    return set(re.findall(r"\d+\.\d(?:%| points)", said))


def figures_of(name, table):
    """Those that it may name: of each case mean and ends, between any two cases and between seeds."""
    found = table.groupby(list(QUESTIONS[name].sweep.factors))["test_accuracy"]
    shares = [*found.mean(), *found.min(), *found.max()]
    differences = [abs(one - other) for one, other in product(found.mean(), repeat=2)]
    differences += [*(found.max() - found.min())]
    return {f"{share:.1%}" for share in shares} | {f"{value * 100:.1f} points" for value in differences}


BETTER = re.compile(r"\+[1-9]|\+0\.[1-9]|gains \d|help all|help beyond chance: |climbs|Up by more")
WORSE = re.compile(r"−[1-9]|−0\.[1-9]|loses \d|hurt|Down it goes")


@pytest.mark.parametrize("name", ["length-of-cells", "padding", "network", "recipe", "ladder"])
def test_a_gain_is_called_a_gain_and_a_loss_a_loss(name):
    rising, falling = answer(name, steadily(name, 0.7, 0.9)), answer(name, steadily(name, 0.9, 0.7))
    assert BETTER.search(rising)
    assert not WORSE.search(rising)
    assert WORSE.search(falling)
    assert not BETTER.search(falling)


@pytest.mark.parametrize("name", QUESTIONS)
def test_nothing_is_said_to_matter_where_nothing_differs(name):
    said = answer(name, level(name))
    assert not BETTER.search(said)
    assert not WORSE.search(said)
    assert "by up to 0.0 points" in said


def test_seeds_that_found_different_things_have_no_mean():
    found = means(runs("start-token", [[0.5, 0.99], [0.89, 0.9]]), ["start_token"])
    assert str(found[True]) == "50.0–99.0%"
    assert str(found[False]) == "89.5%"


def test_where_the_seeds_are_apart_there_is_no_difference_of_means():
    said = answer("padding", level("padding", case_0=[0.6, 0.8], case_2=[0.5, 0.51]))
    assert "by that a plain RNN loses: 50.5% in place of 60.0–80.0%" in said
    said = answer("padding", level("padding", case_0=[0.6, 0.8], case_2=[0.7, 0.71]))
    assert "by that a plain RNN changes no more than its seeds do, a GRU" in said


def test_cases_with_more_seeds_than_others_are_told_as_such():
    said = answer("start-token", runs("start-token", [[0.8, 0.8, 0.8], [0.8, 0.8]]))
    assert "5 runs, 2 to 3 seeds each" in said


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
    assert "86.1% with 500, 88.1% with 2,000, 89.1% with 5,000" in said
    assert "From 5,000 words on" in said


def test_where_a_large_vocabulary_is_worse_again_the_best_one_is_named():
    sizes = [[0.86, 0.861], [0.88, 0.882], [0.89, 0.892], [0.88, 0.881], [0.87, 0.871]]
    assert "Best are 5,000 words" in answer("vocabulary", runs("vocabulary", sizes))


def test_more_help_all_the_way_only_where_every_step_is_up():
    name, rising = "length", [[at, at] for at in (0.7, 0.72, 0.8, 0.85, 0.88, 0.9)]
    assert "More tokens help all the way." in answer(name, runs(name, rising))
    falls_first = [[at, at] for at in (0.8, 0.7, 0.6, 0.55, 0.5, 0.9)]
    assert "Best are 800 tokens." in answer(name, runs(name, falls_first))
    assert "More tokens make no difference beyond chance." in answer(name, level(name))


def test_of_padding_it_is_told_what_it_does_to_each_cell_and_what_it_costs():
    said = answer("padding", level("padding", case_2=[0.5, 0.5], case_9=[0.7, 0.7]))
    assert "a plain RNN on 80.0% with padding skipped, 80.0% read before, 50.0% read after" in said
    assert "by that a plain RNN loses 30.0 points, a GRU changes no more than its seeds do (+0.0" in said
    assert "To read it costs time, too: 80 s an epoch of a GRU against 70" in said
    assert "When the end of long reviews is cut and not the beginning, a plain RNN changes no" in said
    assert "a GRU loses 10.0 points. 24 runs" in said


def test_what_is_beyond_chance_for_one_cell_is_not_hidden_by_the_chance_of_another():
    said = answer("padding", level("padding", case_0=[0.6, 0.8], case_8=[0.85, 0.851]))
    assert "a GRU gains 5.0 points" in said
    assert "the seed alone moves a plain RNN by up to 20.0 points and a GRU by up to 0.1 points" in said


def test_how_far_a_cell_remembers_is_the_largest_distance_at_which_it_still_tells_the_verdict():
    far = [0.99, 0.98, 0.97, 0.6, 0.5, 0.5, 0.5] + [0.99] * 7 + [0.9] * 7
    said = answer("distance", runs("distance", [[accuracy] * 2 for accuracy in far]))
    assert "A plain RNN still tells 97.0% of the verdicts after 50 words, 60.0% after 100" in said
    assert "A GRU still tells 99.0% of the verdicts after 800 words, the farthest" in said
    assert "An LSTM tells 90.0% of the verdicts after 10 words, 90.0% after 25" in said
    assert "one found the way back" not in said


def test_a_distance_that_one_seed_bridges_and_another_does_not_is_not_remembered():
    said = answer("distance", level("distance", case_7=[0.99, 0.99], case_8=[0.5, 0.99]))
    assert "A GRU still tells 99.0% of the verdicts after 10 words, 50.0–99.0% after 25" in said
    assert "one found the way back and another did not" in said


def test_the_smallest_bias_that_remembers_is_named_with_what_it_lets_go():
    said = answer(
        "forget-bias", runs("forget-bias", [[0.5, 0.5], [0.5, 0.6], [0.99, 1.0], [1.0, 1.0], [1.0, 1.0]])
    )
    assert "With a bias of 4 every seed remembers: then one part in 56 of the memory goes" in said
    assert "one seed found the way" not in said
    assert "3% of it is there at the end" in said
    nothing = answer("forget-bias", runs("forget-bias", [[0.5, 0.6]] * 5))
    assert "None of them is enough" in nothing
    lucky = answer("forget-bias", runs("forget-bias", [[0.5, 0.99], [0.5, 0.5], *[[1.0, 1.0]] * 3]))
    assert "50.0–99.0% with 0, 50.0% with 2" in lucky
    assert "With 0 one seed found the way and another did not" in lucky


def test_what_helps_alone_is_named_from_the_largest_gain_on_and_what_hurts_is_too():
    gains = [0.88, 0.90, 0.89] + [0.8805] * 8 + [0.86]
    said = answer("recipe", runs("recipe", [[accuracy, accuracy + 0.001] for accuracy in gains]))
    assert "20,000 words in place of 5,000 (+2.0 points), dropouts of 0.3 (+1.0 points)." in said
    assert "These hurt: label odds (−2.0 points). The others change less than" in said


def test_the_ladder_names_the_steps_that_lead_up_and_those_that_lead_down():
    at = [0.88, 0.90, 0.901, 0.88] + [0.8801] * 7 + [0.91]
    said = answer("ladder", runs("ladder", [[accuracy, accuracy + 0.002] for accuracy in at]))
    assert "From 88.1% of the test reviews the ladder climbs to 91.1%, at the step “+ label odds”" in said
    assert "goes with label odds (+3.0 points), 20,000 words in place of 5,000 (+2.0 points)." in said
    assert "Down it goes with word dropout of 0.1 (−2.1 points)." in said


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
        assert figures(said) <= figures_of(name, table)
