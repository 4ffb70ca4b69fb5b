"""The reading as a file: all of it, or one table for a spreadsheet."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.csv
import streamlit as st

from pages.components.readings import Reading
from rnn_core.inspection.export import to_json, to_parquet, trace_table


def take_along(reading: Reading, text: str) -> None:
    """Buttons that make a file when they are pressed."""
    st.markdown(
        "Everything the network computed while it read: tokens, verdicts, norms, saliency, occlusion, "
        "connectivity, and every unit of every gate and state at every time step. A chart itself is saved "
        "with the camera that appears when you point at it."
    )
    with st.container(horizontal=True):
        for label, ending, mime, write in (
            ("Parquet", "parquet", "application/vnd.apache.parquet", to_parquet),
            ("JSON", "json", "application/json", to_json),
            ("CSV, without the units", "csv", "text/csv", _to_csv),
        ):
            st.download_button(
                label,
                _maker(reading, text, write),
                file_name=f"gatescope-{reading.model.name}-trace.{ending}",
                mime=mime,
                icon=":material/download:",
                key=f"take_{ending}",
            )
    st.caption("In a shell: `python -m rnn_core trace MODEL TEXT --out FILE.parquet`.")


def _maker(reading: Reading, text: str, write: Callable[[pa.Table], bytes]) -> Callable[[], bytes]:
    return lambda: write(
        trace_table(reading.trace, reading.attribution, reading.occlusion, model=reading.model, text=text)
    )


def _to_csv(table: pa.Table) -> bytes:
    """The columns that hold one value a time step."""
    plain = [name for name in table.column_names if not pa.types.is_list(table.schema.field(name).type)]
    out = pa.BufferOutputStream()
    pyarrow.csv.write_csv(table.select(plain), out)
    return bytes(out.getvalue())
