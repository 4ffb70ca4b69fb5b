"""The three forms of a cell: their code, how long each takes on this machine, and what follows from it."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.equations import equations
from pages.components.shared.format import literal
from pages.components.shared.panel_chart import saying_why_not
from rnn_core.bench.forms import FormTimes, time_forms, usual_cell
from rnn_core.config.model_settings import ModelConfig
from rnn_core.errors import RunError
from rnn_core.figures.builder import SHOW_CONFIG
from rnn_core.figures.cell_figures import form_bars, speed_in_words
from rnn_core.figures.colours import Theme
from rnn_core.inspection.source import CodeSource, form_sources
from rnn_core.machine import describe_machine
from rnn_core.nn.threads import use_threads
from rnn_core.progress import duration
from rnn_core.runs.store import Store
from rnn_core.symbols import CELLS, CellDeclaration

ROUNDS = 7
_TIMED = "form_times"
_NO_FASTER = 0.95
"""A form that takes a larger share of the time of another one is not called faster."""
BATCH, LENGTH = 64, 256


class TimedVariant(NamedTuple):
    """The measurements of one variant in this session."""

    times: FormTimes
    machine: str
    busy: bool
    """True if a run was training meanwhile."""


def show_speed(name: str, theme: Theme) -> None:
    """The button, the bars, and what they say; of a GRU also what the place of its reset gate changes."""
    timed = timed_so_far()
    st.subheader("How fast each form is", anchor=False)
    pressed, progress = offer_to_time(
        "Time the forms on this machine",
        "time_forms",
        "Each form goes forwards and backwards through the same random batch, in turns; what counts is the "
        "median. It takes some seconds.",
        type="primary",
    )
    bars, words = st.columns([3, 2], gap="large")
    with bars:
        place = st.empty()
        if name in timed:
            show_bars(place, name, timed[name], theme)
        elif not pressed:
            place.info(
                "Not timed yet. It takes some seconds, and you can stop it at any time.",
                icon=":material/timer:",
            )
    with words:
        st.subheader("Why joining products helps", anchor=False)
        paragraph = st.empty()
    places = places_of_reset(name)
    speed = show_resets(places[0], places[1], theme) if len(places) == 2 else None

    def say_what_follows() -> None:
        paragraph.markdown(joining_paragraph(name, timed.get(name)))
        if speed is not None:
            both = (timed.get(place) for place in places)
            speed.markdown(speed_of_resets(*(one and one.times.milliseconds["sequence"] for one in both)))

    say_what_follows()
    if pressed:
        # Last, so that all else of the page stands there meanwhile.
        with saying_why_not(place):
            _measure(name, theme, progress, place)
        say_what_follows()


def timed_so_far() -> dict[str, TimedVariant]:
    """Cell -> its times as measured in this session."""
    return st.session_state.setdefault(_TIMED, {})


def _measure(name: str, theme: Theme, where: DeltaGenerator, place: DeltaGenerator) -> None:
    """Shows and keeps the medians after each round."""
    times = time_forms(usual_cell(name), batch_size=BATCH, length=LENGTH, rounds=ROUNDS)
    for timed in following(times, where, "stop_timing"):
        timed_so_far()[name] = timed
        show_bars(place, name, timed, theme)


def offer_to_time(label: str, key: str, help: str, **more: Any) -> tuple[bool, DeltaGenerator]:
    """True once the button is pressed, and the place for the progress beside it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        return st.button(label, icon=":material/timer:", key=key, help=help, **more), st.empty()


def following(times: Iterator[FormTimes], where: DeltaGenerator, key: str) -> Iterator[TimedVariant]:
    """Yield the medians after each of `ROUNDS`, with progress and a button to stop; any click runs the page
    again, and so ends this.
    """
    use_threads()
    machine, busy = str(describe_machine()), False
    with contextlib.suppress(RunError):
        busy = bool(Store().runs.active())
    with where.container(horizontal=True, vertical_alignment="center"):
        st.button("Stop", icon=":material/stop:", key=key, help="What was measured is kept.")
        progress = st.progress(0.0, "A first round to warm up")
    began = time.perf_counter()
    for one in times:
        yield TimedVariant(one, machine, busy)
        left = (time.perf_counter() - began) / (one.rounds + 1) * (ROUNDS - one.rounds)
        progress.progress(one.rounds / ROUNDS, f"Round {one.rounds} of {ROUNDS}, about {duration(left)} left")
    where.empty()


