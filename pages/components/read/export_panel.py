"""The reading as a file, the charts as pictures, and a link that opens it again."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.csv
import streamlit as st

from pages.components.read.followed_class import FOLLOWED
from pages.components.read.holding import held_in, holding, in_address
from pages.components.read.readings import Reading
from pages.components.shared.layer_choice import layer_query
from pages.components.shared.packed_text import pack
from pages.components.shared.panel_chart import choose_picture_format
from pages.components.shared.read_links import HOLD, PANEL
from pages.components.shared.review_box import MOST_CHARACTERS_OF_LINK, TEXT_ADDRESS
from rnn_core.inspection.clamps import Held
from rnn_core.inspection.export import to_json, to_parquet, trace_table
from rnn_core.tables.written import safe_cell


def show_export(reading: Reading, text: str, time: int) -> None:
    """Buttons that make a file when they are pressed, the kind of picture, and the link."""
    files, pictures = st.columns([3, 2], gap="large")
    with files:
        _offer_files(reading, text)
    with pictures:
        choose_picture_format()
        st.caption(
            "The camera stands in the bar that appears at the top right of a chart when you point at the "
            "chart. Below each chart, *CSV* gives the numbers behind it."
        )
    _show_link(reading, text, time)


def _offer_files(reading: Reading, text: str) -> None:
    held = held_in(reading)
    again = " Beside them stands the reading with what is held (*Hold a gate*)." if held is not None else ""
    st.markdown(
        "Everything the network computed while it read: tokens, verdicts, norms, saliency, contributions, "
        f"connectivity, and every unit of every gate and state at every time step, counted from 0.{again}"
    )
    with st.container(horizontal=True):
        for label, ending, mime, write in (
            ("Parquet", "parquet", "application/vnd.apache.parquet", to_parquet),
            ("JSON", "json", "application/json", to_json),
            ("CSV, without the units", "csv", "text/csv", _to_csv),
        ):
            st.download_button(
                label,
                _maker(reading, text, held, write),
                file_name=f"{reading.file_name}-trace.{ending}",
                mime=mime,
                icon=":material/download:",
                key=f"export_{ending}",
            )
    layer = f"--layer {reading.trace.layer} " if reading.trace.layers > 1 else ""
    options = f"{layer}{_options(held)}"
    counts = " It counts time steps from 0, too." if held is not None else ""
    st.caption(f"In a shell: `python -m rnn_core trace MODEL TEXT {options}--out FILE.parquet`.{counts}")


def _options(held: Held | None) -> str:
    """What is held, as the command takes it."""
    if held is None:
        return ""
    clamps = [f"--clamp {clamp} " for clamp in held.clamps]
    return "".join([*clamps, *(f"--patch {patch.at}={patch.token} OTHER_TEXT " for patch in held.patches)])


def _show_link(reading: Reading, text: str, time: int) -> None:
    """On one line, however long it is."""
    said: dict[str, Any] = {"model": reading.model.name, TEXT_ADDRESS: pack(text), "token": time}
    said |= layer_query(reading.trace.layer, reading.trace.layers)
    if FOLLOWED in st.query_params:
        said[FOLLOWED] = reading.followed
    if held := in_address(holding()):
        said |= {PANEL: HOLD, **held}
    query = urlencode(said)
    link = f"{st.context.url or ''}?{query}"
    if len(link) > MOST_CHARACTERS_OF_LINK:
        st.markdown(
            f"This text is too long for a link: it would have {len(link):,} characters, and many programs "
            f"cut what goes beyond {MOST_CHARACTERS_OF_LINK:,}. The Parquet and the JSON file contain all of "
            "it."
        )
        return
    st.markdown("This link opens the model, the text and the time step again. Point at it to copy it.")
    st.code(link, language=None)


def _maker(
    reading: Reading, text: str, held: Held | None, write: Callable[[pa.Table], bytes]
) -> Callable[[], bytes]:
    return lambda: write(
        trace_table(
            reading.trace,
            reading.attribution,
            reading.contributions,
            model=reading.model,
            text=text,
            held=held,
        )
    )


def _to_csv(table: pa.Table) -> bytes:
    """The columns that hold one value a time step."""
    plain = [name for name in table.column_names if not pa.types.is_list(table.schema.field(name).type)]
    out = pa.BufferOutputStream()
    table = table.select(plain)
    pyarrow.csv.write_csv(pa.table([_as_text(column) for column in table.columns], table.column_names), out)
    return bytes(out.getvalue())


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with its texts made safe for a spreadsheet."""
    if not pa.types.is_string(column.type):
        return column
    return pa.chunked_array([pa.array(map(safe_cell, column.to_pylist()), pa.string())])
