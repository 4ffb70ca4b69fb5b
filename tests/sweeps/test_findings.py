"""The findings: their figures are those of the files, and they claim no more than the results show."""

import re
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from rnn_core.sweeps.findings import finding
from rnn_core.sweeps.findings.finding import finding_of
from rnn_core.sweeps.findings.sentences import Words
from rnn_core.sweeps.over_seeds import OverSeeds, ShareOverSeeds, over_seeds, telling_factors
from rnn_core.sweeps.questions import QUESTIONS, with_case_names
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, grid, plain_base

WORDS = Words(lambda setting: setting, str)
NOTHING = pd.DataFrame()


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


def steadily(name, low=0.8, high=0.9, noise=0.001):
    """Two seeds a case, every case better than the one before."""
    count = len(QUESTIONS[name].sweep.cases)
    at = [low + (high - low) * place / (count - 1) for place in range(count)]
    return runs(name, [[accuracy, accuracy + noise] for accuracy in at])


def found(name, table, **others):
    return finding_of(QUESTIONS[name].sweep, table, WORDS, lambda other: others.get(other, NOTHING))


@pytest.fixture
def committed(monkeypatch):
    """A function that gives the committed runs of a question."""
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")
    return lambda name: Results(name).table()


def figures(said):
    """Every accuracy and every difference that a text names."""
    return set(re.findall(r"\d+\.\d(?:%| points)", said))


def figures_of(name, table):
    """Those that it may name: of each case mean and ends, between any two cases and between seeds."""
    cases = table.groupby(list(QUESTIONS[name].sweep.factors))
    by_case = cases["test_accuracy"]
    of_probes = [cases[measure] for measure in ("pairs_right", "sentences_right") if measure in table]
    shares = [share for one in (by_case, *of_probes) for share in (*one.mean(), *one.min(), *one.max())]
    differences = [abs(one - other) for one, other in product(by_case.mean(), repeat=2)]
    differences += [*(by_case.max() - by_case.min())]
    return {f"{share:.1%}" for share in shares} | {f"{value * 100:.1f} points" for value in differences}


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_what_is_committed_of_a_question_is_of_that_question(name, committed):
    results, sweep = Results(name), QUESTIONS[name].sweep
    assert results.sweep() == sweep
    known = [(point.case, point.seed) for point in sweep.points()]
    assert all((result.case, result.seed) in known for result in results.all())
    assert committed(name)["test_accuracy"].dropna().between(0.45, 1).all()


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_the_committed_results_meet_the_conditions_of_their_text_whose_figures_are_theirs(name, committed):
    finding = finding_of(QUESTIONS[name].sweep, committed(name), WORDS, committed)
    assert finding.is_written
    beside = {"length-of-cells": "padding", "truncation": "padding", "recipe": "ladder", "ladder": "recipe"}
    known = figures_of(name, committed(name))
    if name in beside:
        known |= figures_of(beside[name], committed(beside[name]))
    said = f"{finding.says} {finding.rests_on}"
    assert figures(said)
    assert figures(said) <= known
    assert "{" not in said


def test_no_finding_contradicts_another(committed):
    """The recipe and the ladder share two cases; truncation and dropout are asked in several questions."""
    texts = {
        other: finding_of(QUESTIONS[other].sweep, committed(other), WORDS, committed).says
        for other in QUESTIONS
    }
    within = [texts[other].split("ithin the noise")[1] for other in ("recipe", "ladder")]
    assert all("20,000 words in place of 5,000" in part for part in within)
    assert "truncation at the end in place" not in texts["length"].lower()
    assert "less left to gain" not in texts["ladder"]


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_results_that_do_not_meet_the_conditions_get_the_general_sentences(name):
    against = steadily(name) if name == "start-token" else level(name)
    finding = found(name, against)
    assert not finding.is_written
    assert finding.says.startswith(("Test accuracy 80.0% in every case", "The highest test accuracy is 90"))
    assert "general" not in finding.says


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_a_question_has_a_finding_once_every_case_has_two_runs(name):
    table = steadily(name)
    finding = found(name, table)
    assert f"{len(table)} runs, 2 seeds each. Noise over seeds" in finding.rests_on
    assert "0.1 points" in finding.rests_on
    assert found(name, table.iloc[:-1]) is None


