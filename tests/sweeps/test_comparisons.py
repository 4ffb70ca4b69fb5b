"""Cases beside each other: means over seeds, the permutation test, and both in tables and sentences."""

import math
from functools import partial
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import bare_config
from rnn_core.sweeps.findings import finding_of
from rnn_core.sweeps.over_seeds import OverSeeds, ShareOverSeeds, counted, over_seeds, telling_factors
from rnn_core.sweeps.permutation import compare
from rnn_core.sweeps.side_by_side import CaseResult, difference, measures_of, side_by_side
from rnn_core.sweeps.sweep import Sweep
from rnn_core.sweeps.without import without
from rnn_core.tasks.task import Measure, task_of
from tests.refusals import refusals

ACCURACY = Measure("test_accuracy", "Test accuracy", ".1%", ".2%", higher_is_better=True)
BITS = Measure("bits_above_truth", "Bits above the truth", ".4f", ".5f", higher_is_better=False)
APART = (0.70, 0.71, 0.72, 0.73), (0.80, 0.81, 0.82, 0.83)
AMONG_EACH_OTHER = (0.80, 0.82, 0.84, 0.86), (0.81, 0.83, 0.85, 0.87)


def test_a_case_has_mean_and_ends_over_its_seeds():
    runs = pd.DataFrame(
        {
            "start_token": [True, True, True, False],
            "test_accuracy": [0.8, 0.9, None, 0.7],  # one diverged
            "seconds_per_epoch": [11.0, 10.0, 9.0, 20.0],
            "sentences_right": [0.6, 0.7, None, None],
            "pairs_right": [0.3, 0.38, None, None],
        }
    )
    cases = over_seeds(runs, ["start_token"], "test_accuracy")
    probes = {"sentences": ShareOverSeeds((0.6, 0.7)), "pairs": ShareOverSeeds((0.3, 0.38))}
    assert cases == {True: OverSeeds((0.8, 0.9), 10.0, **probes), False: OverSeeds((0.7,), 20.0)}
    of = cases[True]
    assert (of.mean, of.low, of.high, of.runs) == (pytest.approx(0.85), 0.8, 0.9, 2)
    assert counted(cases) == "3 runs, 1 to 2 seeds each"
    unasked = over_seeds(runs.drop(columns="pairs_right"), ["start_token"], "test_accuracy")
    assert unasked[True].pairs is None
    assert str(of.pairs) == "34.0%"
    assert str(ShareOverSeeds((0.5, 0.99))) == "50.0% to 99.0% (lowest to highest seed)"  # no mean


def test_a_factor_that_the_others_tell_is_left_out():
    factors = ["cell", "far", "rate"]
    cases = pd.DataFrame([("a", 1, 3), ("a", 2, 5), ("b", 1, 5), ("b", 2, 4)], columns=factors)
    assert telling_factors(cases, factors) == ["cell", "far"]


def counted_one_by_one(strata):
    """The share of all deals, in all strata at once, that differ by at least as much."""
    measured = abs(sum(np.mean(other) - np.mean(one) for one, other in strata))
    deals = []
    for one, other in strata:
        seeds = [*one, *other]
        means = [np.mean(first) for first in combinations(seeds, len(one))]
        deals.append([(sum(seeds) - len(one) * mean) / len(other) - mean for mean in means])
    differences = [abs(sum(deal)) for deal in product(*deals)]
    return np.mean([difference >= measured - 1e-12 for difference in differences])


@pytest.mark.parametrize("scale", [0.0, 0.01, 0.05])
@pytest.mark.parametrize("sizes", [[(3, 3)], [(2, 4)], [(3, 3), (2, 2)], [(3, 2), (3, 3), (2, 2)]], ids=str)
def test_p_is_the_share_of_deals_that_differ_as_much(sizes, scale):
    draw = np.random.default_rng(0)
    strata = [(list(draw.normal(0.8, 0.01, n)), list(draw.normal(0.8 + scale, 0.01, m))) for n, m in sizes]
    assert compare(strata).p == pytest.approx(counted_one_by_one(strata))


