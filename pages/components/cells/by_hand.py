"""A unit whose weights are set by hand: its time step drawn, and what it does with the same word again."""

from functools import lru_cache

import streamlit as st

from pages.components.cells.choice import choose_variant
from pages.components.cells.hand_values import (
    MOST_UNITS,
    STEPS,
    ByHand,
    change,
    current,
    keep,
    kept,
    presets,
    show_sliders,
    usual,
)
from pages.components.cells.hand_words import in_detail, in_words
from pages.components.cells.step_drawing import place_of_drawing
from pages.components.shared.live_chart import live_chart, load_charts
from rnn_core.bench.forms import usual_cell
from rnn_core.figures.cell_figures import played_states
from rnn_core.figures.colours import Theme
from rnn_core.figures.step import DRAWING_CONFIG, step_drawing
from rnn_core.inspection.by_hand import Behaviour, Kind, Play, behaviour, gradient, play
from rnn_core.symbols import CELLS

_TIME, _STEPS, _UNIT, _PLAYING = "by_hand_time", "by_hand_steps", "by_hand_unit", "by_hand_playing"
_TICK = 0.4  # seconds
_CALLED = {
    Kind.HOLDS: "Hold",
    Kind.LEAKS: "Leak",
    Kind.OSCILLATES: "Oscillate",
    Kind.SATURATES: "Saturate",
}
_BACK_TO = "by_hand_back_to"
WITHOUT_GRADIENT = ("elman", ByHand(1, 100, {"Uh": 3.0, "h": 0.995}))
"""A variant and what is set of it: one that remembers, and whose gradient vanishes."""


def show_by_hand(name: str, theme: Theme) -> None:
    """`name` is that of the variant."""
    st.subheader("One unit by hand", anchor=False)
    st.caption(
        "Set every weight of a very small cell yourself. The same word comes again and again, and the unit "
        "holds what it has, leaks it, oscillates or saturates. Nothing here is trained; nothing can break."
    )
    load_charts()
    now = kept(name)
    # A button in a fragment that runs by a timer can miss a click, so these are outside.
    _show_buttons(name, now)
    is_playing = bool(st.session_state.get(_PLAYING))
    st.fragment(_show_bench, run_every=_TICK if is_playing else None)(name, theme)


def _show_buttons(name: str, now: ByHand) -> None:
    found, is_playing = presets(name, now.units), bool(st.session_state.get(_PLAYING))
    mixes = CELLS[name].cell_class.mixes_units
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Stop" if is_playing else "Play",
            icon=":material/stop:" if is_playing else ":material/play_arrow:",
            key="by_hand_play",
            type="primary",
            on_click=_end if is_playing else _begin,  # not a toggle: one click may be answered twice
            help="Goes through the time steps one by one; the drawing and the chart follow.",
        )
        for kind, called in _CALLED.items():
            st.button(
                called,
                key=f"by_hand_{kind}",
                disabled=found[kind] is None,
                on_click=_take_preset,
                args=(name, kind),
                help=f"Weights with which a unit of this cell {kind}."
                if found[kind] is not None
                else f"No weights were found with which this cell {kind} while the same word comes.",
            )
        st.button(
            "Reset",
            icon=":material/undo:",
            key="by_hand_reset",
            on_click=_take_back,
            args=(name,),
            help="Back to the last of these that was pressed, as it was.",
        )
        key = f"by_hand_units_{name}"
        st.session_state[key] = now.units
        st.segmented_control(
            "Units",
            range(1, MOST_UNITS + 1),
            required=True,
            key=key,
            on_change=_resize,
            args=(name, key),
            help="How many units the cell has. "
            + ("Each reads the state of all of them." if mixes else "Each remembers by itself."),
        )


# Sliders run their fragment alone, so what the buttons do depends on what is kept when they are pressed.


def _resize(name: str, key: str) -> None:
    units = st.session_state[key]
    _take(name, usual(name, units)._replace(steps=current().steps))


def _take_preset(name: str, kind: Kind) -> None:
    now = current()
    _take(name, now._replace(values=dict(presets(name, now.units)[kind] or {})))