def test_there_is_none_while_a_case_has_one_run_that_did_not_diverge():
    assert found("start-token", runs("start-token", [[0.9, 0.9], [0.9, None]])) is None
    assert found("start-token", NOTHING) is None


def test_the_mean_of_a_case_has_its_lowest_and_highest_seed_and_leaves_out_what_diverged():
    table = runs("start-token", [[0.8, 0.9, None], [0.7]])
    cases = over_seeds(table, ["start_token"])
    assert cases[True] == OverSeeds(pytest.approx(0.85), 0.8, 0.9, 2, 10.0)
    assert cases[False].runs == 1
    assert cases[True].spread == pytest.approx(0.1)


def test_the_probes_of_a_case_have_mean_and_ends_over_the_seeds_that_answered_them():
    table = runs("start-token", [[0.8, 0.9, None], [0.7]]).assign(
        sentences_right=[0.6, 0.7, None, None], pairs_right=[0.3, 0.38, None, None]
    )
    cases = over_seeds(table, ["start_token"])
    assert cases[True].sentences == ShareOverSeeds(pytest.approx(0.65), 0.6, 0.7, 2)
    assert cases[True].pairs == ShareOverSeeds(pytest.approx(0.34), 0.3, 0.38, 2)
    assert str(cases[True].pairs) == "34.0%"
    assert (cases[False].sentences, cases[False].pairs) == (None, None)


def test_without_a_column_of_the_probes_no_case_has_answered_them():
    case = over_seeds(level("start-token"), ["start_token"])[True]
    assert (case.sentences, case.pairs) == (None, None)


def test_seeds_that_found_different_things_have_no_mean():
    cases = over_seeds(runs("start-token", [[0.5, 0.99], [0.89, 0.9]]), ["start_token"])
    assert str(cases[True]) == "50.0–99.0%"
    assert str(cases[False]) == "89.5%"


def test_cases_with_more_seeds_than_others_are_counted_as_such():
    finding = found("start-token", runs("start-token", [[0.8, 0.8, 0.8], [0.8, 0.8]]))
    assert "5 runs, 2 to 3 seeds each" in finding.rests_on


def test_start_makes_no_difference_only_within_the_noise_over_seeds():
    said = found("start-token", runs("start-token", [[0.89, 0.90], [0.895, 0.899]])).says
    assert "right on 89.5% of the test reviews, without it on 89.7%, 0.2 points apart" in said
    apart = found("start-token", runs("start-token", [[0.90, 0.901], [0.85, 0.851]]))
    assert (
        apart.says
        == "The highest test accuracy is 90.1% (start_token True), the lowest 85.0% (start_token False)."
    )


SIZES = [[0.86, 0.861], [0.88, 0.882], [0.89, 0.892], [0.892, 0.891], [0.891, 0.889]]


def test_words_are_enough_from_where_more_bring_no_more_than_the_noise():
    said = found("vocabulary", runs("vocabulary", SIZES)).says
    assert "test accuracy: 86.1% with 500, 88.1% with 2,000 words. From 5,000 words on" in said
    assert "89.1% with 5,000, 89.1% with 10,000, 89.0% with 40,000" in said


def test_where_a_large_vocabulary_is_worse_again_the_general_sentences_name_the_best_one():
    said = found("vocabulary", runs("vocabulary", [*SIZES[:3], [0.88, 0.881], [0.87, 0.871]])).says
    assert "vocab_size: the best is 5,000." in said