def test_disjoint_seeds_of_two_strata_are_a_difference():
    """Only 2 of 20 * 20 deals differ as much."""
    ends = ([0.888, 0.890, 0.892], [0.884, 0.885, 0.887])
    fronts = ([0.893, 0.895, 0.897], [0.891, 0.892, 0.894])
    found = compare(list(zip(ends, fronts, strict=True)))
    assert (found.p, found.says) == (pytest.approx(2 / 400), "a difference")
    assert found.difference == pytest.approx(0.006)


def test_three_seeds_are_too_few_however_far_apart():
    found = compare([([0.1, 0.2, 0.3], [0.7, 0.8, 0.9])])
    assert (found.p, found.says) == (pytest.approx(0.1), "too few seeds")
    assert compare([AMONG_EACH_OTHER]).says == "no difference"
    assert compare([([0.5] * 4, [0.5] * 4)]).p == pytest.approx(1)


def test_many_strata_are_counted_without_enumerating():
    draw = np.random.default_rng(1)
    found = compare([(list(draw.normal(0, 1, 4)), list(draw.normal(2, 1, 4))) for _ in range(5)])
    assert found.least_p == pytest.approx(2 / math.comb(8, 4) ** 5)
    assert found.least_p <= found.p < 1e-6


def test_a_pair_that_was_picked_counts_for_all_pairs():
    found = compare([([0.80, 0.81, 0.82, 0.83], [0.84, 0.85, 0.86, 0.87])])
    assert (found.says, found.picked_of(2).says) == ("a difference", "a difference")
    assert found.picked_of(6).p == pytest.approx(15 * found.p)
    assert found.picked_of(6).says == "too few seeds"


SEEDLESS = {"none": [], "of one": [([0.5], [])]}
REFUSED = {name: (partial(compare, one), "must have a seed of both cases") for name, one in SEEDLESS.items()}
test_a_case_without_a_seed_is_refused = refusals(ValueError, REFUSED)


def test_each_case_is_tested_against_the_best():
    """Cases on the same texts, the best first; where less is better, that is the lowest."""
    runs = {
        (10, "lstm"): APART[1], (10, "gru"): APART[0], (10, "elman"): (0.79, None, 0.8),
        (50, "gru"): AMONG_EACH_OTHER[0], (50, "lstm"): AMONG_EACH_OTHER[1], (50, "elman"): (0.84,) * 4,
    }  # fmt: skip
    cases = [{"verdict_distance": distance, "cell": cell} for distance, cell in runs]
    sweep = Sweep(name="mine", base=RunConfig(data="verdict"), cases=cases, seeds=range(4))
    table = pd.DataFrame(
        {**case, "seed": seed, "test_accuracy": one, "test_loss": one}
        for case, of in zip(cases, runs.values(), strict=True)
        for seed, one in enumerate(of)
    )
    measures = measures_of(sweep, table)
    found = side_by_side(sweep, table, measures["test_accuracy"])
    assert found["cell"].tolist() == ["lstm", "elman", "gru"] * 2
    assert found["against"].tolist()[:3] == ["The best", "Too few seeds to tell", "A difference"]
    assert found["against"].tolist()[3:] == ["The best", "No difference", "No difference shown"]
    for row in found.to_dict("records"):
        seeds = [one for one in runs[row["verdict_distance"], row["cell"]] if one is not None]
        assert row["mean"] == pytest.approx(math.fsum(seeds) / len(seeds))
        assert (row["lowest"], row["highest"], row["seeds"]) == (min(seeds), max(seeds), len(seeds))
        if row["cell"] != "lstm":
            best = runs[row["verdict_distance"], "lstm"]
            assert row["p"] == pytest.approx(counted_one_by_one([(best, seeds)]))
    assert side_by_side(sweep, table, measures["test_loss"])["cell"].tolist()[::3] == ["gru", "gru"]


