"""Read with a network that says what comes next in strings of a made-up language, and the pages beside it."""

import io
import json
import re
import shutil
from dataclasses import replace
from random import Random
from urllib.parse import parse_qsl

import numpy as np
import pandas as pd
import pytest

from pages.components.shared.address import pack
from rnn_core.config.tokens import EXACT_CHARACTERS
from rnn_core.data.own.catalogue import own_folder
from rnn_core.figures.in_words import tracking_in_words
from rnn_core.inspection.clamps import Clamp, Patch, read_clamped
from rnn_core.inspection.keeping_track import EXPRESSION, track
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.text_truths import TRUTHS
from rnn_core.inspection.trace import trace
from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder
from rnn_core.progress import finish
from tests.pages.elements import body, figures, given, labels, press, put, said, titles
from tests.pages.everywhere import ask
from tests.pages.second_way import PRETRAINED
from tests.untrained import published
from tests.writing.made import make_model, real_texts

PLANE, TRACKING, TWO = "The plane of states", "Units that keep track", "Two models"
OTHERS = [TWO, PLANE, "Export"]


@pytest.fixture
def open_speaker(open_app, make_language_model):
    """A function that opens Read at a string of aⁿbⁿ with a network of a language; it returns both."""

    def make(text="aabb", language="anbn", network=(), **query):
        model = make_language_model(language, **dict(network))
        state = {} if text is None else {"review_text": text}
        return open_app("read", {"model": "speaker", **query}, **state), model

    return make


def expected(model, text):
    return next_tokens(model, trace(model, text))


def rows(page):
    """Read the table of the page at the cursor: name -> probabilities, as written."""
    found = {}
    for row in re.findall(r'<div class="row[^"]*">(.*?)</div>', body(page)):
        name = re.search(r'class="name[^"]*">(.*?)</span>', row)[1]
        found[name] = re.findall(r'class="number">(.*?)</span>', row)
    return found


def button(page, begins):
    """The label of the one button that begins so."""
    [label] = [label for label in labels(page) if label.startswith(begins)]
    return label


def test_what_comes_next_stands_beside_the_truth(open_speaker):
    """The cursor stands where something goes wrong until it is moved, and the strip shows the surprise."""
    page, model = open_speaker(network={"cell": "lstm"})
    found = expected(model, "aabb")
    assert page.session_state["token"] == found.first_wrong
    [strip] = given(page, "chips")
    assert strip["chips"]["change"] == pytest.approx([0.0, *found.surprise[:4]], abs=1e-3)
    assert strip["says"]["does"] == "surprise of {number} bits"
    for head in ("Surprise at what comes next", "The network expects", "The truth"):
        assert head in titles(page, 0)
    assert f"Right at {int(found.right.sum())} of 5 time steps" in said(page)
    assert f"Its mean surprise is {found.surprise.mean():.3f} bits" in said(page)
    page.slider(key="token_slider").set_value(5).run()  # as the arrow keys do
    assert page.session_state["token"] == given(page, "chips")[0]["value"] == 4
    assert "(time step 5 of 5)" in said(page)
    at = rows(page)
    assert list(at) == ["a", "b", "&lt;end&gt;"]
    assert [truth for _, truth in at.values()] == ["0%", "0%", "100%"]
    assert [ours for ours, _ in at.values()] == [f"{p:.1%}" for p in found.network[4]]
    page = put(page, token=1)
    assert [truth for _, truth in rows(page).values()] == ["96.7%", "3.3%", "0%"]


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_language_is_read_without_a_verdict(open_speaker, name):
    """Nothing that is offered gives a verdict."""
    network = {"anbn": {"cell": "lstm"}, "parity": {"layers": 2}}
    page, _ = open_speaker(None, name, network.get(name, {}))
    assert page.session_state["review_text"] == language_named(name).draw(Random(0))
    for view in ("What goes on inside", "What comes next"):
        put(page, read_view_next=view)
        assert len(figures(page)) == 1
    panels = ["At this token", TRACKING, "Hold a gate", *OTHERS]
    assert page.get_by_key("read_panel").options == panels[:3]
    assert [option.split("**")[1] for option in page.get_by_key("more_panels").options] == OTHERS
    for panel in panels:
        ask(page, panel)
        assert "verdict" not in said(page).lower()
    put(page, read_panel="Units")  # of a network of reviews that was open before
    assert page.get_by_key("read_panel").value in [*panels, None]


def test_networks_of_languages_stand_behind_the_others(open_app, make_language_model, make_model):
    """And no other page takes one for a network with a verdict."""
    make_language_model("parity", "a-speaker")
    make_language_model("anbn", "b-speaker")
    make_model("elman")
    make_model("zoo")
    page = open_app("read")
    listed = [title.split(" · ")[-1] for title in page.get_by_key("model_picked").options]
    assert listed == ["elman", "zoo", "a-speaker", "b-speaker"]
    assert page.session_state["model_picked"] == "elman"
    for page, query in (("home", {}), ("cells", {}), ("experiments", {"sweep": "what_they_understand"})):
        shown = open_app(page, query)
        assert "trained for predicting" not in said(shown)
        assert not shown.error