def test_more_tokens_help_up_to_where_the_differences_are_noise():
    at = [[0.7, 0.701], [0.72, 0.721], [0.8, 0.801], [0.85, 0.851], [0.88, 0.881], [0.881, 0.88]]
    said = found("length", runs("length", at)).says
    assert "helps a GRU up to 400 tokens: 70.0% with 25" in said
    assert "From there on no difference" in said
    at[-1] = [0.9, 0.901]
    said = found("length", runs("length", at)).says
    assert "helps a GRU up to 800 tokens" in said
    assert "From there on" not in said
    at[1] = [0.6, 0.6]
    assert not found("length", runs("length", at)).is_written


def of_cells(plain_at_400):
    return runs("length-of-cells", [[0.7] * 2, [0.73] * 2, plain_at_400, [0.78] * 2, [0.86] * 2, [0.89] * 2])


def test_a_seed_of_another_question_that_ended_lower_is_named_where_the_same_network_is_said_to_gain():
    table = of_cells([0.74, 0.735])
    said = found("length-of-cells", table, padding=padding(case_0=[0.74, 0.73, 0.59])).says
    assert "an LSTM gains 11.0 points" in said
    assert "of 3 seeds of the same network under “What does padding do?” one ended at 59.0%" in said
    for other in (padding(case_0=[0.74, 0.73, 0.735]), NOTHING):
        assert "not certain" not in found("length-of-cells", table, padding=other).says


def padding(**instead):
    """A plain RNN that forgets over padding at its end, and a GRU that doesn't mind."""
    usual = {
        "case_2": [0.5, 0.51],
        "case_5": [0.5, 0.51],
        **{f"case_{number}": [0.9, 0.9] for number in range(6, 12)},
    }
    table = level("padding", **{**usual, **instead})
    return table.assign(seconds_per_epoch=table["skip_padding"].map({True: 30.0, False: 60.0}))


def test_of_padding_it_is_said_what_it_does_to_each_cell_and_what_it_costs():
    said = found("padding", padding()).says
    assert "right on 50.5% of the test reviews, no better than a guess, where it reaches 80.0%" in said
    assert "90.0% at the end, 90.0% in front, 90.0% skipped, no difference beyond noise" in said
    assert "fastest seed of the GRU takes 60 s an epoch, 30 s where padding is skipped" in said
    for other in ({"case_8": [0.8, 0.8]}, {"case_9": [0.8, 0.8]}, {"case_2": [0.6, 0.61]}):
        assert not found("padding", padding(**other)).is_written


def test_which_end_is_cut_matters_less_the_longer_a_review_may_be_and_not_at_all_where_padding_says_so():
    table = runs("truncation", [[0.8] * 2, [0.74] * 2, [0.84] * 2, [0.8] * 2, [0.87] * 2, [0.86] * 2])
    said = found("truncation", table, padding=padding()).says
    assert (
        "right on 80.0% of the test reviews, one that keeps its beginning on 74.0%: 6.0 points less" in said
    )
    assert "4.0 points at 64 (84.0% and 80.0%), 1.0 points at 128" in said
    assert "At 400 it makes no difference beyond noise (90.0% and 90.0%" in said
    assert "At 400" not in found("truncation", table).says
    assert "At 400" not in found("truncation", table, padding=padding(case_9=[0.8, 0.8])).says


def test_how_far_a_cell_remembers_is_the_largest_distance_at_which_every_seed_is_right():
    far = [0.99, 0.98, 0.6, 0.97, 0.5, 0.5, 0.5] + [0.99] * 6 + [0.5] + [0.99] * 3 + [0.9] * 4
    table = runs("distance", [[accuracy] * 2 for accuracy in far])
    said = found("distance", table).says
    assert "a plain RNN (Elman) 98.0% after 25 words, 60.0% after 50" in said
    assert "a GRU 99.0% after 400 words, 50.0% after 800" in said
    assert "an LSTM 99.0% after 50 words, 90.0% after 100" in said
    assert "another did not" not in said
    table.loc[table.index[-8], "test_accuracy"] = 0.5  # of the two seeds of an LSTM after 100 words
    assert "90.0%" not in found("distance", table).says.split("an LSTM")[1].split(";")[0].split(".")[0]
    assert "another did not" in found("distance", table).says