def test_each_part_is_compared_with_the_whole_cell():
    """p counts for all of them; fewer units have no more parameters than any, one unit more has."""
    base, cases = without(bare_config("verdict", coupled_gates=True, cell="lstm"), "lstm-peepholes")
    configs = [base.with_settings(**case) for case in [*cases, {"hidden_size": cases[1]["hidden_size"] + 1}]]
    _, fewer, *left, one_more = (task_of(base).parameters(config, 2_000) for config in configs)
    assert fewer <= min(left) < one_more
    _, cases = without(base, "lstm-peepholes", ["without the output gate o", "without p_i * c"])
    seeds = [0.80, 0.81, 0.82, 0.83, 0.84], [0.70, 0.71, 0.72, 0.73, 0.74], [0.77, 0.78, 0.79, 0.80, 0.815]
    assert compare([(seeds[0], seeds[2])]).says == "a difference"  # were it the only one
    sweep = Sweep(name="mine", base=base, cases=cases, seeds=range(5))
    runs = [(seed, *one) for seed in range(5) for one in zip(cases, seeds, strict=True)]
    table = pd.DataFrame({**case, "seed": seed, "test_accuracy": of[seed]} for seed, case, of in runs)
    said = "A difference is shown for 1 of 2 others, the largest without the output gate o (−10.0 points)."
    assert finding_of(sweep, table.assign(seconds_per_epoch=1)).lead.endswith(said)


def case(name, seeds, data="verdict"):
    return CaseResult((name,), name, corpus_named(data), ShareOverSeeds(seeds), None)


FEW, SAME = ((0.14,) * 3, (1.0,) * 3), ((1.0,) * 3, (1.0,) * 3)


@pytest.mark.parametrize(
    ("seeds", "measure", "concluded", "said"),
    [
        (APART, ACCURACY, "A difference", "71.5% (GRU) and 81.5% (LSTM), a difference of +10.0 points ("),
        (APART, ACCURACY, "A difference", "(between single seeds +7.0 to +13.0 points), p = 0.029."),
        (APART, ACCURACY, "A difference", "picked them from all 3 pairs, p counts 3 times: p = 0.086."),
        (AMONG_EACH_OTHER, ACCURACY, "No difference shown", "+1.0 points (between single seeds −5.0 to +7.0"),
        (AMONG_EACH_OTHER, ACCURACY, "No difference shown", "the 8 seeds are dealt to two cases in every"),
        (FEW, ACCURACY, "Too few seeds to tell", "14.0% (GRU) and 100.0% (LSTM), a difference of +86.0"),
        (FEW, ACCURACY, "Too few seeds to tell", "(between single seeds +86.0 to +86.0 points), p = 0.1."),
        (FEW, ACCURACY, "Too few seeds to tell", "3 and 3 seeds p is never below 0.1, however large"),
        (FEW, ACCURACY, "Too few seeds to tell", "however large the difference is; 4 of each can show one."),
        (SAME, ACCURACY, "No difference", "both 100.0% with every seed, p = 1."),
        (SAME, ACCURACY, "No difference", "3 and 3 seeds p is never below 0.1, however large"),
        (APART[::-1], BITS, "A difference", "0.8150 (GRU) and 0.7150 (LSTM), a difference of −0.1000 ("),
        (APART[::-1], BITS, "A difference", "(between single seeds −0.1300 to −0.0700), p = 0.029."),
    ],
)
def test_two_cases_are_compared_in_one_sentence(seeds, measure, concluded, said):
    found = difference(case("GRU", seeds[0]), case("LSTM", seeds[1]), measure, 3)
    assert found.conclusion == concluded
    assert said in f"{found.numbers} {found.how_known}"
    assert found.numbers.endswith(f"p = {counted_one_by_one([seeds]):.2g}.")
    alone = difference(case("GRU", seeds[0]), case("LSTM", seeds[1], "verdict-50"), measure, 2)
    assert "If you picked them" not in alone.how_known
    assert alone.how_known.endswith("The two were tested on different texts.")
