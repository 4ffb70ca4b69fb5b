"""A server's life: what the terminal says when it begins and when it ends, and what is done meanwhile.

Only `app.py` uses it. It is here since each room is for one page alone, and `app.py` is for all of them.
"""

import contextlib
import ctypes
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator, Collection

import streamlit as st

from pages.components.shared.belongings import end_all
from rnn_core.errors import RunError

_EVERYWHERE = ("0.0.0.0", "::")
_ARENAS, _MOST_ARENAS = -8, 2  # M_ARENA_MAX of malloc.h
_STORE = "rnn_core.runs.store"


@contextlib.asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Greet and open the browser; at the end say which runs go on, and how to stop them."""
    _keep_memory_together()
    found = addresses(
        st.get_option("server.address") or _EVERYWHERE[0],
        st.get_option("server.port"),
        st.get_option("server.allowedHosts"),
        st.get_option("server.baseUrlPath") or "",
        is_encrypted=bool(st.get_option("server.sslCertFile")),
    )
    print("\n  Gatescope: " + "\n             ".join(found) + "\n", flush=True)
    if not st.get_option("server.headless"):
        webbrowser.open(found[0])
    try:
        yield
    finally:
        end_all()
        _say_farewell()
        _end_quietly()


def addresses(
    address: str, port: int, hosts: Collection[str], path: str = "", *, is_encrypted: bool = False
) -> list[str]:
    """The addresses at which browsers find the server, by where it listens and the hosts that it answers to.

    `path` is what all its addresses begin with, if anything.

    >>> addresses("127.0.0.1", 8501, ["localhost", "127.0.0.1"])
    ['http://127.0.0.1:8501']
    >>> addresses("0.0.0.0", 8501, ["lab.example"])
    ['http://lab.example:8501']
    >>> addresses("127.0.0.1", 8501, [], "/gatescope/")
    ['http://127.0.0.1:8501/gatescope']
    """
    if address in _EVERYWHERE:
        names = [host for host in hosts if "*" not in host] or ["localhost"]
    else:
        names = [address]
    scheme, below = "https" if is_encrypted else "http", f"/{path.strip('/')}".rstrip("/")
    return [f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}{below}" for name in names]


def _keep_memory_together() -> None:
    """Let threads share two areas of memory: what one run of a page frees, the next one takes.

    glibc would make eight for each core, and each would keep what its threads have freed. On other systems
    there is nothing to do.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_ARENAS, _MOST_ARENAS)


def _end_quietly() -> None:
    """Hold back the Ctrl-C that uvicorn sends itself once the server has ended: "Aborted!", with an error.

    Windows can't hold it back.
    """
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


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