def test_the_smallest_bias_that_remembers_is_named_with_what_it_lets_go():
    said = found("forget-bias", runs("forget-bias", [[0.5, 0.99], [0.5, 0.6], *[[0.99, 1.0]] * 3])).says
    assert "right on 50.0–99.0% with 0" in said
    assert "From 4 on every seed remembers: one part in 56 of the memory goes" in said
    assert "3% of it is left at the end" in said
    assert "With 0 it depends on the seed" in said
    assert not found("forget-bias", runs("forget-bias", [[0.5, 0.6]] * 5)).is_written
    assert not found("forget-bias", runs("forget-bias", [[1.0, 1.0], *[[0.5, 0.6]] * 4])).is_written


def test_what_helps_alone_is_named_from_the_largest_gain_on_and_what_hurts_is_too():
    gains = [0.88, 0.90, 0.89] + [0.8805] * 8 + [0.86]
    said = found("recipe", runs("recipe", [[accuracy, accuracy + 0.001] for accuracy in gains])).says
    assert "20,000 words in place of 5,000 (+2.0 points), dropouts of 0.3 (+1.0 points)." in said
    assert "These hurt: label odds (−2.0 points). The rest is within the noise: word dropout" in said


def test_more_words_that_hurt_without_dropout_are_held_beside_the_question_with_dropout():
    gains = [0.88, 0.86, 0.90] + [0.8805] * 9
    table = runs("recipe", [[accuracy, accuracy + 0.001] for accuracy in gains])
    said = found("recipe", table, vocabulary=runs("vocabulary", SIZES)).says
    assert "More words hurt without dropout and in 6 epochs; with dropout and in 4 epochs" in said
    assert "no difference from 5,000 to 40,000 words" in said
    assert "More words hurt" not in found("recipe", table).says


def short_texts(pairs=(0.3, 0.31, 0.82, 0.83), accuracies=(0.896, 0.897, 0.898, 0.903)):
    """Two seeds a case, apart by 0.4 points in reviews and by two in pairs."""
    table = runs("short-texts", [[accuracy, accuracy + 0.004] for accuracy in accuracies])
    of_pairs = [share + seed / 50 for share in pairs for seed in (0, 1)]
    return table.assign(pairs_right=of_pairs, sentences_right=[(1 + share) / 2 for share in of_pairs])


def test_composed_sentences_are_said_to_teach_what_the_test_reviews_do_not_ask():
    said = found("short-texts", short_texts()).says
    assert "on 31.0% of the pairs of probes, with excerpts on 32.0%" in said
    assert "With composed sentences it is right on 83.0%" in said
    assert "with snippets beside them on 84.0%" in said
    assert "(of single sentences 65.5%, 66.0%, 91.5% and 92.0%)" in said
    assert "(89.8% with whole reviews alone, then 89.9% and 90.0%)" in said
    assert "snippets, which are parts of the same reviews, add 0.5 points (90.5%)" in said
    assert figures(said) <= figures_of("short-texts", short_texts())


@pytest.mark.parametrize(
    "other",
    [
        {"pairs": (0.3, 0.31, 0.32, 0.33)},
        {"pairs": (0.3, 0.5, 0.82, 0.83)},
        {"pairs": (0.3, 0.31, 0.82, 0.4)},
        {"accuracies": (0.896, 0.88, 0.898, 0.903)},
        {"accuracies": (0.896, 0.897, 0.91, 0.915)},
        {"accuracies": (0.896, 0.897, 0.898, 0.9)},
        {"pairs": (0.3, 0.31, 0.82, float("nan"))},
    ],
)
def test_short_texts_that_teach_something_else_get_the_general_sentences(other):
    assert not found("short-texts", short_texts(**other)).is_written


CLIMB = [[at, at + 0.002] for at in [0.88, 0.90, 0.901, 0.88] + [0.8801] * 7 + [0.91]]


