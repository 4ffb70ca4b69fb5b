"""Two sessions at once, in windows of two people: each keeps its texts, settings and runs to itself."""

import contextlib
import re
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from pages.components.shared.model_picker import usual_model
from pages.components.shared.settings import control_key, parse
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.figures.text import percent
from rnn_core.inspection.trace import trace
from rnn_core.models.catalogue import list_models
from rnn_core.models.model import Model
from tests.browser.conftest import window
from tests.browser.test_main_job import CONNECTED, IDLE, menu
from tests.runs.workers import wait_until

SHARED = {"data": "verdict", "reviews": "500", "embedding_size": "2", "epochs": "1000", "threads": "1"}
HEADINGS = {"Home": "See what a recurrent network does", "Read": "Watch it read", "Train": "Train a network"}
EVERYTHING = """() => {
    const found = []
    const look = (root) => {
        found.push(root.innerHTML)
        for (const node of root.querySelectorAll("*")) {
            if (node.value) found.push(node.value)
            if (node.shadowRoot) look(node.shadowRoot)
        }
    }
    look(document.body)
    return found.join("\\n")
}"""


class Own(NamedTuple):
    """The belongings of one session."""

    sign: str
    """A word that is typed and named there, and stands on no page of another."""
    text: str
    settings: dict[str, str]
    """As the address writes them."""

    @property
    def config(self):
        values = {name: parse(name, text) for name, text in self.settings.items() if name != "data"}
        return recommended_config("verdict").with_settings(**values)


OWNS = [
    Own(sign, f"The {sign} in it is {opinion}.", SHARED | settings)
    for sign, opinion, settings in (
        ("walrus", "wonderful", {"cell": "elman", "vocab_size": "500", "max_length": "32", "seed": "101"}),
        ("zebra", "dull", {"cell": "lstm", "vocab_size": "1000", "max_length": "64", "hidden_size": "11"}),
    )
]


class Session:
    """A window of a browser that knows nothing of the other one's."""

    def __init__(self, own, page, server):
        self.own, self.page = own, page
        page.goto(f"{server}/train?{urlencode(own.settings)}")
        page.wait_for_selector(CONNECTED)
        self._wait_for("Train")

    def go(self, title):
        menu(self.page, title)
        self._wait_for(title)

    def type_there(self, title):
        if title == "Home":
            self.page.get_by_role("textbox", name="Say something about a film").fill(self.own.text)
            return
        review = self.page.get_by_role("textbox", name="Review", exact=True)
        review.fill(self.own.text)
        review.press("Control+Enter")

    def start(self, store):
        """Starts a run, which is the one that the form there describes; returns its id."""
        before = {run.id for run in store.runs.all()}
        self.page.get_by_role("button", name=re.compile("(Start|Queue) training")).click()
        wait_until(lambda: len(store.runs.all()) > len(before))
        [run] = [run for run in store.runs.all() if run.id not in before]
        assert run.config == self.own.config
        return run.id

    def assert_own(self, *own_words):
        """These words come to stand on the page, and nothing that another session is known by."""
        seen = ""

        def they_stand_there():
            nonlocal seen
            seen = self.page.evaluate(EVERYTHING)
            return all(words in seen for words in own_words)

        wait_until(they_stand_there)
        others = [own.sign for own in OWNS if own != self.own and own.sign in seen]
        assert not others, f"they stand on the page of the {self.own.sign}"

    def address(self):
        """As the window has it: `page.url` stands still while no call of Playwright is waited for."""
        return dict(parse_qsl(urlsplit(self.page.evaluate("location.href")).query))

    def assert_trains(self, run_id):
        """The address, the form and the page are of its settings and of this run."""
        expected = self.own.settings | {"run": run_id}
        with contextlib.suppress(AssertionError):  # the next line says better what differs
            wait_until(lambda: self.address() == expected)
        assert self.address() == expected
        form = self.page.locator(f".st-key-{control_key('seed')} input")
        assert form.input_value() == self.own.settings.get("seed", "0")
        self.assert_own(run_id)

    def _wait_for(self, title):
        heading = self.page.get_by_role("heading", name=HEADINGS[title])
        expect(heading).to_have_count(1)
        expect(heading).to_be_visible()
        self.page.wait_for_selector(IDLE)


@pytest.fixture
def windows(browser):
    with window(browser) as one, window(browser) as other:
        yield one, other


@cache
def answer(text):
    """Returns the answer of the usual model to a text, as the verdict says it."""
    entries = {entry.name: entry for entry in list_models()}
    probability = trace(Model.load(entries[usual_model(entries)].folder), text).probability
    said = "positive" if probability > 0.5 else "negative"
    return f"The network says {said}, probability {percent(max(probability, 1 - probability))}"


def test_sessions_keep_texts_settings_and_runs_apart(server, store, windows):
    load_corpus("verdict")
    sessions = [Session(own, page, server) for own, page in zip(OWNS, windows, strict=True)]
    for title in ("Home", "Read"):
        for session in sessions:
            session.go(title)
        for session in sessions:
            session.type_there(title)
        for session in sessions:
            # Also because Streamlit gets lost when one goes while what was typed is on its way.
            session.assert_own(answer(session.own.text))
    for session in sessions:
        session.go("Train")
    runs = [session.start(store) for session in sessions]
    for session, run in zip(sessions, runs, strict=True):
        session.assert_trains(run)
    for session in sessions:
        session.go("Home")
        session.assert_own(session.own.text, answer(session.own.text))
