"""Read with networks of the user's own corpora, of two classes and of more."""

import html
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.shared.address import pack
from pages.components.shared.format import literal
from rnn_core.config.corpora import corpus_named
from rnn_core.data.corpus import Text, build_corpus
from rnn_core.data.examples import VERDICT_EXAMPLES
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from tests.pages.elements import as_written, body, figures, given, press, put
from tests.pages.everywhere import PANELS

pytestmark = pytest.mark.slow

HOSTILE = ("<b>bold</b> $x$", "שלום", "=1+1", "a & b", "**loud** [x](http://x)", "n" * 100)
TEXT = "The film is great, the dull film."


@pytest.fixture
def corpus():
    """60 texts of six classes, 30 of them to test on."""
    words = ["the", "film", "is", "dull", "great"]
    parts = ["training"] * 30 + ["test"] * 30
    rows = [Text(" ".join(words[: 2 + n % 4]), n % 6, part) for n, part in enumerate(parts)]
    list(build_corpus("tickets", rows, corpus_named("tickets").folder, len(rows), HOSTILE))
    return rows


@pytest.fixture
def own(make_own_model):
    """A network of these classes."""
    return Model.load(make_own_model("own", *HOSTILE))


def classes_of(app):
    [listed] = given(app, "isChosen")
    return listed


def curves(app):
    """Name -> the curve of the verdict of each class that is drawn."""
    return {
        html.unescape(drawn["name"]).strip("\u2068\u2069"): drawn["y"]
        for drawn in figures(app)[0]["data"]
        if drawn.get("yaxis") == "y" and drawn["name"] != "turns"
    }


def test_all_classes_are_listed_by_their_probability_and_the_predicted_one_is_followed(open_app, own):
    read = trace(own, TEXT)
    app = open_app("read", review_text=TEXT)
    listed, in_the_end = classes_of(app), read.probabilities_of_classes[-1]
    order = np.argsort(-in_the_end)
    assert [one["name"] for one in listed["classes"]] == [HOSTILE[number] for number in order]
    assert [one["share"] for one in listed["classes"]] == [f"{in_the_end[number]:.1%}" for number in order]
    assert listed["followed"] == read.label == HOSTILE[order[0]]
    assert f'probability {in_the_end.max():.1%}"' in body(app)
    assert html.escape(read.label)[:40] in body(app)
    assert list(curves(app))[::-1] == [HOSTILE[number] for number in order[:3]]
    assert "followed" not in app.query_params


def test_another_class_can_be_followed_and_the_predicted_one_again(open_app, own):
    read = trace(own, TEXT)
    other = next(name for name in HOSTILE if name != read.label)
    app = open_app("read", review_text=TEXT)
    put(app, followed=other)
    assert (classes_of(app)["followed"], classes_of(app)["isChosen"]) == (other, True)
    curve = trace(own, TEXT, HOSTILE.index(other)).probabilities
    np.testing.assert_allclose(curves(app)[other], curve, rtol=1e-5)
    assert app.query_params["followed"] in (other, [other])
    del app.session_state["followed"]
    app.run()
    assert (classes_of(app)["followed"], classes_of(app)["isChosen"]) == (read.label, False)
    assert "followed" not in app.query_params


def click_page():
    import streamlit as st

    from pages.components.read.read_verdict import choose

    for name in ("a", "b"):
        st.button(name, on_click=choose, args=(name,))
    st.text(str(st.session_state.get("followed")))


def test_a_click_chooses_a_class_and_a_second_one_takes_the_choice_back():
    app = AppTest.from_function(click_page, default_timeout=30).run()
    for name, chosen in (("a", "a"), ("b", "b"), ("b", "None"), ("a", "a")):
        press(app, name)
        assert app.text[0].value == chosen


def test_the_address_follows_a_class_and_a_name_that_the_network_lacks_is_ignored(open_app, own):
    app = open_app("read", {"followed": "שלום", "text": pack(TEXT)})
    assert classes_of(app)["followed"] == "שלום"
    assert "towards שלום" in given(app, "key")[0]["key"]
    app.query_params["followed"] = "unheard of"
    app.run()
    assert classes_of(app)["followed"] == "שלום"  # as chosen before
    fresh = open_app("read", {"followed": "unheard of", "text": pack(TEXT)})
    assert classes_of(fresh)["followed"] == trace(own, TEXT).label
    assert "followed" not in fresh.query_params


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_reads_hostile_names_as_text(open_app, make_own_model, own, corpus, panel):
    make_own_model("own-too", *HOSTILE, seed=1)
    make_own_model("other", "a", "b", "c", data="poems")
    # One name is markup to a browser, one to Markdown; all six are listed as long as one is followed.
    for name in HOSTILE if panel == "Another word" else (HOSTILE[0], HOSTILE[4]):
        app = open_app("read", {"model": "own", "followed": name}, review_text=TEXT, read_panel=panel)
        assert "<b>bold</b>" not in body(app)
        assert HOSTILE[0] not in as_written(app)
        assert HOSTILE[4] not in as_written(app)
        if panel in ("Another word", "Padding", "Two models"):
            assert literal(name[:30])[:30] in as_written(app)


