"""The Data page: its views, its numbers and its search, on reviews and on texts of the user's own."""

import re

import pytest

from pages.components.data.review_search import _found_html
from pages.components.shared import corpora
from rnn_core.config.corpora import corpus_named
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.data.corpus import FILMS, Text, build_corpus
from rnn_core.data.own.catalogue import own_folder
from rnn_core.data.verdict import Verdict
from rnn_core.figures.colours import LIGHT
from rnn_core.progress import finish
from tests.pages.elements import as_written, body, choose, figures, given, labels, press, said, walk

pytestmark = pytest.mark.slow  # it draws many pages

NASTY = "<img src=x onerror=alert(1)> **loud** $x$ :red[red] &copy; good film"
REVIEWS = [
    *(Text(f"the good film number{n}", True, "training") for n in range(20)),
    *(Text(f"the bad bad film and plot<br />number{n}", False, "training") for n in range(20)),
    Text("the film is not bad", True, "validation"),
    Text(NASTY, True, "test"),
    Text("a bad end", False, "test"),
]
VIEWS = ("One review", "A batch", "Vocabulary", "Length", "Telling words", "Search")
BELOW = {  # a part of the sentence below each picture
    "One review": "The network reads",
    "A batch": "of this batch",
    "Vocabulary": "A vocabulary of",
    "Length": "so nothing is cut",
    "Telling words": "is the clearest sign of",
}


def put(reviews, name="verdict"):
    """A corpus of a few reviews in the place of the real one."""
    finish(build_corpus(name, reviews, corpus_named(name).folder, len(reviews)))


@pytest.fixture(autouse=True)
def not_compared(monkeypatch):
    """Nobody looks whether the reviews are those that are generated."""
    monkeypatch.setattr(Verdict, "written", lambda self, sizes: iter(()))


@pytest.fixture
def reviews():
    put(REVIEWS)


def numbers(app):
    return {metric.label: metric.value for metric in app.metric}


def test_without_imdb_it_opens_on_the_verdict_corpus(open_app, settle, small_verdict):
    """The ways to IMDB are said once."""
    app = settle(open_app("data"))
    assert app.get_by_key("data_reviews").value == "verdict"
    assert len(app.metric) == 4
    assert "gs-steps" in body(app)
    assert "not on this machine yet" in said(app)
    assert "Download IMDB" in labels(app)
    app = open_app("data", {"data_reviews": "IMDB"})
    assert [button.label for button in app.button].count("Download IMDB") == 1
    assert not app.metric
    press(app, "Use the verdict corpus")
    assert app.get_by_key("data_reviews").value == "verdict"
    assert app.select_slider(key="data_max_length").value == 400
    app = open_app("data", {"data_reviews": "imdb-characters"})  # of the same archive
    offered = [button.label for button in app.button if "Download" in button.label]
    assert offered == ["Download IMDB by characters"]


def test_an_archive_that_was_used_is_not_offered(open_app):
    put(REVIEWS, "imdb")
    assert not any("Download IMDB" in label for label in labels(open_app("data")))


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_a_picture_and_a_sentence_below(open_app, reviews, view):
    """The sentence says what is seen, with two numbers at most."""
    app = open_app("data", {"data_view": view})
    assert not app.error
    if view in ("One review", "Search"):
        assert "good" in body(app) or "bad" in body(app) or app.info
    else:
        [chart] = given(app, "figure")
        assert chart["alt"]
        assert chart["height"] == 380
    if view in BELOW:
        [sentence] = [one.value for one in app.caption if BELOW[view] in one.value]
        assert len(re.findall(r"[.!?](?:\s|$)", sentence)) == 1
        assert len(re.findall(r"\d[\d,.]*", sentence)) <= 2


def test_the_padding_that_is_said_follows_the_controls(open_app, reviews):
    app = open_app("data", {"data_view": "A batch"})
    choose(app, "data_batch_size", 40)
    rows = figures(app)[0]["layout"]["yaxis"]["range"]
    assert rows == [40.5, 0.5]
    words = (20 * 4 + 20 * 7) / 40 + 1  # and <start>
    assert numbers(app)["Padding"] == f"{1 - words / 400:.1%}"
    assert f"**{1 - words / 400:.1%} of this batch** of 40 reviews is padding" in said(app)
    assert numbers(app)["Reviews cut"] == "0.0%"
    choose(app, "data_max_length", 32)
    assert numbers(app)["Padding"] == f"{1 - words / 32:.1%}"
    choose(app, "data_start_token", False)
    assert numbers(app)["Padding"] == f"{1 - (words - 1) / 32:.1%}"


