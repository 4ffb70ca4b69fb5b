"""The written texts of the questions on what reads and how it is trained: variants, memory, the recipe."""

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

from rnn_core.sweeps.over_seeds import enough, signed
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.written import Found, Written, is_as_good, titled

_REMEMBERED = 0.95
"""A cell that is right on so many verdicts with every seed has not forgotten them."""
_LARGE = 0.1
"""Seeds that lie further apart have not found the same thing."""
_GATES = 3
"""Of a GRU, the candidate counted among them."""


def _only_the_readout_counts(found: Found) -> bool:
    usual, one_hot, after, mean, largest = QUESTIONS["network"].cases
    return found.gain(mean, usual) > found.noise and all(
        is_as_good(found.cases[usual], found.cases[other], found.noise) for other in (one_hot, after, largest)
    )


def _network(found: Found) -> str:
    usual, one_hot, after, mean, largest = QUESTIONS["network"].cases
    base = QUESTIONS["network"].sweep.base.model
    within = ", ".join(
        f"{name} {found.cases[name]} ({signed(found.gain(usual, name))})"
        for name in (one_hot, after, largest)
    )
    return (
        f"With {usual}, a GRU is right on {found.cases[usual]} of the test reviews. One thing is changed at "
        f"a time, and one of the changes is larger than the noise over seeds: the {mean} in place of the "
        f"last state, {found.cases[mean]} ({signed(found.gain(usual, mean))}). The others are within it: "
        f"{within}. With one-hot input each word has {_GATES * base.hidden_size:,} weights of its own, with "
        f"an embedding {base.embedding_size:,}."
    )


def _distances(found: Found) -> list[int]:
    return sorted({distance for _, distance in found.cases})


def _reach(found: Found, cell: str) -> int:
    """The largest distance that every seed bridges, and all smaller ones too; 0 where there is none."""
    reached = 0
    for distance in _distances(found):
        if found.cases[cell, distance].low < _REMEMBERED:
            break
        reached = distance
    return reached


def _gates_reach_further_but_not_for_ever(found: Found) -> bool:
    farthest = _distances(found)[-1]
    gated = [_reach(found, cell) for cell in ("gru", "lstm")]
    return _reach(found, "elman") < min(gated) and max(gated) < farthest


def _distance(found: Found) -> str:
    distances = _distances(found)
    bias = QUESTIONS["distance"].sweep.base.model.forget_bias

    def reach(cell: str) -> str:
        kept = _reach(found, cell)
        place = distances.index(kept) if kept else 0
        near, far = distances[place], distances[place + 1]
        return f"{found.cases[cell, near]} after {near:,} words, {found.cases[cell, far]} after {far:,}"

    apart = (
        " Where the seeds of one case lie far apart, one network learned to keep the verdict and another did "
        "not."
        if found.noise > _LARGE
        else ""
    )
    return (
        f"Right on the verdict: a plain RNN (Elman) {reach('elman')}; a GRU {reach('gru')}; an LSTM "
        f"{reach('lstm')}. A guess is right on half.{apart} A gate opens a way along which the gradient "
        f"comes back hardly shrunk, but not for ever: with a bias of {bias:g} a gate lets {_leak(bias):.0%} "
        "of the memory go at each word until it has learned otherwise. "
        f"{titled('forget-bias')} asks how the bias moves the limit."
    )


def _leak(bias: float) -> float:
    """The share of the memory that a gate lets go at each word before it has learned anything.

    >>> round(_leak(3.0), 3)
    0.047
    """
    return 1 / (1 + math.exp(bias))


def _remembering(found: Found) -> list[float]:
    return [bias for bias, case in found.cases.items() if case.low >= _REMEMBERED]


def _a_large_bias_remembers(found: Found) -> bool:
    kept, biases = _remembering(found), list(found.cases)
    return 0 < len(kept) < len(biases) and kept == biases[-len(kept) :]


def _forget_bias(found: Found) -> str:
    distance = QUESTIONS["forget-bias"].sweep.base.text.verdict_distance
    first = _remembering(found)[0]
    each = ", ".join(f"{case} with {bias:g}" for bias, case in found.cases.items())
    apart = [f"{bias:g}" for bias, case in found.cases.items() if case.spread > _LARGE]
    by_seed = f" With {' and '.join(apart)} it depends on the seed." if apart else ""
    return (
        f"{distance:,} words after the verdict a GRU is right on {each} as bias. From {first:g} on every "
        f"seed remembers: one part in {1 / _leak(first):,.0f} of the memory goes at each word then, and "
        f"{(1 - _leak(first)) ** distance:.0%} of it is left at the end before anything was "
        f"learned.{by_seed} Where next to nothing of a word is left, next to no gradient says that it "
        "mattered. The bias should grow with the distance, as its logarithm (Tallec and Ollivier, 2018). "
        "Which bias suits IMDB, where the distance differs from review to review, is not answered by this."
    )


