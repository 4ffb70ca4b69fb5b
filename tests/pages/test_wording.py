"""Words on pages: what others wrote is text, a run has one name, reviews are named where there are some."""

import html
import json
import re

import pytest

from pages.components.shared.format import literal
from pages.components.train.run_results import _mistake_html
from rnn_core.config.presets import FAILURES
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.figures.colours import LIGHT
from rnn_core.runs.run import FINISHED
from rnn_core.runs.store import Store
from tests.own import make_own
from tests.pages.conftest import save_untrained
from tests.pages.elements import as_written, choose, said, walk

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only")]

NASTY = "**loud** <b>bold</b> $x$ [here](https://example.org) :red[red] &copy; `code`"
CONFIG = recommended_config("verdict").with_settings(hidden_size=5, embedding_size=3)
LONGEST = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


def test_literal_leaves_no_sign_that_markdown_reads():
    for sign in "\\`*_{}[]()#+-!<>|~$:&":
        assert literal(f"a{sign}b") == f"a\\{sign}b"
    assert literal("a path\n\n# no heading\n    no code") == "a path \\# no heading no code"


def test_the_excerpt_of_a_review_is_escaped():
    mistake = {"index": 0, "label": 0, "predicted": 1, "probability": 0.99}
    text = "One<br />two <img src=x onerror=alert(1)> &copy;"
    drawn = _mistake_html(mistake, ("<b>bad</b>", "good"), text, LIGHT)
    assert "<img" not in drawn
    assert "labelled &lt;b&gt;bad&lt;/b&gt;" in drawn
    assert "One two &lt;img src=x onerror=alert(1)&gt; &amp;copy;" in drawn


def test_the_name_and_the_end_of_a_run_are_text(open_app):
    """And the name of one that is ahead of it."""
    store = Store()
    other, shown = (store.create(CONFIG, NASTY) for _ in range(2))
    assert store.turns.launch_next()  # as if its worker was about to begin
    assert literal(NASTY) in open_app("train", {"run": shown.id}).info[0].value
    for run in (other, shown):
        store.runs.finish(run.id, "failed", f"It failed: {NASTY}.")
    page = open_app("train", {"run": shown.id}, runs_compared=[other.id])
    assert as_written(page).count(literal(NASTY)) == 4  # end, message, beside the form, at "Delete"
    assert NASTY not in as_written(page)
    names = next(part.proto.body for part in page.get("html") if "bold" in part.proto.body)
    assert names.count(html.escape(NASTY)) == 2
    assert "<b>" not in names


def test_a_path_in_an_error_is_text(open_app, monkeypatch, tmp_path):
    folder = tmp_path / "*nasty* <b>path<b>"
    monkeypatch.setenv("GATESCOPE_IMDB", str(folder))
    home = as_written(open_app())
    assert home.count(literal(str(folder))) == 2  # on the card, and where the download is offered
    assert str(folder) not in home
    folder.mkdir()
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(folder))
    (folder / "runs").write_text("no folder")  # a store that can't be read
    for page in ("home", "train"):
        shown = as_written(open_app(page))
        assert literal(str(folder)) in shown
        assert str(folder) not in shown


@pytest.mark.parametrize("page", ["home", "train", "read"])
def test_the_name_of_a_models_folder_is_text(open_app, make_model, page):
    record = {"kind": "training", "optimizer_step": 1, "epoch": 1, "loss": 1, "accuracy": 1, "seconds": 1}
    (make_model("*loud* <b>") / "history.json").write_text(json.dumps([record]))
    (make_model("*half* <b>") / "weights.safetensors").unlink()
    shown = as_written(open_app(page))
    assert literal("The model *half* <b> has no weights.safetensors") in shown
    assert "*half* <b>" not in shown
    assert page == "read" or literal("*loud* <b>") in shown
    assert "*loud* <b>" not in shown


@pytest.fixture
def finished():
    """A function that makes a run of a name that has ended, and its model."""
    store = Store()

    def make(name="", accuracy=0.75, **values):
        config = CONFIG.with_settings(**values)
        run = store.create(config, name)
        save_untrained(store.folder(run.id), config)
        store.turns.claim(run.id)
        wrong = round(4 * (1 - accuracy))
        scores = {"accuracy": accuracy, "loss": 0.5, "reviews": 4, "confusion": [[2, 0], [wrong, 2 - wrong]]}
        store.runs.finish(run.id, FINISHED, "Finished", scores)
        return store.runs.get(run.id)

    return make


@pytest.mark.parametrize("name", ["", next(iter(FAILURES.values())).title, LONGEST])
def test_a_run_has_one_name_on_home_train_and_read(open_app, finished, name):
    """Until it gets another one."""
    run = finished(name)
    assert f"{run.title}: finished" in said(open_app())
    train = open_app("train", {"run": run.id})
    assert f"**{run.title}**" in said(train)
    assert train.get_by_key("run_shown").options == [run.title]
    read = open_app("read", {"model": run.id})
    assert run.title in read.get_by_key("model_picked").options
    assert run.title in said(read)
    Store().runs.describe(run.id, name="second", note="", starred=False)
    assert "second" in open_app("read", {"model": run.id}).get_by_key("model_picked").options


