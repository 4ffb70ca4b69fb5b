"""Address, page and Back agree: every way from a page to another, and back, in a real browser."""

import re

from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.walks import at_rest, do, is_at, menu
from tests.runs.workers import wait_until

ENDED = ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY
WITHOUT_NAMES = """for (const [kind, name] of [[Document, "querySelector"], [Element, "closest"]]) {
    const find = kind.prototype[name]
    kind.prototype[name] = function (names) { return /data-test/.test(names) ? null : find.call(this, names) }
}"""


def test_each_way_is_one_press_of_back_and_of_forward(page, server, trained):
    """Buttons, links that ask for something, the menu; other buttons of a page are tested there."""
    first = f"{server}/data?data_view=Search"
    page.goto(first)
    expect(page.locator("mark").first).to_be_visible()
    expect(page).to_have_url(first)  # a server's first page names itself there for a moment
    at_rest(page)
    run = {"model": "[0-9]+-.*"}
    ways = [
        ("link", "Home", "", {}),
        ("button", "See inside", "read", {"model": "reader"}),
        ("link", "Data", "data", {}),
        ("button", "Train with these", "train", {"data": "verdict"}),
        ("link", "Watch this model read", "read", run),
        ("link", re.compile("go through this time step"), "cells", run),
    ]
    passed = [("data", first)]
    for role, label, name, query in ways:
        do(page, role, label, exact=True)
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
            expect(page).to_have_url(address)


def test_a_link_works_before_the_history_is_kept(page, server):
    """Clicked so soon that the address is still the one of the page left when the next one is asked for."""
    page.add_init_script("window.gatescopeDrawn = () => {}")
    page.goto(server)
    is_at(page, "")
    menu(page, "Data")


def test_pages_answer_where_parts_have_other_names(page, server):
    """Names that Streamlit does not promise; Back goes back."""
    page.add_init_script(WITHOUT_NAMES)
    page.goto(server)
    is_at(page, "")
    menu(page, "Read")
    page.get_by_role("textbox").first.fill("Not bad at all.")
    expect(page.get_by_text("Positive").first).to_be_visible()
    page.go_back()
    is_at(page, "")


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
    assert losing == []

    late.rerun_script.context_info.url, late.rerun_script.query_string = page.url, ""
    answers.clear()
    servers[-1].send(late.SerializeToString())

    def is_answered():
        page.wait_for_timeout(50)  # in which messages are carried
        return any(ForwardMsg.FromString(answer).script_finished == ENDED for answer in answers)

    wait_until(is_answered)
    is_at(page, "experiments")

    page.go_back()
    is_at(page, "data", data_max_length=300)
    losing.append("the next message")
    page.go_back()
    is_at(page, "")
    assert losing == []
