"""The settings that all runs of a sweep share, and those that go with what is varied, in words."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from pages.components.shared import settings
from pages.components.shared.format import listed
from rnn_core.config.run import RunConfig
from rnn_core.config.words import value_in_words
from rnn_core.data.sources import bare_config
from rnn_core.errors import DataError
from rnn_core.sweeps.findings.sentences import Words
from rnn_core.sweeps.over_seeds import telling_factors
from rnn_core.sweeps.sweep import Sweep

_ALWAYS = ("cell", "vocab_size", "max_length", "epochs", "learning_rate")
"""Named whether they differ from the plain ones or not: what a result depends on most."""


WORDS = Words(settings.name_of, value_in_words)
"""What findings call settings and their values."""


def other_settings(base: RunConfig, varied: Collection[str]) -> str:
    """The settings that are not varied: the ones that matter most, and each that is not plain."""
    plain, values = _plain(base).values(), base.values()
    differing = [name for name in values if name not in _ALWAYS and values[name] != plain[name]]
    named = [name for name in (*_ALWAYS, *differing) if name not in varied and name != "seed"]
    return ", ".join([base.corpus.title, *(_both(name, values[name]) for name in named)])


def _plain(base: RunConfig) -> RunConfig:
    """What `python -m rnn_core sweep` starts from on this corpus, or started from where it is gone."""
    try:
        return bare_config(base.data)
    except DataError:
        return RunConfig(data=base.data)


def varied_in_words(sweep: Sweep) -> str:
    """What a sweep of one's own varies, over which values and seeds."""
    parts = [
        WORDS.both(factor, ", ".join(value_in_words(value) for value in dict.fromkeys(values)))
        for factor in sweep.factors
        if (values := [case[factor] for case in sweep.cases])
    ]
    return "; ".join([*parts, f"seeds {', '.join(map(str, sweep.seeds))}"])


def settings_of(sweep: Sweep) -> str:
    """The settings that a finding holds for: the shared ones, and those that go with a factor."""
    cases = pd.DataFrame([dict(case) for case in sweep.cases])
    telling = telling_factors(cases, sweep.factors)
    varied = [factor for factor in sweep.factors if cases[factor].nunique() > 1]
    shared = other_settings(sweep.base.with_settings(**sweep.cases[0]), varied)
    tied = [_tied(cases, factor, telling) for factor in varied if factor in _ALWAYS and factor not in telling]
    return ", ".join([shared, *tied])


def _tied(cases: pd.DataFrame, factor: str, telling: list[str]) -> str:
    """A factor that follows from the others, such as the learning rate from the cell."""
    leader = next((other for other in telling if cases.groupby(other)[factor].nunique().max() == 1), None)
    if leader is None:
        return f"{_named(factor)} by case"
    by_value: dict[Any, list[str]] = {}
    for whose, value in cases.groupby(leader, sort=False)[factor].first().items():
        by_value.setdefault(value, []).append(value_in_words(whose))
    values = ", ".join(f"{value_in_words(value)} for {listed(whose)}" for value, whose in by_value.items())
    return f"{_named(factor)} {values}"


def _both(name: str, value: Any) -> str:
    return value_in_words(value) if name == "cell" else f"{_named(name)} {value_in_words(value)}"


def _named(name: str) -> str:
    label = settings.name_of(name)
    return label[0].lower() + label[1:]
