"""Units that keep track of what is hidden in strings of a language or in real text, and what they are for."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.read.hold_panel import show_held
from pages.components.read.holding import held_in, holding, is_above, list_held, step_name, write_address
from pages.components.read.panels import learned_a_language, panel, writes
from pages.components.read.readings import Reading, read
from pages.components.read.reviews_beside import reviews_for
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.choose_view import pick_layer, tick_a_row
from pages.components.shared.found_by import found_by
from pages.components.shared.model_picker import changed_at
from pages.components.shared.panel_chart import folded, panel_chart, saying_why_not
from pages.components.shared.token_strip import BY_UNIT, Ways, chips, still_strip
from rnn_core.figures.colours import Theme
from rnn_core.figures.in_words import score_in_short, score_in_words, tracking_in_words
from rnn_core.figures.language_figures import unit_against_truth, unit_along, unit_name
from rnn_core.inspection.clamps import LARGEST, Clamp
from rnn_core.inspection.keeping_track import EXPRESSION, FEWEST, Tracked, Tracking, Unit, track
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.tables import tracking_table, unit_table
from rnn_core.inspection.text_truths import TRUTHS, Value, after_each
from rnn_core.languages.language import NUMBER
from rnn_core.text.expression import LONGEST, inside_matches

_OFFERED = 10
"""Units to choose from, the best of a hidden truth."""


@panel(
    "Units that keep track",
    "Which unit counts, or remembers what stood before?",
    needs=lambda reading: not reading.gives_verdict and (learned_a_language(reading) or writes(reading)),
)
def show_tracking(reading: Reading, time: int, theme: Theme) -> None:
    """The units of a network beside what is hidden in what it reads, found in the background."""
    model = reading.model
    found = _find(reading)
    if found is None:
        return
    name = _choose_truth(found, reading)
    tracked = found.tracked[name]
    if tracked is None:
        st.info(tracking_in_words(found, name, 0, reading.trace.layers))
        return
    against, along = st.columns([3, 7], gap="medium")  # as on the page: its picture and this one line up
    with against:
        unit = _choose_unit(found, tracked, reading.trace.layers)
        layers, declared = reading.trace.layers, reading.trace.declared
        which = unit_name(found.units[unit], layers)
        panel_chart(
            unit_against_truth(found, name, unit, declared, theme),
            key="tracking_chart",
            alt=f"The value of {which} against {name}, a point for each time step that scores.",
            table=lambda: tracking_table(found, name, unit),
            saved_as=f"gatescope-{model.name}-{name.replace(' ', '-')}",
            whose=f"{name} {unit}",
            says=tracking_in_words(found, name, unit, layers),
        )
    with along:
        _show_along(reading, time, found.units[unit], tracked, theme)
    _show_held(reading, time, theme)
    _explain(found, is_text=writes(reading))


def _find(reading: Reading) -> Tracking | None:
    """The units, once they are found; of real text an expression of one's own may be asked for."""
    model, more, expression = reading.model, dict[str, Any](), ""
    if writes(reading):
        corpus = reviews_for(model, or_others=False)
        if corpus is None:
            return None
        expression = st.text_input(
            "A regular expression of your own",
            **address.bound(keys.EXPRESSION),
            persist_state="session",
            max_chars=LONGEST,
            placeholder=r"such as \d+ or \bnot\b.*?[.!?]",
            help="It becomes one more row of the table: is the symbol inside a match? Nothing is known of "
            "what comes, so yes means that what stands there is a match or the beginning of one, which may "
            "come to nothing.",
        )
        more = {"corpus": corpus, "expression": expression}
    about = f"{model.folder} {changed_at(model.folder)} {expression}"
    at_first = "Reading texts" if more else "Drawing strings"
    found: Tracking | None = found_by("tracking", about, lambda: track(model, **more), at_first)
    return found


