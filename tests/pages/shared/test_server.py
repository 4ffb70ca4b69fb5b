"""Who gets a session, and what the server says when it begins and ends."""

import asyncio
import importlib
import runpy
import webbrowser
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit as st
from streamlit import net_util
from streamlit.web.server.server_util import is_url_from_allowed_origins

from pages.components.shared import server
from pages.components.shared.belongings import Belongings
from pages.components.shared.jobs import Jobs
from pages.components.shared.server import Door, is_our_own
from pages.components.shared.streamlit_private import keep_to_this_machine, let_timers_say_nothing
from rnn_core.data.sources import recommended_config
from rnn_core.runs.store import Store
from tests.pages.conftest import APP


def knock(kind, **headers):
    """Return what the door sends to someone with these headers, and whether it lets them in."""
    sent, entered = [], []

    async def app(scope, receive, send):
        entered.append(scope)

    async def send(message):
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    run_apart(Door(app)({"type": kind, "headers": raw}, None, send))
    return sent, bool(entered)


HOST = {"Host": "127.0.0.1:8611"}


def test_a_session_for_another_page_is_closed():
    """A stranger never reaches Streamlit; our own page does, and all that is no session."""
    other = HOST | {"Origin": "http://localhost:3000"}
    sent, entered = knock("websocket", **other)
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert not entered
    assert knock("websocket", **HOST, Origin="http://127.0.0.1:8611") == ([], True)
    assert knock("http", **other) == knock("lifespan") == ([], True)


def test_the_terminal_says_once_who_was_refused(capsys):
    for _ in range(2):
        knock("websocket", Host="10.0.0.9:8611", Origin="https://lab.example\x1b[2J")
    said = capsys.readouterr().err
    assert said.count("was refused") == 1
    assert "--server.corsAllowedOrigins=" in said
    assert "\x1b" not in said


@pytest.fixture
def streamlit_as_it_comes():
    """Undoes the changes of a door in Streamlit."""
    importlib.reload(net_util)
    yield
    importlib.reload(net_util)


def test_nobody_is_asked_for_this_machines_address(monkeypatch, streamlit_as_it_comes):
    """Streamlit does it for each origin that is not its own, those of a proxy that was named among them."""
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda *_, **__: pytest.fail("it was asked for"))
    keep_to_this_machine()
    assert not is_url_from_allowed_origins("https://films.example")


def test_a_release_that_does_not_ask_needs_no_stopping(monkeypatch, streamlit_as_it_comes):
    monkeypatch.delattr(net_util, "get_external_ip")
    keep_to_this_machine()
    assert not hasattr(net_util, "get_external_ip")


def test_a_release_without_such_a_session_keeps_what_timers_say(monkeypatch):
    monkeypatch.delattr("streamlit.runtime.app_session.AppSession")
    let_timers_say_nothing()


OURS = {
    "http://127.0.0.1:8501": "127.0.0.1:8501",
    "http://localhost:9000": "localhost:9000",  # forwarded by ssh or a container
    "http://[::1]:8501": "[::1]:8501",
    "http://Lab.example": "lab.example",
    "https://films.example": "films.example",  # a proxy speaks https with the browser
}
FOREIGN = """http://127.0.0.1:9000 http://127.0.0.1 http://localhost:8501 http://evil.example null
http://127.0.0.1:8501.evil.example http://user@127.0.0.1:8501 http://127.0.0.1:8501/ file://127.0.0.1:8501
http:// http://["""


@pytest.mark.parametrize("origin", [*OURS, *FOREIGN.split(), ""])
def test_a_page_at_the_address_it_asks_is_our_own(origin):
    host = OURS.get(origin, "127.0.0.1:8501")
    assert is_our_own({"Origin": origin, "Host": host}) == (origin in OURS)
    assert not is_our_own({"Host": host})
    assert not is_our_own({"Origin": origin})


def test_the_origins_named_are_our_own():
    """A server behind a proxy that changes the host."""
    headers = {"Origin": "https://Films.example", "Host": "127.0.0.1:8501"}
    assert is_our_own(headers, ["https://films.example/"])
    assert is_our_own(headers, ["https://films.example/gatescope/"])
    assert not is_our_own(headers, ["https://other.example", "http://films.example", "films.example"])


def live(meanwhile=lambda: None):
    """The life of a server."""

    async def begin_and_end():
        async with server.lifespan(st.App(__file__)):
            meanwhile()

    run_apart(begin_and_end())


@pytest.mark.parametrize(
    ("address", "hosts", "shown"),
    [
        ("127.0.0.1", ["localhost", "127.0.0.1"], ["http://127.0.0.1:8501"]),
        ("0.0.0.0", ["lab.example", "10.0.0.9"], ["http://lab.example:8501", "http://10.0.0.9:8501"]),
        ("::", ["*", "*.example"], ["http://localhost:8501"]),
        ("::1", [], ["http://[::1]:8501"]),
    ],
)
def test_the_addresses_said_are_those_that_open_it(address, hosts, shown):
    assert server.addresses(address, 8501, hosts) == shown


@pytest.mark.parametrize(("path", "below"), [("", ""), ("lab", "/lab"), ("/a/b/", "/a/b")])
@pytest.mark.parametrize("is_headless", [True, False])
def test_the_browser_opens_at_the_address_that_is_said(monkeypatch, capsys, is_headless, path, below):
    options = {"server.address": "127.0.0.1", "server.port": 8501}
    options |= {"server.headless": is_headless, "server.baseUrlPath": path}
    opened = []
    monkeypatch.setattr(st, "get_option", options.get)
    monkeypatch.setattr(webbrowser, "open", opened.append)
    live()
    assert f"Gatescope: http://127.0.0.1:8501{below}\n" in capsys.readouterr().out
    assert opened == ([] if is_headless else [f"http://127.0.0.1:8501{below}"])


def test_at_the_end_files_go_and_runs_are_named(monkeypatch, capsys):
    """Files that sessions have, and runs that go on."""
    monkeypatch.setattr(webbrowser, "open", lambda _: None)
    mine = Belongings(Jobs())
    live(lambda: mine.folder.mkdir(parents=True))
    assert not mine.folder.exists()
    assert not capsys.readouterr().err
    Store().create(recommended_config("verdict"))
    live()
    said = "1 run waits in the queue. Stop with: python -m rnn_core runs stop --all"
    assert said in capsys.readouterr().err


def run_apart(coroutine):
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, coroutine).result()


def test_a_process_of_the_server_does_not_run_app(monkeypatch):
    """`multiprocessing` takes the main module along, which is app.py while a page runs."""
    monkeypatch.setattr(st, "navigation", lambda *arguments, **options: pytest.fail("a page was drawn"))
    assert "main" in runpy.run_path(str(APP), run_name="__mp_main__")