def test_strings_are_drawn_at_a_click(open_speaker):
    page, model = open_speaker(None)
    language = language_named("anbn")
    press(page, "Draw one")
    assert language.after(page.session_state["review_text"]).truth == {"<end>": 1.0}
    press(page, "A longer one")
    drawn = page.session_state["review_text"]
    assert len(drawn) > 60
    assert language.after(drawn).allowed == ("<end>",)
    assert "no training string begins like this" in said(page)
    press(page, "A wrong one")
    drawn = page.session_state["review_text"]
    assert "<end>" not in language.after(drawn).allowed
    found = expected(model, drawn)
    noticed = f"breaks the rule. Its surprise is {found.surprise[found.breaks]:.1f} bits for the network."
    assert noticed in said(page).replace("*", "")
    assert "After it there is no truth, and nothing is right or wrong." in said(page)
    put(page, token=len(found.came) - 1)
    assert all(truth == "none" for _, truth in rows(page).values())


def test_bad_strings_are_answered_in_sentences(open_speaker):
    page, _ = open_speaker("aaXbb")
    assert "has the symbols a and b; this text also has “X”" in said(page)
    assert "“X” at time step 4 breaks the rule." in said(page)
    for text, sentence in (
        ("   ", "Type a string of a and b, or press *Draw one*"),
        ("ab" * 5_000, "This string has 10,000 symbols. The network reads at most 180"),
    ):
        assert sentence in said(put(page, review_text=text))
    put(page, review_text="")
    press(page, "Draw one")
    assert "Right at" in said(page)


def test_a_text_is_sent_to_a_network_that_reads_it(open_app, make_language_model, make_model):
    """A film review to one of reviews, a string to one of its language."""
    make_language_model("brackets")
    make_model("gru")
    page = open_app("read", {"model": "speaker", "text": pack("What a great film!")})
    assert "The network reads each as <unk>" in said(page).replace("`", "")
    press(page, button(page, "Read it with"))
    assert page.session_state["model_picked"] == "gru"
    assert page.session_state["review_text"] == "What a great film!"
    put(page, review_text="([])[]")
    assert "This is a string of the language" in said(page)
    press(page, button(page, "Read it with"))
    assert page.session_state["model_picked"] == "speaker"
    assert "Right at" in said(page)
    put(page, model_picked="gru", review_text="aabb")  # no network of that language is here
    assert "This is a string of the language" in said(page)


def test_the_export_has_what_is_held_in_a_layer(open_speaker, files):
    page, model = open_speaker(
        network={"cell": "lstm", "layers": 2}, read_panel="Export", layer="1", hold="i=0@2:"
    )
    assert "what it expects next and the truth" in said(page)
    assert "trace MODEL TEXT --layer 1 --clamp i=0@2: --out FILE.parquet" in said(page)
    columns = json.loads(files["gatescope-speaker-layer-1-trace.json"]())["columns"]
    read = trace(model, "aabb", layer=1)
    held = next_tokens(model, read_clamped(model, read, [Clamp.parse("i=0@2:")]))
    assert columns["held_network_a"] == pytest.approx(held.network[:, 0])
    assert columns["true_a"] == next_tokens(model, read).truth[:, 0].tolist()
    assert columns["h"][2] == pytest.approx(read.arrays["h"][2].tolist())
    assert not page.button(key="export_model_make").disabled


def test_the_counter_is_found_drawn_and_held(open_app, settle):
    """The search runs on the network of aⁿbⁿ that ships."""
    folder = shutil.copytree(PRETRAINED / "tiny-anbn", pretrained_folder() / "tiny-anbn")
    query = {"model": "tiny-anbn", "token": "3", "read_panel": TRACKING}
    page, model = settle(open_app("read", query, review_text="aaabbb")), Model.load(folder, None)
    read, found = trace(model, "aaabbb"), finish(track(model))
    name = found.names_by_gain[0]
    best = found.tracked[name].best
    _, letter, number = found.units[best]
    values = read.arrays[letter][:, number]
    assert "Right at all 7 time steps" in said(page)
    assert tracking_in_words(found, name, best, 1) in said(page)
    first = page.dataframe[0].value.iloc[0]
    assert (first["hidden truth"], first["unit"]) == (name, f"unit {number} of {letter}")
    assert figures(page)[-1]["data"][0]["y"] == pytest.approx(values, abs=1e-3)
    assert "What breaks while it is held?" not in said(page)
    press(page, "Hold it from “a” (4) on")
    for words in ("What breaks while it is held?", "As it is:", "Held:"):
        assert words in said(page)
    hold = page.query_params["hold"]
    assert hold == f"{letter}={values[3]:.2f}@3:#{number}"
    after = read_clamped(model, read, [Clamp.parse(hold)])
    held = next(line for line in figures(page)[-2]["data"] if line.get("name") == "held")
    assert held["y"] == pytest.approx(after.arrays[letter][:, number], abs=1e-3)
    breaks = next_tokens(model, read).right & ~next_tokens(model, after).right
    assert ("Nothing breaks in this string." in said(page)) == (not breaks.any())
    [button_to_hold] = [one for one in page.button if one.label.startswith("Hold it from")]
    assert button_to_hold.disabled