def test_the_ladder_names_the_rungs_that_lead_up_and_those_that_lead_down():
    said = found("ladder", runs("ladder", CLIMB)).says
    assert "From 88.1% of the test reviews to 91.1%, at the rung “+ label odds”" in said
    assert "Up by more than the noise over seeds: label odds (+3.0 points), 20,000 words" in said
    assert "Down by more than it: word dropout of 0.1 (−2.1 points)." in said


def test_a_rung_of_the_ladder_that_brings_something_else_alone_is_named_with_both_figures():
    said = found("ladder", runs("ladder", CLIMB), recipe=level("recipe")).says
    assert "The largest difference is that of label odds: +3.0 points as rung 11, ±0.0 points alone." in said
    assert "The largest difference" not in found("ladder", runs("ladder", CLIMB)).says


def test_two_questions_on_the_same_networks_share_the_noise_over_seeds():
    gains = [[0.88, 0.881], [0.89, 0.891], *[[0.8805, 0.8815]] * 9, [0.87, 0.871]]
    assert (
        "20,000 words in place of 5,000 (+1.0 points). These hurt"
        in found("recipe", runs("recipe", gains)).says
    )
    noisy = found("recipe", runs("recipe", gains), ladder=level("ladder", case_3=[0.85, 0.87]))
    assert not noisy.is_written  # nothing is beyond the noise of both
    gains[1], gains[-1] = [0.92, 0.921], [0.84, 0.841]
    noisy = found("recipe", runs("recipe", gains), ladder=level("ladder", case_3=[0.85, 0.87]))
    assert noisy.rests_on.endswith("whose networks are trained alike: 2.0 points.")


def test_a_run_is_named_after_its_case():
    table = steadily("padding").iloc[::-1]
    named = with_case_names(QUESTIONS["padding"], table)
    assert named["case"].iloc[0] == "GRU, end cut, padding at the end"
    row = named[named["case"] == "Elman, front cut, padding skipped"].iloc[0]
    assert (row["cell"], row["truncation"], row["skip_padding"]) == ("elman", "pre", True)
    plain = steadily("length")
    assert with_case_names(QUESTIONS["length"], plain) is plain


def own(factors, accuracies, **columns):
    """A sweep of one's own with the test accuracies of each case's seeds; its runs."""
    seeds = range(max(len(by_seed) for by_seed in accuracies))
    sweep = Sweep(name="my-own", base=plain_base("verdict"), cases=grid(factors), seeds=seeds)
    rows = [
        {**case, "seed": seed, "test_accuracy": accuracy, "seconds_per_epoch": 1.0, **columns}
        for case, by_seed in zip(sweep.cases, accuracies, strict=True)
        for seed, accuracy in enumerate(by_seed)
    ]
    return sweep, pd.DataFrame(rows)


def test_a_sweep_of_ones_own_has_its_finding_once_all_its_runs_have_ended():
    sweep, table = own({"max_length": [25, 50, 100]}, [[0.7, 0.71], [0.8, 0.81], [0.805, 0.81]])
    finding = finding_of(sweep, table, WORDS)
    assert finding.says == (
        "The highest test accuracy is 80.8% (max_length 100), the lowest 70.5% (max_length 25). max_length: "
        "from 50 on no difference is larger than the noise over seeds."
    )
    assert finding.rests_on == (
        "6 runs, 2 seeds each. Noise over seeds, the largest distance between two seeds of one case: "
        "1.0 points."
    )
    assert finding_of(sweep, table.iloc[:-1], WORDS) is None


def test_where_more_stops_helping_is_said_for_each_value_of_the_others():
    sweep, table = own(
        {"cell": ["gru", "elman"], "max_length": [25, 50, 100]},
        [[0.7, 0.701], [0.8, 0.801], [0.9, 0.901], [0.7, 0.701], [0.6, 0.601], [0.5, 0.51]],
    )  # fmt: skip
    said = finding_of(sweep, table, WORDS).says
    assert (
        "max_length (cell elman): the best is 25. max_length (cell gru): more helps all the way to 100."
        in said
    )
    assert "0.1 points for a GRU" in finding_of(sweep, table, WORDS).rests_on.replace(
        "plain RNN (Elman), ", ""
    )


