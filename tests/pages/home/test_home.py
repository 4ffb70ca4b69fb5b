"""Home: its answer, its lists of models and texts, and five things to try, each of which opens a page."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pages.components.home import first_things
from pages.components.read.hold_panel import TURN
from pages.components.shared import settings
from pages.components.shared.first_route import NETWORK, tasks
from rnn_core.config.corpora import corpus_named
from rnn_core.config.presets import FAILURES
from rnn_core.data.corpus import FILMS, Text, build_corpus
from rnn_core.data.imdb import IMDB_CITATION
from rnn_core.data.own.catalogue import own_folder
from rnn_core.figures.text import percent
from rnn_core.inspection.clamps import Clamp, read_clamped
from rnn_core.inspection.trace import trace
from rnn_core.inspection.verdicts import verdicts
from rnn_core.models.model import Model
from tests.pages.conftest import APP
from tests.pages.elements import body, figures, given, labels, places, press, said, texts

_WITHOUT_TORCH = """
import sys
sys.modules.update(dict.fromkeys(["torch", "pandas", "pyarrow", "requests"]))  # None: an import fails
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(sys.argv[1], default_timeout=60).run()
print([title.value for title in page.title], [error.message for error in page.exception])
"""


@pytest.mark.slow
def test_the_title_comes_before_slow_imports():
    answer = subprocess.run([sys.executable, "-c", _WITHOUT_TORCH, APP], capture_output=True, text=True)
    title, refused = answer.stdout.split("] [")
    assert "See what a recurrent network does" in title, answer.stderr
    assert "halted; None in sys.modules" in refused


def test_without_a_model_home_says_what_to_do(open_app, monkeypatch, tmp_path):
    """The authors of the reviews are named; a wrong path of theirs is said."""
    monkeypatch.setenv("GATESCOPE_IMDB", str(tmp_path / "nowhere"))
    app = open_app()
    assert "None yet: train one" in said(app)
    assert not figures(app)
    assert "leads to" in said(app)
    [caption] = [caption for caption in app.caption if "Maas et al., 2011" in caption.value]
    assert caption.help == IMDB_CITATION


def test_it_answers_what_is_typed_and_names_the_word(open_app, make_model):
    """Before the first click, too; a text without a word gets a sentence."""
    make_model("gru")
    app = open_app()
    assert app.text_input(key="home_text").value
    assert figures(app)
    app.text_input(key="home_text").set_value("the film is great").run()
    assert figures(app)[0]["layout"]["xaxis"]["ticktext"] == ["&lt;start&gt;", "the", "film", "is", "great"]
    [line] = [trace["y"] for trace in figures(app)[0]["data"] if trace.get("customdata")]
    assert percent(max(line[-1], 1 - line[-1])) in body(app)
    word = ["<start>", "the", "film", "is", "great"][1 + int(np.abs(np.diff(line)).argmax())]
    assert f"moves most at “{word}”" in said(app)
    press(app, "See inside")
    assert app.title[0].value == "Watch it read"
    assert app.session_state["review_text"] == "the film is great"
    app = open_app()
    for text in ("", "   ", "...", "😀"):
        app.text_input(key="home_text").set_value(text).run()
        assert "Type a few words" in said(app), text


def test_where_no_model_loads_each_is_named(open_app, make_model):
    (make_model("gru") / "weights.safetensors").write_bytes(b"half")
    (make_model("lstm") / "weights.safetensors").unlink()
    app = open_app()
    assert "gru" in app.error[0].value
    assert "lstm has no weights.safetensors" in app.error[1].value
    assert "(without weights)" in said(app)
    assert "Verdict corpus" in said(app)


@pytest.mark.parametrize("file", ["weights.safetensors", "vocabulary.txt", "scores.json", "history.json"])
def test_a_damaged_model_is_named_and_another_answers(open_app, make_model, file):
    """A history is not needed."""
    make_model("elman", cell="elman")
    (make_model("gru") / file).write_text("[1]")
    app = open_app()
    needs = file != "history.json"
    assert not needs or file in app.error[0].value
    assert f"{'elman' if needs else 'gru'}, read just now" in said(app)
    assert figures(app)


def test_the_list_begins_with_the_usual_model(open_app, make_model):
    """It says once which cells there are, since "Elman on IMDB" does not say what Elman is."""
    for name in ("elman", "gru", "lstm", "pair", "reader"):
        make_model(name)
    app = open_app()
    [cells] = re.findall("A model reads with one of these cells: (.+?)[.]", texts(app, "caption"))
    assert cells.startswith("a plain RNN (Elman), a UGRNN, a GRU, ")
    [models] = [part.value for part in app.text if "reader" in part.value]
    assert [line.split("· ")[-1] for line in models.splitlines()] == ["reader", "elman", "gru", "and 2 more"]


def test_own_texts_are_listed_by_name_and_number(open_app):
    for number, name in enumerate(("a", "tickets", "mail", "poems"), 2):
        rows = [Text("see you at noon", place % 2, "training") for place in range(number)]
        list(build_corpus(name, rows, own_folder(name), len(rows), FILMS._replace(classes=("ham", "spam"))))
    (own_folder("mail") / "about.json").write_text("[1]")
    [listed] = [part.value for part in open_app().text if "texts" in part.value]
    lines = ["a: 2 texts", "mail: can't be read, see Data", "poems: 5 texts", "and 1 more"]
    assert listed.splitlines() == lines


def test_it_leads_to_networks_that_read_and_write(open_app, make_model, make_language_model):
    """A link to a network of a language stands there where one comes with the app."""
    make_model("gru")
    assert "strings of" not in " ".join(link.proto.label for link in open_app().get("page_link"))
    make_language_model("anbn", "speaker")
    [link] = [link.proto for link in open_app().get("page_link") if "strings of" in link.proto.label]
    assert link.label == "Watch one read strings of the language aⁿbⁿ"
    assert (link.page, link.query_string) == ("read", "model=speaker")
    assert "Watch one write" in [link.proto.label for link in open_app().get("page_link")]


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


def test_five_things_are_offered_with_their_network(open_app, make_model):
    make_model("gru")
    assert "Five things to try" not in texts(open_app(), "subheader")
    make_model(NETWORK)
    app = open_app()
    assert "Five things to try" in texts(app, "subheader")
    assert "Each opens a page and says what to do there." in texts(app, "caption")
    titles = [task.title for task in tasks().values()]
    assert ([link.proto.label for link in app.get("page_link")][:5], len(titles)) == (titles, 5)


def test_each_link_opens_what_its_task_speaks_of(open_task):
    assert open_task("turn").session_state["review_text"] == SENTENCE
    assert given(open_task("probes"), "pairs")
    app = open_task("hold")
    [asked] = re.findall(r"\*(.+)\*", tasks()["hold"].asks)
    # It goes on with the number of the time step; the network of the test does not know the word.
    [button] = [label for label in labels(app) if label.startswith(asked.removesuffix("”"))]
    press(app, button)
    assert app.query_params["hold"] == "z=0@11:"


def test_the_shipped_network_does_what_tasks_speak_of():
    model = Model.load(SHIPPED)
    read = trace(model, SENTENCE)
    tokens = read.review.window
    turned = [tokens[turn.time] for turn in verdicts(read).turns]
    [asked] = re.findall("to “(.+?)”", tasks()["turn"].asks)
    assert turned[-1] == asked
    shut = Clamp(letter="z", value=0.0, first=tokens.index(TURN) + 1)
    held = read_clamped(model, read, [shut])
    assert (read.probability < 0.5) != (held.probability < 0.5)  # the verdict that it asks for is another


def test_the_failure_fills_in_settings_that_fail():
    failing = FAILURES["exploding"].config
    asked = {name: settings.parse(name, text) for name, text in tasks()["fail"].query.items()}
    assert asked.items() <= {"data": failing.data, **failing.values()}.items()
    assert (asked["data"], asked["clip_norm"]) == (failing.data, 0)


def test_done_is_ticked_and_no_task_asks_for_nothing(open_app, open_task):
    """The title stands in one place with a task and without: a place that moved would be seen twice."""

    def titles(app):
        return [place for part, place in places(app.main) if part.type == "title"]

    app = open_task("turn")
    [with_a_task] = titles(app)
    press(app, "Done")
    [kept] = given(app, "tasks")
    assert kept["done"] == "turn"
    assert "done" not in app.query_params
    app = open_app("read", {"try": "<b>none</b>"})
    assert "Done" not in labels(app)
    assert titles(app) == [with_a_task]


def test_style_ticks_tasks_and_hides_bars_on_a_phone():
    """A bar of a chart would lie on its title there."""
    sheet = Path(first_things.__file__).with_suffix(".css").read_text(encoding="utf-8")
    for name in tasks():
        assert f":root[data-first-done~={name}] .st-key-first_{name} a::before" in sheet
    sheet = (Path(first_things.__file__).parents[1] / "shared" / "looks.css").read_text()
    assert re.search(r"@media \(max-width:640px\) \{.+modebar-container \{display:none\}\}", sheet)