def test_a_unit_of_another_layer_is_held_in_its_own(open_speaker, settle):
    network = {"cell": "lstm", "layers": 2}
    page, _ = open_speaker("aaabbb", network=network, layer="2", token="3", read_panel=TRACKING)
    settle(page)
    [choice] = [box for box in page.selectbox if box.label == "Unit"]
    lower = next(place for place, name in enumerate(choice.options) if "layer 1" in name)
    choice.select_index(lower).run()
    press(page, button(page, "Hold it from"))
    assert page.session_state["layer_of_2"] == "1"
    assert "Held:" in said(page)


@pytest.fixture
def open_writer(open_app):
    """A function that opens what keeps track in real texts, which may be gone, and returns it."""

    def make(text='He "said so', page="read", **query):
        corpus = real_texts(own_folder("own"))
        model = make_model(symbols=corpus.words[:-2], rules=EXACT_CHARACTERS)
        model = published("writer", replace(model, config=model.config.with_settings(vocab_size=50)))
        query = {"model": "writer", "read_panel": TRACKING, **query}
        return open_app(page, query, review_text=text), model, corpus

    return make


def test_units_keep_track_of_real_text(open_writer, settle, files):
    page, model, corpus = open_writer(expression=r"so\b", token="4")
    found, read = finish(track(model, corpus=corpus, expression=r"so\b")), trace(model, 'He "said so')
    settle(settle(page))
    table = page.dataframe[0].value
    assert table["hidden truth"].tolist()[0] == EXPRESSION  # what is asked for stands first
    assert {*table["hidden truth"]} == {*TRUTHS, "label of the text", EXPRESSION}
    best = found.tracked[EXPRESSION].best
    assert tracking_in_words(found, EXPRESSION, best, 1) in said(page)
    values = read.arrays["h"][:, found.units[best].number]
    strip = given(page, "chips")[-1]
    assert strip["chips"]["change"] == pytest.approx(values, abs=1e-3)
    along = pd.read_csv(io.BytesIO(files[f"gatescope-writer-unit-h-{found.units[best].number}.csv"]()))
    assert along["truth"].fillna("").tolist() == ["", *["no"] * 4, "yes", *["no"] * 4, "yes", "yes"]
    press(page, button(page, "Hold it from"))
    assert "What changes while it is held?" in said(page)
    put(page, expression="(a")
    assert "This is no regular expression: missing ) at position 2. Correct it." in said(settle(page))
    put(page, expression="")
    assert EXPRESSION not in settle(page).dataframe[0].value["hidden truth"].tolist()


def test_a_unit_is_held_while_it_writes(open_writer, settle):
    page, _, _ = open_writer(page="write", beginning=pack("A1"), write_length="20")
    press(settle(page), button(page, "Hold it from"))  # after the last symbol, too
    assert page.query_params["hold"].partition("@")[2].partition("#")[0] == "22:"
    assert "What changes while it is held?" in said(page)
    assert "Held:" in said(page)


def test_without_its_texts_a_page_says_what_to_do(open_writer):
    page, _, _ = open_writer()
    shutil.rmtree(own_folder("own"))
    assert "is not on this machine any more" in said(put(page, token=1))


def test_a_truth_of_one_value_leaves_nothing_to_track(open_speaker, settle):
    page, _ = open_speaker("0..?0", "delay", {"max_length": 1}, read_panel=TRACKING)
    assert "has one value only in what was read" in said(settle(page))


@pytest.mark.parametrize("name", ["anbn", "reber"])
def test_the_plane_is_coloured_by_what_is_hidden(open_speaker, name):
    page, _ = open_speaker(None, name, read_panel=PLANE)
    language = language_named(name)
    [choice] = [box for box in page.selectbox if box.label == "States coloured by"]
    assert choice.options == [*language.tracked, "what the head finds most probable next"]
    assert choice.value == next(iter(language.tracked))
    assert f"strings of the language {language.title}" in said(page)
    first = figures(page)[-1]
    choice.set_value(choice.options[-1]).run()
    assert figures(page)[-1]["data"][0]["marker"] != first["data"][0]["marker"]
    assert "the symbol that the head finds most probable for each" in said(page)


