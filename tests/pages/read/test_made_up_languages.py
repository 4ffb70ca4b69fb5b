"""Read with a network that says what comes next in strings of a made-up language."""

import io
import json
import re
import shutil
from random import Random
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest
import torch

from pages.components.shared.address import pack
from rnn_core.inspection.clamps import Clamp, Patch, read_clamped
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.trace import trace
from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder
from tests.pages.elements import body, figures, given, labels, press, put, said
from tests.pages.everywhere import ask
from tests.pages.second_way import PRETRAINED


@pytest.fixture
def make_speaker(make_language_model):
    return make_language_model


def opened(open_app, text=None, **query):
    state = {} if text is None else {"review_text": text}
    return open_app("read", {"model": "speaker", **query}, **state)


def rows(page):
    """What the table of the page says at the cursor: name -> probabilities, as written."""
    found = {}
    for row in re.findall(r'<div class="row[^"]*">(.*?)</div>', body(page)):
        name = re.search(r'class="name[^"]*">(.*?)</span>', row)[1]
        found[name] = re.findall(r'class="number">(.*?)</span>', row)
    return found


def test_it_says_what_comes_next_beside_the_truth_at_the_cursor(open_app, make_speaker):
    model = make_speaker("anbn", cell="lstm")
    found = next_tokens(model, trace(model, "aabb"))
    page = opened(open_app, "aabb", token="4")
    at = rows(page)
    assert list(at) == ["a", "b", "&lt;end&gt;"]
    assert [truth for _, truth in at.values()] == ["0%", "0%", "100%"]
    assert [ours for ours, _ in at.values()] == [f"{p:.1%}" for p in found.network[4]]
    right = int(found.right.sum())
    assert f"Right at {right} of 5 time steps" in said(page)
    assert f"Its mean surprise is {found.surprise.mean():.3f} bits" in said(page)
    page = put(page, token=1)
    assert [truth for _, truth in rows(page).values()] == ["96.7%", "3.3%", "0%"]
    titles = [note["text"] for note in figures(page)[0]["layout"]["annotations"]]
    heads = ["Surprise at what comes next", "The network expects", "The truth"]
    assert all(any(title.startswith(head) for title in titles) for head in heads)


OTHERS = ["The plane of states", "Two models", "Export"]


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_language_is_read_with_all_that_is_offered_and_nothing_speaks_of_a_verdict(
    open_app, make_speaker, name
):
    make_speaker(name, cell="lstm" if name == "anbn" else "gru", layers=2 if name == "parity" else 1)
    page = opened(open_app)
    assert page.session_state["review_text"] == language_named(name).draw(Random(0))
    for view in ("What goes on inside", "What comes next"):
        put(page, read_view_next=view)
        assert len(figures(page)) == 1
    in_view = page.get_by_key("read_panel").options
    panels = [*in_view, *OTHERS]
    assert in_view == ["At this token", "Units that keep track", "Hold a gate"]
    assert [option.split("**")[1] for option in page.get_by_key("more_panels").options] == OTHERS
    for panel in panels:
        ask(page, panel)
        spoken = said(page).replace("and to the verdict", "")  # what h is, with the equations
        assert "verdict" not in spoken.lower()
    put(page, read_panel="Units")  # of a network of reviews that was open before
    assert page.get_by_key("read_panel").value in panels or page.get_by_key("read_panel").value is None


def test_networks_of_languages_stand_behind_those_that_give_a_verdict(open_app, make_speaker, make_model):
    make_speaker("parity", "a-speaker")
    make_speaker("anbn", "b-speaker")
    make_model("elman")
    make_model("zoo")
    page = open_app("read")
    listed = [title.split(" · ")[-1] for title in page.get_by_key("model_picked").options]
    assert listed == ["elman", "zoo", "a-speaker", "b-speaker"]
    assert page.session_state["model_picked"] == "elman"


