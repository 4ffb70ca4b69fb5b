import json
import re
import shutil

import pytest
import streamlit as st

from pages.components.shared.address import pack
from rnn_core.config.run import RunConfig
from rnn_core.data.examples import EXAMPLE_REVIEWS, VERDICT_EXAMPLES
from rnn_core.runs.run import FAILED, FINISHED
from rnn_core.runs.store import Store
from tests.pages.elements import as_written, body, data_of, figures, given, put, walk

pytestmark = pytest.mark.slow  # it draws many pages


def all_drawn(app):
    """What is drawn as HTML, and what the components are drawn from."""
    return " ".join([body(app), *(json.dumps(data_of(part)) for part in app.get("bidi_component"))])


def test_without_a_model_the_page_says_what_to_do_next(open_app):
    app = open_app("read")
    assert "Train one" in app.info[0].value


def test_an_example_is_read_before_the_first_click(open_app, make_model):
    make_model("gru")
    app = open_app("read")
    assert app.session_state["review_text"] == VERDICT_EXAMPLES[0].text
    assert "<start>" in all_drawn(app)
    assert any(drawn["type"] == "heatmap" for drawn in figures(app)[0]["data"])


def test_an_example_says_what_its_author_means_and_whether_the_network_agrees(open_app, make_model):
    make_model("gru")
    app = open_app("read")
    for example in VERDICT_EXAMPLES:
        app.get_by_key("example").set_value(example.title).run()
        [said] = [caption.value for caption in app.caption if caption.value.startswith("Its author means")]
        assert f"means **{example.says}**" in said
        assert example.asks in said
        agrees = re.search(r"The network says (\w+)", all_drawn(app))[1] == example.says
        assert ("and the network says so, too" in said) == agrees
        assert ("the network is **wrong** here" in said) != agrees
        assert ("what its gates do there" in said) != agrees
    # Of a text of one's own nobody knows what its author means.
    app = open_app("read", {"text": pack(f"{VERDICT_EXAMPLES[0].text} No.")})
    assert not [caption for caption in app.caption if caption.value.startswith("Its author means")]


def test_a_cell_without_gates_is_asked_for_its_state(open_app, make_model):
    make_model("elman", cell="elman")
    app = open_app("read")
    for example in VERDICT_EXAMPLES:
        app.get_by_key("example").set_value(example.title).run()
        [said] = [caption.value for caption in app.caption if caption.value.startswith("Its author means")]
        assert ("**wrong**" in said) == ("and at what its state does there" in said)
        assert "gates" not in said


@pytest.mark.parametrize(
    ("cell", "letters"),
    [("elman", ["slope", "h"]), ("gru", ["z", "r", "n", "h"]), ("lstm", ["i", "f", "o", "g", "c", "h"])],
)
def test_every_gate_and_state_of_a_cell_can_be_shown(open_app, make_model, cell, letters):
    make_model("model", cell=cell)
    app = open_app("read")
    for letter in letters:
        app.get_by_key(f"shown_{cell}").set_value(letter).run()
        heat = next(drawn for drawn in figures(app)[0]["data"] if drawn["type"] == "heatmap")
        assert heat["name"] == letter


@pytest.mark.parametrize("reset", ["before", "after"])
def test_the_equation_shown_is_that_of_the_model(open_app, make_model, reset):
    make_model("gru", cell="gru", reset=reset)
    app = open_app("read")
    assert app.caption[-1].value.count(f"acts {reset} the product") == 1
    assert ("+ d)" in app.get("markdown")[-1].value or "+ d)" in app.latex[-1].value) == (reset == "after")


def test_the_address_picks_the_model_and_an_unknown_one_is_said(open_app, make_model):
    make_model("a-gru")
    make_model("b-lstm", cell="lstm")
    app = open_app("read", {"model": "b-lstm"})
    assert app.selectbox[0].value == "b-lstm"
    app.selectbox[0].set_value("a-gru").run()
    assert app.query_params["model"] in ("a-gru", ["a-gru"])
    app = open_app("read", {"model": "../secrets"})
    assert "not on this machine" in app.warning[0].value
    assert app.selectbox[0].value == "a-gru"


def test_a_damaged_model_is_named_and_another_can_be_picked(open_app, make_model):
    make_model("good")
    (make_model("half") / "vocabulary.txt").unlink()
    app = open_app("read", {"model": "half"})
    assert "half has no vocabulary.txt" in app.error[0].value
    app.selectbox[0].set_value("good").run()
    assert not app.error
    assert figures(app)