def show_bars(place: DeltaGenerator, name: str, timed: TimedVariant, theme: Theme) -> None:
    """The bars and what they were measured on."""
    declared, times = CELLS[name], timed.times
    notes = [f"{literal(declared.title)}, {measured_on(timed)}"]
    if declared.torch_module and not declared.is_in_torch:
        notes.append(
            f"torch has no such cell; beside it stands {declared.torch_module} of the same size, which "
            "computes something else."
        )
    with place.container():
        st.plotly_chart(
            form_bars(times.milliseconds, torch_name=declared.torch_module, theme=theme),
            theme=None,
            config={**SHOW_CONFIG, "displayModeBar": False},
            key=f"form_bars_{times.rounds}",
            alt="Milliseconds of each form: "
            + ", ".join(f"{form} {value:.0f}" for form, value in times.milliseconds.items()),
        )
        st.markdown(literal(speed_sentence(times.milliseconds)))
        st.caption(" ".join(notes))


def measured_on(timed: TimedVariant) -> str:
    """Say how often, on what and on which machine it was measured, and whether that was at work otherwise."""
    sizes, rounds = ModelConfig(), timed.times.rounds
    busy = " A run was training meanwhile, so all of these are longer than they would be on a quiet machine."
    return (
        f"{f'median of {rounds} rounds' if rounds > 1 else 'one round'}: {BATCH} sequences of {LENGTH} time "
        f"steps, {sizes.embedding_size} numbers a word, {sizes.hidden_size} units, float32. "
        f"{literal(timed.machine)}.{busy if timed.busy else ''}"
    )


def speed_sentence(milliseconds: Mapping[str, float]) -> str:
    """Compare the sequence form with the naive one and, where there is one, torch's module."""
    naive, *torch = (
        speed_in_words(milliseconds[form], milliseconds["sequence"]).removeprefix("sequence ")
        for form in ("naive", "torch")
        if form in milliseconds
    )
    beside = f", and {torch[0]} than torch's module" if torch else ""
    return f"The sequence form is {naive} than the naive one{beside}."


def joined_products(declared: CellDeclaration) -> str:
    """Return what each form multiplies, as a sentence without its full stop; see `Cell.naive`."""
    with_h, with_x = declared.products.with_memory, declared.products.with_word
    if with_h < 2:
        return (
            f"{declared.noun[0].upper()}{declared.noun[1:]} has {'a single' if with_h else 'no'} product "
            "with h, so within a time step there is nothing to join. Joined are its products with x: of all "
            "time steps one large product"
        )

    def number(count: int) -> str:
        return "no one two three four five six seven eight".split()[count] if count < 9 else f"{count}"

    x_of_all = f"and x by {number(with_x)} more"
    if declared.reset is not None and not declared.reset.after:
        r_h = f"{declared.reset.gate} * h"
        return (
            f"The naive form multiplies h by {number(with_h - 1)} matrices and {r_h} by another at every "
            f"time step, {x_of_all}. Set side by side, the {number(with_h - 1)} need one product with h. "
            f"That with {r_h} has to wait for {declared.reset.gate}, so it stays one of its own. The x of "
            "all time steps need a single one"
        )
    return (
        f"The naive form multiplies the same h by {number(with_h)} matrices at every time step, {x_of_all}. "
        "Set side by side, they need one product with h at a time step, and a single one with the x of all "
        "time steps"
    )


def joining_paragraph(name: str, timed: TimedVariant | None) -> str:
    """One paragraph; its milliseconds are those measured, and before that it has none."""
    joined = joined_products(CELLS[name])
    reason = (
        f"{joined}. The arithmetic is the same; what is saved is the start of each small "
        "product, and its way through memory."
    )
    if timed is None:
        return f"{reason} The button measures how much that is on this machine."
    ms = timed.times.milliseconds
    naive, fused, sequence, floor = (ms[form] for form in ("naive", "fused", "sequence", "floor"))
    turned = f"On this machine that turns **{naive:.0f} ms** into **{fused:.0f} ms**."
    if fused > _NO_FASTER * naive:
        saves = "is slower here" if naive < _NO_FASTER * fused else "saves next to nothing here"
        turned = (
            f"For this cell, {CELLS[name].title}, that {saves}: **{naive:.0f} ms** naive, **{fused:.0f} ms** "
            "fused."
        )
    return (
        f"{reason} {turned} The sequence form also joins what only the way back needs, the gradients of the "
        f"weights over many time steps, and writes into memory it already has: **{sequence:.0f} ms**. Its "
        f"products alone take **{floor:.0f} ms**, the floor; that is {min(floor / naive, 1):.0%} of the "
        f"naive form's time and {min(floor / sequence, 1):.0%} of its own."
    )


