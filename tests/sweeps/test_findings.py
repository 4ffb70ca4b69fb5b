"""The findings: their figures are those of the files, and they claim no more than the results show."""

import re
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from rnn_core.data.sources import bare_config
from rnn_core.sweeps.findings import finding
from rnn_core.sweeps.findings.finding import finding_of
from rnn_core.sweeps.findings.sentences import Measured, Words
from rnn_core.sweeps.over_seeds import OverSeeds, ShareOverSeeds, over_seeds, telling_factors
from rnn_core.sweeps.questions import QUESTIONS, with_case_names
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, grid

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
    """The figures that it may name: of each case mean and ends, between two cases and between seeds."""
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
    table = committed(name)
    finding = finding_of(QUESTIONS[name].sweep, table, WORDS, committed)
    if finding is None:
        assert len(table) < len(QUESTIONS[name].sweep)  # runs are missing
        return
    assert finding.is_written
    shares = {one for one in figures(f"{finding.lead} {finding.says}") if one.endswith("%")}
    assert shares
    assert shares <= figures_of(name, table)
    assert "{" not in f"{finding.lead} {finding.says}"


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_a_finding_begins_with_one_sentence_of_at_most_two_numbers(name, committed):
    finding = finding_of(QUESTIONS[name].sweep, committed(name), WORDS, committed)
    if finding is None:
        return
    assert len(re.findall(r"[.:?](?: |$)", finding.lead.replace("e.g. ", ""))) <= 2
    assert finding.lead.endswith(".")
    assert len(figures(finding.lead)) <= 2
    assert len(finding.lead) <= 200


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_of_results_that_are_all_alike_no_finding_claims_a_difference(name):
    """Each conclusion of each text would be false of them: only figures and their lack may be said."""
    finding = found(name, level(name))
    assert "a difference beyond noise" not in f"{finding.lead} {finding.says}"
    assert not re.search(r"\b(costs|gains|helps|adds|brings|forgets?|remembers?)\b", finding.lead)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_a_question_has_a_finding_once_every_case_has_two_runs(name):
    table = steadily(name)
    assert (
        f"{len(table)} runs, 2 seeds each; seeds of one case lie up to 0.1 points"
        in found(name, table).rests_on
    )
    assert found(name, table.iloc[:-1]) is None


def test_there_is_none_while_a_case_has_one_run_that_did_not_diverge():
    assert found("start-token", runs("start-token", [[0.9, 0.9], [0.9, None]])) is None
    assert found("start-token", NOTHING) is None


def test_the_mean_of_a_case_has_its_lowest_and_highest_seed_and_leaves_out_what_diverged():
    table = runs("start-token", [[0.8, 0.9, None], [0.7]])
    cases = over_seeds(table, ["start_token"])
    assert cases[True] == OverSeeds((0.8, 0.9), seconds=10.0)
    assert (cases[True].mean, cases[True].low, cases[True].high) == (pytest.approx(0.85), 0.8, 0.9)
    assert cases[False].runs == 1
    assert cases[True].spread == pytest.approx(0.1)


def test_the_probes_of_a_case_have_mean_and_ends_over_the_seeds_that_answered_them():
    table = runs("start-token", [[0.8, 0.9, None], [0.7]]).assign(
        sentences_right=[0.6, 0.7, None, None], pairs_right=[0.3, 0.38, None, None]
    )
    cases = over_seeds(table, ["start_token"])
    assert cases[True].sentences == ShareOverSeeds((0.6, 0.7))
    assert cases[True].pairs == ShareOverSeeds((0.3, 0.38))
    assert str(cases[True].pairs) == "34.0%"
    assert (cases[False].sentences, cases[False].pairs) == (None, None)


def test_without_a_column_of_the_probes_no_case_has_answered_them():
    case = over_seeds(level("start-token"), ["start_token"])[True]
    assert (case.sentences, case.pairs) == (None, None)


def test_seeds_that_found_different_things_have_no_mean():
    cases = over_seeds(runs("start-token", [[0.5, 0.99], [0.89, 0.9]]), ["start_token"])
    assert str(cases[True]) == "50.0% to 99.0% (lowest to highest seed)"
    assert str(cases[False]) == "89.5%"


