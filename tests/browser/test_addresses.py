"""Address, page and Back agree: every way from a page to another, and back, in a real browser."""

import re

from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.walks import at_rest, do, is_at, menu
from tests.runs.workers import wait_until

ENDED = {
    ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY,
    ForwardMsg.ScriptFinishedStatus.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
}
WITHOUT_NAMES = """for (const [kind, name] of [[Document, "querySelector"], [Element, "closest"]]) {
    const find = kind.prototype[name]
    kind.prototype[name] = function (names) { return /data-test/.test(names) ? null : find.call(this, names) }
}"""


class Carried:
    """Messages between a page and the app from now on; the next one can be lost, others added."""

    def __init__(self, page):
        self.page, self.sent, self.answers, self.loses_next = page, [], [], False
        page.route_web_socket("**/_stcore/stream", self._carry)

    def _carry(self, browser):
        self.server = browser.connect_to_server()
        browser.on_message(self._pass_on)
        self.server.on_message(
            lambda message: (self.answers.append(ForwardMsg.FromString(message)), browser.send(message))
        )

    def _pass_on(self, message):
        if self.loses_next:
            self.loses_next = False
        else:
            self.sent.append(BackMsg.FromString(message))
            self.server.send(message)

    def last_request(self):
        """The last one for a whole page: a timer asks for a fragment alone."""
        return next(message for message in reversed(self.sent) if not message.rerun_script.fragment_id)

    def send(self, message):
        """Say this to the app, and wait until a run has ended."""
        self.answers.clear()
        self.server.send(message.SerializeToString())

        def is_answered():
            self.page.wait_for_timeout(50)  # in which messages are carried
            return any(
                answer.WhichOneof("type") == "script_finished" and answer.script_finished in ENDED
                for answer in self.answers
            )

        wait_until(is_answered)


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
    """Names that Streamlit does not promise; Back goes back, also where its request is lost."""
    carried = Carried(page)
    page.add_init_script(WITHOUT_NAMES)
    page.goto(server)
    is_at(page, "")
    menu(page, "Read")
    page.get_by_role("textbox").first.fill("Not bad at all.")
    expect(page.get_by_text("Positive").first).to_be_visible()
    for place in ("", "read"):
        carried.loses_next = True
        page.go_back() if place == "" else page.go_forward()
        is_at(page, place)
        assert not carried.loses_next


def test_a_page_whose_request_is_lost_is_asked_again(page, server):
    """A run of the page left can take its place, if a timer starts it just then; here the request is lost.

    And a widget of the page left can send after the click on a link: the address of the next page stands
    there already.
    """
    carried = Carried(page)
    page.goto(server)
    is_at(page, "")
    menu(page, "Data")
    page.get_by_role("button", name="Use the verdict corpus").click()
    page.get_by_role("slider", name="Maximum length").press("ArrowLeft")
    is_at(page, "data", data_max_length=300)
    late = carried.last_request()
    carried.loses_next = True
    menu(page, "Experiments")
    assert not carried.loses_next

    late.rerun_script.context_info.url, late.rerun_script.query_string = page.url, ""
    carried.send(late)
    is_at(page, "experiments")

    page.go_back()
    is_at(page, "data", data_max_length=300)
    carried.loses_next = True
    page.go_back()
    is_at(page, "")
    assert not carried.loses_next


def test_a_timer_takes_no_setting_back(page, server, trained):
    """A timer's request has the values that the browser has, which may be older than the session's."""
    carried = Carried(page)
    page.goto(f"{server}/train?data=verdict")
    is_at(page, "train")
    # The browser loads a widget's script when it first draws one, and sends no value of it before.
    expect(page.get_by_role("radio", name="A first run")).to_be_checked()
    page.get_by_role("slider", name="Maximum length").press("ArrowLeft")
    is_at(page, "train", max_length=300)
    late = next(message for message in reversed(carried.sent) if "A first run" in str(message))
    fragments = (answer.delta.fragment_id for answer in reversed(carried.answers))
    late.rerun_script.fragment_id, late.rerun_script.is_auto_rerun = next(filter(None, fragments)), True
    carried.send(late)
    menu(page, "Data")
    menu(page, "Train")
    is_at(page, "train", max_length=300)