def test_an_address_opens_its_review_and_settings(open_app, reviews):
    app = open_app("data", {"review": "41", "data_max_length": "64", "data_padding": "end"})
    assert app.session_state["data_text"] == NASTY
    assert "<img" not in body(app)  # markup in a review stays text
    assert "&lt;img src=x onerror=alert(1)&gt;" in body(app)
    assert "1 &lt;start&gt;" in body(app)
    assert app.select_slider(key="data_max_length").value == 64
    assert app.get_by_key("data_padding").value == "post"
    app.session_state["data_text"] = "my own film"
    app.run()
    assert "A text of your own" in said(app)
    assert "review" not in app.query_params


@pytest.mark.parametrize("number", ["43", "-1", "x", "9" * 30])
def test_a_review_that_is_not_there_is_named(open_app, reviews, number):
    """A review that is there can be drawn, with its label."""
    app = open_app("data", {"review": number})
    assert "numbered from 0 to 42" in app.warning[0].value
    press(app, "Draw another")
    assert app.session_state["data_text"] in {review.text for review in REVIEWS}
    assert "labelled" in said(app)


def test_any_text_but_one_far_too_long_is_taken_apart(open_app, reviews):
    app = open_app("data")
    for text in ("", "... —", "word " * 100_000):
        app.session_state["data_text"] = text
        assert "6 Padded" in body(app.run())
    app.session_state["data_text"] = "word " * 200_001
    assert "1,000,000" in app.run().warning[0].value


def test_a_search_says_how_many_and_marks_the_words(open_app, reviews):
    """One in vain says so."""
    app = open_app("data", {"data_view": "Search", "data_search": "bad FILM"})
    assert "**21 reviews**: 5% labelled positive" in said(app)
    assert sum(button.label == "Read it" for button in app.button) == 10
    corpus = corpora.opened("verdict")
    assert _found_html(corpus, 40, REVIEWS[40].text, ("bad", "film"), LIGHT).count("<mark") == 2
    for query in ("", "zither", "<b>zither</b> **x**"):
        choose(app, "data_search", query)
        assert ("No review has the word" if query else "Type a word") in app.info[0].value
        assert "<b>" not in as_written(app)


def test_a_review_that_was_found_is_handed_to_read(open_app, reviews, make_model):
    """Markup in it stays text."""
    make_model("gru", cell="gru")
    app = open_app("data", {"data_view": "Search", "data_search": "onerror"})
    assert "<img" not in body(app)
    assert "&lt;img src=x <mark" in body(app)
    assert "**loud**" not in as_written(app)
    press(app, "Read it")
    assert app.title[0].value == "Watch it read"
    assert app.session_state["review_text"] == NASTY


def test_train_takes_over_the_settings(open_app, reviews):
    app = open_app("data", {"data_max_length": "64", "data_truncation": "end"})
    press(app, "Train with these")
    assert app.title[0].value == "Train a network"
    assert app.session_state["setting_max_length"] == 64
    assert app.session_state["setting_truncation"] == "post"
    assert app.session_state["setting_data"] == "verdict"


def test_the_share_that_loses_most_is_marked_on_top(open_app):
    """One of four shares is, before the sliders; none is marked where nothing is lost."""
    put([*REVIEWS, Text("film " * 200, True, "training")])
    for length, marked in (("400", []), ("32", ["Words cut off"])):
        app = open_app("data", {"review": "43", "data_max_length": length})
        assert ('class="cut"' in body(app)) == bool(marked)
        assert [metric.label for metric in app.metric if metric.delta == "most is lost here"] == marked
        kinds = [part.type for part in walk(app._tree)]
        assert kinds.index("metric") < kinds.index("select_slider")


