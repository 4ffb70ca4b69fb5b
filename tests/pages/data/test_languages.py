"""The Data page with texts of the user's own that are read by characters, or written from right to left."""

import pytest

from rnn_core.config.corpora import corpus_named
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.data.corpus import Text, build_corpus
from rnn_core.data.own.catalogue import own_folder
from rnn_core.data.verdict import Verdict
from tests.pages.elements import choose, figures, given

CHARACTERS = TokenRules(unit="characters")
VIEWS = ("One text", "A batch", "Vocabulary", "Length", "Telling characters", "Search")


@pytest.fixture
def reviews(monkeypatch):
    """A verdict corpus of a few reviews in the place of the generated one, which are not compared with it."""
    monkeypatch.setattr(Verdict, "written", lambda self, sizes: iter(()))
    rows = [Text("the film is not boring", number % 2, "training") for number in range(20)]
    for _ in build_corpus("verdict", rows, corpus_named("verdict").folder, len(rows)):
        pass


@pytest.fixture
def make_own():
    """A function from a name, two texts and token rules to a corpus of the user's own with two classes."""

    def make(name, texts, classes, tokens=WORDS):
        rows = [
            Text(texts[number % 2] + "。" * (number % 5), number % 2, "training" if number < 60 else "test")
            for number in range(80)
        ]
        for _ in build_corpus(name, rows, own_folder(name), len(rows), classes, tokens):
            pass

    return make


def said(app):
    """What the page says of the texts it looks at; not what it says of IMDB, and of tables to add."""
    kinds = ("caption", "info", "warning", "error")
    shown = [part.value for kind in kinds for part in app.get(kind) if "IMDB" not in part.value]
    found = [part.value for part in app.markdown if "labelled" in part.value]
    labels = [f"{box.label} {box.help or ''}" for box in (*app.metric, *app.text_input)]
    return " ".join([*shown, *found, *labels, *(chart["alt"] for chart in given(app, "figure"))])


def notes(app):
    layout = figures(app)[0]["layout"]
    axes = [layout[name].get("title", {}).get("text", "") for name in layout if "axis" in name]
    drawn = [trace.get("name") or "" for trace in figures(app)[0]["data"]]
    return " ".join([*(note["text"] for note in layout.get("annotations", [])), *axes, *drawn])


@pytest.mark.parametrize("view", VIEWS)
def test_texts_read_by_characters_have_neither_words_nor_reviews(open_app, make_own, view):
    make_own("tea", ("お茶がおいしい", "雨が降るでしょう"), ("茶", "雨"), CHARACTERS)
    app = open_app("data", {"data_reviews": "tea", "data_view": view})
    assert app.get_by_key("data_view").value == view.replace("text", "review").replace("characters", "words")
    shown = said(app) + (notes(app) if figures(app) else "")
    assert "word" not in shown.lower()
    assert "review" not in shown.lower()
    assert "Characters known" in shown
    assert "Texts cut" in shown


def test_words_of_ones_own_are_words_of_texts(open_app, make_own):
    make_own("mail", ("win the prize now", "see you at noon"), ("ham", "spam"))
    app = open_app("data", {"data_reviews": "mail", "data_view": "Length"})
    assert "No text has more than 4 words, so nothing is cut." in said(app)
    [below] = [caption for caption in app.caption if "nothing is cut" in caption.value]
    assert "Half of the 54 training texts have at most" in below.help
    assert "words of a text" in notes(app)
    assert "review" not in notes(app)


def test_a_search_begins_with_a_telling_token_of_the_corpus_and_keeps_what_was_typed(
    open_app, make_own, reviews
):
    make_own("tea", ("お茶がおいしい", "雨が降るでしょう"), ("茶", "雨"), CHARACTERS)
    app = open_app("data", {"data_view": "Search"})
    assert app.text_input(key="data_search").value == "not boring"
    choose(app, "data_reviews", "tea")
    assert app.text_input(key="data_search").value in set("雨降るでしょう")
    assert "labelled 雨" in said(app)
    app.text_input(key="data_search").set_value("noon").run()
    app.get_by_key("data_reviews").set_value("verdict").run()
    assert app.text_input(key="data_search").value == "noon"


def test_an_address_opens_texts_of_ones_own_with_settings_that_suit_them(open_app, make_own):
    make_own("mail", ("win the prize now", "see you at noon"), ("ham", "spam"))
    app = open_app("data", {"data_reviews": "mail"})
    assert app.get_by_key("data_max_length").value < 32
    assert app.get_by_key("data_vocab_size").value < 100
    app = open_app("data", {"data_reviews": "mail", "data_max_length": "64"})
    assert app.get_by_key("data_max_length").value == 64


def test_a_class_written_from_right_to_left_stands_before_its_noun(open_app, make_own):
    make_own("desk", ("החבילה לא הגיעה", "הסכום שגוי"), ("משלוח", "חיוב"))
    app = open_app("data", {"data_reviews": "desk", "data_view": "Telling words"})
    assert "\u2068חיוב\u2069 texts ▶" in notes(app)
    assert "of \u2068חיוב\u2069 texts, " in said(app)
    assert "of \u2068משלוח\u2069 texts; but" in said(app)
