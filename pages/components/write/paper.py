"""The text on the page: what writes it, its strip, and the other texts below."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.read import answers
from pages.components.read.holding import clamp_in_words, step_name
from pages.components.read.read_picture import say_what_is_shown
from pages.components.read.readings import Reading
from pages.components.shared import address_keys as keys
from pages.components.shared.downloads import offer_in_grey
from pages.components.shared.format import literal
from pages.components.shared.streamlit_private import end_page
from pages.components.shared.token_strip import SURPRISE, choose_token
from pages.components.write.desk import Desk, begin, begin_held
from pages.components.write.texts import MOST_SHOWN, Text
from rnn_core.figures.text import shorten
from rnn_core.models.model import KeptModel
from rnn_core.text.readable import visible
from rnn_core.text.vocabulary import END
from rnn_core.writing.text import Writing
from rnn_core.writing.writer import Writer

_LAST, _EVERY = "last_symbol", 0.3
_LONG, _HIGHEST = 600, 260
"""Characters of a text that scrolls, and its height in pixels."""


def lay_out(
    model: KeptModel, layer: int, beginning: str, how: Writing
) -> tuple[Desk, Reading, DeltaGenerator]:
    """Draw what writes and the texts; returns them, the one that is looked at, and the place of its strip.

    While one sees how it writes the page ends with them.
    """
    if (begun := begin(model, beginning)) is None:
        end_page()
    desk = Desk(model, begun, how)
    held = begin_held(desk.reading(layer), beginning)
    desk.follow(held)
    reading = desk.reading(layer)
    _show_keys(desk)
    desk.write_address()
    if desk.is_writing:
        _watch(desk, layer, held)
        st.caption("Pictures and questions stand here again when it has stopped.")
        end_page()
    say_what_is_shown(reading.trace, model)
    strip = st.container()
    _show_open(desk, held, reading)
    for number in range(len(desk.asked)):
        if number != desk.open:
            _show_other(desk, number)
    return desk, reading, strip


def _show_keys(desk: Desk) -> None:
    length, is_searched = desk.how.length, "A beam search finds the whole text at once: choose its length."
    why = is_searched if desk.how.beam else ""
    ended = why or (
        "The text ends here; with *Go on* another begins." if desk.text(desk.open).is_ended else ""
    )
    none = why or ("" if desk.count > desk.text(desk.open).read else "Nothing is written yet.")
    does = f"Write {length:,} symbols more, one after the other."
    first = ("Write", "edit", does, ended, lambda: desk.write(desk.count + length, desk.count))
    if desk.is_writing:
        first = ("Pause", "pause", "Stop here.", "", lambda: desk.write(desk.count))
    again = "Write the text again: the same seed writes the same text."
    others = (
        ("One symbol", "add", "Write one symbol more.", ended, lambda: desk.write(desk.count + 1)),
        ("Back", "undo", "Take the last symbol away.", none, lambda: desk.write(desk.count - 1)),
        ("Again", "replay", again, none, lambda: desk.write(desk.count, desk.text(desk.open).read)),
    )
    with st.container(horizontal=True, gap="small"):
        for label, icon, does, why, press in (first, *others):
            shown = f":material/{icon}:"
            st.button(label, f"write_{label}", why or does, press, icon=shown, disabled=bool(why))


@st.fragment(run_every=_EVERY)
def _watch(desk: Desk, layer: int, held: Writer | None) -> None:
    """Shows symbol by symbol how it writes; in the end the page is drawn again, whole."""
    if not desk.is_writing:
        return
    desk.tick()
    desk.follow(held)
    if not desk.is_writing:
        st.rerun()
    reading = desk.reading(layer)
    answers.show_strip(reading, len(reading.trace.logits) - 1, SURPRISE)
    _show_open(desk, held, reading)


def choose_place(desk: Desk, reading: Reading) -> int:
    """The time step to look at: the last one, until another is chosen."""
    last = len(reading.trace.logits) - 1
    if st.session_state.get(keys.TOKEN, -1) == st.session_state.get(_LAST):
        st.session_state[keys.TOKEN] = last
    st.session_state[_LAST] = last
    return choose_token(reading.model, reading.trace, f"behind {id(desk.begun)}", last)


def _show_open(desk: Desk, held: Writer | None, reading: Reading) -> None:
    """The text that is looked at, beside it what it becomes while something is held."""
    title = f"**{_title(desk, desk.open)}**" if len(desk.asked) > 1 else ""
    if held is None:
        _show_text(desk.text(desk.open), "open", title)
        return
    what = [f"{clamp_in_words(clamp, reading)}: {clamp.value:g}" for clamp in held.clamps]
    places = [step_name(patch.at - reading.since, reading.names) for patch in held.patches]
    what += [f"the state of another text after {place}" for place in places]
    free, other = st.columns(2, gap="medium")
    with free:
        _show_text(desk.text(desk.open), "open", title or "**As it is**")
    with other:
        _show_text(desk.text(desk.open, held), "held", f"**Held, with the same seed:** {'; '.join(what)}")


def _show_text(text: Text, key: str, title: str, missing: int = 0) -> None:
    """A text to read, to copy and to save; `missing` of its symbols are not written yet."""
    if title:
        st.markdown(title)
    whole = text.beginning + text.written
    with st.container(height=_HIGHEST if len(whole) > _LONG else "content", border=False, autoscroll=True):
        st.code(whole or " ", language=None, wrap_lines=True)
    written = len(text.writer.symbols) - text.read
    said = [f"{text.read:,} symbols read, {written:,} written"]
    if written:
        said.append(f"{text.bits:,.1f} bits, {text.bits / written:.2f} each")
    if text.is_ended:
        said.append("it ends here")
    elif missing > 0:
        said.append(f"{missing:,} more to write when you look at it")
    if END in text.writer.symbols:
        said.append("strip and pictures show the text that was begun last")
    elif len(text.writer.symbols) >= MOST_SHOWN:
        said.append(f"strip and pictures show the last {MOST_SHOWN:,}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("; ".join(said) + ".")
        file = f"gatescope-{text.writer.model.name}.txt"
        offer_in_grey("Text", whole, file, "text/plain", key=f"save_text_{key}")


def _show_other(desk: Desk, number: int) -> None:
    """Draws a branch or beam that is not looked at."""
    text = desk.text(number)
    missing = desk.asked[number].until - len(text.writer.symbols)
    with st.container(border=True, key=f"text_{number}"):
        _show_text(text, str(number), f"**{_title(desk, number)}**", missing)
        with st.container(horizontal=True):
            st.button("Look at this one", key=f"look_{number}", on_click=desk.look_at, args=(number,))
            if not desk.how.beam:
                st.button("Take it away", key=f"away_{number}", on_click=desk.take_away, args=(number,))


def _title(desk: Desk, number: int) -> str:
    if desk.how.beam:
        return f"Beam {number + 1} of {len(desk.asked)}"
    chosen = desk.asked[number].chosen
    if not chosen:
        return "As it writes by itself"
    named = ((literal(shorten(visible(desk.begun.names[column]), 12)), place) for place, column in chosen)
    each = [f"“{name}” as symbol {place + 1:,}" for name, place in named]
    return f"With {', '.join(each)}"
