"""The server's door: a session opens for a page of this app alone, and nobody is asked where this machine is.

A browser says which page opens a session (Origin) and which address it asks (Host). Streamlit would let in
pages of any port of this machine and programs that give no Origin; foreign hosts stop at
`server.allowedHosts`.
"""

import sys
from collections.abc import Collection, Mapping
from functools import lru_cache

import streamlit as st
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from pages.components.shared.streamlit_private import keep_to_this_machine
from rnn_core.refusals import shown

_POLICY_VIOLATION = 1008
_ORIGINS_SAID = 100


class Door:
    """Refuses a session that no page of this app asks for, before Streamlit gets it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        keep_to_this_machine()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let pass what comes from our own page, and all that is no session."""
        if scope["type"] == "websocket":
            headers = Headers(scope=scope)
            if not is_our_own(headers, st.get_option("server.corsAllowedOrigins")):
                _say_who_was_refused(headers.get("Origin"), headers.get("Host"))
                await WebSocketClose(_POLICY_VIOLATION)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_our_own(headers: Mapping[str, str], allowed: Collection[str] = ()) -> bool:
    """Whether a session was opened by a page of this app: at the address it asks, or one of those allowed.

    Without any header there is no browser: a test runs the page, or the browser has left, and Streamlit ends
    the page at its first element.

    >>> is_our_own({"Host": "localhost:8501", "Origin": "http://localhost:8501"})
    True
    >>> is_our_own({"Host": "localhost:8501", "Origin": "http://localhost:9000"})
    False
    >>> is_our_own({"Host": "localhost:8501"})
    False
    """
    if not headers:
        return True
    origin, host = headers.get("Origin", "").lower(), headers.get("Host", "").lower()
    if origin in {_origin_of(address).lower() for address in allowed}:
        return True
    # A proxy may speak https with the browser and http with us.
    return host != "" and origin in (f"http://{host}", f"https://{host}")


def _origin_of(address: str) -> str:
    """Scheme, host and port of an address, which may name a path, too (`server.baseUrlPath`).

    >>> _origin_of("https://app.example/gatescope/")
    'https://app.example'
    """
    return "/".join(address.split("/")[:3])


@lru_cache(_ORIGINS_SAID)
def _say_who_was_refused(origin: str | None, host: str | None) -> None:
    """Names each stranger once in the terminal, where the person looks who has put a proxy before the app."""
    asked = f"A page of {shown(origin)}" if origin else "A program that names no page"
    print(
        f"{asked} asked for a session at {shown(host)} and was refused: it is no page of this app. "
        "Behind a proxy that changes the host, start the app with --server.corsAllowedOrigins= and the "
        "address that browsers open, such as https://app.example.",
        file=sys.stderr,
        flush=True,
    )
