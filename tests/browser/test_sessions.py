"""Five sessions at once, two of them in real browsers, two of them training: each keeps to itself."""

import contextlib
import re
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from pages.components.shared.model_picker import usual_model
from pages.components.shared.settings import control_key, parse
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.figures.text import percent
from rnn_core.inspection.trace import trace
from rnn_core.models.catalogue import list_models
from rnn_core.models.model import Model
from rnn_core.runs import queue
from rnn_core.runs.run import RUNNING
from rnn_core.training.records import Record
from tests.browser.conftest import window
from tests.browser.test_main_job import CONNECTED, IDLE, menu
from tests.pages.conftest import APP, after_app_ran, done_once_as_in_a_server, empty_caches  # noqa: F401
from tests.runs.workers import wait_until

# What each session is known by: it is typed and named there, and stands on no page of another.
SIGNS = "walrus zebra heron badger giraffe".split()
OPINIONS = "wonderful dull fine awful great".split()
CELLS = "elman lstm gru".split()
LENGTHS = (32, 64, 100, 200, 512)
VOCABULARIES = (500, 1_000, 5_000, 10_000, 20_000)
SHARED = {"data": "verdict", "reviews": "500", "embedding_size": "2", "epochs": "1000", "threads": "1"}

HEADINGS = {"Home": "See what a recurrent network does", "Read": "Watch it read", "Train": "Train a network"}
OF_READ = ("model", "example", "text", "token")
"""What Read puts into the address; a browser drops it when the page is left, AppTest does not."""
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
    """What belongs to one session."""

    sign: str
    text: str
    settings: dict[str, str]
    """As the address writes them."""

    @property
    def config(self):
        values = {name: parse(name, text) for name, text in self.settings.items() if name != "data"}
        return recommended_config("verdict").with_settings(**values)


def own(number):
    settings = SHARED | {
        "cell": CELLS[number % 3],
        "vocab_size": str(VOCABULARIES[number]),
        "max_length": str(LENGTHS[number]),
        "hidden_size": str(10 + number),
        "seed": str(100 + number),
    }
    usual = {name: str(value) for name, value in recommended_config("verdict").values().items()}
    unusual = {name: text for name, text in settings.items() if text != usual.get(name)}
    return Own(SIGNS[number], f"The {SIGNS[number]} in it is {OPINIONS[number]}.", unusual)


class InBrowser:
    """A session in a window of its own, of a browser that knows nothing of the other one's."""

    def __init__(self, own, page, server):
        self.own, self.page = own, page
        page.goto(f"{server}/train?{urlencode(own.settings)}")
        page.wait_for_selector(CONNECTED)
        self._wait_for("Train")

    def go(self, title):
        menu(self.page, title)
        self._wait_for(title)

    def type_at_home(self):
        self.page.get_by_role("textbox", name="Say something about a film").fill(self.own.text)

    def type_review(self):
        review = self.page.get_by_role("textbox", name="Review", exact=True)
        review.fill(self.own.text)
        review.press("Control+Enter")

    def fill_form(self):
        """The address did that."""

    def show(self, run_id):
        runs = self.page.locator(".st-key-run_shown").get_by_role("combobox")
        runs.click()
        last = run_id.rpartition("-")[2]  # a name made of settings ends in it
        runs.fill(last)  # of a long list only a part is drawn
        self.page.get_by_role("option", name=last).click()

    def start(self):
        self.page.get_by_role("button", name=re.compile("(Start|Queue) training")).click()

    def everything(self):
        return self.page.evaluate(EVERYTHING)

    def address(self):
        return dict(parse_qsl(urlsplit(self.page.url).query))

    def form(self, name):
        return self.page.locator(f".st-key-{control_key(name)} input").input_value()

    def _wait_for(self, title):
        heading = self.page.get_by_role("heading", name=HEADINGS[title])
        expect(heading).to_have_count(1)
        expect(heading).to_be_visible()
        self.page.wait_for_selector(IDLE)


class InProcess:
    """A session of Streamlit's own test harness; three of them share this process."""

    def __init__(self, own):
        self.own = own
        self.page = AppTest.from_file(str(APP), default_timeout=30).run()

    def go(self, title):
        self.page.switch_page(f"pages/{title.lower()}.py").run()
        assert not self.page.exception

    def type_at_home(self):
        self.page.text_input(key="home_text").set_value(self.own.text).run()

    def type_review(self):
        self.page.session_state["review_text"] = self.own.text
        self.page.run()

    def fill_form(self):
        for name, text in self.own.settings.items():
            self.page.get_by_key(control_key(name)).set_value(parse(name, text))
        self.page.run()

    def show(self, run_id):
        self.page.selectbox(key="run_shown").set_value(run_id).run()

    def start(self):
        self.page.button(key="start").click().run()

    def everything(self):
        drawn = [element for element in self.page._tree if hasattr(element, "proto")]
        boxes = [*self.page.text_input, *self.page.text_area, *self.page.number_input]
        return "\n".join([*(str(element.proto) for element in drawn), *(str(box.value) for box in boxes)])

    def address(self):
        values = {name: value for name, value in self.page.query_params.items() if name not in OF_READ}
        return {name: value if isinstance(value, str) else value[-1] for name, value in values.items()}

    def form(self, name):
        return str(self.page.get_by_key(control_key(name)).value)


