"""Read with networks of the user's own texts: any number of classes, any names, any script, a whole table."""

import csv
import dataclasses
import html
import re

import numpy as np
import pytest
import streamlit as st

from pages.components.read import answers
from pages.components.shared.address import pack
from pages.components.shared.belongings import uploads
from pages.components.shared.format import literal
from pages.components.shared.jobs import jobs
from rnn_core.config.run import RunConfig
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.data.corpus import FILMS, Text, build_corpus
from rnn_core.data.examples import VERDICT_EXAMPLES
from rnn_core.data.own.catalogue import own_folder
from rnn_core.inspection.trace import trace
from rnn_core.labelling import label_texts
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import Vocabulary
from tests.pages.conftest import save_untrained
from tests.pages.elements import as_written, body, choose, figures, given, press, put, said, texts
from tests.pages.everywhere import PANELS

pytestmark = pytest.mark.slow

HOSTILE = ("<b>bold</b> $x$", "שלום", "=1+1", "a & b", "**loud** [x](http://x)", "n" * 100)
TEXT = "The film is great, the dull film."
CHARACTERS = TokenRules(unit="characters")
JAPANESE = ("お茶がおいしい", "雨が降るでしょう", "歌を聴きました")
HEBREW = ("החבילה לא הגיעה", "הסכום שגוי בחשבונית", "האפליקציה קורסת שוב")
OF_TEA, OF_DESK = ("茶", "雨", "歌"), ("משלוח", "חיוב", "תקלה")


def write_corpus(name, rows, classes, tokens=WORDS):
    identity = FILMS._replace(classes=classes, tokens=tokens)
    list(build_corpus(name, rows, own_folder(name), len(rows), identity))
    return rows


@pytest.fixture
def corpus():
    """60 texts of six classes, 30 of them to test on."""
    words = ["the", "film", "is", "dull", "great"]
    parts = ["training"] * 30 + ["test"] * 30
    rows = [Text(" ".join(words[: 2 + n % 4]), n % 6, part) for n, part in enumerate(parts)]
    return write_corpus("tickets", rows, HOSTILE)


@pytest.fixture
def own(make_own_model):
    """A network of these classes."""
    return Model.load(make_own_model("own", *HOSTILE))


def classes_of(app):
    return given(app, "isChosen")[0]


def curves(app):
    """Name -> the curve of the verdict of each class that is drawn."""
    return {
        html.unescape(drawn["name"]).strip("\u2068\u2069"): drawn["y"]
        for drawn in figures(app)[0]["data"]
        if drawn.get("yaxis") == "y" and drawn["name"] != "turns"
    }


def test_classes_are_listed_and_one_is_followed(open_app, own):
    """Classes stand by their probability; at first the predicted one, and again when another is let go."""
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
    other = next(name for name in HOSTILE if name != read.label)
    put(app, followed=other)
    assert (classes_of(app)["followed"], classes_of(app)["isChosen"]) == (other, True)
    curve = trace(own, TEXT, HOSTILE.index(other)).probabilities
    np.testing.assert_allclose(curves(app)[other], curve, rtol=1e-5)
    assert app.query_params["followed"] in (other, [other])
    del app.session_state["followed"]
    app.run()
    assert (classes_of(app)["followed"], classes_of(app)["isChosen"]) == (read.label, False)
    assert "followed" not in app.query_params


def test_a_second_click_on_a_class_takes_it_back():
    st.session_state.pop("followed", None)
    for name, chosen in (("a", "a"), ("b", "b"), ("b", None), ("a", "a")):
        answers.choose(name)
        assert st.session_state.get("followed") == chosen


def test_the_address_follows_a_class_of_the_network(open_app, own):
    """One that it lacks is ignored; the link to share names the chosen one alone."""
    app = open_app("read", {"followed": "שלום", "text": pack(TEXT), "read_panel": "Export"})
    assert classes_of(app)["followed"] == "שלום"
    assert "towards שלום" in given(app, "ways")[0]["ways"].values()
    assert "followed=" in app.code[-1].value
    app.query_params["followed"] = "unheard of"
    app.run()
    assert classes_of(app)["followed"] == "שלום"  # as chosen before
    fresh = open_app("read", {"followed": "unheard of", "text": pack(TEXT), "read_panel": "Export"})
    assert classes_of(fresh)["followed"] == trace(own, TEXT).label
    assert "followed" not in fresh.query_params
    assert "followed" not in fresh.code[-1].value


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_reads_hostile_names_as_text(open_app, make_own_model, own, corpus, panel):
    make_own_model("own-too", *HOSTILE, seed=1)
    make_own_model("other", "a", "b", "c", data="poems")
    # One name is markup to a browser, one to Markdown; all six are listed as long as one is followed.
    for name in HOSTILE if panel == "Another word" else (HOSTILE[0], HOSTILE[4]):
        app = open_app("read", {"model": "own", "followed": name}, review_text=TEXT, read_panel=panel)
        assert "<b>bold</b>" not in body(app)
        assert not [name for name in (HOSTILE[0], HOSTILE[4]) if name in as_written(app)]
        if panel in ("Another word", "Padding", "Two models"):
            assert literal(name[:30])[:30] in as_written(app)