@pytest.mark.parametrize("name", ["tiny-anbn", "tiny-parity"])
def test_a_network_that_comes_with_the_app_opens_with_a_string_of_its_language(open_app, name):
    shutil.copytree(PRETRAINED / name, pretrained_folder() / name)
    page = open_app("read", {"model": name})
    steps = len(page.session_state["review_text"]) + 1
    assert f"Right at all {steps} time steps" in said(page)
    assert not page.error


def test_strings_are_drawn_at_a_click(open_app, make_speaker):
    model = make_speaker("anbn")
    page = opened(open_app)
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
    found = next_tokens(model, trace(model, drawn))
    noticed = f"breaks the rule. Its surprise is {found.surprise[found.breaks]:.1f} bits for the network."
    assert noticed in said(page).replace("*", "")
    assert "After it there is no truth, and nothing is right or wrong." in said(page)
    put(page, token=len(found.came) - 1)
    assert all(truth == "none" for _, truth in rows(page).values())


def test_bad_strings_are_answered_in_sentences(open_app, make_speaker):
    make_speaker("anbn")
    page = opened(open_app, "aaXbb")
    assert "has the symbols a and b; this text also has “X”" in said(page)
    assert "“X” at time step 4 breaks the rule." in said(page)
    put(page, review_text="   ")
    assert "Type a string of a and b, or press *Draw one*" in said(page)
    put(page, review_text="ab" * 5_000)
    assert "This string has 10,000 symbols. The network reads at most 180" in said(page)
    put(page, review_text="")
    press(page, "Draw one")
    assert "Right at" in said(page)


def test_a_film_review_is_sent_to_a_network_of_reviews_and_a_string_to_one_of_its_language(
    open_app, make_speaker, make_model
):
    make_speaker("brackets")
    make_model("gru")
    page = open_app("read", {"model": "speaker", "text": pack("What a great film!")})
    assert "The network reads each as <unk>" in said(page).replace("`", "")
    [button] = [label for label in labels(page) if label.startswith("Read it with")]
    press(page, button)
    assert page.session_state["model_picked"] == "gru"
    assert page.session_state["review_text"] == "What a great film!"
    put(page, review_text="([])[]")
    assert "This is a string of the language" in said(page)
    [button] = [label for label in labels(page) if label.startswith("Read it with")]
    press(page, button)
    assert page.session_state["model_picked"] == "speaker"
    assert "Right at" in said(page)
    put(page, model_picked="gru", review_text="aabb")  # no network of that language is here
    assert "This is a string of the language" in said(page)


def test_the_reading_is_exported_as_the_command_writes_it_with_what_is_held(open_app, make_speaker, files):
    model = make_speaker("anbn", cell="lstm", layers=2)
    page = opened(open_app, "aabb", read_panel="Export", layer="1", hold="i=0@2:")
    assert "what it expects next and the truth" in said(page)
    assert "trace MODEL TEXT --layer 1 --clamp i=0@2: --out FILE.parquet" in said(page)
    columns = json.loads(files["gatescope-speaker-layer-1-trace.json"]())["columns"]
    read = trace(model, "aabb", layer=1)
    held = read_clamped(model, read, [Clamp.parse("i=0@2:")])
    assert columns["network_a"] == pytest.approx(next_tokens(model, read).network[:, 0])
    assert columns["true_a"] == next_tokens(model, read).truth[:, 0].tolist()
    assert columns["held_network_a"] == pytest.approx(next_tokens(model, held).network[:, 0])
    assert columns["h"][2] == pytest.approx(read.arrays["h"][2].tolist())
    [link] = [code.value for code in page.code if "model=speaker" in code.value]
    again = open_app("read", {name: value for name, [value] in parse_qs(link.partition("?")[2]).items()})
    assert again.session_state["review_text"] == "aabb"
    assert again.get_by_key("read_panel").value == "Hold a gate"
    assert "Held:" in said(again)