@pytest.mark.parametrize("panel", ["Two models", "Padding", "What does it understand?"])
def test_panels_call_runs_by_their_names(open_app, finished, panel):
    one, other = finished("first try"), finished("second try")
    shown = said(open_app("read", {"model": one.id, "other_model": other.id, "read_panel": panel}))
    assert "first try" in shown
    assert panel == "Padding" or "second try" in shown
    sentences = re.sub("`[^`]*`", "", shown)  # a command has no other name for it
    assert one.id not in sentences
    assert other.id not in sentences


def test_names_are_shortened_to_where_they_differ(open_app, finished):
    """Selects and the list have short names."""
    runs = [finished(f"distance, seed {seed}: distance 50, hidden size 16", seed=seed) for seed in range(3)]
    app = open_app("train", {"run": runs[0].id}, runs_compared=[runs[1].id])
    picker = app.get_by_key("run_shown")
    assert picker.options == ["seed 2", "seed 1", "seed 0"]
    assert app.get_by_key("runs_beside").options == ["seed 2", "seed 1"]
    assert runs[0].title in picker.help.replace("\\", "")
    listed = next(table.value for table in app.dataframe if "State" in table.value)
    assert list(listed["Run"]) == ["seed 2", "seed 1", "seed 0"]
    assert any(f'title="{runs[1].title}"' in part.proto.body for part in app.get("html"))
    finished(LONGEST)
    picker = app.run().get_by_key("run_shown")
    assert picker.options == [LONGEST, *(f"distance … seed {seed}" for seed in (2, 1, 0))]
    assert picker.value == runs[0].id  # although its label is another now
    assert app.get_by_key("runs_beside").value == [runs[1].id]


def test_runs_of_one_name_have_different_labels(open_app, finished):
    runs = [finished("Vanishing") for _ in range(2)]
    app = open_app("train", {"run": runs[0].id})
    assert sorted(app.get_by_key("run_shown").options) == sorted(f"Vanishing · {run.id[-4:]}" for run in runs)
    choose(app, "run_shown", runs[1].id)
    assert app.query_params["run"] == runs[1].id


def test_runs_compared_are_a_table_of_what_differs(open_app, finished):
    one, two = finished("one", 0.75), finished("two", 0.5, cell="elman", truncation="post")
    app = open_app("train", {"run": one.id}, runs_compared=[two.id])
    table = next(table.value for table in app.dataframe if "Parameters" in table.value)
    columns = table[["Run", "Test", "Cell", "Truncation side"]]
    assert columns.values.tolist() == [["one", 75.0, "GRU", "front"], ["two", 50.0, "Elman", "end"]]
    alone = open_app("train", {"run": one.id})
    assert not any("Parameters" in table.value for table in alone.dataframe)


CLASSES = ("printer", "invoice")
REVIEW = re.compile(r"\breview(?:s|ers?)?\b", re.IGNORECASE)
MARKUP = re.compile(r"<style>.*?</style>|<[^>]*>")
SAID = re.compile(r"\s*(body|help|label|placeholder|alt|value|options): ")
ABOUT_ALL = (
    "Reviews or texts",
    "What the network reads: real reviews of films, generated ones, strings of a made-up language, or texts",
    "IMDB",
    "The verdict corpus",
    "Film reviews",  # a start of that name
)
"""Sentences on everything there is, whatever is looked at."""
KEYS = {"data": "data_reviews", "train": "data", "read": "model", "cells": "model"}


def of_reviews(app):
    """Labels, help texts and sentences that have the word, without ids and keys."""
    sent = (str(part.proto) for part in walk(app._tree) if hasattr(part, "proto"))
    lines = (MARKUP.sub("", line) for message in sent for line in message.splitlines())
    return {line.strip() for line in lines if SAID.match(line) and REVIEW.search(line)}


@pytest.mark.parametrize(("page", "key"), KEYS.items())
def test_a_page_says_review_of_reviews_only(open_app, make_own_model, make_language_model, page, key):
    load_corpus("language-anbn")
    make_language_model("anbn", "speaker")
    make_own("tickets", CLASSES, [40, 40])
    make_own_model("mine", *CLASSES)
    store = Store()
    run = store.create(RunConfig(data="tickets", classes=CLASSES))
    scores = {"accuracy": 0.9, "loss": 0.3, "reviews": 20, "confusion": [[9, 1], [1, 9]]}
    store.runs.finish(run.id, FINISHED, "", scores)
    for value in ("mine", "speaker") if key == "model" else ("tickets", "language-anbn"):
        lines = of_reviews(open_app(page, {key: value}))
        assert {line for line in lines if not any(phrase in line for phrase in ABOUT_ALL)} == set(), value
    if page == "train":
        lines = of_reviews(open_app(page, {key: "verdict"}))
        assert any("Where a short review is filled up" in line for line in lines)