def _alone(found: Found) -> dict[str, float]:
    """Setting -> what it brings beside the plain network, the largest gain first."""
    plain, *others = QUESTIONS["recipe"].cases
    gains = {name.removeprefix("with "): found.gain(plain, name) for name in others}
    return dict(sorted(gains.items(), key=lambda pair: -pair[1]))


def _split(changes: Mapping[str, float], size: float) -> tuple[str, str, str]:
    """Up by more than the noise, down by more than it, and the rest, in words."""

    def listed(names: Iterable[str]) -> str:
        return ", ".join(f"{name} ({signed(changes[name])})" for name in names)

    return (
        listed(name for name in changes if changes[name] > size),
        listed(name for name in changes if changes[name] < -size),
        listed(name for name in changes if abs(changes[name]) <= size),
    )


def _some_help_some_hurt_alone(found: Found) -> bool:
    return all(_split(_alone(found), found.noise))


def _recipe(found: Found) -> str:
    plain = QUESTIONS["recipe"].cases[0]
    helps, hurts, rest = _split(_alone(found), found.noise)
    return (
        f"Without any of them a GRU is right on {found.cases[plain]} of the test reviews. Alone, these help "
        f"by more than the noise over seeds: {helps}. These hurt: {hurts}. The rest is within the noise: "
        f"{rest}.{_vocabulary_with_dropout(found)} What a setting brings depends on the others, as "
        f"{titled('ladder')} shows."
    )


def _vocabulary_with_dropout(found: Found) -> str:
    """Why a larger vocabulary may hurt here and not in the question about it."""
    more_words = next(iter(QUESTIONS["recipe"].cases[1:])).removeprefix("with ")
    other = found.beside("vocabulary")
    if other is None or _alone(found)[more_words] >= -found.noise:
        return ""
    first, largest = enough(other.cases), max(other.cases)
    if first is None or first > QUESTIONS["recipe"].sweep.base.text.vocab_size:
        return ""
    recipe, vocabulary = (QUESTIONS[name].sweep.base.training.epochs for name in ("recipe", "vocabulary"))
    return (
        f" More words hurt without dropout and in {recipe} epochs; with dropout and in {vocabulary} epochs, "
        f"{titled('vocabulary')} found no difference from {first:,} to {largest:,} words."
    )


def _steps(found: Found) -> dict[str, float]:
    """Step of the ladder -> what it changes, the largest gain first."""
    changes = {
        after.removeprefix("+ "): found.gain(before, after)
        for before, after in pairwise(QUESTIONS["ladder"].cases)
    }
    return dict(sorted(changes.items(), key=lambda pair: -pair[1]))


def _highest(found: Found) -> str:
    return max(QUESTIONS["ladder"].cases, key=lambda name: found.cases[name].mean)


def _the_ladder_climbs(found: Found) -> bool:
    up, _, rest = _split(_steps(found), found.noise)
    return found.gain(QUESTIONS["ladder"].cases[0], _highest(found)) > found.noise and bool(up and rest)


def _ladder(found: Found) -> str:
    first, highest = QUESTIONS["ladder"].cases[0], _highest(found)
    up, down, rest = _split(_steps(found), found.noise)
    lower = f" Down by more than it: {down}." if down else ""
    return (
        f"From {found.cases[first]} of the test reviews to {found.cases[highest]}, at the step “{highest}”. "
        f"Up by more than the noise over seeds: {up}.{lower} Within the noise: {rest}. Each step stands on "
        f"those before it, so this is not what a setting brings alone.{_late_and_alone(found)} All steps "
        "have the same learning rate and epochs, which were not searched for each. The shipped model `best` "
        "is none of them; its card says how it was trained."
    )


def _late_and_alone(found: Found) -> str:
    """The setting whose step differs most from what it brings beside the plain network."""
    recipe = found.beside("recipe")
    if recipe is None:
        return ""
    steps, alone = _steps(found), _alone(recipe)
    name = max(steps, key=lambda name: abs(steps[name] - alone[name]))
    if abs(steps[name] - alone[name]) <= found.noise + recipe.noise:
        return ""
    return (
        f" The largest difference is that of {name}: {signed(steps[name])} as step "
        f"{QUESTIONS['ladder'].cases.index(f'+ {name}')}, {signed(alone[name])} alone."
    )


ON_NETWORKS: Mapping[str, Written] = {
    "network": Written(("case",), _only_the_readout_counts, _network),
    "distance": Written(("cell", "verdict_distance"), _gates_reach_further_but_not_for_ever, _distance),
    "forget-bias": Written(("forget_bias",), _a_large_bias_remembers, _forget_bias),
    "recipe": Written(("case",), _some_help_some_hurt_alone, _recipe, same_networks="ladder"),
    "ladder": Written(("case",), _the_ladder_climbs, _ladder, same_networks="recipe"),
}
"""By question: what tells its cases apart, when the text holds, and the text."""
