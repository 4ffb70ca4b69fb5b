"""Two sessions at once, in windows of two people: each keeps its texts, settings and runs to itself."""

import re
from urllib.parse import parse_qsl, urlencode

from pages.components.shared.model_picker import usual_model
from pages.components.shared.settings import control_key, parse
from rnn_core.data.sources import recommended_config
from rnn_core.figures.text import percent
from rnn_core.inspection.trace import trace
from rnn_core.models.catalogue import list_models
from rnn_core.models.model import Model
from tests.browser.conftest import window
from tests.browser.walks import do, is_at, menu
from tests.runs.workers import wait_until

SHARED = {"data": "verdict", "reviews": "500", "embedding_size": "2", "epochs": "1000", "threads": "1"}
OWN = {
    "walrus": {"cell": "elman", "vocab_size": "500", "max_length": "32", "seed": "101"},
    "zebra": {"cell": "lstm", "vocab_size": "1000", "max_length": "64", "hidden_size": "11"},
}
"""A word that one session types, and that stands on no page of another -> its settings in an address."""
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


class Session:
    """A window of a browser that knows nothing of the other one's."""

    def __init__(self, sign, opinion, page, server):
        self.sign, self.page, self.settings = sign, page, SHARED | OWN[sign]
        self.text = f"The {sign} in it is {opinion}."
        self.answer = answer(self.text)
        page.goto(f"{server}/train?{urlencode(self.settings)}")
        is_at(page, "train")

    def read(self):
        """Types its text on Read."""
        review = self.page.get_by_role("textbox", name="Review", exact=True)
        review.fill(self.text)
        review.press("Control+Enter")

    def start(self, store):
        """Starts a run, which is the one that the form there describes; returns its id."""
        before = {run.id for run in store.runs.all()}
        do(self.page, "button", re.compile("(Start|Queue) training"))
        wait_until(lambda: len(store.runs.all()) > len(before))
        [run] = [run for run in store.runs.all() if run.id not in before]
        values = {name: parse(name, text) for name, text in self.settings.items() if name != "data"}
        assert run.config == recommended_config("verdict").with_settings(**values)
        return run.id

    def assert_shows(self, *own_words):
        """These words come to stand on the page, and nothing that another session is known by."""
        seen = ""

        def they_stand_there():
            nonlocal seen
            seen = self.page.evaluate(EVERYTHING)
            return all(words in seen for words in own_words)

        wait_until(they_stand_there)
        assert not [sign for sign in OWN if sign != self.sign and sign in seen]

    def assert_trains(self, run_id):
        """The address, the form and the page are of its settings and of this run."""
        expected = self.settings | {"run": run_id}
        wait_until(lambda: dict(parse_qsl(self.page.evaluate("location.search.slice(1)"))) == expected)
        form = self.page.locator(f".st-key-{control_key('seed')} input")
        assert form.input_value() == self.settings.get("seed", "0")
        self.assert_shows(run_id)


def answer(text):
    """Returns the answer of the usual model to a text, as the verdict says it."""
    entries = {entry.name: entry for entry in list_models()}
    probability = trace(Model.load(entries[usual_model(entries)].folder), text).probability
    said = "positive" if probability > 0.5 else "negative"
    return f"The network says {said}, probability {percent(max(probability, 1 - probability))}"


def test_sessions_keep_texts_settings_and_runs_apart(server, store, browser):
    with window(browser) as one, window(browser) as other:
        sessions = [Session("walrus", "wonderful", one, server), Session("zebra", "dull", other, server)]
        for session in sessions:
            menu(session.page, "Read")
            session.read()
        for session in sessions:
            # Also because Streamlit gets lost when one goes while what was typed is on its way.
            session.assert_shows(session.text, session.answer)
            menu(session.page, "Train")
        runs = [session.start(store) for session in sessions]
        for session, run in zip(sessions, runs, strict=True):
            session.assert_trains(run)
            menu(session.page, "Read")
            session.assert_shows(session.text, session.answer)
