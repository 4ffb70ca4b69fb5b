"""Address, page and Back agree: every way from a page to another, and back, in a real browser."""

import re

import pytest
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.test_main_job import menu

HEADINGS = {
    "": "See what a recurrent network does",
    "data": "What does the network get to read?",
    "train": "Train a network",
    "read": "Watch it read",
    "experiments": "What makes a network better?",
    "cells": re.compile("time step"),
}
ENDED = ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY
AT_REST = '[data-testid="stApp"][data-test-script-state="notRunning"]'
WITHOUT_NAMES = """for (const [kind, name] of [[Document, "querySelector"], [Element, "closest"]]) {
    const find = kind.prototype[name]
    kind.prototype[name] = function (names) { return /data-test/.test(names) ? null : find.call(this, names) }
}"""
USUAL = "reader"
"""The network that Read opens first."""
SMALL = "--data verdict --reviews 500 --epochs 1 --hidden-size 4 --embedding-size 4 --max-length 32".split()


def is_at(page, name, **query):
    """The page of this name stands there, at rest, and so says the address."""
    title = page.get_by_role("heading", level=1, name=HEADINGS[name])
    expect(title).to_have_count(1)  # for a moment the one of the run before stands there, too
    expect(title).to_be_visible()
    asked = "".join(rf"(?=.*[?&]{key}={value}(&|$))" for key, value in query.items())
    expect(page).to_have_url(re.compile(rf"^{asked}http://[^/]+/{name}(\?.*)?$"))
    at_rest(page)


def at_rest(page):
    page.wait_for_selector(AT_REST)


def click(page, role, label):
    return lambda: page.get_by_role(role, name=label, exact=True).first.click()


def test_each_way_is_one_press_of_back_and_of_forward(page, server, trained):
    first = f"{server}/data?data_view=Search"
    page.goto(first)
    expect(page.locator("mark").first).to_be_visible()
    expect(page).to_have_url(first)  # a server's first page names itself there for a moment
    at_rest(page)
    into_cells = page.get_by_role("link", name=re.compile("go through this time step"))
    run = {"model": "[0-9]+-.*"}
    ways = [
        (click(page, "button", "Read it"), "read", {"model": USUAL}),
        (lambda: menu(page, "Home"), "", {}),
        (click(page, "button", "See inside"), "read", {"model": USUAL}),
        (lambda: menu(page, "Data"), "data", {}),
        (click(page, "button", "Train with these"), "train", {"data": "verdict"}),
        (click(page, "link", "Watch this model read"), "read", run),
        (lambda: into_cells.click(), "cells", run),
        (lambda: menu(page, "Train"), "train", {}),
        (click(page, "button", "Read"), "read", run),
    ]
    passed = [("data", first)]
    for go, name, query in ways:
        go()
        is_at(page, name, **query)
        if name == "train":  # what is set on a page is no press of Back
            before = page.url
            page.get_by_role("slider", name="Maximum length").press("ArrowLeft")
            expect(page).not_to_have_url(before)
            is_at(page, name, max_length="[0-9]+")
        passed.append((name, page.url))
    for press, expected in ((page.go_back, passed[-2::-1]), (page.go_forward, passed[1:])):
        for name, address in expected:
            press()
            is_at(page, name)
            assert page.url == address


def test_pages_answer_where_parts_have_other_names(page, server):
    """Names that Streamlit does not promise; Back goes back."""
    page.add_init_script(WITHOUT_NAMES)
    page.goto(server)
    is_at(page, "")
    menu(page, "Read")
    is_at(page, "read")
    page.get_by_role("textbox").first.fill("Not bad at all.")
    expect(page.get_by_text("Positive").first).to_be_visible()
    menu(page, "Cells")
    is_at(page, "cells")
    for name in ("read", ""):
        page.go_back()
        is_at(page, name)


def test_a_page_whose_request_is_lost_is_asked_again(page, server):
    """A run of the page left can take its place, if a timer starts it just then; here the request is lost.

    And a widget of the page left can send after the click on a link: the address of the next page stands
    there already.
    """
    losing, sent, answers, servers = [], [], [], []

    def carry(browser):
        there = browser.connect_to_server()
        servers.append(there)

        def pass_on(message):
            if losing:
                losing.pop()
            else:
                sent.append(message)
                there.send(message)

        browser.on_message(pass_on)
        there.on_message(lambda message: (answers.append(message), browser.send(message)))

    page.route_web_socket("**/_stcore/stream", carry)
    page.goto(server)
    is_at(page, "")
    menu(page, "Data")
    page.get_by_role("button", name="Use the verdict corpus").click()
    page.get_by_role("slider", name="Maximum length").press("ArrowLeft")
    is_at(page, "data", data_max_length=300)
    messages = map(BackMsg.FromString, reversed(sent))  # a timer asks for a fragment alone
    late = next(message for message in messages if not message.rerun_script.fragment_id)
    losing.append("the next message")
    menu(page, "Experiments")
    is_at(page, "experiments")
    assert losing == []

    late.rerun_script.context_info.url, late.rerun_script.query_string = page.url, ""
    answers.clear()
    servers[-1].send(late.SerializeToString())
    for _ in range(1_800):  # 90 s
        if any(ForwardMsg.FromString(answer).script_finished == ENDED for answer in answers):
            break
        page.wait_for_timeout(50)
    else:
        pytest.fail("the late message was never answered")
    is_at(page, "experiments")

    page.go_back()
    is_at(page, "data", data_max_length=300)
    losing.append("the next message")
    page.go_back()
    is_at(page, "")
    assert losing == []
