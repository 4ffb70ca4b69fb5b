"""Read: which network, which text, which example, and what is said where one of them can't be read."""

import json
import re
import shutil

import pytest
import streamlit as st

from pages.components.shared.address import pack
from rnn_core.config.run import RunConfig
from rnn_core.data.examples import EXAMPLE_REVIEWS, VERDICT_EXAMPLES
from rnn_core.paths import pretrained_folder
from rnn_core.runs.run import FAILED, FINISHED
from rnn_core.runs.store import Store
from rnn_core.symbols import CELLS
from tests.pages.conftest import WORDS, save_untrained
from tests.pages.elements import as_written, body, choose, data_of, figures, given, put, text_of, texts, walk
from tests.pages.everywhere import ask

pytestmark = pytest.mark.slow  # it draws many pages

FIRST = VERDICT_EXAMPLES[0].text


def all_drawn(app):
    """Return all HTML that is drawn, and the data of the components."""
    return " ".join([body(app), *(json.dumps(data_of(part)) for part in app.get("bidi_component"))])


def model_of(app):
    return app.get_by_key("model_picked").value


def author_of(app):
    """Return the captions on the author of an example."""
    return [caption.value for caption in app.caption if caption.value.startswith("Its author means")]


def test_an_example_is_read_before_the_first_click(open_app, make_model):
    assert "Train one" in open_app("read").info[0].value  # where there is no model
    make_model("gru")
    app = open_app("read")
    assert text_of(app) == FIRST
    assert "<start>" in all_drawn(app)
    assert any(drawn["type"] == "heatmap" for drawn in figures(app)[0]["data"])


@pytest.mark.parametrize(("cell", "part"), [("gru", "gates do"), ("elman", "state does")])
def test_an_example_says_what_its_author_means(open_app, make_model, cell, part):
    """And whether the network agrees, or which part of it to look at; of a text of one's own nobody knows."""
    make_model("model", cell=cell)
    app = open_app("read")
    for example in VERDICT_EXAMPLES:
        choose(app, "example", example.title)
        [said] = author_of(app)
        assert f"means **{example.says}**" in said
        assert example.asks in said
        agrees = re.search(r"The network says (\w+)", all_drawn(app))[1] == example.says
        assert ("and the network says so, too" in said) == agrees
        assert ("the network is **wrong** here" in said) != agrees
        assert (f"what its {part} there" in said) != agrees
    assert not author_of(open_app("read", {"text": pack(f"{FIRST} No.")}))


def test_every_gate_and_state_of_a_cell_can_be_shown(open_app, make_model):
    make_model("model", cell="lstm")
    app = open_app("read")
    for known in CELLS["lstm"].symbols:
        choose(app, "shown_lstm", known.letter)
        heat = next(drawn for drawn in figures(app)[0]["data"] if drawn["type"] == "heatmap")
        assert heat["name"] == known.letter


@pytest.mark.parametrize("reset", ["before", "after"])
def test_the_equation_shown_is_that_of_the_model(open_app, make_model, reset):
    make_model("gru", cell="gru", reset=reset)
    app = open_app("read")
    assert app.caption[-1].value.count(f"acts {reset} the product") == 1
    assert ("+ d)" in app.get("markdown")[-1].value or "+ d)" in app.latex[-1].value) == (reset == "after")


def test_the_address_picks_the_model(open_app, make_model):
    """One that is not there, or damaged, is named, and another can be picked."""
    make_model("a-gru")
    make_model("b-lstm", cell="lstm")
    (make_model("half") / "vocabulary.txt").unlink()
    app = open_app("read", {"model": "b-lstm"})
    assert model_of(app) == "b-lstm"
    choose(app, "model_picked", "a-gru")
    assert app.query_params["model"] in ("a-gru", ["a-gru"])
    app = open_app("read", {"model": "../secrets"})
    assert "not on this machine" in app.warning[0].value
    assert model_of(app) == "a-gru"
    app = open_app("read", {"model": "half"})
    assert "half has no vocabulary.txt" in app.error[0].value
    choose(app, "model_picked", "a-gru")
    assert not app.error
    assert figures(app)


def test_a_model_that_has_changed_is_loaded_again(open_app, make_model):
    folder = make_model("gru")
    app = open_app("read")
    scores = {"accuracy": 0.75, "loss": 0.5, "reviews": 8, "confusion": [[3, 1], [1, 3]]}
    (folder / "scores.json").write_text(json.dumps(scores))
    assert "75.0% of 8 test reviews" in texts(app.run(), "markdown")
    (folder / "weights.safetensors").write_bytes(b"half")
    assert "weights.safetensors" in app.run().error[0].value


UNREADABLE = {
    "empty": (" \n ", "Type a review"),
    "no word": ("... —", "no word in this text"),
    "far too long": ("word " * 200_001, "1,000,000"),
    "too long": ("word " * 100_000, "more words cut off"),
}