@pytest.fixture
def windows(browser):
    with window(browser) as one, window(browser) as other:
        yield one, other


def ended_run(store, own):
    """A run as its session might have trained it yesterday."""
    run = store.create(own.config)
    record = Record(kind="training", optimizer_step=1, epoch=0.1, loss=0.7, accuracy=0.5, seconds=1.0)
    store.records.append(run.id, [record])
    store.runs.finish(run.id, "stopped", f"The run of the {own.sign} ended.")
    return store.runs.get(run.id)


@cache
def answer(text):
    """What the usual model makes of a text, as the verdict says it."""
    entries = {entry.name: entry for entry in list_models()}
    probability = trace(Model.load(entries[usual_model(entries)].folder), text).probability
    said = "positive" if probability > 0.5 else "negative"
    return f"The network says {said}, probability {percent(max(probability, 1 - probability))}"


def assert_own(session, *own_words):
    """These words come to stand on the page, and nothing that another session is known by."""
    seen = ""

    def they_stand_there():
        nonlocal seen
        seen = session.everything()
        return all(words in seen for words in own_words)

    wait_until(they_stand_there)
    others = [sign for sign in SIGNS if sign != session.own.sign and sign in seen]
    assert not others, f"they stand on the page of the {session.own.sign}"


def assert_each_has_its_own_texts(sessions, reads_its_run):
    """On Home and on Read, where the session whose run has ended finds the text read by that network."""
    for title in ("Home", "Read"):
        for session in sessions:
            session.go(title)
            by_usual = title == "Home" or session is not reads_its_run
            assert_own(session, session.own.text, *([answer(session.own.text)] if by_usual else []))


def assert_each_has_its_own_settings_and_run(sessions):
    for session in sessions:
        session.go("Train")
    for session in sessions:
        expected = session.own.settings | {"run": session.run_id}
        with contextlib.suppress(AssertionError):  # the next line says better what differs
            wait_until(lambda session=session, expected=expected: session.address() == expected)
        assert session.address() == expected, f"in the address of the {session.own.sign}"
        assert session.form("hidden_size") == session.own.settings["hidden_size"]
        assert_own(session, session.shows)


def start(store, session):
    """Start a run there, and see that it is the one that the form there describes."""
    before = {run.id for run in store.runs.all()}
    session.start()
    wait_until(lambda: len(store.runs.all()) > len(before))
    [run] = [run for run in store.runs.all() if run.id not in before]
    assert run.config == session.own.config
    session.run_id = session.shows = run.id


@pytest.mark.usefixtures("after_app_ran")
def test_five_sessions_keep_their_settings_texts_and_runs_to_themselves(server, store, windows, monkeypatch):
    monkeypatch.delenv("GATESCOPE_IMDB", raising=False)
    load_corpus("verdict")
    store.turns.set_at_once(2)
    owns = [own(number) for number in range(len(SIGNS))]
    ended = [ended_run(store, own) for own in owns]

    sessions = [
        *(InBrowser(own, window, server) for own, window in zip(owns[:2], windows, strict=True)),
        *(InProcess(own) for own in owns[2:]),
    ]
    for title, type_there in (("Home", "type_at_home"), ("Read", "type_review")):
        for session in sessions:
            session.go(title)
        for session in sessions:
            getattr(session, type_there)()
        for session in sessions:
            # Also because Streamlit gets lost when one goes while what was typed is on its way.
            assert_own(session, answer(session.own.text))
    for session in sessions:
        session.go("Train")
    for session in sessions:
        session.fill_form()
    for session, run in zip(sessions, ended, strict=True):
        session.run_id, session.shows = run.id, run.message
        if session is not sessions[-1]:  # it keeps the one that it was shown at first, the newest
            session.show(run.id)

    in_browser, in_process = sessions[0], sessions[2]
    start(store, in_browser)
    start(store, in_process)
    for session in (in_browser, in_process):
        wait_until(lambda session=session: store.runs.get(session.run_id).optimizer_step > 0)
    assert_each_has_its_own_settings_and_run(sessions)

    queue.stop(store, in_browser.run_id)
    wait_until(lambda: not store.runs.get(in_browser.run_id).active)
    assert store.runs.get(in_process.run_id).state == RUNNING
    assert_each_has_its_own_texts(sessions, in_browser)
    assert_each_has_its_own_settings_and_run(sessions)
