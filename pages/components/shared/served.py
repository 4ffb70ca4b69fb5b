"""Scripts that the server gives out as files, which a browser keeps.

All that a component has of its own travels at each of its changes. So it has `served.js` alone, which
brings the script from its address. Streamlit ends a call that a later one of the same element has overtaken
only once it has loaded: then it must not clean up what the later one drew. Where a browser can't have a
script that has a substitute, Python is sent `missing`, once for each element; any other error is Streamlit's
to show.
"""

import zlib

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",  # another text has another address
    "Content-Encoding": "identity",  # to compress plotly.js for each browser takes a quarter of a second
}
_texts: dict[str, bytes] = {}


def serve(name: str, text: bytes) -> str:
    """Give out a script under a name; returns its address, below that of the server."""
    _texts[name] = text
    return f"{_place(name)}?{zlib.crc32(text):x}"


def served_route() -> Route:
    """Return the route with which the server answers the browser."""

    def answer(request: Request) -> Response:
        text = _texts.get(request.path_params["name"])
        if text is None:
            return Response(status_code=404)
        return Response(text, media_type="text/javascript", headers=_HEADERS)

    return Route(_place("{name}"), answer)


def _place(name: str) -> str:
    return "/".join(["", *filter(None, [st.get_option("server.baseUrlPath").strip("/")]), "gatescope", name])