def _columns(few: str) -> dict[str, str | None]:
    """Columns of the table of hidden truths, and what their heads say of them."""
    return {
        "hidden truth": "What is known to be so after each symbol. The network was never shown it.",
        "unit": "The unit that scores best on one half of what is read. Units are counted from 0.",
        "measured by": None,
        "score": "What it scores on the other half. R² of a line from its value to a number: 1 is exact, 0 "
        "is always answering the mean. Balanced accuracy of taking the class whose mean value is nearest.",
        f"last {few} symbols": f"The score of a guess from the last {few} symbols alone, by a table of them.",
        "untrained": "What the best unit of this network scores with the weights that it began "
        "its training with.",
    }


def _choose_truth(found: Tracking, reading: Reading) -> str:
    """A table of the hidden truths with the unit that was chosen for each; the one that is ticked."""
    rows, names = [], sorted(found.names_by_gain, key=lambda name: name != EXPRESSION)
    for name in names:
        row, tracked = {"hidden truth": name}, found.tracked[name]
        if tracked is not None:
            row |= {
                "unit": unit_name(found.units[tracked.best], reading.trace.layers),
                "measured by": tracked.measure,
                "score": score_in_short(tracked, tracked.score),
                f"last {found.strings.few} symbols": score_in_short(tracked, tracked.by_last),
                "untrained": score_in_short(tracked, tracked.untrained),
            }
        rows.append(row)
    columns, where = _columns(found.strings.few), "text" if writes(reading) else "string"
    st.markdown(f"**Which unit keeps track of what is hidden in the {where}?** Tick a row to see its unit.")
    ticked = tick_a_row(
        pd.DataFrame(rows, columns=[*columns]),
        f"tracked_truth_{'_'.join(names)}",  # the ticked row is a place in this order
        "The hidden truths, the unit that keeps track of each, and its scores.",
        height="content",
        column_config={name: st.column_config.TextColumn(help=help) for name, help in columns.items()},
    )
    return next((names[row] for row in ticked if row < len(names)), names[0])


def _choose_unit(found: Tracking, tracked: Tracked, layers: int) -> int:
    units = tracked.order[:_OFFERED].tolist()

    def named(unit: int) -> str:
        return (
            f"{unit_name(found.units[unit], layers)}: {score_in_words(tracked, float(tracked.scores[unit]))}"
        )

    return int(
        st.selectbox(
            "Unit",
            units,
            format_func=named,
            key=f"tracking_unit_{tracked.name}_{units}",  # of another model others are offered
            help="The units that score best on the half that chooses, with their scores on the other half.",
        )
    )


def _hidden_along(reading: Reading, name: str) -> list[Value] | None:
    """The truth of this name after each time step of the text; None where it is not known yet."""
    if (along := reading.next_tokens.along) is not None:
        return [of.get(name) for of in along.hidden]
    tokens, values = reading.tokens, list[Value]()
    if name == EXPRESSION:
        expression, text = st.session_state[keys.EXPRESSION], "".join(tokens)
        asked = f"{expression} {text}"
        found = found_by("matches", asked, lambda: inside_matches(expression, [text]), "Looking for matches")
        if found is None:
            return None
        values = after_each(tokens, found[0])
    elif name in TRUTHS:
        values = TRUTHS[name].along(tokens)
    count = len(reading.names)
    return [*[None] * count, *values][-count:]


def _show_along(reading: Reading, time: int, unit: Unit, tracked: Tracked, theme: Theme) -> None:
    """The unit along the text that is read, and the button that holds it."""
    name, truth = tracked.name, _hidden_along(reading, tracked.name)
    if truth is None:
        return
    own = reading
    if unit.layer != reading.trace.layer and reading.writer is not None:
        own = replace(reading, trace=reading.writer.trace(unit.layer, len(reading.trace.review.tokens)))
    elif unit.layer != reading.trace.layer:
        own = read(reading.model, reading.text, unit.layer)
    values = own.trace.arrays[unit.letter][:, unit.number]
    held = held_in(own) if own is reading else None
    after = None if held is None else held.after.arrays[unit.letter][:, unit.number]
    _offer_to_hold(reading, time, unit, float(values[time]))
    panel_chart(
        unit_along(
            unit=unit,
            values=values,
            held=after,
            name=name,
            kind=tracked.kind,
            truth=truth,
            declared=reading.trace.declared,
            **reading.axis(time, theme),
        ),
        key="tracking_along",
        alt=f"The value of {unit_name(unit, reading.trace.layers)} along the text, above {name}.",
        table=lambda: unit_table(own.trace, values, after, truth),
        saved_as=f"{own.file_name}-unit-{unit.letter}-{unit.number}",
        whose=f"{unit} {name}",
    )
    if writes(reading):
        while_held = "" if after is None else ", while something is held"
        st.caption(f"The {reading.noun}, coloured by {unit_name(unit, reading.trace.layers)}{while_held}")
        strip = [chip._replace(turns="") for chip in chips(own.trace, values if after is None else after)]
        means = Ways("below zero", "above zero: a line on top where it is strong", reading.unit)
        still_strip(strip, means, "tracking_text", effect=BY_UNIT)


