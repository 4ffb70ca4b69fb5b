"""A sweep of two factors as a table of small pictures, each of which opens a network of its case on Read."""

import html
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.experiments.sweep_runs import models_here
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from rnn_core.config.words import name_of, value_in_words
from rnn_core.figures.colours import POSITIVE, REMEMBERS, Theme
from rnn_core.sweeps.over_seeds import ShareOverSeeds
from rnn_core.sweeps.side_by_side import Pictured, Place, places
from rnn_core.sweeps.sweep import Sweep
from rnn_core.tasks.task import Measure

_COLOURS = (REMEMBERS, POSITIVE)
"""The colours of the bars, from the upper one on."""


def show_small_pictures(sweep: Sweep, how: Pictured, table: pd.DataFrame, theme: Theme) -> None:
    """The table, and below it how to read it."""
    found = places(sweep, how, table)
    models = models_here({place.run for place in found.values()})
    st.html(_table_html(sweep, how, found, models))
    guessed = any(place.guess is not None for place in found.values())
    marked = " Dotted: what is right by guessing." if guessed else ""
    opens = " Each picture opens the network of its first seed on Read." if models else ""
    if models and len(models) < len(found):
        opens = f" {len(models):,} of {len(found):,} pictures open the network of their first seed on Read."
    st.caption(
        f"A bar is the mean over the seeds, from 0 to 100%, with a mark for each seed.{marked} The number: "
        f"{how.glance.number.name}, the mean.{opens}"
    )


def _table_html(
    sweep: Sweep, how: Pictured, found: Mapping[tuple[Any, Any], Place], models: Mapping[str, str]
) -> str:
    rows, columns = (
        list(dict.fromkeys(case[factor] for case in sweep.cases)) for factor in (how.rows, how.columns)
    )
    heads = "".join(f'<th scope="col">{html.escape(value_in_words(column))}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{html.escape(value_in_words(row))}</th>'
        + "".join(f"<td>{_place_html(how, row, column, found, models)}</td>" for column in columns)
        + "</tr>"
        for row in rows
    )
    named = f"{name_of(how.rows)} by {name_of(how.columns).lower()}"
    return (
        _legend_html(how)
        + f'<div class="gs-pictures" role="region" tabindex="0" aria-label="{html.escape(named)}"><table>'
        f'<thead><tr><th scope="col">{html.escape(name_of(how.rows))}</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _legend_html(how: Pictured) -> str:
    parts = []
    for measure, colour in zip(how.glance.shares, _COLOURS, strict=True):
        words = f"{measure.title}: {measure.subtitle}" if measure.subtitle else measure.title
        parts.append(f'<span><i style="--gs-colour:{colour}"></i>{html.escape(words)}</span>')
    return f'<div class="gs-pictures-legend">{"".join(parts)}</div>'


def _place_html(
    how: Pictured, row: Any, column: Any, found: Mapping[tuple[Any, Any], Place], models: Mapping[str, str]
) -> str:
    place = found.get((row, column))
    if place is None:
        return '<span class="none">not run</span>'
    model = models.get(place.run)
    says = f"{value_in_words(row)}, {value_in_words(column)}: {_place_in_words(how, place)}"
    element = 'span role="img"'
    if model is not None:
        says += f" Opens the network of seed {place.seed} on Read."
        element = f'a href="{html.escape("read?" + address.written({keys.MODEL: model}))}"'
    return (
        f'<{element} class="place" title="{html.escape(says)}" aria-label="{html.escape(says)}">'
        f"{_drawn_html(how, place)}</{element.partition(' ')[0]}>"
    )


def _drawn_html(how: Pictured, place: Place) -> str:
    if place.number is None:
        return '<span class="none">diverged</span>'
    guess = "" if place.guess is None else f'<u style="--at:{place.guess:.1%}"></u>'
    bars = [
        f'<span class="bar" style="--gs-colour:{colour};--width:{share.mean:.1%}"><i></i>{guess}'
        + "".join(f'<b style="--at:{seed:.1%}"></b>' for seed in share.seeds)
        + f'</span><span class="share">{_percent(share.mean)}</span>'
        for share, colour in zip(place.shares, _COLOURS, strict=True)
    ]
    return f'{"".join(bars)}<span class="number">{place.number.mean:{how.glance.number.number}}</span>'


def _percent(share: float) -> str:
    """A share without digits after the point; less than all is never written as all.

    >>> _percent(1.0), _percent(0.998), _percent(0.5), _percent(0.001)
    ('100%', '99%', '50%', '0%')
    """
    return f"{min(round(100 * share), 99 if share < 1 else 100)}%"


def _place_in_words(how: Pictured, place: Place) -> str:
    said = []
    if place.number is not None:
        scores = [*zip(how.glance.shares, place.shares, strict=True), (how.glance.number, place.number)]
        seeds = place.number.runs
        said.append(f"{', '.join(_score_in_words(measure, over) for measure, over in scores)}.")
        said.append(f"Mean over {seeds} seeds." if seeds > 1 else "One seed.")
    if place.diverged:
        said.append(f"{place.diverged:,} {'run' if place.diverged == 1 else 'runs'} diverged.")
    return " ".join(said)


def _score_in_words(measure: Measure, over: ShareOverSeeds) -> str:
    said = f"{measure.name} {over.mean:{measure.number}}"
    if over.spread == 0:
        return said
    return f"{said} ({over.low:{measure.number}} to {over.high:{measure.number}})"