def test_cases_with_more_seeds_than_others_are_counted_as_such():
    finding = found("start-token", runs("start-token", [[0.8, 0.8, 0.8], [0.8, 0.8]]))
    assert "5 runs, 2 to 3 seeds each" in finding.rests_on


def test_start_makes_no_difference_only_where_the_seeds_could_have_shown_one():
    alike = found(
        "start-token", runs("start-token", [[0.89, 0.90, 0.88, 0.91], [0.895, 0.885, 0.905, 0.899]])
    )
    assert alike.lead.startswith("Not that these runs show: 89.5% of the test reviews with `<start>`, 89.6%")
    assert "no difference beyond noise, p = " in alike.says
    few = found("start-token", runs("start-token", [[0.89, 0.90], [0.895, 0.899]]))
    assert few.lead.startswith("These runs are too few to tell")
    assert "no difference" not in f"{few.lead} {few.says}"
    apart = found(
        "start-token", runs("start-token", [[0.90, 0.901, 0.902, 0.903], [0.85, 0.851, 0.852, 0.853]])
    )
    assert not apart.is_written
    assert apart.lead == (
        "The highest test accuracy is 90.2% (start_token True), the lowest 85.1% (start_token False): "
        "a difference beyond noise, p = 0.029."
    )


def three(*means):
    """Three seeds of each case, a tenth of a point apart."""
    return [[mean - 0.001, mean, mean + 0.001] for mean in means]


def four(*means):
    """Four seeds of each case, a tenth of a point apart."""
    return [[*seeds, mean + 0.002] for seeds, mean in zip(three(*means), means, strict=True)]


SIZES = three(0.86, 0.88, 0.89, 0.8905, 0.8895)


def test_words_are_enough_from_where_more_bring_no_gain_beyond_noise():
    finding = found("vocabulary", runs("vocabulary", SIZES))
    assert finding.lead.startswith("A GRU needs some 5,000 words: fewer cost it up to 3.0 points")
    assert "test accuracy: 86.0% with 500, 88.0% with 2,000 words." in finding.says
    assert "From 5,000 words on" in finding.says
    assert "89.0% with 5,000, 89.0% with 10,000, 88.9% with 40,000" in finding.says


def test_where_every_larger_vocabulary_is_better_no_size_is_said_to_be_enough():
    finding = found("vocabulary", runs("vocabulary", three(0.80, 0.82, 0.84, 0.86, 0.88)))
    assert "10,000 words" in finding.lead or not finding.is_written
    assert "needs some 500 words" not in finding.lead


def test_more_tokens_help_up_to_where_no_gain_is_beyond_noise():
    said = found("length", runs("length", three(0.7, 0.72, 0.8, 0.85, 0.85, 0.8505)))
    assert said.lead == (
        "More of a review helps a GRU: 70.0% of the test reviews are right with 25 tokens, 85.1% with 800."
    )
    assert "From 200 tokens on, no way to part the lengths" in said.says
    rising = found("length", runs("length", three(0.7, 0.72, 0.8, 0.85, 0.88, 0.9)))
    assert "Where more stops helping, these seeds can't tell" in rising.says
    assert not found("length", runs("length", three(0.85, 0.85, 0.85, 0.85, 0.85, 0.85))).is_written


def test_a_longer_review_is_said_to_help_one_cell_only_where_its_seeds_say_so():
    table = runs("length-of-cells", three(0.7, 0.701, 0.702, 0.78, 0.86, 0.89))
    finding = found("length-of-cells", table)
    assert finding.lead == (
        "No: from 25 to 400 tokens an LSTM gains 11.0 points, a plain RNN changes by +0.2 points."
    )
    two = [seeds[:2] for seeds in three(0.7, 0.701, 0.702, 0.78, 0.86, 0.89)]
    assert found("length-of-cells", runs("length-of-cells", two)).lead.startswith("Too few seeds to tell")
    assert not found(
        "length-of-cells", runs("length-of-cells", three(0.6, 0.7, 0.8, 0.78, 0.78, 0.78))
    ).is_written


def padding(at_end=0.894, in_front=0.895, skipped=0.895, plain_at_end=0.5):
    """A plain RNN that forgets over padding at its end, and a GRU."""
    plain, of_gru = (0.80, 0.80, plain_at_end), (skipped, in_front, at_end)
    table = runs("padding", four(*plain, *of_gru))
    return table.assign(seconds_per_epoch=table["skip_padding"].map({True: 30.0, False: 60.0}))