@pytest.mark.parametrize(("text", "says"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_text_that_is_not_read_whole_has_a_sentence(open_app, make_model, text, says):
    make_model("gru")
    app = put(open_app("read", review_text="the film"), review_text=text)
    assert says in as_written(app) + all_drawn(app)


def test_examples_are_of_the_corpus_of_the_network(open_app, make_model):
    """A text that was typed or linked stays when the network changes."""
    make_model("films", data="imdb")
    make_model("verdicts")
    films = {example.title: example.text for example in EXAMPLE_REVIEWS}
    app = open_app("read", {"model": "verdicts"})
    assert text_of(app) == FIRST
    assert app.get_by_key("example").options == [example.title for example in VERDICT_EXAMPLES]
    choose(app, "example", "But turn")
    choose(app, "model_picked", "films")
    assert app.get_by_key("example").options == list(films)
    assert app.get_by_key("example").value == "But turn"
    assert text_of(app) == films["But turn"]
    choose(app, "example", "Sarcastic")
    choose(app, "model_picked", "verdicts")
    assert text_of(app) == FIRST  # there is no sarcasm in that corpus
    app = open_app("read", {"model": "verdicts", "text": pack(EXAMPLE_REVIEWS[0].text)})
    assert text_of(app) == EXAMPLE_REVIEWS[0].text
    put(app, review_text="the film is dull")
    choose(app, "model_picked", "films")
    assert text_of(app) == "the film is dull"
    assert app.get_by_key("example").value is None


def test_the_cursor_stays_where_a_network_reads_less(open_app, make_model):
    for name, most in (("long", 40), ("short", 8)):
        make_model(name, max_length=most)
    app = open_app("read", {"model": "long", "text": pack("the film is great and " * 5), "token": "5"})
    for name in ("long", "short", "long"):
        choose(app, "model_picked", name)
        assert app.get_by_key("token_slider").value == 6
        assert app.query_params["token"] in ("5", ["5"])


@pytest.fixture
def finished(make_model):
    """A function that makes a run of the store with a model, which ended in this state."""
    store, made = Store(), make_model("reader")

    def finish(state=FINISHED):
        run = store.create(RunConfig(data="verdict"))
        shutil.copytree(made, store.folder(run.id), dirs_exist_ok=True)
        store.runs.finish(run.id, state, "")
        return run.id

    return finish


def test_the_last_run_of_this_browser_comes_first(open_app, finished, monkeypatch):
    """Also after a reload."""
    first, last, failed, _ = finished(), finished(), finished(FAILED), finished()
    for begun in ([first, last, failed], [failed, last, first]):
        app = open_app("read", runs_begun=begun)
        assert model_of(app) == app.query_params["model"] == last
        assert [*app.selectbox[0].proto.options][:1] == [app.selectbox[0].format_func(last)]
    assert model_of(open_app("read")) == "reader"
    assert model_of(open_app("read", runs_begun=[failed])) == "reader"
    cookies = {"gatescope_runs": f"{first}.{last}.not-a-run"}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _: cookies))
    assert model_of(open_app("read")) == last


def test_a_link_or_a_choice_comes_before_the_last_run(open_app, finished):
    last = finished()
    app = open_app("read", {"model": "reader"}, runs_begun=[last])
    assert model_of(app) == "reader"
    for expected in (last, "reader"):
        app.switch_page("pages/cells.py").run()
        app.query_params.clear()
        app.switch_page("pages/read.py").run()
        assert model_of(app) == expected
        choose(app, "model_picked", "reader")


def test_a_key_behind_400_tokens_sends_at_most_75_kb(open_app, make_model):
    """Beside its heat map, which of 5 units is next to nothing."""
    make_model("lstm", cell="lstm", max_length=400)
    app = open_app("read", {"text": pack("the film is dull and great " * 80)})
    [strip] = given(app, "chips")
    assert len(strip["chips"]["text"]) == 400 + 13  # of those cut off 12 and a note
    assert sum(part.proto.ByteSize() for part in walk(app.main) if hasattr(part, "proto")) < 75_000


def save_overflowing(name, cell="gru", word=None):
    """A network among the pretrained ones whose weights are too large: all, or the vector of a word."""

    def enlarge(classifier):
        if word is not None:
            classifier.embedding.weight[WORDS.words.index(word)] = 3e38
        else:
            for weights in classifier.parameters():
                weights.copy_(weights.sign() * 3e38)

    config = RunConfig(data="verdict").with_settings(cell=cell)
    save_untrained(pretrained_folder() / name, config, change=enlarge)


@pytest.mark.parametrize("page", ["read", "cells", "home"])
def test_a_network_that_overflows_shows_no_number(open_app, page):
    """The page says where; Home while one types."""
    save_overflowing("reader")
    query = {"model": "reader", "variant": "gru-before"}
    state = {"home_text" if page == "home" else "review_text": "The film is great"}
    app = open_app(page, query, **state)
    assert "overflows at token 1 of 5" in texts(app, "warning")
    assert page == "home" or "nan" not in texts(app, "markdown") + texts(app, "caption")


def test_a_panel_that_overflows_says_so_and_the_page_stays(open_app, with_own_corpus):
    save_overflowing("model", cell="indrnn", word="dull")
    state = {"read_panel": "Another word", "token": 4, "what_if_by": "dull"}
    app = open_app("read", {"model": "model"}, review_text="The film is great", **state)
    assert "overflows at token 5 of 5, “dull”" in texts(app, "warning").replace("\\", "")
    for panel in ("The plane of states", "Two models", "Padding", "At this token"):
        ask(app, panel)
        is_plane = panel == "The plane of states"
        assert ("overflows on some of these texts" in texts(app, "warning")) == is_plane
