"""plotly.js and what draws with it as one file of the server, for a browser to keep: it has 5 MB."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pages.components.shared.assets import component
from pages.components.shared.served import serve, served_at

_NAME = "charts.js"

_library = component("gatescope_plotly", __file__, isolate_styles=False)


def bring_plotly() -> None:
    """Let the browser load it. Raises OSError where plotly.js is missing: some distributions take it out."""
    _library(key="plotly_library", data={"address": served_at(_NAME)}, height=1)


@cache
def _text() -> bytes:
    ours = Path(__file__).with_name(_NAME)
    return b"\n".join(file.read_bytes() for file in (_plotly_js(), ours))


def _plotly_js() -> Path:
    found = find_spec("plotly")
    if found is None or found.origin is None:
        raise FileNotFoundError("plotly is not installed")
    return Path(found.origin).parent / "package_data" / "plotly.min.js"


serve(_NAME, lambda: _text())
