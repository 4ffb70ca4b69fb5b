"""Read, Cells and Home with networks that read characters, or texts written from right to left."""

import dataclasses
import json

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.data.corpus import Text, build_corpus
from rnn_core.data.own.catalogue import own_folder
from rnn_core.paths import pretrained_folder
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import Vocabulary
from tests.pages.conftest import save_untrained
from tests.pages.elements import body, figures, given, press, said

CHARACTERS = TokenRules(unit="characters")
JAPANESE = ("お茶がおいしい", "雨が降るでしょう", "歌を聴きました")
HEBREW = ("החבילה לא הגיעה", "הסכום שגוי בחשבונית", "האפליקציה קורסת שוב")
OF_TEA, OF_DESK = ("茶", "雨", "歌"), ("משלוח", "חיוב", "תקלה")
PANELS = (
    *("At this token", "Another word", "Hold a gate", "Another window", "Padding"),
    *("The plane of states", "Units", "A whole table"),
)


@pytest.fixture
def make_reader():
    """A function that makes a corpus of texts, one of each class, and puts an untrained network beside it."""

    def make(data, texts, classes, tokens=WORDS, cell="gru"):
        K = len(classes)
        rows = [Text(texts[n % K] + "!" * (n % 3), n % K, "training" if n < 9 else "test") for n in range(18)]
        list(build_corpus(data, rows, own_folder(data), len(rows), classes, tokens))
        words = Vocabulary.from_counts({token: 2 for text in texts for token in tokenize(text, tokens)}, 40)
        config = dataclasses.replace(RunConfig(data=data, classes=classes), tokens=tokens)
        config = config.with_settings(cell=cell, max_length=6)
        save_untrained(pretrained_folder() / data, config, words)

    return make


def all_said(app):
    """What the page says, but for the names of panels and what it says of tables."""
    boxes = [f"{box.label} {box.help or ''}" for box in (*app.selectbox, *app.slider)]
    drawn = [chart["alt"] for chart in given(app, "figure")] + [strip["key"] for strip in given(app, "key")]
    return " ".join([said(app), *boxes, *drawn])


@pytest.mark.parametrize("panel", PANELS)
def test_a_network_of_characters_has_neither_words_nor_reviews(open_app, make_reader, panel):
    make_reader("tea", JAPANESE, OF_TEA, CHARACTERS, cell="elman")
    app = open_app("read", read_panel=panel)
    shown = all_said(app).lower()
    assert "review" not in shown
    assert "word" not in shown.replace("every word goes through the same tanh", "")  # of Elman's cell
    assert "characters coloured" in shown


def test_what_is_cut_or_unknown_is_counted_in_characters(open_app, make_reader):
    make_reader("tea", JAPANESE, OF_TEA, CHARACTERS)
    [strip] = given(open_app("read", review_text="お茶" * 20 + "猫が"), "chips")
    assert "… 25 more characters cut off …" in strip["chips"]["text"]
    assert "1 unknown character</u>" in strip["key"]
    app = open_app("read", review_text="歌聴雨", read_panel="Another window")
    [size] = [slider for slider in app.slider if slider.label == "Vocabulary size"]
    assert size.value == size.max // 2  # where it makes a difference
    assert "It reads **3** of 3 characters, and does not know **3** of them" in said(app)


def test_characters_around_a_moment_stand_without_blanks(open_app, make_reader, settle):
    make_reader("tea", JAPANESE, OF_TEA, CHARACTERS)
    app = open_app("read", read_panel="Units")
    assert "what it finds is kept" in said(app).lower()
    press(app, "Read the test texts")
    settle(app)
    assert "</b> " not in body(app).partition("gs-moment")[2]
    assert "<b>" in body(app)


def test_moments_of_texts_written_from_right_to_left_are_drawn_so(open_app, make_reader, settle):
    make_reader("desk", HEBREW, OF_DESK)
    app = open_app("read", read_panel="Units")
    press(app, "Read the test texts")
    settle(app)
    assert 'class="words" dir="rtl"' in body(app)
    assert 'class="words" dir="ltr"' not in body(app)
    [strip] = given(app, "chips")
    assert strip["direction"] == "rtl"


def test_time_runs_from_left_to_right_whatever_the_script(open_app, make_reader):
    make_reader("desk", HEBREW, OF_DESK)
    app = open_app("read", review_text=HEBREW[1])
    axis = figures(app)[0]["layout"]["xaxis"]
    assert axis["range"] == [0.5, 4.5]
    shown = [label.strip("\u2068\u2069") for label in axis["ticktext"]]
    assert shown == ["&lt;start&gt;", *HEBREW[1].split()]


def test_one_step_is_that_of_a_character_and_home_asks_for_characters(open_app, make_reader):
    make_reader("tea", JAPANESE, OF_TEA, CHARACTERS)
    app = open_app("cells", {"model": "tea"})
    assert "the whole character and the whole state" in said(app)
    notes = json.loads(app.get("plotly_chart")[0].spec)["layout"]["annotations"]
    assert {"from the character", "x, the character"} <= {note["text"] for note in notes}
    app = open_app()
    app.text_input(key="home_text").set_value("  ").run()
    assert "Type a few characters, and the network answers." in said(app)