def test_the_plane_of_c_has_no_direction_of_the_head(open_speaker):
    """The head reads h alone."""
    page, _ = open_speaker("aaabbb", network={"cell": "lstm"}, read_panel=PLANE)
    assert "of the direction that the head reads along" in said(page)
    put(page, plane_of_h_c="c")
    assert "states c of" in said(page)
    assert "of the direction that the head reads along" not in said(page)
    assert titles(page) == ""


def test_what_is_held_or_taken_is_compared(open_speaker):
    """Both readings expect something: the state of another string takes the place of one."""
    query = {"hold": "i=0@2:", "patch": "1=3", "patch_text": pack("aaabbb")}
    page, model = open_speaker(network={"cell": "lstm"}, read_panel="Hold a gate", **query)
    assert "become those after" in said(page)
    assert "Probability of what comes next" in titles(page)
    patch = Patch(source=trace(model, "aaabbb"), token=3, at=1)
    held = read_clamped(model, trace(model, "aabb"), [Clamp.parse("i=0@2:")], [patch])
    drawn = [line for line in figures(page)[-1]["data"] if line.get("customdata")][1]
    assert drawn["y"] == pytest.approx(np.exp2(-next_tokens(model, held).surprise), abs=1e-6)


def test_two_networks_of_one_language_are_compared(open_speaker, make_language_model, files):
    two = make_language_model("anbn-n6", name="other", cell="gru", max_length=4)
    page, one = open_speaker(network={"cell": "lstm"}, read_panel=TWO, token="2")
    found = [expected(model, "aabb") for model in (one, two)]
    lines = [line for line in figures(page)[-1]["data"] if line.get("customdata")]
    assert lines[0]["y"] == pytest.approx(np.exp2(-found[0].surprise), abs=1e-6)
    assert lines[1]["y"][:4] == pytest.approx(np.exp2(-found[1].surprise), abs=1e-6)
    assert np.isnan(lines[1]["y"][4])
    read_out = said(page).replace("*", "")
    for model, of in (("speaker", found[0]), ("other", found[1])):
        assert f"{model}: Right at {int(of.right.sum())} of {len(of.came)} time steps" in read_out
    table = pd.read_csv(io.BytesIO(files["gatescope-speaker-two-models.csv"]()))
    assert table["network_a_other"][:4].tolist() == pytest.approx(found[1].network[:, 0])
    assert table["surprise_other"].isna().tolist() == [False] * 4 + [True]


def test_networks_for_other_questions_are_not_compared(open_speaker, make_language_model, make_model):
    make_model("gru")
    page, _ = open_speaker(read_panel=TWO)
    assert "No other model on this machine says what comes next among the same symbols." in said(page)
    make_language_model("anbn", name="other")
    make_language_model("brackets", name="brackets")
    page, _ = open_speaker(read_panel=TWO, other_model="gru")
    assert "answers another question than the first one, so the two can't be compared" in said(page)
    assert page.selectbox(key="other_model").value == "other"
    assert "2 models for other questions can't be compared with this one" in said(page)


def test_a_layer_is_looked_into_and_its_step_drawn(open_app, open_speaker, files):
    """A link leads to the step on Cells."""
    page, model = open_speaker(network={"cell": "lstm", "layers": 3}, layer="2", token="3")
    put(page, read_view_next="What goes on inside")
    assert "layer 2 of 3" in said(page)
    assert "What it expects next is that of the whole network." in said(page)
    assert "gatescope-speaker-layer-2-inside.csv" in files
    [link] = [link for link in page.get("page_link") if "go through this time step" in link.proto.label]
    asked = dict(parse_qsl(link.proto.query_string))
    assert asked["token"] == "3"
    cells = open_app("cells", asked, review_text="aabb")
    step = one_step(model, trace(model, "aabb", layer=2), 3, int(asked["unit"]))
    assert f"to {step.after['h']:.3f}" in given(cells, "figure")[0]["alt"]


def test_cells_measures_no_verdict_on_a_string(open_app, make_language_model, make_model):
    make_language_model("anbn", name="a-speaker", cell="lstm")
    page = open_app("cells", {"variant": "lstm"})
    assert page.selectbox(key="cells_model_lstm").value == "a-speaker"
    assert "Draw one" in labels(page)
    assert figures(page)
    assert "No network is trained on this machine yet, so there is nothing to measure." in said(page)
    make_model("zoo", cell="lstm")
    page = open_app("cells", {"variant": "lstm"})
    assert page.selectbox(key="cells_model_lstm").value == "zoo"  # which reads texts
    assert page.multiselect(key="reach_networks").value == ["zoo"]
    page = open_app("cells", {"variant": "lstm", "model": "a-speaker"}, review_text="aabb")
    assert "holds a string of a language, of which no verdict is given" in said(page)
