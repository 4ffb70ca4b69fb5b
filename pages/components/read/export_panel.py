"""The reading as a file, the charts as pictures, and a link that opens it again."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages.components.read.holding import held_in, holding, in_address
from pages.components.read.read_verdict import FOLLOWED
from pages.components.read.readings import Reading
from pages.components.shared.address import pack
from pages.components.shared.choose_view import layer_query
from pages.components.shared.panel_chart import choose_picture_format
from pages.components.shared.read_links import HOLD, PANEL
from pages.components.shared.review_box import MOST_CHARACTERS_OF_LINK, TEXT_ADDRESS
from rnn_core.export.formats import TRACE_FORMATS, TableFormat
from rnn_core.inspection.tables import trace_table


def show_export(reading: Reading, text: str, time: int) -> None:
    """Buttons that make a file when they are pressed, the kind of picture, and the link."""
    files, pictures = st.columns([3, 2], gap="large")
    with files:
        if reading.gives_verdict:
            _offer_files(reading, text)
        else:
            st.markdown(
                "Below each chart, *CSV* gives its numbers: what the network expects and the truth, norms, "
                "gates and units."
            )
    with pictures:
        choose_picture_format()
        st.caption(
            "The camera stands in the bar that appears at the top right of a chart when you point at the "
            "chart. Below each chart, *CSV* gives the numbers behind it."
        )
    said: dict[str, Any] = {"model": reading.model.name, TEXT_ADDRESS: pack(text), "token": time}
    said |= layer_query(reading.trace.layer, reading.trace.layers)
    if FOLLOWED in st.query_params:
        said[FOLLOWED] = reading.followed
    if held := in_address(holding()):
        said |= {PANEL: HOLD, **held}
    link = f"{st.context.url or ''}?{urlencode(said)}"
    if len(link) > MOST_CHARACTERS_OF_LINK:
        in_files = " The Parquet and the JSON file contain all of it." if reading.gives_verdict else ""
        st.markdown(
            f"This text is too long for a link: it would have {len(link):,} characters, and many programs "
            f"cut what goes beyond {MOST_CHARACTERS_OF_LINK:,}.{in_files}"
        )
        return
    st.markdown("This link opens the model, the text and the time step again. Point at it to copy it.")
    st.code(link, language=None)


def _offer_files(reading: Reading, text: str) -> None:
    held = held_in(reading)

    def content(form: TableFormat) -> bytes:
        found = reading.attribution
        table = trace_table(
            reading.trace, found, reading.contributions, model=reading.model, text=text, held=held
        )
        return form.content(table)

    again = " Beside them stands the reading with what is held (*Hold a gate*)." if held is not None else ""
    st.markdown(
        "Everything the network computed while it read: tokens, verdicts, norms, saliency, contributions, "
        f"connectivity, and every unit of every gate and state at every time step, counted from 0.{again}"
    )
    with st.container(horizontal=True):
        for name, form in TRACE_FORMATS.items():
            st.download_button(
                form.label,
                partial(content, form),
                file_name=f"{reading.file_name}-trace{form.suffix}",
                mime=form.mime,
                icon=":material/download:",
                help=form.help or None,
                key=f"export_{name}",
            )
    layer = f"--layer {reading.trace.layer} " if reading.trace.layers > 1 else ""
    clamps = [f"--clamp {clamp} " for clamp in held.clamps] if held else []
    patches = [f"--patch {patch.at}={patch.token} OTHER_TEXT " for patch in held.patches] if held else []
    options = "".join([layer, *clamps, *patches])
    counts = " It counts time steps from 0, too." if held is not None else ""
    st.caption(f"In a shell: `python -m rnn_core trace MODEL TEXT {options}--out FILE.parquet`.{counts}")
