"""The reading as a file, the network as one, the charts as pictures, and a link that opens it again."""

from functools import partial
from typing import Any

import streamlit as st

from pages.components.read.holding import held_in, holding, holding_address
from pages.components.read.panels import panel
from pages.components.read.readings import Reading
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.address import pack
from pages.components.shared.choose_view import layer_query
from pages.components.shared.downloads import offer_file
from pages.components.shared.model_export import known_in_store, show_model_export
from pages.components.shared.panel_chart import choose_picture_format
from pages.components.shared.read_links import HOLD
from pages.components.shared.review_box import MOST_CHARACTERS_OF_LINK
from rnn_core.export.formats import TRACE_FORMATS, TableFormat
from rnn_core.figures.colours import Theme
from rnn_core.inspection.clamps import Held
from rnn_core.inspection.tables import next_trace_table, trace_table


@panel("Export", "How can I keep or share this?")
def show_export(reading: Reading, time: int, theme: Theme) -> None:
    """Buttons that make a file when they are pressed, the kind of picture, and the link."""
    files, network = st.columns(2, gap="large")
    with files:
        st.markdown("**This reading**")
        _offer_files(reading)
        choose_picture_format()
        st.caption(
            "The camera stands in the bar that appears at the top right of a chart when you point at the "
            "chart. Below each chart, *CSV* gives the numbers behind it."
        )
    with network:
        st.markdown("**This network**")
        show_model_export([known_in_store(reading.model)], "export_model")
    said: dict[keys.Key, Any] = {
        keys.MODEL: reading.model.name,
        keys.TEXT: pack(reading.text),
        keys.TOKEN: time,
    }
    if reading.writer is not None:  # the address of Write has all of it
        said = {**address.query()}
    said |= layer_query(reading.trace.layer, reading.trace.layers)
    if address.value(keys.FOLLOWED) is not None:
        said[keys.FOLLOWED] = reading.followed
    if held := holding_address(holding()):
        said |= {keys.PANEL: HOLD, **held}
    link = f"{st.context.url or ''}?{address.written(said)}"
    if len(link) > MOST_CHARACTERS_OF_LINK:
        st.markdown(
            f"This text is too long for a link: it would have {len(link):,} characters, and many programs "
            f"cut what goes beyond {MOST_CHARACTERS_OF_LINK:,}. The Parquet and the JSON file contain all of "
            "it."
        )
        return
    st.markdown("This link opens the model, the text and the time step again. Point at it to copy it.")
    st.code(link, language=None)


def _offer_files(reading: Reading) -> None:
    held = held_in(reading)

    again = " Beside them stands the reading with what is held (*Hold a gate*)." if held is not None else ""
    of_answers = "verdicts, norms, saliency, contributions, connectivity"
    if not reading.gives_verdict:
        of_answers = "what it expects next and the truth, surprise, norms"
    st.markdown(
        f"Everything the network computed while it read: tokens, {of_answers}, and every unit of every gate "
        f"and state at every time step, counted from 0.{again}"
    )
    with st.container(horizontal=True):
        for name, form in TRACE_FORMATS.items():
            content, file = partial(_content, reading, held, form), f"{reading.file_name}-trace{form.suffix}"
            offer_file(form.label, content, file, form.mime, help=form.help or None, key=f"export_{name}")
    layer = f"--layer {reading.trace.layer} " if reading.trace.layers > 1 else ""
    clamps = [f"--clamp {clamp} " for clamp in held.clamps] if held else []
    patches = [f"--patch {patch.at}={patch.token} OTHER_TEXT " for patch in held.patches] if held else []
    options = "".join([layer, *clamps, *patches])
    counts = " It counts time steps from 0, too." if held is not None else ""
    st.caption(f"In a shell: `python -m rnn_core trace MODEL TEXT {options}--out FILE.parquet`.{counts}")


def _content(reading: Reading, held: Held | None, form: TableFormat) -> bytes:
    read = reading.trace
    more: dict[str, Any] = {"model": reading.model, "text": reading.text, "held": held}
    if not reading.gives_verdict:
        return form.content(next_trace_table(read, reading.next_tokens, **more))
    return form.content(trace_table(read, reading.attribution, reading.contributions, **more))
