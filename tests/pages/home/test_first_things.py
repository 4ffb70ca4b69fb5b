"""Five things to try: each link opens its page in the state that its words speak of, and leads back."""

import ast
import re
from pathlib import Path

import pytest

from pages.components.home import first_things
from pages.components.read.hold_panel import TURN
from pages.components.read.probe_panel import AT_FIRST
from pages.components.shared import address_keys as keys
from pages.components.shared import first_route, settings
from pages.components.shared.first_route import NETWORK, tasks
from rnn_core.config.corpora import corpus_named
from rnn_core.config.presets import FAILURES
from rnn_core.inspection.clamps import Clamp, read_clamped
from rnn_core.inspection.trace import trace
from rnn_core.inspection.verdicts import verdicts
from rnn_core.models.model import Model
from rnn_core.models.probing import probe
from tests.pages.elements import given, labels, press, texts

SENTENCE = corpus_named("imdb").first_sentence
SHIPPED = Path(__file__).parents[3] / "artifacts" / "pretrained" / NETWORK


@pytest.fixture
def open_task(open_app, make_model):
    """A function that opens the page that a task's link leads to."""
    make_model(NETWORK)

    def open_it(name):
        task = tasks()[name]
        app = open_app(Path(task.page).stem, {**task.query, "try": name})
        assert f"**{task.title}.** {task.asks}" in [part.value for part in app.markdown]
        return app

    return open_it


def test_home_offers_five_where_their_network_is(open_app, make_model):
    make_model("gru")
    assert "Five things to try" not in texts(open_app(), "subheader")
    make_model(NETWORK)
    app = open_app()
    assert "Five things to try" in texts(app, "subheader")
    assert "Each opens a page and says what to do there." in texts(app, "caption")
    assert len(tasks()) == 5
    links = [link.proto.label for link in app.get("page_link")]
    assert [task.title for task in tasks().values()] == links[:5]


def test_each_link_opens_what_its_task_speaks_of(open_task):
    assert open_task("turn").session_state["review_text"] == SENTENCE
    assert "dull" in SENTENCE
    assert "dull" in tasks()["turn"].asks
    assert given(open_task("probes"), "pairs")
    app = open_task("hold")
    [asked] = re.findall(r"\*(.+)\*", tasks()["hold"].asks)
    # It goes on with the number of the time step; the network of the test does not know the word.
    [button] = [label for label in labels(app) if label.startswith(asked.removesuffix("”"))]
    press(app, button)
    assert app.query_params["hold"] == "z=0@11:"


def test_the_network_that_ships_does_what_the_tasks_speak_of():
    model = Model.load(SHIPPED)
    read = trace(model, SENTENCE)
    tokens = read.review.window
    turned = [tokens[turn.time] for turn in verdicts(read).turns]
    [asked] = re.findall("to “(.+?)”", tasks()["turn"].asks)
    assert turned[-1] == asked
    shut = Clamp(letter="z", value=0.0, first=tokens.index(TURN) + 1)
    held = read_clamped(model, read, [shut])
    assert (read.probability < 0.5) != (held.probability < 0.5)  # the verdict that it asks for is another
    query = tasks()["probes"].query
    listed = probe(model, query[keys.PROBE_SET]).of(AT_FIRST)
    assert not listed.right.all()  # so that one of those that are listed at first is marked as wrong


def test_the_failure_fills_the_form_with_settings_that_fail():
    failing = FAILURES["exploding"].config
    query = tasks()["fail"].query
    asked = {name: settings.parse(name, text) for name, text in query.items()}
    values = {"data": failing.data, **failing.values()}
    assert asked == {name: values[name] for name in asked}
    assert "data" in asked
    assert asked["clip_norm"] == 0


def test_done_is_ticked_and_a_copied_address_of_home_or_a_page_without_a_task_asks_for_nothing(
    open_app, open_task
):
    app = open_task("turn")
    press(app, "Done")
    [kept] = given(app, "tasks")
    assert kept["done"] == "turn"
    assert "done" not in app.query_params
    assert "Done" not in labels(open_app("read", {"try": "<b>none</b>"}))


def test_what_tasks_are_made_of_is_imported_only_where_one_is_asked_for():
    """It takes half a second, and a page shows its title before."""
    script = ast.parse(Path(first_route.__file__).read_text(encoding="utf-8"))
    imported = [ast.unparse(line) for line in script.body if isinstance(line, ast.Import | ast.ImportFrom)]
    assert imported == [
        "from functools import cache",
        "from typing import NamedTuple",
        "import streamlit as st",
        "from pages.components.shared import address",
        "from pages.components.shared import address_keys as keys",
        "from pages.components.shared.address_keys import Key",
    ]


def test_the_title_stands_in_one_place_with_a_task_and_without(open_app, open_task):
    """Streamlit draws by place: a title that moved would be seen twice while the page is drawn."""

    def titles(block, path=()):
        for number, part in block.children.items():
            if part.type == "title":
                yield (*path, number)
            if hasattr(part, "children"):
                yield from titles(part, (*path, number))

    with_a_task, without = (list(titles(app.main)) for app in (open_task("turn"), open_app("read")))
    assert with_a_task == without
    assert len(without) == 1


def test_each_task_has_its_tick_and_a_bar_of_a_chart_lies_on_no_title_of_a_phone():
    sheet = Path(first_things.__file__).with_suffix(".css").read_text(encoding="utf-8")
    for name in tasks():
        assert f":root[data-first-done~={name}] .st-key-first_{name} a::before" in sheet
    sheet = (Path(first_things.__file__).parents[1] / "shared" / "plotly_library.css").read_text()
    assert re.search(r"@media \(max-width:640px\) \{.+modebar-container \{display:none\}\}", sheet)
