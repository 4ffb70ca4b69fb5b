"""Parts of Streamlit that it doesn't promise, a function each; each says what holds without them."""

from contextlib import suppress
from functools import wraps
from typing import Any, NoReturn
from urllib.parse import parse_qs

import streamlit as st
from streamlit.typing import UploadedFile


def asked_query() -> dict[str, list[str]]:
    """The query that the browser asked this run with: name -> its values; else the one of the address now."""
    asked = getattr(_run(), "query_string", None)
    if asked is None:
        return {name: st.query_params.get_all(name) for name in st.query_params}
    return parse_qs(asked, keep_blank_values=True)


def asked_from() -> str:
    """The address from which the browser asked this run; "" where it isn't known."""
    return getattr(getattr(_run(), "context_info", None), "url", None) or ""


def free(file: UploadedFile) -> None:
    """Free the server's copy of an upload, which else stays until the session ends."""
    run = _run()
    with suppress(AttributeError, TypeError):
        run.uploaded_file_mgr.remove_file(run.session_id, file.file_id)


def end_page() -> NoReturn:
    """End the page here, in place of `st.stop`, which keeps the fragments of earlier runs.

    One that a timer has asked for, whose request comes a moment later, would draw into places that the
    browser no longer has ("Bad delta path index").
    """
    run = _run()
    with suppress(AttributeError, TypeError):
        run.fragment_storage.clear(new_fragment_ids=run.shared.new_fragment_ids.snapshot())
    st.stop()


def draw_from_the_top() -> None:
    """Let a page begin at its top, though a fragment was drawn before in the same thread.

    Streamlit leaves it in the place of that fragment where the page is asked for while the fragment is drawn:
    all of the page would stand there, and its next fragment draws into places that the browser has not.
    """
    with suppress(ImportError):
        from streamlit.delta_generator_singletons import context_dg_stack, get_default_dg_stack_value

        context_dg_stack.set(get_default_dg_stack_value())


def keep_to_this_machine() -> None:
    """Let Streamlit do without the addresses that this machine has in the network and on the internet.

    It asks a host there for the latter, over http, whenever an origin is not that of the server itself, as
    behind a proxy; no setting stops it. Where a release has no such functions, there is nothing to stop.
    """
    with suppress(ImportError):
        from streamlit import net_util

        for name in ("get_internal_ip", "get_external_ip"):
            if hasattr(net_util, name):
                setattr(net_util, name, lambda: None)


def let_timers_say_nothing() -> None:
    """Let the request of a timer (`run_every`) carry no values of widgets.

    A person's change has a request of its own. What a timer sends beside it is that or older: the browser may
    not have got yet what the session has put into a widget since, and its old value would be taken for a
    choice, with what follows from one. So a setting that was just made was taken back, now and then.
    """
    with suppress(ImportError, AttributeError):
        from streamlit.runtime.app_session import AppSession

        as_it_comes = AppSession.request_rerun
        if hasattr(as_it_comes, "__wrapped__"):
            return

        @wraps(as_it_comes)
        def request_rerun(self: AppSession, client_state: Any) -> None:
            if getattr(client_state, "is_auto_rerun", False):
                client_state.ClearField("widget_states")
            as_it_comes(self, client_state)

        AppSession.request_rerun = request_rerun  # type: ignore[method-assign]


def _run() -> Any:
    """Returns Streamlit's context of the run of the page; None where there is none."""
    try:
        from streamlit.runtime.scriptrunner import get_script_run_ctx
    except ImportError:
        return None
    return get_script_run_ctx()
