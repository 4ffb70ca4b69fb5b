"""The permutation test: its p is that of every deal counted one by one, and it knows what seeds can't say."""

import math
from itertools import combinations, product

import numpy as np
import pytest

from rnn_core.sweeps.permutation import compare


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


def test_p_is_the_share_of_deals_that_differ_as_much():
    generator = np.random.default_rng(0)
    for sizes in ([(3, 3)], [(2, 4)], [(3, 3), (2, 2)], [(3, 2), (3, 3), (2, 2)]):
        for scale in (0.0, 0.01, 0.05):
            strata = [
                (list(generator.normal(0.8, 0.01, n)), list(generator.normal(0.8 + scale, 0.01, m)))
                for n, m in sizes
            ]
            assert compare(strata).p == pytest.approx(counted_one_by_one(strata))


def test_end_padding_against_front_padding_differs_as_an_independent_count_says():
    """Seeds that are disjoint in both strata: 2 of 20 * 20 deals."""
    ends = ([0.888, 0.890, 0.892], [0.884, 0.885, 0.887])
    fronts = ([0.893, 0.895, 0.897], [0.891, 0.892, 0.894])
    found = compare(list(zip(ends, fronts, strict=True)))
    assert found.p == pytest.approx(2 / 400)
    assert found.says == "a difference"
    assert found.difference == pytest.approx(0.006)


def test_three_seeds_are_too_few_however_far_apart_and_four_that_lie_among_each_other_no_difference():
    found = compare([([0.1, 0.2, 0.3], [0.7, 0.8, 0.9])])
    assert (found.p, found.says) == (pytest.approx(0.1), "too few seeds")
    assert compare([([0.80, 0.82, 0.84, 0.86], [0.81, 0.83, 0.85, 0.87])]).says == "no difference"
    assert compare([([0.5] * 4, [0.5] * 4)]).p == pytest.approx(1)


def test_many_strata_are_counted_without_enumerating_them():
    generator = np.random.default_rng(1)
    strata = [(list(generator.normal(0, 1, 4)), list(generator.normal(2, 1, 4))) for _ in range(12)]
    found = compare(strata)
    assert found.least_p == pytest.approx(2 / math.comb(8, 4) ** 12)
    assert found.least_p <= found.p < 1e-6


def test_a_case_without_a_seed_is_refused():
    for strata in ([], [([0.5], [])]):
        with pytest.raises(ValueError, match="each stratum must have a seed of both cases"):
            compare(strata)


def test_a_pair_that_was_picked_counts_for_all_pairs():
    found = compare([([0.80, 0.81, 0.82, 0.83], [0.84, 0.85, 0.86, 0.87])])
    assert (found.says, found.picked_of(2).says) == ("a difference", "a difference")
    assert found.picked_of(6).p == pytest.approx(15 * found.p)
    assert found.picked_of(6).says == "too few seeds"