def test_of_padding_it_is_said_what_it_does_to_each_cell_and_what_it_costs():
    finding = found("padding", padding())
    assert finding.lead == (
        "Padding at the end makes a plain RNN forget the review; of a GRU this shows no loss beside padding "
        "in front."
    )
    assert (
        "right on 50.0% of the test reviews, no better than a guess, where it reaches 80.1%" in finding.says
    )
    assert "fastest seed of the GRU took 60 s an epoch, 30 s where padding is skipped" in finding.says
    assert not found("padding", padding(plain_at_end=0.6)).is_written


def test_end_padding_costs_a_gru_where_all_its_seeds_lie_below_those_of_front_padding():
    """As in the results that were published with an outlier elsewhere: disjoint seeds are a difference."""
    finding = found("padding", padding(at_end=0.890, in_front=0.895))
    assert "it costs a GRU 0.5 points beside padding in front" in finding.lead
    assert "0.5 points less, a difference beyond noise, p = 0.029" in finding.says
    outlier = padding(at_end=0.890, in_front=0.895)
    outlier.loc[outlier.index[0], "test_accuracy"] = 0.6  # a seed of a plain RNN
    assert "it costs a GRU 0.5 points" in found("padding", outlier).lead


def test_which_end_is_cut_matters_less_the_longer_a_review_may_be():
    table = runs("truncation", three(0.8, 0.74, 0.84, 0.8, 0.87, 0.86))
    finding = found("truncation", table)
    assert (
        "right on 80.0% of the test reviews, one that keeps its beginning on 74.0%: 6.0 points less"
        in finding.says
    )
    assert "4.0 points at 64 (84.0% and 80.0%), 1.0 points at 128" in finding.says
    assert "found" not in found("truncation", table).says
    assert not found("truncation", runs("truncation", three(0.8, 0.84, 0.8, 0.84, 0.8, 0.84))).is_written


def test_the_smallest_bias_that_remembers_is_named_with_what_it_lets_go():
    finding = found("forget-bias", runs("forget-bias", [[0.5, 0.99], [0.5, 0.6], *[[0.99, 1.0]] * 3]))
    assert "from a bias of 4 on" in finding.lead
    assert "right on 50.0% to 99.0% (lowest to highest seed) with 0" in finding.says
    assert "From 4 on every seed remembers: one part in 56 of the memory goes" in finding.says
    assert "3% of it is left at the end" in finding.says
    assert "With 0 it depends on the seed" in finding.says
    assert not found("forget-bias", runs("forget-bias", [[0.5, 0.6]] * 5)).is_written
    assert not found("forget-bias", runs("forget-bias", [[1.0, 1.0], *[[0.5, 0.6]] * 4])).is_written


GAINS = (0.88, 0.90, 0.89, *(0.8803,) * 8, 0.86)


def test_what_helps_alone_is_named_only_where_the_seeds_are_enough():
    few = found("recipe", runs("recipe", [[mean, mean + 0.001] for mean in GAINS]))
    assert few.lead == (
        "The largest gain alone is +2.0 points (20,000 words in place of 5,000), with too few seeds to tell "
        "it from noise."
    )
    assert "beyond noise these help" not in few.says
    four = [[mean - 0.001, mean, mean + 0.001, mean + 0.002] for mean in GAINS]
    finding = found("recipe", runs("recipe", four))
    assert finding.lead == "20,000 words in place of 5,000 brings most: +2.0 points, alone."
    assert (
        "these help: 20,000 words in place of 5,000 (+2.0 points), dropouts of 0.3 (+1.0 points)."
        in finding.says
    )
    assert "Beyond noise these hurt: label odds (−2.0 points)." in finding.says
    assert "No difference beyond noise: word dropout" in finding.says


def test_a_setting_is_tested_alone_and_on_the_ladder_together():
    table, rungs = (
        runs("recipe", three(*GAINS)),
        runs("ladder", three(*[0.88 + 0.004 * n for n in range(12)])),
    )
    said = found("recipe", table, ladder=rungs).says
    assert "beyond noise these help: dropouts of 0.3 (+0.7 points)" in said
    assert (
        "Too few seeds to tell: 20,000 words in place of 5,000" in said
    )  # of one stratum: both are the same runs


