"""Own cells are off where other machines can open the app, unless a terminal turns them on."""

import os
import runpy
import sys

import pytest
import streamlit as st
from click.testing import CliRunner

from pages.components.shared import server
from rnn_core.cell_files import switch
from rnn_core.cli import main
from tests.pages.shared.test_server import live


@pytest.mark.parametrize(
    ("address", "said", "on"),
    [
        ("127.0.0.1", "", True),
        ("::1", "", True),
        ("localhost", "", True),
        ("0.0.0.0", "", False),
        ("::", "", False),
        ("10.0.0.9", "", False),
        ("lab.example", "", False),
        ("0.0.0.0", "1", True),
        ("127.0.0.1", "0", False),
        ("127.0.0.1", "off", False),
        ("127.0.0.1", "what", False),
    ],
)
def test_the_address_decides_unless_somebody_has(monkeypatch, address, said, on):
    monkeypatch.setenv(switch.SWITCH, said)
    switch.decide(address)
    assert switch.are_on() == on
    assert ("gatescope app --own-cells" in switch.why_off()) == (not on)


def test_without_an_app_they_are_on():
    assert switch.are_on()
    assert switch.why_off() == ""


@pytest.mark.parametrize(("address", "on"), [("127.0.0.1", True), ("0.0.0.0", False), (None, False)])
def test_a_server_decides_before_it_opens_and_says_so_in_its_terminal(monkeypatch, capsys, address, on):
    options = {"server.address": address, "server.port": 8501, "server.headless": True}
    monkeypatch.setattr(st, "get_option", lambda name: options.get(name) or [])
    monkeypatch.setattr(server, "end_all", lambda: None)
    met = []
    live(lambda: met.append(switch.are_on()))
    assert met == [on]
    assert ("--own-cells" in capsys.readouterr().out) == (not on)


@pytest.mark.parametrize("flags", [[], ["--own-cells"], ["--server.address", "0.0.0.0", "--own-cells"]])
def test_the_terminal_turns_them_on(monkeypatch, tmp_path, flags):
    began = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["rnn_core", "app"])
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: began.extend(sys.argv[1:]))
    assert CliRunner().invoke(main, ["app", *flags]).exit_code == 0
    assert os.environ[switch.SWITCH] == ("1" if flags else "")
    assert began == ["run", "app.py", *flags[:-1]]