def test_units_are_ranked_for_the_followed_class(open_app, own, corpus, settle):
    """Each class has a table of its own, with no row ticked."""

    def ranking(app):
        return next(table for table in app.dataframe if "area under the ROC curve" in table.value)

    app = open_app("read", {"model": "own", "followed": HOSTILE[2]}, review_text=TEXT, read_panel="Units")
    press(app, "Read the test texts")
    settle(app)
    assert f"predicts {literal(HOSTILE[2])}" in as_written(app)
    labels = set(re.findall(r'<bdi class="label">([^<]*)</bdi>', body(app)))
    shortened = {name[:19] + "…" if len(name) > 20 else name for name in HOSTILE}
    assert set() < labels <= {html.escape(name) for name in shortened}
    before = ranking(app)
    after = ranking(put(app, followed=HOSTILE[1]))
    assert after.value["unit"].tolist() != before.value["unit"].tolist()
    assert after.proto.id != before.proto.id  # the ticks are kept under it
    assert f"**What makes unit {after.value['unit'][0]} of h largest**" in as_written(app)


def test_of_a_corpus_that_is_gone_panels_say_why(open_app, make_own_model, own):
    """Typed text is read; a corpus with other classes than the network is named, too."""
    app = open_app("read")
    assert app.session_state["review_text"] == ""
    assert "Type a text like those of tickets" in as_written(app)
    assert "not on this machine any more" in as_written(app)
    for panel in ("The plane of states", "Units"):
        app = open_app("read", review_text=TEXT, read_panel=panel)
        assert "The corpus tickets is not on this machine any more" in as_written(app)
    write_corpus("tickets", [Text("the film", n % 3, "training") for n in range(9)], ("a", "b", "c"))
    app = open_app("read", review_text=TEXT, read_panel="Units")
    assert "is not the one that this network learned from" in as_written(app)
    assert "it has the classes" in as_written(app)


def test_a_text_of_the_corpus_is_read_first(open_app, own, make_model, corpus):
    """An example where a network has examples; Home and Cells begin so, too."""
    for page in ("", "cells"):
        app = open_app(page)
        assert "<b>bold</b>" not in body(app)
        assert page or (app.text_input[0].value == corpus[30].text and "The network says" in body(app))
    assert open_app("read").session_state["review_text"] == corpus[30].text
    make_model("gru")
    app = open_app("read", {"model": "gru"})
    for model, text in (("gru", VERDICT_EXAMPLES[0].text), ("own", corpus[30].text)) * 2:
        choose(app, "model_picked", model)
        assert app.session_state["review_text"] == text
    assert "review" not in as_written(app).lower().replace("those that learned from reviews", "")


def test_of_two_classes_their_names_stand_everywhere(open_app, make_own_model):
    make_own_model("own", "<i>spam</i>", "fine & good")
    app = open_app("read", {"followed": "<i>spam</i>"}, review_text=TEXT)
    assert not given(app, "isChosen")
    assert "followed" not in app.query_params
    assert "<bdi>&lt;i&gt;spam&lt;/i&gt;</bdi><bdi>fine &amp; good</bdi>" in body(app)
    ways = given(app, "ways")[0]["ways"]
    assert ways == {"up": "towards fine & good", "down": "towards <i>spam</i>"}
    assert not re.search("(?<!--gs-)(positive|negative)", " ".join([body(app), as_written(app)]))


def test_models_with_the_same_classes_are_compared(open_app, make_own_model, make_model):
    """The class of a name is followed in both, wherever it stands."""
    make_own_model("one", *HOSTILE)
    two = Model.load(make_own_model("two", *reversed(HOSTILE), seed=1))
    make_own_model("three", "a", "b", "c")
    make_model("gru")
    app = open_app("read", {"model": "one", "followed": "=1+1"}, review_text=TEXT, read_panel="Two models")
    assert app.get_by_key("other_model").options == ["GRU on tickets · two"]
    assert "2 models with other classes or other tokens" in as_written(app)
    assert f"{trace(two, TEXT, 3).probability:.1%} by two" in as_written(app)
    app = open_app("read", {"model": "three"}, review_text=TEXT, read_panel="Two models")
    assert "No other model on this machine has the same classes" in as_written(app)


@pytest.fixture
def make_reader():
    """A function that makes a corpus of texts, one of each class, and puts an untrained network beside it."""

    def make(data, texts, classes, tokens=WORDS, cell="gru"):
        K = len(classes)
        rows = [Text(texts[n % K] + "!" * (n % 3), n % K, "training" if n < 9 else "test") for n in range(18)]
        write_corpus(data, rows, classes, tokens)
        words = Vocabulary.from_counts({token: 2 for text in texts for token in tokenize(text, tokens)}, 40)
        config = dataclasses.replace(RunConfig(data=data, classes=classes), tokens=tokens)
        save_untrained(pretrained_folder() / data, config.with_settings(cell=cell, max_length=6), words)

    return make