@pytest.fixture
def counter(make_speaker):
    """An untrained LSTM whose cell state 3 is made to count: one more at each a, one less at each b."""

    def make(**settings):
        model = make_speaker("anbn", cell="lstm", **settings)
        cell, words = model.classifier.layers[-1], model.vocabulary
        blocks = dict(zip(cell.blocks, cell.W.chunk(4, dim=1), strict=True))
        with torch.no_grad():
            recurrent = dict(zip(cell.blocks, cell.U.chunk(4, dim=1), strict=True))
            bias = dict(zip(cell.blocks, cell.b.chunk(4), strict=True))
            for letter in cell.blocks:
                blocks[letter][:, 3], recurrent[letter][:, 3] = 0, 0
                bias[letter][3] = 0.0 if letter == "g" else 50.0
            vectors = model.classifier.embedding.weight
            vectors.zero_()
            vectors[words.encode(["a"])[0], 0], vectors[words.encode(["b"])[0], 0] = 1.0, -1.0
            blocks["g"][0, 3] = 50.0
        save_model(model.folder, model.config, words, model.classifier.state_dict())
        return Model.load(model.folder, None)

    return make


def test_the_counter_is_found_drawn_along_the_string_and_held(open_app, counter, settle):
    model = counter()
    read = trace(model, "aaabbb")
    assert read.arrays["c"][:, 3] == pytest.approx([0, 1, 2, 3, 2, 1, 0])
    page = opened(open_app, "aaabbb", token="3", read_panel="Units that keep track")
    settle(page)
    read_out = said(page)
    assert "Unit 3 of c keeps track of “b to come” with R² 1.000" in read_out
    [table] = page.dataframe
    first = table.value.iloc[0]
    assert (first["hidden truth"], first["unit"], first["score"]) == ("b to come", "unit 3 of c", "1.000")
    *_, against, along_string = figures(page)
    assert sorted(set(along_string["data"][0]["y"])) == pytest.approx([0, 1, 2, 3])
    np.testing.assert_allclose(np.array(against["data"][0]["x"]), against["data"][0]["y"], atol=1e-4)
    assert "What breaks while it is held?" not in read_out
    press(page, "Hold it from “a” (4) on")
    read_out = said(page)
    assert "What breaks while it is held?" in read_out
    assert "As it is:" in read_out
    assert "Held:" in read_out
    assert page.query_params["hold"] == "c=3@3:#3"
    *_, along_string, _ = figures(page)
    held = next(one for one in along_string["data"] if one.get("name") == "held")
    assert held["y"] == pytest.approx([0, 1, 2, 3, 3, 3, 3])
    after = read_clamped(model, read, [Clamp.parse("c=3@3:#3")])
    breaks = next_tokens(model, read).right & ~next_tokens(model, after).right
    assert ("Nothing breaks in this string." in read_out) == (not breaks.any())
    [button] = [button for button in page.button if button.label.startswith("Hold it from")]
    assert button.disabled


def test_a_unit_of_another_layer_is_held_in_its_own(open_app, counter, settle):
    counter(layers=2)
    page = opened(open_app, "aaabbb", token="3", layer="2", read_panel="Units that keep track")
    settle(page)
    [choice] = [box for box in page.selectbox if box.label == "Unit"]
    lower = next(place for place, name in enumerate(choice.options) if "layer 1" in name)
    choice.select_index(lower).run()
    [button] = [label for label in labels(page) if label.startswith("Hold it from")]
    press(page, button)
    assert page.session_state["layer_of_2"] == "1"
    assert "Held:" in said(page)


def test_a_truth_that_takes_one_value_is_said_to_leave_nothing_to_tell_apart(open_app, make_speaker, settle):
    make_speaker("delay", max_length=1)
    page = opened(open_app, "0..?0", read_panel="Units that keep track")
    settle(page)
    assert "has one value only in these strings" in said(page)