def test_a_model_that_was_scored_or_trained_again_is_loaded_again(open_app, make_model):
    folder = make_model("gru")
    app = open_app("read")
    scores = {"accuracy": 0.75, "loss": 0.5, "reviews": 8, "confusion": [[3, 1], [1, 3]]}
    (folder / "scores.json").write_text(json.dumps(scores))
    app.run()
    assert "75.0% of 8 test reviews" in " ".join(part.value for part in app.markdown)
    (folder / "weights.safetensors").write_bytes(b"half")
    app.run()
    assert "weights.safetensors" in app.error[0].value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Type a review"),
        (" \n ", "Type a review"),
        ("... —", "no word in this text"),
        ("word " * 200_001, "1,000,000"),
        ("word " * 100_000, "more words cut off"),
    ],
    ids=["empty", "blank", "no word", "far too long", "too long"],
)
def test_a_text_that_can_not_be_read_whole_gets_a_sentence(open_app, make_model, text, says):
    make_model("gru")
    app = put(open_app("read", review_text="the film"), review_text=text)
    assert says in as_written(app) + all_drawn(app)


def test_picking_an_example_puts_it_in_the_box_and_typing_lets_go_of_it(open_app, make_model):
    make_model("gru")
    app = open_app("read")
    example = VERDICT_EXAMPLES[3]
    app.get_by_key("example").set_value(example.title).run()
    assert app.session_state["review_text"] == example.text
    assert put(app, review_text="the film").session_state["review_text"] == "the film"
    assert app.get_by_key("example").value is None


@pytest.fixture
def both_corpora(make_model):
    """A network for each corpus."""
    for name, data in (("films", "imdb"), ("verdicts", "verdict")):
        folder = make_model(name)
        config = json.loads((folder / "config.json").read_text()) | {"data": data}
        (folder / "config.json").write_text(json.dumps(config))


def test_examples_are_in_the_words_of_the_corpus_that_the_network_learned_from(open_app, both_corpora):
    app = open_app("read", {"model": "verdicts"})
    assert app.session_state["review_text"] == VERDICT_EXAMPLES[0].text
    assert app.get_by_key("example").options == [example.title for example in VERDICT_EXAMPLES]
    app.get_by_key("example").set_value("But turn").run()
    app.selectbox[0].set_value("films").run()
    films = {example.title: example.text for example in EXAMPLE_REVIEWS}
    assert app.get_by_key("example").options == list(films)
    assert app.get_by_key("example").value == "But turn"
    assert app.session_state["review_text"] == films["But turn"]
    app.get_by_key("example").set_value("Sarcastic").run()
    app.selectbox[0].set_value("verdicts").run()
    assert app.session_state["review_text"] == VERDICT_EXAMPLES[0].text  # there is no sarcasm in that corpus


def test_what_was_typed_or_linked_stays_when_the_network_changes(open_app, both_corpora):
    app = open_app("read", {"model": "verdicts", "text": pack(EXAMPLE_REVIEWS[0].text)})
    assert app.session_state["review_text"] == EXAMPLE_REVIEWS[0].text
    put(app, review_text="the film is dull")
    app.selectbox[0].set_value("films").run()
    assert app.session_state["review_text"] == "the film is dull"
    assert app.get_by_key("example").value is None


def test_the_cursor_stays_at_its_token_where_another_network_reads_less(open_app, make_model):
    for name, most in (("long", 40), ("short", 8)):
        make_model(name, max_length=most)
    app = open_app("read", {"model": "long", "text": pack("the film is great and " * 5), "token": "5"})
    assert app.get_by_key("token_slider").value == 6
    for name in ("short", "long"):
        app.get_by_key("model_picked").set_value(name).run()
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


def test_the_run_that_finished_last_in_this_browser_is_offered_first_and_opened_also_after_a_reload(
    open_app, finished, monkeypatch
):
    first, last, failed, _ = finished(), finished(), finished(FAILED), finished()
    for begun in ([first, last, failed], [failed, last, first]):
        app = open_app("read", runs_begun=begun)
        picker = app.get_by_key("model_picked")
        assert picker.value == app.query_params["model"] == last
        assert [*app.selectbox[0].proto.options][:1] == [app.selectbox[0].format_func(last)]
    assert open_app("read").get_by_key("model_picked").value == "reader"
    assert open_app("read", runs_begun=[failed]).get_by_key("model_picked").value == "reader"
    cookies = {"gatescope_runs": f"{first}.{last}.not-a-run"}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _: cookies))
    assert open_app("read").get_by_key("model_picked").value == last


def test_a_link_goes_before_the_run_that_finished_last_and_so_does_what_is_picked(open_app, finished):
    last = finished()
    app = open_app("read", {"model": "reader"}, runs_begun=[last])
    assert app.get_by_key("model_picked").value == "reader"
    for expected in (last, "reader"):
        app.switch_page("pages/cells.py").run()
        app.query_params.clear()
        app.switch_page("pages/read.py").run()
        assert app.get_by_key("model_picked").value == expected
        app.get_by_key("model_picked").set_value("reader").run()


def test_a_key_behind_400_tokens_sends_at_most_75_kb_beside_its_heat_map(open_app, make_model):
    make_model("lstm", cell="lstm", max_length=400)  # of 5 units, whose heat map is next to nothing
    app = open_app("read", {"text": pack("the film is dull and great " * 80)})
    [strip] = given(app, "chips")
    assert strip["steps"] == 400
    assert sum(part.proto.ByteSize() for part in walk(app.main) if hasattr(part, "proto")) < 75_000
