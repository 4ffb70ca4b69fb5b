"""Address, page and Back agree: every way from a page to another, and back, in a real browser."""

import re

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from rnn_core.cli import main
from tests.browser.test_main_job import menu

HEADINGS = {
    "": "See what a recurrent network does",
    "data": "What does the network get to read?",
    "train": "Train a network",
    "read": "Watch it read",
    "cells": re.compile("time step"),
}
ENDED = ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY
AT_REST = '[data-testid="stApp"][data-test-script-state="notRunning"]'
USUAL = "reader"
"""The network that Read opens first."""
SMALL = "--data verdict --reviews 500 --epochs 1 --hidden-size 4 --embedding-size 4 --max-length 32".split()


@pytest.fixture
def served_run(server, store):
    """The app's address, with a small run that has ended."""
    trained = CliRunner().invoke(main, ["train", *SMALL])
    assert trained.exit_code == 0, trained.output
    return server


def is_at(page, name, **query):
    """The page of this name stands there, at rest, and so says the address."""
    expect(page.get_by_role("heading", level=1, name=HEADINGS[name])).to_be_visible()
    asked = "".join(rf"(?=.*[?&]{key}={value}(&|$))" for key, value in query.items())
    expect(page).to_have_url(re.compile(rf"^{asked}http://[^/]+/{name}(\?.*)?$"))
    page.wait_for_selector(AT_REST, timeout=90_000)  # a busy machine takes its time


def there_and_back(page, start, jump, name, **query):
    """Jump from where the page stands, and expect Back and Forward to take one press each."""
    page.wait_for_selector(AT_REST, timeout=90_000)  # a busy machine takes its time
    before = page.url
    jump()
    is_at(page, name, **query)
    after = page.url
    page.go_back()
    is_at(page, start)
    assert page.url == before
    page.go_forward()
    is_at(page, name)
    assert page.url == after
    page.go_back()
    is_at(page, start)


def click(page, role, label):
    return lambda: page.get_by_role(role, name=label, exact=True).first.click()


def test_from_home_and_data_each_way_is_one_press_of_back_and_one_of_forward(page, server):
    page.goto(f"{server}/data?data_view=Search")
    expect(page.locator("mark").first).to_be_visible(timeout=90_000)  # the reviews are made ready first
    page.goto(server)
    is_at(page, "")
    there_and_back(page, "", click(page, "button", "See inside"), "read", model=USUAL)
    there_and_back(page, "", lambda: menu(page, "Data"), "data")

    page.goto(f"{server}/data?data_view=Search")
    expect(page.locator("mark").first).to_be_visible()
    there_and_back(page, "data", click(page, "button", "Train with these"), "train", data="verdict")
    expect(page.locator("mark").first).to_be_visible()
    there_and_back(page, "data", click(page, "button", "Read it"), "read", model=USUAL)


def test_from_a_run_each_way_is_one_press_of_back_and_one_of_forward(page, served_run):
    page.goto(f"{served_run}/train")
    is_at(page, "train")
    there_and_back(page, "train", click(page, "link", "Watch this model read"), "read", model="[0-9]+-.*")
    there_and_back(page, "train", click(page, "button", "Read"), "read", model="[0-9]+-.*")

    menu(page, "Read")
    is_at(page, "read")
    into_cells = page.get_by_role("link", name=re.compile("go through this time step"))
    there_and_back(page, "read", lambda: into_cells.click(), "cells", model="[0-9]+-.*")


def test_what_is_set_on_a_page_is_no_press_of_back(page, server):
    page.goto(server)
    menu(page, "Train")
    is_at(page, "train")
    page.get_by_role("slider", name="Maximum length").press("ArrowLeft")
    expect(page).to_have_url(re.compile("max_length="))
    page.wait_for_selector(AT_REST, timeout=90_000)  # a busy machine takes its time
    page.go_back()
    is_at(page, "")


def test_where_another_page_takes_the_place_of_the_one_asked_for_it_is_asked_for_again(page, server):
    """A run of the page left can do that, if a timer starts it just then; here the request is lost."""
    losing = []

    def carry(browser):
        there = browser.connect_to_server()
        browser.on_message(lambda message: losing.pop() if losing else there.send(message))

    page.route_web_socket("**/_stcore/stream", carry)
    page.goto(server)
    is_at(page, "")
    menu(page, "Train")
    is_at(page, "train", data="verdict")
    losing.append("the next message")
    menu(page, "Cells")
    is_at(page, "cells")
    assert losing == []
    page.go_back()
    is_at(page, "train", data="verdict")
    losing.append("the next message")
    page.go_back()
    is_at(page, "")
    assert losing == []


def test_what_the_page_left_sends_late_leads_nowhere_else(page, server):
    """A widget can do so after the click on a link: the address of the next page stands there already."""
    sent, answers, servers = [], [], []

    def carry(browser):
        there = browser.connect_to_server()
        servers.append(there)
        browser.on_message(lambda message: (sent.append(message), there.send(message)))
        there.on_message(lambda message: (answers.append(message), browser.send(message)))

    page.route_web_socket("**/_stcore/stream", carry)
    page.goto(server)
    is_at(page, "")
    menu(page, "Train")
    is_at(page, "train", data="verdict")
    page.get_by_role("slider", name="Maximum length").press("ArrowLeft")
    is_at(page, "train", data="verdict", max_length=300)
    messages = map(BackMsg.FromString, reversed(sent))  # a timer asks for a fragment alone
    late = next(message for message in messages if not message.rerun_script.fragment_id)
    menu(page, "Cells")
    is_at(page, "cells")
    late.rerun_script.context_info.url, late.rerun_script.query_string = page.url, ""
    answers.clear()
    servers[-1].send(late.SerializeToString())
    for _ in range(1_800):  # 90 s
        if any(ForwardMsg.FromString(answer).script_finished == ENDED for answer in answers):
            break
        page.wait_for_timeout(50)
    else:
        pytest.fail("the late message was never answered")
    is_at(page, "cells")