def _offer_to_hold(reading: Reading, time: int, unit: Unit, value: float) -> None:
    kept, layers = holding(), reading.trace.layers
    value = round(max(-LARGEST, min(value, LARGEST)), 2)
    clamp = Clamp(letter=unit.letter, value=value, first=reading.since + time, units=(unit.number,))
    is_last = time == len(reading.names) - 1 and reading.writer is None

    def hold() -> None:
        kept.add(clamp)
        pick_layer(unit.layer, layers)

    why = f"It stays at {value:g}, its value there, whatever the network computes. A slider then changes it."
    if unit.layer != reading.trace.layer:
        why += f" The page then shows layer {unit.layer}, in which it is held."
    if is_last:
        why = "After the last symbol there is nothing to hold: move the cursor to one before it."
    elif kept.why_full:
        why = kept.why_full
    st.button(
        f"Hold it from {step_name(time, reading.names)} on",
        icon=":material/back_hand:",
        key="hold_tracking_unit",
        disabled=is_last or bool(kept.why_full) or clamp in kept.clamps.values(),
        help=why,
        on_click=hold,
    )


@st.fragment
@saying_why_not()
def _show_held(reading: Reading, time: int, theme: Theme) -> None:
    """Show what is held, with its sliders, and what breaks by it."""
    kept, is_text = holding(), writes(reading)
    if kept.clamps:
        st.markdown(f"**What {'changes' if is_text else 'breaks'} while it is held?**")
        controls, picture = st.columns([3, 7], gap="medium")
        with controls:
            list_held(kept, reading)
    write_address(kept)
    if reading.writer is not None and not is_above(kept):  # what it writes while this is held
        st.rerun()
    held = held_in(reading) if kept.clamps else None
    if held is None:
        return
    with picture:
        show_held(held, reading, time, theme)
        before, after = reading.next_tokens, next_tokens(reading.model, held.after)
        if not is_text and not (before.is_judged & before.right & ~after.right).any():
            st.caption(
                "Nothing breaks in this string. A unit that keeps track need not be the one that the network "
                "uses, or others keep the same: choose another unit above, and hold it, too."
            )


def _explain(found: Tracking, *, is_text: bool) -> None:
    strings = found.strings
    are = "beginnings or pieces of validation texts" if is_text else "different strings"
    drawn = "" if is_text else ", drawn as its training strings were; short ones may be among those"
    parted = (
        f"There are only {len(strings.texts)} {are}, fewer than {FEWEST}, so all of them choose and score."
        if len(strings.texts) < FEWEST
        else "Every second one chooses the unit and fits the line or the means; the others score."
    )
    kinds = set(strings.kinds.values())
    numbers = (
        "A number is scored by R²: 1 minus the squared error of the least-squares line over that of always "
        "answering the mean. It can be below 0. "
        if NUMBER in kinds
        else ""
    )
    categories = (
        "A category is scored by balanced accuracy: the class whose mean value is nearest is taken, and the "
        "shares that are right are averaged over the classes. "
        if kinds - {NUMBER}
        else ""
    )
    folded("How units are chosen and scored").markdown(
        f"The network reads {len(strings.texts):,} {are}, {len(found.values):,} time steps{drawn}. "
        f"{parted} {numbers}{categories}"
        f"All {len(found.units):,} units of its states are compared. Beside them stand a table of the last "
        f"{strings.few} symbols, and the best unit of the same network with the weights that its training "
        "began with."
    )