def test_more_words_that_cost_without_dropout_are_held_beside_the_question_with_dropout():
    table = runs("recipe", four(0.88, 0.86, 0.90, *[0.8805] * 9))
    said = found("recipe", table, vocabulary=runs("vocabulary", SIZES)).says
    assert "More words cost 2.0 points without dropout and in 6 epochs; with dropout and in 4 epochs" in said
    assert "no gain from 5,000 to 40,000 words" in said
    assert "More words cost" not in found("recipe", table).says


def short_texts(pairs=(0.3, 0.31, 0.82, 0.83), accuracies=(0.896, 0.897, 0.898, 0.903)):
    """Two seeds a case, apart by 0.4 points in reviews and by two in pairs."""
    table = runs("short-texts", [[accuracy, accuracy + 0.004] for accuracy in accuracies])
    of_pairs = [share + seed / 50 for share in pairs for seed in (0, 1)]
    steps = table.index.map(lambda row: (1_760, 1_760, 4_885, 8_010)[row // 2])
    return table.assign(
        pairs_right=of_pairs, sentences_right=[(1 + share) / 2 for share in of_pairs], optimizer_steps=steps
    )


def test_composed_sentences_are_said_to_teach_what_the_test_reviews_do_not_ask():
    finding = found("short-texts", short_texts())
    assert "83.0% of the pairs of probes are right, in place of 32.0%" in finding.lead
    assert (
        "without composed sentences against with them is a difference beyond noise, p = 0.029" in finding.says
    )
    assert "(of single sentences 65.5%, 66.0%, 91.5% and 92.0%)" in finding.says


def test_steps_that_differ_beside_what_is_asked_are_named():
    assert (
        "more optimizer steps in all (1,760, 1,760, 4,885 and 8,010)"
        in found("short-texts", short_texts()).says
    )


@pytest.mark.parametrize(
    "other",
    [
        {"pairs": (0.3, 0.31, 0.32, 0.33)},
        {"pairs": (0.3, 0.5, 0.82, 0.83)},
        {"pairs": (0.3, 0.31, 0.82, 0.3)},
        {"pairs": (0.3, 0.31, 0.82, float("nan"))},
    ],
)
def test_short_texts_that_teach_something_else_get_the_general_sentences(other):
    assert not found("short-texts", short_texts(**other)).is_written


def test_snippets_that_add_nothing_beyond_noise_are_not_said_to_add():
    said = found("short-texts", short_texts(accuracies=(0.896, 0.903, 0.898, 0.899))).says
    assert "snippets against all others is ±0.0 points, no difference beyond noise" in said


CLIMB = [[at, at + 0.002] for at in [0.88, 0.90, 0.901, 0.88] + [0.8801] * 2 + [0.91] * 6]


def test_the_ladder_names_its_ends_and_each_step():
    finding = found("ladder", runs("ladder", CLIMB))
    assert finding.lead.startswith("From 88.1% of the test reviews without any of the settings to 91.1%")
    assert "20,000 words in place of 5,000 (+2.0 points)" in finding.says
    assert "too few seeds to tell its step from noise" in finding.says
    assert not found("ladder", runs("ladder", CLIMB[::-1])).is_written


def test_a_rung_of_the_ladder_that_brings_something_else_alone_is_named_with_both_figures():
    said = found("ladder", runs("ladder", CLIMB), recipe=level("recipe")).says
    assert (
        "The largest difference is that of 100,000 bigrams: +3.0 points as rung 6, ±0.0 points alone." in said
    )
    assert "The largest difference" not in found("ladder", runs("ladder", CLIMB)).says


def test_what_is_changed_in_a_network_matters_only_where_its_seeds_show_it():
    level, higher = [0.88, 0.881, 0.882, 0.883], [0.89, 0.891, 0.892, 0.893]
    better = found("network", runs("network", [level, level, higher]))
    assert better.lead.startswith("The reset after the product adds 1.0 points to the 88.2% of")
    worse = found("network", runs("network", [higher, higher, level]))
    assert worse.lead == "None adds anything that these runs show; reset after the product costs 1.0 points."
    alike = found("network", runs("network", [level, level, level[::-1]]))
    assert alike.lead.startswith("Neither, that these runs show")
    few = found("network", runs("network", [level[:2], level[:2], higher[:2]]))
    assert few.lead == "These runs are too few to tell: the most is +1.0 points, reset after the product."


def test_a_second_layer_adds_only_what_its_seeds_show():
    one, two = [0.88, 0.881, 0.882, 0.883], [0.89, 0.891, 0.892, 0.893]
    assert (
        found("layers", runs("layers", [one, two])).lead
        == "+1.0 points of test accuracy: 88.2% with one layer."
    )
    assert found("layers", runs("layers", [one, one])).lead.startswith("Nothing that these runs show")
    assert found("layers", runs("layers", [one[:3], two[:3]])).lead.startswith(
        "These runs are too few to tell"
    )


def test_a_readout_adds_only_what_its_seeds_show():
    level, higher = [0.88, 0.881, 0.882, 0.883], [0.89, 0.891, 0.892, 0.893]
    better = found("readouts", runs("readouts", [level, higher, level, level]))
    assert better.lead == "The mean over time adds 1.0 points to the last state's 88.2%."
    alike = found("readouts", runs("readouts", [level] * 4))
    assert alike.lead == "Nothing that these runs show over the last state's 88.2% of the test reviews."


def test_a_run_is_named_after_its_case():
    table = steadily("padding").iloc[::-1]
    named = with_case_names(QUESTIONS["padding"], table)
    assert named["case"].iloc[0] == "GRU, padding at the end"
    row = named[named["case"] == "Elman, padding skipped"].iloc[0]
    assert (row["cell"], row["padding"], row["skip_padding"]) == ("elman", "pre", True)
    plain = steadily("length")
    assert with_case_names(QUESTIONS["length"], plain) is plain


def own(factors, accuracies, **columns):
    """A sweep of one's own with the test accuracies of each case's seeds; its runs."""
    seeds = range(max(len(by_seed) for by_seed in accuracies))
    sweep = Sweep(name="my-own", base=bare_config("verdict"), cases=grid(factors), seeds=seeds)
    rows = [
        {**case, "seed": seed, "test_accuracy": accuracy, "seconds_per_epoch": 1.0, **columns}
        for case, by_seed in zip(sweep.cases, accuracies, strict=True)
        for seed, accuracy in enumerate(by_seed)
    ]
    return sweep, pd.DataFrame(rows)


def test_a_sweep_of_ones_own_has_its_finding_once_all_its_runs_have_ended():
    sweep, table = own({"max_length": [25, 50, 100]}, three(0.7, 0.8, 0.801))
    finding = finding_of(sweep, table, WORDS)
    assert finding.lead == (
        "The highest test accuracy is 80.1% (max_length 100), the lowest 70.0% (max_length 25): too few "
        "seeds to tell it from noise."
    )
    assert finding.says == "max_length: more helps; these seeds can't tell where it stops."
    assert finding.rests_on.startswith("9 runs, 3 seeds each; seeds of one case lie up to 0.2 points apart.")
    assert finding_of(sweep, table.iloc[:-1], WORDS) is None


def test_each_factor_is_tested_with_every_other_setting_the_same():
    sweep, table = own({"cell": ["gru", "elman"], "max_length": [25, 50]}, three(0.7, 0.9, 0.69, 0.89))
    said = finding_of(sweep, table, WORDS).says
    assert (
        "cell gru against elman, every other setting the same: 1.0 points, a difference beyond noise, p = 0.0"
        in said
    )
    assert "max_length 50 against 25, every other setting the same: 20.0 points" in said


def test_where_more_stops_helping_is_said_for_each_value_of_the_others():
    sweep, table = own(
        {"cell": ["gru", "elman"], "max_length": [25, 50, 100]}, three(0.7, 0.8, 0.9, 0.7, 0.6, 0.5)
    )
    said = finding_of(sweep, table, WORDS).says
    assert "max_length (cell elman): no gain of larger values is beyond noise." in said
    assert "max_length (cell gru): more helps; these seeds can't tell where it stops." in said


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
    assert finding_of(sweep, none_left, WORDS).lead == "All its runs diverged, so there is no accuracy."


def test_seeds_that_lie_among_each_other_are_no_difference_beyond_noise():
    sweep, table = own({"cell": ["gru", "lstm"]}, [[0.70, 0.72, 0.74, 0.76], [0.71, 0.73, 0.75, 0.77]])
    assert "no difference beyond noise, p = " in finding_of(sweep, table, WORDS).lead


def test_a_finding_is_on_the_number_that_is_shown():
    sweep, table = own({"cell": ["gru", "lstm"]}, three(0.8, 0.9), parameters=1_000)
    table = table.assign(seconds_per_epoch=[3.0, 2.0, 4.0, 7.0, 6.0, 5.0])
    seconds = Measured("seconds_per_epoch", "Seconds per epoch", ".3g")
    assert finding_of(sweep, table, WORDS, measured=seconds).lead == (
        "Seconds per epoch: 2 (cell gru) to 5 (cell lstm), the fastest seed of each."
    )
    weights = Measured("parameters", "Parameters", ",.0f")
    assert finding_of(sweep, table, WORDS, measured=weights).lead == "Parameters: 1,000."


def test_a_factor_that_the_others_tell_is_left_out():
    cases = pd.DataFrame(
        [{"cell": cell, "far": far, "rate": hash((cell, far)) % 3} for cell in "ab" for far in (1, 2)]
    )
    assert telling_factors(cases, ["cell", "far", "rate"]) == ["cell", "far"]


def test_every_question_has_a_text():
    texts = (Path(finding.__file__).parent).glob("*.md")
    assert {path.stem for path in texts} == {*QUESTIONS, "understanding"}


GATES = {
    "elman": (0.62, 0.1), "indrnn": (0.844, 0.38), "ugrnn": (0.884, 0.54), "mingru": (0.865, 0.22),
    "minlstm": (0.866, 0.23), "gru": (0.886, 0.55), "lstm": (0.883, 0.56),
}  # fmt: skip
"""Test accuracy, and pairs of probes that are right."""


def of_gates(**instead):
    cases = {**GATES, **instead}
    table = runs("gates", three(*(accuracy for accuracy, _ in cases.values())))
    pairs = [share + seed / 100 for _, share in cases.values() for seed in range(3)]
    seconds = table["cell"].map({"mingru": 10.0, "minlstm": 14.0}).fillna(table["seconds_per_epoch"])
    return table.assign(pairs_right=pairs, sentences_right=pairs, seconds_per_epoch=seconds)


def test_what_a_gate_adds_is_said_with_the_accuracy_the_pairs_and_the_seconds_of_each_cell():
    finding = found("gates", of_gates())
    assert finding.lead == (
        "A gate that sees the word alone adds 2.1 points to an IndRNN, one that sees the memory too 1.9 "
        "points more."
    )
    assert "right on 62.0% of the test reviews and an IndRNN, each of whose units" in finding.says
    assert (
        "an IndRNN without any gate on 39.0%, UGRNN, GRU and LSTM on 55.0%, 56.0% and 57.0%" in finding.says
    )
    assert "an epoch took 10 s and 14 s, with a UGRNN 30 s" in finding.says


@pytest.mark.parametrize(
    "other",
    [
        {"mingru": (0.884, 0.22), "minlstm": (0.885, 0.22)},
        {"indrnn": (0.87, 0.1)},
        {"mingru": (0.865, 0.6), "minlstm": (0.865, 0.6)},
        {"gru": (0.886, float("nan"))},
    ],
)
def test_gates_that_add_something_else_get_the_general_sentences(other):
    assert not found("gates", of_gates(**other)).is_written


def at_distances(**without):
    """A guess at 25 words and more by cells without a gate, unless said otherwise; gated ones remember."""
    reached = {"elman": 10, "indrnn": 25, **without}
    cases = QUESTIONS["distance"].sweep.cases
    right = [case["verdict_distance"] <= reached.get(case["cell"], 100) for case in cases]
    return runs("distance", three(*(0.99 if one else 0.5 for one in right)))


def test_each_cell_remembers_as_far_as_every_seed_is_right_and_where_it_fails_the_rates_are_named():
    finding = found("distance", at_distances())
    assert finding.lead.startswith(
        "Every cell with a gate remembers 100 words back or more, the two without one at most 25"
    )
    assert "a plain RNN (Elman) up to 10 words, 50.0% at 25" in finding.says
    assert "for a plain RNN (Elman) among 0.0005, 0.001, 0.002, 0.005 and 0.01;" in finding.says


def test_a_cell_without_a_gate_that_remembers_as_far_takes_the_sentence_away():
    assert not found("distance", at_distances(indrnn=100)).is_written
