"""Findings of the probes: networks as they are now, beside baselines that count words.

The text uses `networks` (a sequence of Understood), `baselines` (name -> ProbeShares), `named` (their names,
for a sentence) and `span` (from the lowest to the highest share of some networks).
"""

import statistics
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import pandas as pd

from rnn_core.data.probes.pairs import TITLES
from rnn_core.models.probing import ProbeShares
from rnn_core.refusals import listing
from rnn_core.sweeps.findings import fill
from rnn_core.sweeps.questions import read_unswept

Measure = Literal["pairs_right", "sentences_right"]

TITLE, MEANS, _TEXT = read_unswept("understanding")


class Understood(NamedTuple):
    """The shares that one model has right."""

    name: str
    shares: ProbeShares
    composed: bool = False
    """True if a network learned from composed sentences, too, which are written for what the probes ask."""


def understanding(
    networks: Sequence[Understood], baselines: Mapping[str, ProbeShares]
) -> tuple[str, str] | None:
    """A sentence that answers and the paragraph, in Markdown; None where there is no network."""
    if not networks:
        return None

    def named(models: Sequence[Understood]) -> str:
        return listing([f"`{one.name}`" for one in models])

    def span(models: Sequence[Understood], measure: Measure) -> str:
        values = [getattr(one.shares.all, measure) for one in models]
        low, high = f"{min(values):.1%}", f"{max(values):.1%}"
        return high if low == high else f"{low.removesuffix('%')} to {high}"

    names = {"networks": networks, "baselines": baselines, "named": named, "span": span}
    filled = fill(_TEXT, names)
    return filled and filled[:2]


def easiest_and_hardest(networks: Sequence[Understood], measure: Measure) -> str:
    """Say in a sentence the phenomena of which the networks have on average most and least right."""
    means = {
        key: statistics.fmean(getattr(one.shares.phenomena[key], measure) for one in networks)
        for key in networks[0].shares.phenomena
    }
    of = "of the pairs" if measure == "pairs_right" else "of the sentences"
    most, least = max(means.values()), min(means.values())
    if most == least:
        return f"Over all networks no phenomenon is easier than another: {most:.1%} {of} right on average."
    ends = ([f"“{TITLES[key]}”" for key in means if means[key] == end] for end in (most, least))
    easy, hard = (f"{listing(names)} {'is' if len(names) == 1 else 'are'}" for names in ends)
    return (
        f"Over all networks {easy} the easiest, with {most:.1%} {of} right on average, and {hard} the "
        f"hardest, with {least:.1%}."
    )


def understanding_table(models: Sequence[Understood]) -> pd.DataFrame:
    """A row for each model and group of pairs: how many there are, and which shares of them are right."""
    return pd.DataFrame(
        {
            "model": one.name,
            "group": group,
            "pairs": some.pairs,
            "sentences_right": some.sentences_right,
            "pairs_right": some.pairs_right,
            "undecided": one.shares.undecided if some is one.shares.all else None,
        }
        for one in models
        for group, some in one.shares.by_group().items()
    )
