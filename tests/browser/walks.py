"""Ways through the app in a browser: the menu, a page that stands there at rest."""

import re

from playwright.sync_api import expect

HEADINGS = {
    "": "See what a recurrent network does",
    "data": "What does the network get to read?",
    "train": "Train a network",
    "read": "Watch it read",
    "write": "Watch it write",
    "experiments": "What makes a network better?",
    "cells": re.compile("time step"),
}


def nothing_runs(page):
    """Wait until a page of Streamlit has been drawn."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def at_rest(page):
    """Wait until a page of the app has been drawn, and the script that keeps the history is there.

    And until the browser has nothing left to do: it may be about to take in the values of controls that came
    with the page, and would put them in the place of one that is changed at this moment.
    """
    nothing_runs(page)
    page.wait_for_function("'gatescopeDrawn' in window")
    page.evaluate("() => new Promise((done) => requestIdleCallback(done))")


def is_at(page, name, **query):
    """The page of this name stands there, at rest, and so says the address."""
    title = page.get_by_role("heading", level=1, name=HEADINGS[name])
    see(title)
    expect(title).to_have_count(1)  # for a moment the one of the run before stands there, too
    asked = "".join(rf"(?=.*[?&]{key}={value}(&|$))" for key, value in query.items())
    expect(page).to_have_url(re.compile(rf"^{asked}http://[^/]+/{name}(\?.*)?$"))
    at_rest(page)


def menu(page, title):
    do(page, "link", title, exact=True)
    is_at(page, title.lower())


def do(page, role, name, **more):
    page.get_by_role(role, name=name, **more).first.click()


def see(locator):
    """Wait for what a page shows; of a page that is being drawn again the old part may stand there, too.

    (`expect` looks once a second.)
    """
    locator.first.wait_for()