def set_by_hand(name: str, to: ByHand) -> None:
    """Show this cell, by the name of its variant, with all of it set, as if a preset had been pressed."""
    choose_variant(name)
    _take(name, to)


def _take(name: str, to: ByHand) -> None:
    st.session_state.setdefault(_BACK_TO, {})[name, to.units] = to
    _begin_again(name, to)


def _take_back(name: str) -> None:
    units = current().units
    _begin_again(name, st.session_state.get(_BACK_TO, {}).get((name, units)) or usual(name, units))


def _begin_again(name: str, to: ByHand) -> None:
    st.session_state[_TIME] = 1
    keep(name, to)


def _begin() -> None:
    st.session_state[_PLAYING] = True
    if st.session_state.get(_TIME, 1) >= current().steps:
        st.session_state[_TIME] = 0  # so that the first tick shows the first time step


def _end() -> None:
    st.session_state[_PLAYING] = False


def _show_bench(name: str, theme: Theme) -> None:
    now = kept(name)
    controls, picture = st.columns([3, 7], gap="medium")
    with controls:
        unit = _choose_unit(now.units)
        show_sliders(name, now, unit, theme)
        st.session_state[_STEPS] = now.steps
        st.slider(
            "Time steps", STEPS[0], STEPS[2], key=_STEPS, help="How often the same word comes.",
            on_change=lambda: change(name, steps=st.session_state[_STEPS]),
        )  # fmt: skip
    played, found, of_change = _play(name, now.units, now.steps, tuple(now.values.items()), unit)
    was_playing = st.session_state.get(_PLAYING)
    with picture:
        _show_played(played, found, of_change, unit, _time(played.steps), theme)
    if was_playing and not st.session_state[_PLAYING]:
        st.rerun()  # the whole page, since the timer and the button are not of this fragment


def _choose_unit(units: int) -> int:
    if units == 1:
        return 0
    chosen = st.segmented_control(
        "Unit", range(units), default=0, required=True, key=f"{_UNIT}_{units}",
        help="Whose weights the sliders set, and whose time step is drawn.",
    )  # fmt: skip
    return int(chosen or 0)


def _time(steps: int) -> int:
    """The time step that is drawn, counted from 0; the next one while it plays."""
    shown = min(st.session_state.get(_TIME, 1), steps)
    if st.session_state.get(_PLAYING):
        shown = min(shown + 1, steps)
        st.session_state[_PLAYING] = shown < steps
    st.session_state[_TIME] = shown
    return int(
        st.slider(
            "Time step drawn", 1, steps, key=_TIME,
            help="Which of the time steps the drawing shows. The arrow keys move it by one.",
        )
        - 1
    )  # fmt: skip


@lru_cache(maxsize=128)
def _play(
    name: str, units: int, steps: int, values: tuple[tuple[str, float], ...], unit: int
) -> tuple[Play, Behaviour, float]:
    """What the cell computes, what a unit of it does, and its gradient, once for all that is drawn of it."""
    cell = usual_cell(name, hidden_size=units, embedding_size=1)
    played = play(cell, CELLS[name], dict(values), steps)
    return played, behaviour(played, unit), gradient(played, unit)


def _show_played(
    played: Play, found: Behaviour, of_change: float, unit: int, time: int, theme: Theme
) -> None:
    step = played.one_step(time, unit)
    with place_of_drawing("by_hand_step"):
        live_chart(
            step_drawing(step, word="same word", theme=theme),
            "by_hand_drawing",
            f"Time step {time + 1} of the unit: h goes from {step.before['h']:.3f} to {step.after['h']:.3f}.",
            f"{played.declared.name} {len(step.parts)}",
            DRAWING_CONFIG,
        )
    sentence = in_words(found, played.memory)
    live_chart(
        played_states(played.declared, played.states, unit, time, theme),
        "by_hand_states",
        f"The states over {played.steps} time steps. {sentence.replace('**', '')}",
        f"{played.declared.name} {played.steps}",
    )
    st.markdown(sentence)
    st.caption(in_detail(found, played.memory, of_change))