@pytest.mark.parametrize("name", ["anbn", "reber"])
def test_the_plane_is_of_strings_of_the_language_coloured_by_what_is_hidden_in_them(
    open_app, make_speaker, name
):
    make_speaker(name)
    page = opened(open_app, read_panel="The plane of states")
    language = language_named(name)
    [choice] = [box for box in page.selectbox if box.label == "States coloured by"]
    assert choice.options == [*language.tracked, "what the head finds most probable next"]
    assert f"strings of the language {language.title}" in said(page)
    first = figures(page)[-1]
    assert choice.value == next(iter(language.tracked))
    choice.set_value(choice.options[-1]).run()
    by_head = figures(page)[-1]
    assert by_head["data"][0]["marker"] != first["data"][0]["marker"]
    assert "the symbol that the head finds most probable for each" in said(page)
    assert "verdict" not in said(page).replace("and to the verdict", "")


def test_the_plane_of_the_cell_state_shows_what_the_head_does_not_read(open_app, counter):
    counter()
    page = opened(open_app, "aaabbb", read_panel="The plane of states")
    assert "of the direction that the head reads along" in said(page)
    put(page, plane_of_h_c="c")
    spoken = said(page)
    assert "states c of" in spoken
    assert "The plane holds" in spoken
    assert "of the direction that the head reads along" not in spoken
    assert len(figures(page)[-1]["layout"]["annotations"]) == 0


def test_what_is_held_is_compared_by_what_both_expect(open_app, make_speaker):
    make_speaker("anbn", cell="lstm")
    page = opened(open_app, "aabb", read_panel="Hold a gate", hold="i=0@2:")
    assert "As it is:" in said(page)
    assert "Held:" in said(page)
    titles = [note["text"] for note in figures(page)[-1]["layout"]["annotations"]]
    assert any(title.startswith("Probability of what comes next") for title in titles)


def test_the_state_of_another_string_takes_the_place_of_one(open_app, make_speaker):
    model = make_speaker("anbn", cell="lstm")
    page = opened(open_app, "aabb", read_panel="Hold a gate", patch="1=3", patch_text=pack("aaabbb"))
    read = trace(model, "aabb")
    patched = read_clamped(model, read, patches=[Patch(source=trace(model, "aaabbb"), token=3, at=1)])
    drawn = [line for line in figures(page)[-1]["data"] if line.get("customdata")][1]
    assert drawn["y"] == pytest.approx(np.exp2(-next_tokens(model, patched).surprise), abs=1e-6)
    assert "become those after" in said(page)


def test_two_networks_of_one_language_are_compared_by_what_both_expect(open_app, make_speaker, files):
    one = make_speaker("anbn", cell="lstm")
    two = make_speaker("anbn-n6", name="other", cell="gru", max_length=4)
    page = opened(open_app, "aabb", read_panel="Two models", token="2")
    found = [next_tokens(model, trace(model, "aabb")) for model in (one, two)]
    lines = [line for line in figures(page)[-1]["data"] if line.get("customdata")]
    assert lines[0]["y"] == pytest.approx(np.exp2(-found[0].surprise), abs=1e-6)
    assert lines[1]["y"][:4] == pytest.approx(np.exp2(-found[1].surprise), abs=1e-6)
    assert np.isnan(lines[1]["y"][4])
    read_out = said(page).replace("*", "")
    for model, of in (("speaker", found[0]), ("other", found[1])):
        assert f"{model}: Right at {int(of.right.sum())} of {len(of.came)} time steps" in read_out
    assert "speaker learned from strings of the language aⁿbⁿ alone" in read_out
    table = pd.read_csv(io.BytesIO(files["gatescope-speaker-two-models.csv"]()))
    assert table["network_a_speaker"].tolist() == pytest.approx(found[0].network[:, 0])
    assert table["network_a_other"][:4].tolist() == pytest.approx(found[1].network[:, 0])
    assert table["surprise_other"].isna().tolist() == [False] * 4 + [True]