@pytest.fixture
def tea(make_reader):
    make_reader("tea", JAPANESE, OF_TEA, CHARACTERS)


@pytest.mark.parametrize("panel", [*PANELS[:5], *PANELS[7:10]])
def test_of_characters_no_word_and_no_review_is_said(open_app, make_reader, panel):
    make_reader("tea", JAPANESE, OF_TEA, CHARACTERS, cell="elman")
    app = open_app("read", read_panel=panel)
    boxes = [f"{box.label} {box.help or ''}" for box in (*app.selectbox, *app.slider)]
    drawn = [chart["alt"] for chart in given(app, "figure")] + [str(strip) for strip in given(app, "chips")]
    shown = " ".join([said(app), *boxes, *drawn]).lower()  # but for the names of panels
    assert "review" not in shown
    assert "word" not in shown.replace("every word goes through the same tanh", "")  # of Elman's cell
    assert "characters coloured" in shown


def test_what_is_cut_or_unknown_is_counted_in_characters(open_app, tea):
    [strip] = given(open_app("read", review_text="お茶" * 20 + "猫が"), "chips")
    assert "… 25 more characters cut off …" in strip["chips"]["text"]
    assert (strip["unit"], [*strip["chips"]["kind"].values()].count("unknown")) == ("character", 1)
    app = open_app("read", review_text="歌聴雨", read_panel="Another window")
    [size] = [slider for slider in app.slider if slider.label == "Vocabulary size"]
    assert size.value == size.max // 2  # where it makes a difference
    assert "It reads **3** of 3 characters, and does not know **3** of them" in said(app)


def test_home_and_cells_speak_of_characters(open_app, tea):
    app = open_app("cells", {"model": "tea"})
    assert "the whole character and the whole state" in said(app)
    notes = figures(app)[0]["layout"]["annotations"]
    assert {"from the character", "x, the character"} <= {note["text"] for note in notes}
    app = open_app()
    app.text_input(key="home_text").set_value("  ").run()
    assert "Type a few characters, and the network answers." in said(app)


def test_moments_stand_as_their_script_is_written(open_app, make_reader, tea, settle):
    """Characters without blanks, Hebrew from right to left; time runs from left to right in any script."""

    def moments(model):
        app = open_app("read", {"model": model}, read_panel="Units")
        press(app, "Read the test texts")
        return body(settle(app)), app

    drawn, _ = moments("tea")
    assert "</b> " not in drawn.partition("gs-moment")[2]
    assert "<b>" in drawn
    make_reader("desk", HEBREW, OF_DESK)
    drawn, app = moments("desk")
    assert 'class="words" dir="rtl"' in drawn
    assert 'class="words" dir="ltr"' not in drawn
    [strip] = given(app, "chips")
    assert strip["rightToLeft"]
    axis = figures(put(app, review_text=HEBREW[1]))[0]["layout"]["xaxis"]
    assert axis["range"] == [0.5, 4.5]
    shown = [label.strip("\u2068\u2069") for label in axis["ticktext"]]
    assert shown == ["&lt;start&gt;", *HEBREW[1].split()]


CLASSES = ("billing", "delivery", "login")
ROWS = ["the film is dull", "a great film, great", "", "is it the dull film"]


@pytest.fixture
def table(open_app, settle, tables_here, make_own_model, tmp_path):
    """Read with its panel open and a table of four rows in it, and the model."""
    model = Model.load(make_own_model("own", *CLASSES))
    with (tmp_path / "new.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("number", "message"), *enumerate(ROWS)])
    source = str(tmp_path / "new.csv")
    app = open_app("read", review_text=ROWS[0], read_panel="A whole table", labelled_source=source)
    return settle(app), model


def read_table(app, settle):
    press(app, "Read the table")
    settle(app)
    return [path for path in uploads().rglob("*") if path.is_file()]


def test_a_table_is_read_and_offered_with_its_classes(table, settle):
    app, model = table
    [written] = read_table(app, settle)
    assert "**3 texts read.**" in texts(app, "markdown")
    labelled = [one and CLASSES[one.label] for one in label_texts(model, ROWS)]
    [counts] = [table.value for table in app.dataframe if "texts" in table.value]
    expected = {name: labelled.count(name) for name in CLASSES}
    assert dict(zip(counts["class"], counts["texts"], strict=True)) == expected
    with written.open(newline="") as file:
        assert [row["class"] for row in csv.DictReader(file)] == [name or "" for name in labelled]
    assert len(app.get("download_button")) >= 1


def test_of_a_wrong_table_nothing_is_left(table, settle, tmp_path):
    app, _ = table
    (tmp_path / "new.csv").write_text("number,message\n1,a,b,c\n")
    assert read_table(app, settle) == []
    assert "has 4 cells where the table has 2 columns" in texts(app, "error")


def test_the_last_reading_alone_is_kept_for_the_session(table, settle):
    app, _ = table
    [[first], [second]] = (read_table(app, settle) for _ in range(2))
    assert first != second
    app.session_state["belongings"].end()
    assert not [path for path in uploads().rglob("*") if path.is_file()]
    assert not [name for name in jobs()._jobs if name.startswith("labelled")]
