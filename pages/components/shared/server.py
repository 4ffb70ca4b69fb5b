"""A server's door and its life: who gets a session, what the terminal says, what is done meanwhile."""

import contextlib
import ctypes
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator, Collection, Mapping
from functools import lru_cache

import streamlit as st
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from pages.components.shared.belongings import end_all
from pages.components.shared.streamlit_private import keep_to_this_machine, let_timers_say_nothing
from rnn_core.cell_files import switch
from rnn_core.errors import RunError
from rnn_core.refusals import shown

_POLICY_VIOLATION = 1008


class Door:
    """Refuses a session that no page of this app asks for, before Streamlit gets it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        keep_to_this_machine()
        let_timers_say_nothing()

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
    """True if a session was opened by a page of this app: at the address it asks, or one of those allowed.

    Without any header there is no browser: a test runs the page, or the browser has left, and Streamlit ends
    the page at its first element.
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


@lru_cache(100)
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


_EVERYWHERE = ("0.0.0.0", "::")
_ARENAS, _MOST_ARENAS = -8, 2  # M_ARENA_MAX of malloc.h
_STORE = "rnn_core.runs.store"


@contextlib.asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Greet and open the browser; at the end say which runs go on, and how to stop them."""
    # Threads share two areas of memory: what one run of a page frees, the next one takes. glibc would make
    # eight for each core, and each would keep what its threads have freed; other systems have none of this.
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_ARENAS, _MOST_ARENAS)
    address = st.get_option("server.address") or _EVERYWHERE[0]
    switch.decide(address)
    found = addresses(
        address,
        st.get_option("server.port"),
        st.get_option("server.allowedHosts"),
        st.get_option("server.baseUrlPath") or "",
        is_encrypted=bool(st.get_option("server.sslCertFile")),
    )
    print("\n  Gatescope: " + "\n             ".join(found) + "\n", flush=True)
    if why := switch.why_off():
        print(f"  {why}\n", flush=True)
    if not st.get_option("server.headless"):
        webbrowser.open(found[0])
    try:
        yield
    finally:
        end_all()
        _say_farewell()
        # The Ctrl-C that uvicorn sends itself once the server has ended would print "Aborted!" and an error.
        if sys.platform != "win32":  # which can't hold it back
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def addresses(
    address: str, port: int, hosts: Collection[str], path: str = "", *, is_encrypted: bool = False
) -> list[str]:
    """The addresses at which browsers find the server, by where it listens and the hosts that it answers to.

    `path` is what all its addresses begin with, if anything.

    >>> addresses("127.0.0.1", 8501, [], "/gatescope/")
    ['http://127.0.0.1:8501/gatescope']
    """
    if address in _EVERYWHERE:
        names = [host for host in hosts if "*" not in host] or ["localhost"]
    else:
        names = [address]
    scheme, below = "https" if is_encrypted else "http", f"/{path.strip('/')}".rstrip("/")
    return [f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}{below}" for name in names]


def _say_farewell() -> None:
    if _STORE not in sys.modules:  # no page was opened, and it takes seconds to import
        return
    from rnn_core.runs.queue import farewell
    from rnn_core.runs.store import Store

    try:
        sentence = farewell(Store())
    except RunError as error:
        sentence = str(error)
    if sentence:
        print(f"\n{sentence}", file=sys.stderr, flush=True)