def test_copies_among_reviews_held_out_are_counted(open_app):
    """Their count stands there with what they are worth."""
    put(REVIEWS)
    assert "Copies" not in said(open_app("data"))
    put([*REVIEWS, REVIEWS[0]._replace(split="test"), REVIEWS[21]._replace(split="validation")])
    words = said(open_app("data"))
    assert "1 of the 3 test reviews, and 1 of the 2 validation reviews of seed 0, are word for word" in words
    assert f"the copies then add {100 * 0.1 / 3:.2f} points to its test accuracy" in words


def test_characters_without_a_glyph_are_shown_as_signs(open_app):
    """They are read as they are."""
    strange = "good \x96 film\x85 don\x92t \x08"
    put([Text(strange, True, "training"), *REVIEWS])
    app = open_app("data", {"review": "0"})
    assert app.session_state["data_text"] == "good – film… don t  "
    assert "labelled positive" in said(app)
    assert ">don</span>" in body(app)  # the network reads the character that stands there, not the sign
    searched = open_app("data", {"data_view": "Search", "data_search": "good film don"})
    assert "\x96" not in body(searched)
    assert "–" in body(searched)


def make_own(name, texts, classes, tokens=WORDS):
    """A corpus of the user's own with two classes, of two texts over and over."""
    rows = [
        Text(texts[number % 2] + "。" * (number % 5), number % 2, "training" if number < 60 else "test")
        for number in range(80)
    ]
    identity = FILMS._replace(classes=classes, tokens=tokens)
    finish(build_corpus(name, rows, own_folder(name), len(rows), identity))


@pytest.fixture
def tea():
    """Texts that are read by characters."""
    rules = TokenRules(unit="characters")
    make_own("tea", ("お茶がおいしい", "雨が降るでしょう"), ("茶", "雨"), rules)


def words_of(app):
    """Return what the page says of the texts it looks at; not what it says of IMDB, and of tables to add."""
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
def test_texts_of_characters_have_no_words_or_reviews(open_app, tea, view):
    """The views are called accordingly, also in the address."""
    called = view.replace("review", "text").replace("words", "characters")
    app = open_app("data", {"data_reviews": "tea", "data_view": called})
    assert app.get_by_key("data_view").value == view
    shown = words_of(app) + (notes(app) if figures(app) else "")
    assert "word" not in shown.lower()
    assert "review" not in shown.lower()
    assert "Characters known" in shown
    assert "Texts cut" in shown


def test_words_of_ones_own_are_words_of_texts(open_app):
    """They have settings that suit them, but where the address has others."""
    make_own("mail", ("win the prize now", "see you at noon"), ("ham", "spam"))
    app = open_app("data", {"data_reviews": "mail", "data_max_length": "64"})
    assert app.get_by_key("data_max_length").value == 64
    app = open_app("data", {"data_reviews": "mail", "data_view": "Length"})
    assert app.get_by_key("data_max_length").value < 32
    assert app.get_by_key("data_vocab_size").value < 100
    assert "No text has more than 4 words, so nothing is cut." in words_of(app)
    [below] = [caption for caption in app.caption if "nothing is cut" in caption.value]
    assert "Half of the 54 training texts have at most" in below.help
    assert "words of a text" in notes(app)
    assert "review" not in notes(app)


def test_a_search_begins_with_a_telling_token(open_app, tea):
    """Each corpus has its own; a typed one is kept."""
    put([Text("the film is not boring", number % 2, "training") for number in range(20)])
    app = open_app("data", {"data_view": "Search"})
    assert app.text_input(key="data_search").value == "not boring"
    choose(app, "data_reviews", "tea")
    assert app.text_input(key="data_search").value in set("雨降るでしょう")
    assert "labelled 雨" in words_of(app)
    app.text_input(key="data_search").set_value("noon").run()
    app.get_by_key("data_reviews").set_value("verdict").run()
    assert app.text_input(key="data_search").value == "noon"


def test_a_class_from_right_to_left_precedes_its_noun(open_app):
    make_own("desk", ("החבילה לא הגיעה", "הסכום שגוי"), ("משלוח", "חיוב"))
    app = open_app("data", {"data_reviews": "desk", "data_view": "Telling words"})
    assert "\u2068חיוב\u2069 texts ▶" in notes(app)
    assert "of \u2068חיוב\u2069 texts, " in words_of(app)
    assert "of \u2068משלוח\u2069 texts; but" in words_of(app)