def test_with_one_seed_the_noise_is_said_to_be_unknown_and_nothing_is_said_to_stop_helping():
    sweep, table = own({"max_length": [25, 50, 100]}, [[0.7], [0.8], [0.8]])
    finding = finding_of(sweep, table, WORDS)
    assert finding.rests_on == (
        "3 runs, 1 seed each: the noise over seeds is not known, so a small difference means little."
    )
    assert "max_length:" not in finding.says


def test_runs_that_diverged_are_counted_and_left_out():
    sweep, table = own({"cell": ["gru", "lstm"]}, [[0.7, None], [0.8, 0.81]])
    assert "1 of 4 runs diverged and are left out." in finding_of(sweep, table, WORDS).says
    none_left = table.assign(test_accuracy=float("nan"))
    assert finding_of(sweep, none_left, WORDS).says == "All its runs diverged, so there is no accuracy."


def test_differences_within_the_noise_are_not_ranked():
    sweep, table = own({"cell": ["gru", "lstm"]}, [[0.7, 0.72], [0.71, 0.72]])
    assert finding_of(sweep, table, WORDS).says == (
        "No case differs from another by more than the noise over seeds: 71.0% to 71.5% of the test reviews."
    )


def test_a_factor_that_another_one_tells_is_left_out():
    table = of_cells([0.7, 0.7])
    assert telling_factors(table, QUESTIONS["length-of-cells"].sweep.factors) == ["max_length", "cell"]


def test_every_question_has_a_text():
    texts = (Path(finding.__file__).parent).glob("*.md")
    assert {path.stem for path in texts} == {*QUESTIONS, "understanding"}


GATES = {
    "elman": (0.62, 0.1), "indrnn": (0.77, 0.2), "ugrnn": (0.884, 0.54), "mingru": (0.865, 0.22),
    "minlstm": (0.866, 0.23), "gru": (0.886, 0.55), "lstm": (0.883, 0.56),
}  # fmt: skip
"""Test accuracy, and pairs of probes that are right."""


def of_gates(**instead):
    cases = {**GATES, **instead}
    table = runs("gates", [[accuracy, accuracy + 0.002] for accuracy, _ in cases.values()])
    pairs = [share for _, share in cases.values() for _ in range(2)]
    seconds = table["cell"].map({"mingru": 10.0, "minlstm": 14.0}).fillna(table["seconds_per_epoch"])
    return table.assign(pairs_right=pairs, sentences_right=pairs, seconds_per_epoch=seconds)


def test_what_a_gate_buys_is_said_with_the_accuracy_the_pairs_and_the_seconds_of_each_cell():
    said = found("gates", of_gates()).says
    assert "(Elman) is right on 62.1% of the test reviews (its seeds lie 0.2 points apart)" in said
    assert "88.5% with a UGRNN" in said
    assert "less than a point: 88.7% and 88.4%" in said
    assert "they are right on 86.6% and 86.7%" in said
    assert (
        "22.0% and 23.0% of the pairs, where UGRNN, GRU and LSTM are right on 54.0%, 55.0% and 56.0%" in said
    )
    assert "an epoch took 10 s and 14 s, with a UGRNN 30 s, a GRU 60 s, an LSTM 70 s" in said
    slower = of_gates().replace({"seconds_per_epoch": {14.0: 31.0}})
    assert not found("gates", slower).is_written


@pytest.mark.parametrize(
    "other",
    [
        {"mingru": (0.884, 0.22)},
        {"elman": (0.87, 0.1)},
        {"lstm": (0.91, 0.56)},
        {"mingru": (0.865, 0.4)},
        {"gru": (0.886, float("nan"))},
    ],
)
def test_gates_that_buy_something_else_get_the_general_sentences(other):
    assert not found("gates", of_gates(**other)).is_written
