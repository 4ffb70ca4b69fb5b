"""The text on the page: what writes it, its strip, and the other texts below."""

from collections.abc import Callable

import streamlit as st

from pages.components.read import answers
from pages.components.read.readings import Reading
from pages.components.shared import address_keys as keys
from pages.components.shared.format import literal
from pages.components.shared.streamlit_private import end_page
from pages.components.shared.token_strip import SURPRISE, choose_token
from pages.components.write.desk import Desk
from pages.components.write.texts import MOST_SHOWN, Text
from rnn_core.figures.text import shorten
from rnn_core.text.readable import visible
from rnn_core.writing.writer import Writer

_LAST, _EVERY = "last_symbol", 0.3
_LONG, _HIGHEST = 600, 260
"""Characters of a text that scrolls, and its height in pixels."""


def press_keys(desk: Desk) -> None:
    """Draw the buttons that write."""
    text, length = desk.text(desk.open), desk.how.length
    searched = "A beam search finds the whole text at once: choose its length." if desk.how.beam else ""
    ended = searched or ("The network ended the text here." if text.is_ended else "")
    nothing = searched or ("" if desk.count > text.read else "Nothing is written yet.")
    with st.container(horizontal=True, gap="small"):
        if desk.is_writing:
            _key("Pause", "pause", "Stop here.", "", lambda: desk.write(desk.count))
        else:
            does = f"Write {length:,} symbols more, one after the other."
            _key("Write", "edit", does, ended, lambda: desk.write(desk.count + length, desk.count))
        _key("One symbol", "add", "Write one symbol more.", ended, lambda: desk.write(desk.count + 1))
        _key("Back", "undo", "Take the last symbol away.", nothing, lambda: desk.write(desk.count - 1))
        does = "Write the text again: the same seed writes the same text."
        _key("Again", "replay", does, nothing, lambda: desk.write(desk.count, text.read))


def _key(label: str, icon: str, does: str, why_not: str, press: Callable[[], None]) -> None:
    st.button(
        label,
        icon=f":material/{icon}:",
        key=f"write_{label}",
        help=why_not or does,
        disabled=bool(why_not),
        on_click=press,
    )


def watch(desk: Desk, layer: int, held: Writer | None) -> None:
    """Show symbol by symbol how it writes; in the end the page is drawn again, whole."""

    @st.fragment(run_every=_EVERY)
    def show() -> None:
        if not desk.is_writing:
            return
        desk.tick()
        desk.follow()
        if not desk.is_writing:
            st.rerun()
        reading = desk.reading(layer)
        answers.show_strip(reading, len(reading.trace.logits) - 1, SURPRISE)
        show_open(desk, held)

    show()
    st.caption("Pictures and questions stand here again when it has stopped.")
    end_page()


def choose_place(reading: Reading, begun: Writer) -> int:
    """The time step to look at: the last one, until another is chosen."""
    last = len(reading.trace.logits) - 1
    if st.session_state.get(keys.TOKEN, -1) == st.session_state.get(_LAST):
        st.session_state[keys.TOKEN] = last
    st.session_state[_LAST] = last
    about = f"{reading.model.name} {begun.symbols}"
    return choose_token(reading.model, reading.trace, about, last)


def show_open(desk: Desk, held: Writer | None) -> None:
    """The text that is looked at, beside it what it becomes while something is held."""
    text = desk.text(desk.open)
    if len(desk.asked) > 1:
        st.markdown(f"**{_title(desk, desk.open)}**")
    if held is None:
        show_text(text, "open")
        return
    free, other = st.columns(2, gap="medium")
    with free:
        st.markdown("**As it is**")
        show_text(text, "open")
    with other:
        what = [
            *map(str, held.clamps),
            *(f"another text's state at {patch.at + 1:,}" for patch in held.patches),
        ]
        st.markdown(f"**Held:** {literal(', '.join(what))}, the same seed")
        show_text(desk.text(desk.open, held), "held")


def show_text(text: Text, key: str) -> None:
    """A text to read, to copy and to save."""
    whole = text.beginning + text.written
    with st.container(height=_HIGHEST if len(whole) > _LONG else "content", border=False, autoscroll=True):
        st.code(whole or " ", language=None, wrap_lines=True)
    written = len(text.writer.symbols) - text.read
    said = [f"{text.read:,} symbols read, {written:,} written"]
    if written:
        said.append(f"{text.bits:,.1f} bits, {text.bits / written:.2f} each")
    if text.is_ended:
        said.append("the network ended it here")
    if len(text.writer.symbols) >= MOST_SHOWN:
        said.append(f"strip and pictures show the last {MOST_SHOWN:,}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("; ".join(said) + ".")
        st.download_button(
            ":small[:gray[:material/download: Text]]",
            whole,
            file_name=f"gatescope-{text.writer.model.name}.txt",
            mime="text/plain",
            type="tertiary",
            on_click="ignore",
            key=f"save_text_{key}",
        )


def show_others(desk: Desk) -> None:
    """The other branches or beams, one under the other."""
    for number in range(len(desk.asked)):
        if number == desk.open:
            continue
        text = desk.text(number)
        with st.container(border=True, key=f"text_{number}"):
            st.markdown(f"**{_title(desk, number)}**")
            show_text(text, str(number))
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
    names = desk.begun.names
    each = [
        f"“{literal(shorten(visible(names[column]), 12))}” as symbol {place + 1:,}"
        for place, column in chosen
    ]
    return f"With {', '.join(each)}"