def test_a_network_of_a_language_is_compared_with_none_that_answers_another_question(
    open_app, make_speaker, make_model
):
    make_speaker("anbn")
    make_model("gru")
    page = opened(open_app, "aabb", read_panel="Two models")
    assert "No other model on this machine says what comes next among the same symbols." in said(page)
    make_speaker("anbn", name="other")
    make_speaker("brackets", name="brackets")
    page = opened(open_app, "aabb", read_panel="Two models", other_model="gru")
    assert "answers another question than the first one, so the two can't be compared" in said(page)
    assert page.selectbox(key="other_model").value == "other"
    assert "2 models for other questions can't be compared with this one" in said(page)
    page = open_app("read", {"model": "gru", "read_panel": "Two models"}, review_text="The film is great.")
    assert "No other model on this machine has the same classes and tokens." in said(page)


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_each_layer_of_a_network_is_looked_into_and_its_step_drawn_on_cells(
    open_app, make_speaker, files, layer
):
    model = make_speaker("anbn", cell="lstm", layers=3)
    page = opened(open_app, "aabb", layer=str(layer), token="3")
    put(page, read_view_next="What goes on inside")
    assert f"layer {layer} of 3" in said(page)
    assert "What it expects next is that of the whole network." in said(page)
    read = trace(model, "aabb", layer=layer)
    shown = page.get_by_key("shown_lstm").value
    inside = pd.read_csv(io.BytesIO(files[f"gatescope-speaker-layer-{layer}-inside.csv"]()))
    assert inside[f"{shown}_4"].tolist() == pytest.approx(read.arrays[shown][:, 4].tolist())
    [link] = [link for link in page.get("page_link") if "go through this time step" in link.proto.label]
    asked = {name: value for name, [value] in parse_qs(link.proto.query_string).items()}
    assert asked["token"] == "3"
    cells = open_app("cells", asked, review_text="aabb")
    step = one_step(model, read, 3, int(asked["unit"]))
    assert f"to {step.after['h']:.3f}" in cells.get("plotly_chart")[0].proto.alt


def test_cells_shows_one_step_of_a_network_of_a_language_and_measures_no_verdict_on_a_string(
    open_app, make_speaker, make_model
):
    make_speaker("anbn", name="a-speaker", cell="lstm")
    page = open_app("cells", {"variant": "lstm"})
    assert page.selectbox(key="cells_model_lstm").value == "a-speaker"
    assert "Draw one" in labels(page)
    assert page.get("plotly_chart")
    assert "No network is trained on this machine yet, so there is nothing to measure." in said(page)
    make_model("zoo", cell="lstm")
    page = open_app("cells", {"variant": "lstm"})
    assert page.selectbox(key="cells_model_lstm").value == "zoo"  # which reads texts
    assert page.multiselect(key="reach_networks").value == ["zoo"]
    page = open_app("cells", {"variant": "lstm", "model": "a-speaker"}, review_text="aabb")
    assert "holds a string of a language, of which no verdict is given" in said(page)


def test_the_cursor_stands_where_something_goes_wrong_until_it_is_moved(open_app, make_speaker):
    model = make_speaker("anbn")
    found = next_tokens(model, trace(model, "aabb"))
    page = opened(open_app, "aabb")
    assert page.session_state["token"] == found.first_wrong
    page.slider(key="token_slider").set_value(2).run()  # as the arrow keys do
    assert page.session_state["token"] == 1
    assert "(time step 2 of 5)" in said(page)
    [strip] = given(page, "chips")
    assert strip["value"] == 1


def test_the_strip_shows_how_surprising_each_symbol_was_when_it_came(open_app, make_speaker):
    model = make_speaker("anbn")
    page = opened(open_app, "aab")
    [strip] = given(page, "chips")
    surprise = next_tokens(model, trace(model, "aab")).surprise
    assert strip["chips"]["change"] == pytest.approx([0.0, *surprise[:3]], abs=1e-3)
    assert strip["effect"] == "surprise in bits"


def test_other_pages_do_not_take_it_for_a_network_with_a_verdict(open_app, make_speaker, make_model):
    make_speaker("anbn", name="a-speaker")
    make_model("zoo")
    for page, query in (("home", {}), ("cells", {}), ("experiments", {"sweep": "what_they_understand"})):
        shown = open_app(page, query)
        assert "trained for predicting" not in said(shown)
        assert not shown.error
