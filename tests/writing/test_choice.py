"""The choice of a symbol: its distribution against the definition, its frequencies, its random numbers."""

import numpy as np
import pytest
from scipy.stats import chisquare

from rnn_core.errors import ConfigError
from rnn_core.writing.choice import Choosing, choose, distribution, random_number
from tests.refusals import refusals

LOGS = np.log([0.4, 0.05, 0.2, 0.25, 0.1])


def slowly(logs, temperature, top_k, top_p):
    """The definition: temperature, then the k most probable, then as few as have p together."""
    p = [np.exp(log / temperature) for log in logs]
    ranked = sorted(range(len(p)), key=lambda number: (-p[number], number))[: top_k or None]
    total, kept, so_far = sum(p[number] for number in ranked), [], 0.0
    for number in ranked:
        kept.append(number)
        so_far += p[number] / total
        if so_far >= top_p:
            break
    total = sum(p[number] for number in kept)
    return [p[number] / total if number in kept else 0.0 for number in range(len(p))]


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.0])
@pytest.mark.parametrize("top_k", [0, 1, 3, 9])
@pytest.mark.parametrize("top_p", [0.0, 0.52, 0.9, 1.0])
def test_temperature_comes_first_then_k_then_p(temperature, top_k, top_p):
    how = Choosing(temperature=temperature, top_k=top_k, top_p=top_p)
    expected = slowly(LOGS, temperature, top_k, top_p)
    np.testing.assert_allclose(distribution(LOGS, how), expected, atol=1e-12)


@pytest.mark.parametrize("how", [{"temperature": 0}, {"temperature": 1e-300}, {"top_k": 1}, {"top_p": 0}])
def test_the_first_of_equals_is_the_most_probable(how):
    logs = np.log([0.1, 0.3, 0.3, 0.3])
    found = distribution(logs, Choosing(**how))
    expected = [0, 1, 0, 0] if how != {"temperature": 1e-300} else [0, 1 / 3, 1 / 3, 1 / 3]
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("how", [{}, {"temperature": 0}, {"temperature": 2, "top_k": 4, "top_p": 0.99}])
def test_what_has_no_probability_is_never_chosen(how):
    found = distribution(np.array([-20.0, -np.inf, -np.inf, -20.0]), Choosing(**how))
    assert found[1] == found[2] == 0
    assert found.sum() == pytest.approx(1)


@pytest.mark.parametrize("how", [{}, {"temperature": 0.5}, {"temperature": 2, "top_k": 4}, {"top_p": 0.8}])
@pytest.mark.parametrize("seed", [1, 7])
def test_frequencies_are_the_probabilities(how, seed):
    probabilities = distribution(LOGS, Choosing(**how))
    chosen = [choose(probabilities, random_number(seed, position)) for position in range(20_000)]
    counts, possible = np.bincount(chosen, minlength=5), probabilities > 0
    assert not counts[~possible].any()
    assert chisquare(counts[possible], 20_000 * probabilities[possible]).pvalue > 0.01
    evener = 0.75 * probabilities[possible] + 0.25 / possible.sum()
    assert chisquare(counts[possible], 20_000 * evener).pvalue < 1e-4


def test_random_numbers_are_those_of_philox():
    drawn = np.random.Generator(np.random.Philox(key=np.array([5, 1], np.uint64))).random(256)
    assert [random_number(5, 256 + place) for place in range(256)] == drawn.tolist()
    assert random_number(0, 0) == 0.011546754286331562  # as when this was written, on another machine
    assert random_number(1, 1_000) == 0.5616805442369776


def test_the_largest_number_chooses_what_can_come():
    for probabilities in (np.array([0.1] * 10 + [0.0]), np.array([1 / 3] * 3 + [0.0, 0.0])):
        assert probabilities[choose(probabilities, 1 - 2.0**-53)] > 0


test_how_it_is_chosen_must_be_possible = refusals(
    ConfigError,
    {
        "hot": (lambda: Choosing(temperature=2.1), "Temperature must be between 0.0 and 2.0, got 2.1"),
        "cold": (lambda: Choosing(temperature=-0.1), "Temperature must be between 0.0 and 2.0"),
        "no number": (lambda: Choosing(temperature=float("nan")), "Temperature must be between"),
        "a text": (lambda: Choosing(temperature="1"), "Temperature must be a number, got '1'"),
        "k": (lambda: Choosing(top_k=-1), "Only the k most probable must be between 0 and"),
        "p": (lambda: Choosing(top_p=1.5), "The most probable that make up p must be between 0.0 and 1.0"),
        "seed": (lambda: Choosing(seed=-1), "Seed must be between 0 and"),
    },
)
