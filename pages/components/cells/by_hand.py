"""A unit whose weights are set by hand: its time step drawn, and what it does with the same word again."""

from collections.abc import Sequence
from functools import lru_cache

import streamlit as st

from pages.components.cells.chosen_cell import PICKED
from pages.components.cells.hand_values import ByHand, current, keep, kept, show_sliders, usual
from pages.components.shared.equations import draw_step
from pages.components.shared.live_chart import live_chart
from pages.components.shared.panel_chart import saying_why_not
from rnn_core.figures.cell_figures import played_states
from rnn_core.figures.colours import Theme
from rnn_core.figures.step import digits
from rnn_core.inspection.by_hand import MOST_KNOBS, STEPS, SWING, Behaviour, Bench, Kind, PlayedUnit

_TIME, _STEPS, _PLAYING = "by_hand_time", "by_hand_steps", "by_hand_playing"
_CALLED = {Kind.HOLDS: "Hold", Kind.LEAKS: "Leak", Kind.OSCILLATES: "Oscillate", Kind.SATURATES: "Saturate"}
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
    with saying_why_not():
        weights = len(Bench(name).knobs)
        if weights > MOST_KNOBS:
            st.info(
                f"With one unit this cell has {weights:,} weights, too many to set by hand: {MOST_KNOBS} are "
                "the most.",
                icon=":material/tune:",
            )
            return
        # A button in a fragment that runs by a timer can miss a click, so these are outside.
        _show_buttons(Bench(name, kept(name).units))
        seconds = 0.4 if st.session_state.get(_PLAYING) else None
        st.fragment(saying_why_not()(_show_bench), run_every=seconds)(name, theme)


def _show_buttons(bench: Bench) -> None:
    name, found, is_playing = bench.name, bench.presets, bool(st.session_state.get(_PLAYING))
    key = f"by_hand_units_{name}"

    # Sliders run their fragment alone, so what buttons do depends on what is kept when they are pressed.
    def play_or_stop(plays: bool) -> None:
        st.session_state[_PLAYING] = plays
        if plays and st.session_state.get(_TIME, 1) >= current().steps:
            st.session_state[_TIME] = 0  # so that the first tick shows the first time step

    def take_preset(kind: Kind) -> None:
        now = current()
        _take(name, now._replace(values=dict(Bench(name, now.units).presets[kind] or {})))

    def take_back() -> None:
        units = current().units
        before = st.session_state.get(_BACK_TO, {}).get((name, units))
        _begin_again(name, before or usual(Bench(name, units)))

    def resize() -> None:
        _take(name, usual(Bench(name, st.session_state[key]))._replace(steps=current().steps))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Stop" if is_playing else "Play",
            icon=":material/stop:" if is_playing else ":material/play_arrow:",
            key="by_hand_play",
            type="primary",
            on_click=play_or_stop,
            args=(not is_playing,),  # no toggle: one click may be answered twice
            help="Goes through the time steps one by one; the drawing and the chart follow.",
        )
        for kind, called in _CALLED.items():
            st.button(
                called,
                key=f"by_hand_{kind}",
                disabled=found[kind] is None,
                on_click=take_preset,
                args=(kind,),
                help=f"Weights with which a unit of this cell {kind}."
                if found[kind] is not None
                else f"No weights were found with which this cell {kind} while the same word comes."
                if bench.declared.parts
                else "Which weights do that follows from what the gates of a cell do, and this cell does "
                "not say it. Set them yourself.",
            )
        st.button(
            "Reset",
            icon=":material/undo:",
            key="by_hand_reset",
            on_click=take_back,
            help="Back to the last of these that was pressed, as it was.",
        )
        if bench.most_units > 1:
            mixes_units = bench.declared.source.mixes_units
            does = "reads the state of all of them" if mixes_units else "remembers by itself"
            st.session_state[key] = bench.units
            st.segmented_control(
                "Units",
                range(1, bench.most_units + 1),
                required=True,
                key=key,
                on_change=resize,
                help=f"How many units the cell has. Each {does}.",
            )


