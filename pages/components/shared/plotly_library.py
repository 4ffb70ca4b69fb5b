"""plotly.js and what draws with it as one file of the server, for a browser to keep: it has 5 MB."""

import zlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.components.shared.assets import component

_NAME = "gatescope/charts.js"
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",  # another text has another address
    "Content-Encoding": "identity",  # to compress it for each browser takes a quarter of a second
}

_library = component("gatescope_plotly", __file__, isolate_styles=False)


def bring_plotly() -> None:
    """Let the browser load it. Raises OSError where plotly.js is missing: some distributions take it out."""
    _library(key="plotly_library", data={"address": f"/{_place()}?{zlib.crc32(_text()):x}"}, height=1)


def plotly_route() -> Route:
    """Return the route with which the server answers the browser."""

    def answer(request: Request) -> Response:
        return Response(_text(), media_type="text/javascript", headers=_HEADERS)

    return Route(f"/{_place()}", answer)


def _place() -> str:
    return "/".join([*filter(None, [st.get_option("server.baseUrlPath").strip("/")]), _NAME])


@cache
def _text() -> bytes:
    ours = Path(__file__).with_name("charts.js")
    return b"\n".join(file.read_bytes() for file in (_plotly_js(), ours))


def _plotly_js() -> Path:
    found = find_spec("plotly")
    if found is None or found.origin is None:
        raise FileNotFoundError("plotly is not installed")
    return Path(found.origin).parent / "package_data" / "plotly.min.js"
