"""What a server says and does when it begins and when it ends."""

import webbrowser

import pytest
import streamlit as st

from pages.components.shared import lifespan
from pages.components.shared.belongings import Belongings
from pages.components.shared.jobs import Jobs
from rnn_core.data.sources import recommended_config
from rnn_core.runs.store import Store
from tests.pages.shared.apart import run_apart


def live(meanwhile=lambda: None) -> None:
    """The life of a server."""

    async def begin_and_end() -> None:
        async with lifespan.lifespan(st.App(__file__)):
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
def test_the_addresses_that_are_said_are_those_that_open_the_app(address, hosts, shown) -> None:
    assert lifespan.addresses(address, 8501, hosts) == shown


@pytest.mark.parametrize(("path", "below"), [("", ""), ("lab", "/lab"), ("/a/b/", "/a/b")])
@pytest.mark.parametrize("is_headless", [True, False])
def test_the_browser_opens_at_the_address_that_the_terminal_says(
    monkeypatch, capsys, is_headless, path, below
) -> None:
    options = {
        "server.address": "127.0.0.1", "server.port": 8501, "server.headless": is_headless,
        "server.baseUrlPath": path,
    }  # fmt: skip
    opened = []
    monkeypatch.setattr(st, "get_option", options.get)
    monkeypatch.setattr(webbrowser, "open", opened.append)
    live()
    assert f"Gatescope: http://127.0.0.1:8501{below}\n" in capsys.readouterr().out
    assert opened == ([] if is_headless else [f"http://127.0.0.1:8501{below}"])


def test_what_sessions_have_ends_with_the_server(monkeypatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: None)
    mine = Belongings(Jobs())
    live(lambda: mine.folder.mkdir(parents=True))
    assert not mine.folder.exists()


def test_a_server_that_ends_says_which_runs_go_on(monkeypatch, capsys) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: None)
    live()
    assert not capsys.readouterr().err
    Store().create(recommended_config("verdict"))
    live()
    assert (
        "1 run waits in the queue. Stop with: python -m rnn_core runs stop --all" in capsys.readouterr().err
    )