def set_by_hand(name: str, to: ByHand) -> None:
    """Show this cell, by the name of its variant, with all of it set, as if a preset had been pressed."""
    st.session_state[PICKED] = name
    _take(name, to)


def _take(name: str, to: ByHand) -> None:
    st.session_state.setdefault(_BACK_TO, {})[name, to.units] = to
    _begin_again(name, to)


def _begin_again(name: str, to: ByHand) -> None:
    st.session_state[_TIME] = 1
    keep(name, to)


def _show_bench(name: str, theme: Theme) -> None:
    now = kept(name)
    bench = Bench(name, now.units)
    controls, picture = st.columns([3, 7], gap="medium")
    with controls:
        unit = 0
        if now.units > 1:
            unit = st.segmented_control(
                "Unit",
                range(now.units),
                default=0,
                required=True,
                key=f"by_hand_unit_{now.units}",
                help="Whose weights the sliders set, and whose time step is drawn.",
            )
        show_sliders(bench, now, unit, theme)
        st.session_state[_STEPS] = now.steps
        st.slider(
            "Time steps",
            STEPS[0],
            STEPS[2],
            key=_STEPS,
            help="How often the same word comes.",
            on_change=lambda: keep(name, current()._replace(steps=st.session_state[_STEPS])),
        )
    shown = _shown(name, now.units, now.steps, tuple(now.values.items()), unit)
    was_playing = st.session_state.get(_PLAYING)
    with picture:
        _show_played(shown, unit, _time(shown.played.steps), theme)
    if was_playing and not st.session_state[_PLAYING]:
        st.rerun()  # the whole page, since the timer and the button are not of this fragment


def _time(steps: int) -> int:
    """The time step that is drawn, counted from 0; the next one while it plays."""
    shown = min(st.session_state.get(_TIME, 1), steps)
    if st.session_state.get(_PLAYING):
        shown = min(shown + 1, steps)
        st.session_state[_PLAYING] = shown < steps
    st.session_state[_TIME] = shown
    return int(
        st.slider(
            "Time step drawn",
            1,
            steps,
            key=_TIME,
            help="Which of the time steps the drawing shows. The arrow keys move it by one.",
        )
        - 1
    )


@lru_cache(maxsize=128)
def _shown(name: str, units: int, steps: int, values: tuple[tuple[str, float], ...], unit: int) -> PlayedUnit:
    return Bench(name, units).show(dict(values), steps, unit)


def _show_played(shown: PlayedUnit, unit: int, time: int, theme: Theme) -> None:
    played, found = shown.played, shown.behaviour
    called = f"Time step {time + 1} of the unit"
    draw_step(played.one_step(time, unit), "by_hand", called=called, word="same word", theme=theme)
    sentence = behaviour_sentence(found, played.memory)
    states = {letter: played.remembered[letter] for letter in played.declared.memories}
    live_chart(
        played_states(played.declared, states, unit, time, theme),
        "by_hand_states",
        f"The states over {played.steps} time steps. {sentence.replace('**', '')}",
        f"{played.declared.name} {played.steps}",
    )
    st.markdown(sentence)
    st.caption(behaviour_details(found, played.memory, shown.gradient))


def short(norm: float) -> str:
    """A norm in a sentence.

    >>> short(2.4e-17), short(0.0123), short(4_321.0), short(5e14)
    ('2e-17', '0.012', '4,300', '5e14')
    """
    if 1e-3 <= norm < 1e5:
        return f"{float(f'{norm:.2g}'):,g}"
    digits, exponent = f"{norm:.0e}".split("e")
    return f"{digits}e{int(exponent)}"