def test_units_are_ranked_for_the_followed_class_and_another_one_has_a_table_with_no_row_ticked(
    open_app, own, corpus, settle
):
    app = open_app("read", {"model": "own", "followed": HOSTILE[2]}, review_text=TEXT, read_panel="Units")
    press(app, "Read the test texts")
    settle(app)
    assert f"predicts {literal(HOSTILE[2])}" in as_written(app)
    labels = set(re.findall(r'<bdi class="label">([^<]*)</bdi>', body(app)))
    assert labels
    assert labels <= {
        html.escape(name[:19]) + "…" if len(name) > 20 else html.escape(name) for name in HOSTILE
    }
    before = ranking_of(app)
    after = ranking_of(put(app, followed=HOSTILE[1]))
    assert after.value["unit"].tolist() != before.value["unit"].tolist()
    assert after.proto.id != before.proto.id  # the ticks are kept under it
    assert f"**What makes unit {after.value['unit'][0]} of h largest**" in as_written(app)


def ranking_of(app):
    return next(table for table in app.dataframe if "area under the ROC curve" in table.value)


def test_of_a_corpus_that_is_gone_typed_text_is_read_and_the_panels_say_why_they_are_empty(open_app, own):
    app = open_app("read")
    assert app.session_state["review_text"] == ""
    assert "Type a text like those of tickets" in as_written(app)
    assert "not on this machine any more" in as_written(app)
    for panel in ("The plane of states", "Units"):
        app = open_app("read", review_text=TEXT, read_panel=panel)
        assert "The corpus tickets is not on this machine any more" in as_written(app)


def test_a_corpus_with_other_classes_than_the_network_is_named(open_app, make_own_model, corpus):
    make_own_model("own", "a", "b", "c")
    app = open_app("read", review_text=TEXT, read_panel="Units")
    assert "is not the one that this network learned from" in as_written(app)
    assert "it has the classes" in as_written(app)


def test_a_text_of_the_corpus_is_read_first_and_an_example_where_a_network_has_examples(
    open_app, own, make_model, corpus
):
    assert open_app("read").session_state["review_text"] == corpus[30].text
    make_model("gru")
    app = open_app("read", {"model": "gru"})
    assert app.session_state["review_text"] == VERDICT_EXAMPLES[0].text
    app.get_by_key("model_picked").set_value("own").run()
    assert app.session_state["review_text"] == corpus[30].text
    assert "review" not in as_written(app).lower().replace("those that learned from reviews", "")
    app.get_by_key("model_picked").set_value("gru").run()
    assert app.session_state["review_text"] == VERDICT_EXAMPLES[0].text


def test_of_two_classes_of_ones_own_their_names_stand_everywhere(open_app, make_own_model):
    make_own_model("own", "<i>spam</i>", "fine & good")
    app = open_app("read", {"followed": "<i>spam</i>"}, review_text=TEXT)
    assert not given(app, "isChosen")
    assert "followed" not in app.query_params
    assert "<bdi>&lt;i&gt;spam&lt;/i&gt;</bdi><bdi>fine &amp; good</bdi>" in body(app)
    key = given(app, "key")[0]["key"]
    assert "towards &lt;i&gt;spam&lt;/i&gt;" in key
    assert "towards fine &amp; good" in key
    drawn = " ".join([body(app), as_written(app), key])
    assert not re.search("positive|negative", drawn)


def test_only_models_with_the_same_classes_stand_beside_one_another(open_app, make_own_model, make_model):
    make_own_model("one", *HOSTILE)
    two = Model.load(make_own_model("two", *reversed(HOSTILE), seed=1))
    make_own_model("three", "a", "b", "c")
    make_model("gru")
    app = open_app("read", {"model": "one", "followed": "=1+1"}, review_text=TEXT, read_panel="Two models")
    assert app.get_by_key("other_model").options == ["GRU on tickets · two"]
    assert "2 models with other classes or other tokens" in as_written(app)
    assert f"{trace(two, TEXT, 3).probability:.1%} by two" in as_written(
        app
    )  # the class of this name, wherever it stands
    app = open_app("read", {"model": "three"}, review_text=TEXT, read_panel="Two models")
    assert "No other model on this machine has the same classes" in as_written(app)


def test_the_link_to_share_says_which_class_was_chosen(open_app, make_own_model):
    make_own_model("own", "a", "b", "c")
    for query in ({"followed": "b"}, {}):
        link = open_app("read", query, review_text=TEXT, read_panel="Export").code[-1].value
        assert ("followed=b" in link) == ("followed" in link) == bool(query)


@pytest.mark.parametrize("page", ["", "cells"])
def test_home_and_cells_read_with_a_network_of_ones_own(open_app, own, corpus, page):
    app = open_app(page)
    assert "<b>bold</b>" not in body(app)
    if not page:
        assert app.text_input[0].value == corpus[30].text
        assert "The network says" in body(app)
