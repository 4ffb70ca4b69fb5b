"""Lasting of gradients in networks, and of each unit that remembers by itself."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.cells.by_hand import WITHOUT_GRADIENT, set_by_hand, short
from pages.components.cells.reach_networks import (
    Network,
    curves_of,
    curves_of_looks,
    looks_into,
    pick_networks,
    reaches_on_reviews,
    reaches_on_text,
    recorded_networks,
)
from pages.components.shared import address, corpora
from pages.components.shared import address_keys as keys
from pages.components.shared.choose_view import choose_view
from pages.components.shared.format import literal
from pages.components.shared.glossary import caption_with_terms
from pages.components.shared.panel_chart import folded, panel_chart
from pages.components.shared.read_links import OVER_TRAINING, PARTS_OF_CELLS, REACH, come_into_sight
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig, all_settings
from rnn_core.config.training_settings import OF_THE_MACHINE
from rnn_core.figures.builder import SHOW_CONFIG
from rnn_core.figures.cell_figures import time_constants
from rnn_core.figures.colours import Theme
from rnn_core.figures.looks import BY_CELL, BY_ORDER, is_by_cell
from rnn_core.figures.vanishing import LOSS, VERDICT, GradientOf, ReachCurve, vanishing
from rnn_core.inspection.vanishing import REVIEWS
from rnn_core.models.model import Model
from rnn_core.refusals import listing
from rnn_core.sweeps.findings import DISTANCE as REMEMBERED
from rnn_core.sweeps.findings import remembered
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.symbols import CELLS, settings_of_cells


def show_vanishing(text: str | None, theme: Theme, *, reads_texts: bool) -> None:
    """`text` is what stands in the box, None where nothing can be read; `reads_texts` whether it is a text
    with a verdict, and no string of a language.
    """
    come_into_sight(REACH)
    st.subheader(PARTS_OF_CELLS[REACH], anchor=False)
    caption_with_terms(
        "The gradient says how much a small change of the state, so many tokens before the verdict, would "
        "change the verdict. Where it is next to nothing, a small change there no longer matters, and "
        "nothing can be learned from it: the gradient vanishes. What was read there may still be remembered.",
        "reach",
    )
    st.button(
        "One unit that remembers without a gradient",
        icon=":material/arrow_upward:",
        type="tertiary",
        key="hold_without_gradient",
        on_click=set_by_hand,
        args=WITHOUT_GRADIENT,
        help="Sets the plain RNN (Elman) of *One unit by hand*, just above: with U = 3, h stays at 0.995, "
        "and its gradient over 100 time steps is next to nothing.",
    )
    networks = pick_networks()
    if networks:
        views: dict[str, Callable[[], None]] = {
            "Validation texts": lambda: _show_reviews(networks, theme),
            "The text above": lambda: _show_text(networks, text, theme, reads_texts=reads_texts),
            OVER_TRAINING: lambda: _show_training(networks, theme),
        }
        # Texts of validation reach back 100 tokens, where the one above seldom does.
        are_there = all(network.model.config.corpus.is_prepared() for network in networks)
        usual = "Validation texts" if are_there else "The text above"
        choose_view("Measured on", views, usual=usual, **address.bound(keys.REACH_OF))()


def _show_text(networks: Sequence[Network], text: str | None, theme: Theme, *, reads_texts: bool) -> None:
    if not reads_texts:
        st.info(
            "The box at the top holds a string of a language, of which no verdict is given. Choose "
            "*Validation texts*, or pick a model at the top that gives a verdict on a text.",
            icon=":material/edit:",
        )
        return
    found = reaches_on_text(networks, text) if text is not None else {}
    if not found:
        st.info(
            "Type a text in the box at the top, and it is measured here. Where there is no box, pick a cell "
            "at the top that has a trained network.",
            icon=":material/edit:",
        )
        return
    _show(networks, curves_of(networks, found), VERDICT, "the text above", theme)


def _show_reviews(networks: Sequence[Network], theme: Theme) -> None:
    opened = [(network, corpora.opened(network.model.config.corpus, patience=3.0)) for network in networks]
    ready = [(network, corpus) for network, corpus in opened if corpus is not None]
    if missing := sorted({network.model.config.data for network, corpus in opened if corpus is None}):
        names = listing([literal(corpus_named(data).title) for data in missing])
        st.info(
            f"The {_texts(missing)} of {names} are not ready on this machine. Get them ready on Data; then "
            "networks that learned from them are measured here.",
            icon=":material/library_books:",
        )
        st.page_link("pages/data.py", label=f"To the {_texts(missing)}", icon=":material/arrow_forward:")
    found = reaches_on_reviews(ready) if ready else None
    if found is None:
        return
    texts = _texts(network.model.config.data for network, _ in ready)
    _show(networks, curves_of(networks, found), VERDICT, f"validation {texts}", theme)
    st.caption(
        f"Measured on at most {REVIEWS} validation {texts} of each network: drawn evenly from the longest "
        f"quarter, or the longest {REVIEWS} where a quarter has fewer. A line is the median, and the area "
        f"holds the middle half of the {texts}. The CSV file has the mean, too: a few {texts} with a large "
        "gradient can raise it far above the median."
    )


def _texts(data: Iterable[str]) -> str:
    """Return the word for the texts of these corpora together."""
    words = {corpus_named(name).nouns.texts for name in data}
    return words.pop() if len(words) == 1 else "texts"


def _show_training(networks: Sequence[Network], theme: Theme) -> None:
    looked_into = {network.entry.name: looks_into(network) for network in networks}
    looks = {name: seen for name, seen in looked_into.items() if seen}
    if missing := [literal(network.name) for network in networks if network.entry.name not in looks]:
        others = [literal(name) for name in recorded_networks()] if not looks else []
        pick = f"Pick one with a record ({listing(others)}), or train" if others else "Train"
        st.info(
            f"Nothing was recorded inside {listing(missing)} during the training. {pick} a network: its "
            "gradients are recorded at every evaluation.",
            icon=":material/visibility_off:",
        )
    if not looks:
        return
    texts = _texts(network.model.config.data for network in networks if network.entry.name in looks)
    most = max(map(len, looks.values()))
    number = most
    if most > 1:
        number = st.slider(
            "Evaluation",
            1,
            most,
            most,
            key=f"reach_evaluation_{most}",
            help=f"The validation {texts} are scored several times in a training, and the gradients recorded "
            "each time. A network with fewer evaluations stays at its last one.",
        )
    last = {name: seen[min(number, len(seen)) - 1] for name, seen in looks.items()}
    _show(networks, curves_of_looks(networks, last), LOSS, f"validation {texts}", theme)
    names = {network.entry.name: literal(network.name) for network in networks}
    after = [f"after {epoch:.2f} epochs of {names[entry]}" for entry, (epoch, _) in last.items()]
    caption_with_terms(
        f"The gradient of the loss L, the mean over at most 64 validation {texts}, "
        f"{listing(after)}. Distances are grouped, ever more together the farther away; a point is "
        "the mean of its group.",
        "over training",
    )


def _show(
    networks: Sequence[Network], curves: Sequence[ReachCurve], of: GradientOf, on: str, theme: Theme
) -> None:
    if not curves:
        st.info("No gradient was a finite number: the networks diverged.", icon=":material/error:")
        return
    drawn = {curve.network for curve in curves}
    configs = {network.name: network.model.config for network in networks if network.name in drawn}
    sentence = reach_sentence(curves, of)
    show_at_a_distance(curves, configs, of)

    def table() -> pd.DataFrame:
        """A row a distance of a state: its norm and, of several texts, quarters and mean."""
        parts = []
        for curve in curves:
            columns: dict[str, Any] = {"network": curve.network, "state": curve.state.letter}
            columns |= {"distance": curve.distance, "norm": curve.norm}
            if curve.quarters is not None:
                columns |= {"p25": curve.quarters[0], "p75": curve.quarters[1], "mean": curve.mean}
            parts.append(pd.DataFrame(columns))
        return pd.concat(parts, ignore_index=True)

    panel_chart(
        vanishing(curves, of, theme),
        key="vanishing",
        alt=f"Gradient by the distance from the verdict, on {on}. {sentence}",
        table=table,
        saved_as="gatescope-gradient-by-distance",
        whose=of.letter,
        says=sentence,
    )
    st.caption(
        BY_CELL if is_by_cell([network.model.config.model.variant for network in networks]) else BY_ORDER
    )
    deep = [literal(name) for name, config in configs.items() if config.model.layers > 1]
    details = (
        f"In {listing(deep)} it is the state of the top layer." if deep else "",
        trained_otherwise(configs),
    )
    if any(details):
        folded("What else differs").markdown(" ".join(filter(None, details)))


DISTANCE = 100
_NO_DIFFERENCE = {*settings_of_cells(), *OF_THE_MACHINE, "seed"}
"""The settings of the cell, and those that do not change what is learned."""
_APART = 10  # so many times as much is a difference


def reach_sentence(curves: Sequence[ReachCurve], of: GradientOf) -> str:
    """Says which curve is highest at a distance that all have, and how far below it the lowest is."""
    wanted, values = _there(curves)
    least, most = min(values), max(values)
    lowest, highest = (curves[values.index(value)].name for value in (least, most))
    change = f"{wanted:,} tokens back, a small change of the state moves the {of.noun}"
    if not most:
        return f"{change} by less than {of.least}."
    if not least:
        return f"{change} most in {highest}, and in {lowest} by less than {of.least}."
    if most / least >= _APART:
        return f"{change} {short(most / least)} times as much in {highest} as in {lowest}."
    if len(curves) == 1:
        return f"{change} {short(most)} times as much as it is large, in {highest}."
    return f"{change} about as much in each of them: in none {_APART} times as much as in another."


def _there(curves: Sequence[ReachCurve]) -> tuple[int, list[float]]:
    """`DISTANCE`, or the farthest distance that all curves have, and the norm of each there."""
    wanted = min(DISTANCE, *(int(curve.distance[-1]) for curve in curves))
    # Of groups it is the one in which the distance lies.
    return wanted, [float(curve.norm[(curve.distance <= wanted).nonzero()[0][-1]]) for curve in curves]


def show_at_a_distance(
    curves: Sequence[ReachCurve], configs: Mapping[str, RunConfig], of: GradientOf
) -> None:
    """The table of all networks, and beside the gradient the other measure, which has other winners."""
    known, (wanted, _) = remembered(), _there(curves)
    rows = pd.DataFrame(distance_rows(curves, configs, of, known))
    st.table(rows, border="horizontal", hide_index=True)
    if wanted != DISTANCE:
        st.caption(f"{wanted:,} tokens back is the farthest that all of them have.")
    if known:
        st.markdown(two_measures(curves, configs, known))
        address.link("pages/experiments.py", QUESTIONS[REMEMBERED].title, {keys.SWEEP: REMEMBERED})


def distance_rows(
    curves: Sequence[ReachCurve], configs: Mapping[str, RunConfig], of: GradientOf, known: Mapping[str, int]
) -> list[dict[str, str]]:
    """A row for each network by column, the largest gradient first; `known` as `remembered` has it."""
    (wanted, values), cells, largest = _there(curves), cells_of(configs), _largest(curves)
    rows = []
    for network in sorted(largest, key=largest.__getitem__, reverse=True):
        of_states = [
            (f"{curve.state.letter} " if curve.is_one_of_several else "")
            + (short(value) if value else f"below {of.least}")
            for curve, value in zip(curves, values, strict=True)
            if curve.network == network
        ]
        row = {"Network": literal(network), "Cell": literal(cells[network])}
        row[f"Gradient {wanted:,} tokens back"] = ", ".join(of_states)
        if known:
            row["Words remembered"] = _words(known.get(configs[network].model.variant))
        rows.append(row)
    return rows


def two_measures(
    curves: Sequence[ReachCurve], configs: Mapping[str, RunConfig], known: Mapping[str, int]
) -> str:
    """Says which network and which cells each measure of reach puts first, and what it asks."""
    largest, most = _largest(curves), max(known.values())
    first = max(largest, key=largest.__getitem__)
    cells = listing([CELLS[cell].noun for cell, words in known.items() if words == most])
    of_first = literal(cells_of(configs)[first])
    is_one = known.get(configs[first].model.variant) == most
    beside = f"Both name {of_first}, but they" if is_one else "They differ because they"
    return (
        "Two measures of how far back a cell reaches: the **gradient** there is largest in "
        f"{literal(first)}, {of_first}; the most **words remembered**, {_words(most)}, are those of {cells}. "
        f"{beside} ask different things. The gradient says how much a small change of the state would still "
        "count, in a network as it was trained. The words say how long a cell still knows a verdict, with "
        "every seed, when it learned nothing else. A state can be kept without a gradient, and a gradient "
        "can be large where nothing is kept."
    )


def _words(remembered: int | None) -> str:
    """Say how many words, as far as it was asked."""
    asked = {case["verdict_distance"] for case in QUESTIONS[REMEMBERED].sweep.cases}
    if not remembered:
        return "not asked" if remembered is None else f"fewer than {min(asked)}"
    return f"{remembered} or more" if remembered == max(asked) else f"{remembered}"


def _largest(curves: Sequence[ReachCurve]) -> dict[str, float]:
    """The largest gradient of the states of each network at the distance that all have."""
    found: dict[str, float] = {}
    for curve, value in zip(curves, _there(curves)[1], strict=True):
        found[curve.network] = max(value, found.get(curve.network, 0.0))
    return found


def cells_of(configs: Mapping[str, RunConfig]) -> dict[str, str]:
    """Name the cell of each network, with an article; variants of one noun are set apart."""
    declared = {name: config.model.declared for name, config in configs.items()}
    alike = Counter(noun for _, noun in {(cell.title, cell.noun) for cell in declared.values()})
    return {
        name: f"{cell.noun} ({cell.apart})" if alike[cell.noun] > 1 and cell.apart else cell.noun
        for name, cell in declared.items()
    }


def trained_otherwise(configs: Mapping[str, RunConfig]) -> str:
    """Says in which settings, the cell aside, the networks differ; empty where in none."""
    first, *others = configs.values()
    names = {name for other in others for name in other.differences(first)} - _NO_DIFFERENCE
    differ = [declared.label.lower() for name, declared in all_settings().items() if name in names]
    if len({config.data for config in configs.values()}) > 1:
        differ.insert(0, "the texts they learned from")
    variants = {config.model.variant for config in configs.values()}
    apart = "Apart from the cell, these" if len(variants) > 1 else "These"
    return f"{apart} networks differ in {listing(differ)}." if differ else ""


def show_memory_of_units(model: Model | None, layer: int, theme: Theme) -> None:
    """The chart of a layer, from 1, and what it shows; nothing where units don't remember by themselves."""
    found = None if model is None else model.classifier.layers[layer - 1].time_constants()
    if model is None or found is None:
        return
    values, token = found.numpy(), model.config.tokens.noun
    st.subheader("How long each unit remembers", anchor=False)
    st.plotly_chart(
        time_constants(values, theme, token),
        theme=None,
        config=SHOW_CONFIG,
        key="time_constants",
        alt=memory_in_words(values, token),
    )
    st.markdown(literal(memory_in_words(values, token)))
    never = int(np.isinf(values).sum())
    st.caption(
        f"A unit forgets in −1 / ln u {token}s: with nothing new to read, what it holds has then fallen to "
        f"1/e. Where u is not positive it is gone at once. Of the {len(values):,} units {never:,} never "
        "forget (u = 1)."
    )


def memory_in_words(values: np.ndarray, token: str) -> str:
    """Say how soon half of the units forget, and the last of those that do."""
    finite, half = values[np.isfinite(values)], float(np.median(values))
    if np.isinf(half):
        return "Half of the units or more never forget."
    return (
        f"Half of the units forget within {half:.3g} {token}s, and the last that forgets at all takes "
        f"{finite.max():.3g}."
    )