def behaviour_sentence(found: Behaviour, letter: str) -> str:
    """`letter` is that of the memory."""
    m, steps = found.memory, len(found.memory) - 1
    if found.kind == Kind.HOLDS:
        return (
            f"**It holds.** In {steps} time steps {letter} is never farther than {digits(found.moved)} from "
            "where it began."
        )
    if found.kind == Kind.LEAKS:
        return _comes_to_rest(found, letter)
    if found.kind == Kind.OSCILLATES:
        turns = found.turns
        every = (turns[-1] - turns[0]) / (len(turns) - 1)
        return (
            f"**It oscillates.** {letter} turns back every **{every:.1f}** time steps; its swings "
            f"{_become(found.swings)}."
        )
    if found.kind == Kind.SATURATES:
        return (
            f"**It saturates.** {letter} goes to {digits(m[-1])}, where the tanh behind it has a slope of "
            f"{digits(found.slope)}: a change inside that tanh hardly shows any more."
        )
    if found.kind == Kind.GROWS:
        return (
            f"**It grows.** {letter} goes to {digits(m[-1])} in {steps} time steps, and its changes do not "
            "get smaller: it never comes to rest."
        )
    return (
        f"**It moves on.** After {steps} time steps {letter} is at {digits(m[-1])}, and does not rest there."
    )


def _comes_to_rest(found: Behaviour, letter: str) -> str:
    """The sentence on a unit that comes to rest: it leaks, fills up, is overwritten or comes back."""
    begin, rest = found.memory[0], found.rest
    if abs(begin - rest) <= SWING:
        return (
            f"**It comes back.** {letter} is up to {digits(found.moved)} away from where it began, and comes "
            f"to rest at {digits(rest)}."
        )
    does = "leaks" if abs(rest) < abs(begin) else "fills up"
    if rest * begin < 0 and abs(rest) > SWING:
        does = "is overwritten"
    ends = "comes to rest at" if _last(found) == rest else "goes slowly to"
    half = f"takes **more than {len(found.later) - 1:,}** time steps"
    if found.half_life is not None:
        half = f"is gone after **{found.half_life:,.1f}** time steps"
    return f"**It {does}.** {letter} {ends} {digits(rest)}; half of the way {half}."


def behaviour_details(found: Behaviour, letter: str, gradient: float) -> str:
    """Return the small letters below; `gradient` is that of the last memory with respect to the first."""
    said = [f"{letter} begins with {digits(found.memory[0])}."]
    if found.kind == Kind.HOLDS:
        said.append(f"Up to {SWING:g} away counts as holding.")
    if found.kind == Kind.LEAKS and _last(found) != found.rest:
        said.append(f"After {len(found.later) - 1:,} time steps it is still at {digits(_last(found))}.")
    said.append(
        f"A small change of it is {short(gradient)} times as large after {len(found.memory) - 1} time steps: "
        "the gradient."
    )
    if found.kind == Kind.HOLDS and gradient < 1e-3:
        said.append(
            "So the memory is perfect and the gradient has vanished: the unit keeps what it has, but a "
            "training could not learn from it what to keep."
        )
    return " ".join(said)


def _last(found: Behaviour) -> float:
    """The memory after all the time steps that were computed: its rest, if it shows as that."""
    last = float(found.later[-1])
    return found.rest if abs(last - found.rest) < 5e-4 else last


def _become(swings: Sequence[float]) -> str:
    """Say what swings do: by 10 % from the first to the last, and by 1 % in their second half.

    >>> _become([1.4, 1.5, 1.6, 1.7, 1.7, 1.7]), _become([1.0, 0.8, 0.6, 0.4]), _become([1.0, 1.0, 1.0, 1.0])
    ('get wider at first, then stay as wide', 'get narrower', 'stay as wide')
    """
    first, middle, last = swings[0], swings[len(swings) // 2], swings[-1]
    if abs(last / first - 1) <= 0.1:
        return "stay as wide"
    become = "get wider" if last > first else "get narrower"
    is_settled = len(swings) > 3 and abs(last / middle - 1) <= 0.01
    return f"{become} at first, then stay as wide" if is_settled else become