def places_of_reset(name: str) -> list[str]:
    """The cells of this kind that have a reset gate: that with the gate before the product, that after it."""
    declared = CELLS[name]
    places = {
        one.reset.after: variant
        for variant, one in CELLS.items()
        if declared.reset is not None and one.kind == declared.kind and one.reset is not None
    }
    return [places[after] for after in sorted(places)]


def show_resets(reset_before: str, reset_after: str, theme: Theme) -> DeltaGenerator:
    """Shows two cells side by side; returns the place for what their difference changes in speed."""
    st.subheader("What reset before and reset after change", anchor=False)
    before, after = st.columns(2, gap="large")
    with before:
        st.markdown(
            "**Before the product** (Cho et al., 2014, arXiv 1406.1078v3; z as in Chung et al., 2014)"
        )
        st.latex(equations(reset_before, theme))
        st.markdown(
            "The gate picks units first, and the product mixes only what it let through: a unit that is "
            "shut out reaches no candidate at all. The product has to wait for the gate, so it can't be "
            "joined with the other two: there is one more product at every time step."
        )
    with after:
        st.markdown("**After the product** (PyTorch, cuDNN)")
        st.latex(equations(reset_after, theme))
        st.markdown(
            "All units are mixed first, and each candidate takes as much of its mixture as its own gate "
            "says. The product is with h itself, so all three can be joined in one. A bias d of its own is "
            "multiplied by the gate, too."
        )
    st.markdown(
        "With the reset after, the weights are those of `nn.GRU`: it has the same order r, z, n, its "
        "matrices are transposed, and its z is one minus ours, so the weights and biases of z are negated. "
        "d is the part of its `bias_hh_l0` that belongs to n. With the reset before, torch has no such "
        "module."
    )
    return st.empty()


def speed_of_resets(before: float | None, after: float | None) -> str:
    """Say how long either takes in the sequence form, in milliseconds, where both were measured."""
    if before is None or after is None:
        return "Time both variants to see the difference in speed here."
    return (
        f"In speed, on this machine: the sequence form takes **{before:.0f} ms** with the reset before and "
        f"**{after:.0f} ms** with the reset after."
    )


_HIGHEST = 520  # pixels; longer code scrolls


def show_forms(name: str) -> None:
    """Naive, fused and sequence code as it stands in the source."""
    st.subheader("Three forms of the same cell", anchor=False)
    st.caption(
        "They have the same weights and compute the same numbers; only the last digits can differ, since "
        "they round in another order. This is the code that runs, made of the equations."
    )
    sources = form_sources(usual_cell(name))
    naive, fused, sequence = st.tabs(["Naive", "Fused", "Sequence"])
    with naive:
        st.markdown(
            "The equations word for word: each line multiplies its own matrices. It is here to be read and "
            "to test the other two against. What is set by hand on this page, or held on Read, is computed "
            "with it; nothing trains with it."
        )
        _show_code(sources.naive)
    with fused:
        st.markdown(
            "The products joined: `project` multiplies the words of all time steps by all of W at once, "
            "`update` does the rest at each time step. Autograd keeps track of every line, so it serves "
            "where a gradient of the gradient is asked for. Occlusion on Read uses it, too."
        )
        _show_code(sources.project)
        _show_code(sources.update)
    with sequence:
        if sources.one_pass is None:
            st.markdown(
                f"{sources.why_none} So the fused form goes through the sequence, and autograd back "
                "through it."
            )
        else:
            st.markdown(
                "The whole sequence, with back-propagation through time: one time step forwards and back, "
                "made of the equations and their derivatives. This is what trains; scoring and the reading "
                "of a text use it, too."
            )
            _show_code(sources.one_pass, height=_HIGHEST)
        with st.expander("What goes through a whole sequence with it", icon=":material/repeat:"):
            _show_code(sources.driver, height=_HIGHEST)


def _show_code(source: CodeSource, height: int | Literal["content"] = "content") -> None:
    st.code(source.code, language="python", height=height)
    if source.file:
        st.caption(f"`{source.file}`, from line {source.line}")
