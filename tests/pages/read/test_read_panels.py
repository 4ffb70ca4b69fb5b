"""Questions about a review on the Read page, with small untrained models, and of pairs of sentences."""

import dataclasses
import itertools
import re
import shutil

import numpy as np
import pytest
import streamlit as st

from pages.components.read import panels
from pages.components.read.model_facts import facts
from pages.components.read.panels import PANELS as PANELS_OF_READ
from pages.components.read.panels import Panel
from pages.components.read.probe_panel import undecided_sentence, what_it_understands
from pages.components.read.read_picture import move_in_words
from pages.components.read.readings import Reading
from pages.components.read.two_models import lessons, what_differs
from pages.components.read.unit_panel import other_reviews
from pages.components.shared import probe_answers
from pages.components.shared.format import literal
from pages.components.shared.token_strip import chips, labels
from rnn_core.config.presets import PRESETS
from rnn_core.config.run import RunConfig
from rnn_core.data.composed.overlap import probes_summary, what_is_shared
from rnn_core.data.probes.pairs import OTHER_PHENOMENA, PHENOMENA, SETS, pairs
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.figures.in_words import contributions_in_words, inside_in_words
from rnn_core.inspection import units
from rnn_core.inspection.attribution import agreement, attribute, occlusion
from rnn_core.inspection.trace import trace
from rnn_core.inspection.units import ReadWord
from rnn_core.inspection.verdicts import verdicts
from rnn_core.models.catalogue import find_model
from rnn_core.models.model import Model
from rnn_core.models.probing import probe, undecided
from rnn_core.paths import pretrained_folder
from rnn_core.symbols import KINDS
from tests.figures.examples import probed
from tests.inspection.made import make_model
from tests.pages.conftest import TEXT
from tests.pages.elements import as_written, body, choose, figures, given, put, said, titles
from tests.pages.everywhere import PANELS, ask, registered
from tests.pages.second_way import PRETRAINED, USUAL

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_own_corpus")]


DEPENDS_ON, LAYERS = "What the verdict depends on", "What does each layer add?"
WORD, TWO = "Another word", "Two models"
NASTY = "The <b>film</b> **is** [great](now) <script>alert(1)</script> $x$"


def test_every_panel_has_its_place():
    assert {*panels._IN_ORDER} == {*PANELS_OF_READ}


@pytest.mark.parametrize("cell", KINDS)
def test_every_question_is_answered_for_every_cell(open_read, cell):
    """And markup in a text stays text in every answer."""
    # One state, and two; of the others those that follow from the gates that a cell has.
    first, *others = PANELS if cell in ("gru", "lstm") else ("At this token", "Hold a gate")
    app = open_read(first, cell=cell, text=NASTY)
    for panel in (first, *others):
        ask(app, panel)
        assert "<script>" not in as_written(app).replace("\\<script\\>", "")


def test_the_picture_follows_the_layer_and_not_the_verdict(open_read):
    app = open_read(layers=3)
    assert app.get_by_key("layer_of_3").value == "3"
    model, of_layers = Model.load(find_model("model")), {}
    for layer in ("3", "1"):
        app.get_by_key("layer_of_3").set_value(layer).run()
        assert f"layer {layer} of 3" in as_written(app)
        expected = trace(model, TEXT, layer=int(layer))
        lines = {line.get("name"): line for line in figures(app)[0]["data"] if line["type"] == "scatter"}
        of_layers[layer] = lines["z"]["y"]
        np.testing.assert_allclose(of_layers[layer], expected.arrays["z"].mean(axis=1), atol=1e-6)
        assert f"ends at {expected.probability:.1%}" in given(app, "figure")[0]["alt"]
    assert not np.allclose(of_layers["1"], of_layers["3"])
    app.get_by_key("layer_of_3").set_value("2").run()
    for panel in PANELS:
        ask(app, panel)
        assert app.get_by_key("layer_of_3").value == "2"


def test_both_pictures_have_the_cursor_and_a_sentence(open_read):
    """Units can be sorted, of one layer none is chosen, and words are coloured by occlusion on request."""
    app = open_read(WORD, token=3)
    model = Model.load(find_model("model"))
    read = trace(model, TEXT)
    gates = [known for known in read.declared.shares if known.is_gate]
    names, by_occlusion = labels(chips(read)), occlusion(model, read)
    inside = inside_in_words(names, verdicts(read), gates, read.arrays)
    assert literal(inside) in [part.value for part in app.markdown]
    assert not [control for control in app.get("button_group") if control.label == "Layer"]
    for sorting in ("by variance", "by relevance", "units by number"):
        app.get_by_key("units_sorted").set_value(sorting).run()
        heat = next(drawn for drawn in figures(app)[0]["data"] if drawn["type"] == "heatmap")
        assert sorted(heat["y"]) == list("01234"), sorting
    put(app, words_coloured="by occlusion", read_view=DEPENDS_ON)
    linear = attribute(model, read).input_times_gradient
    assert literal(contributions_in_words(names, by_occlusion, linear)) in [one.value for one in app.markdown]
    assert len(figures(app)) == 2
    for chart in figures(app):
        lines = [shape for shape in chart["layout"]["shapes"] if shape["type"] == "line"]
        assert [line["x0"] for line in lines] == [4]  # counted from 1
    [strip] = given(app, "chips")
    assert strip["says"]["does"] == "contributes {number}"
    np.testing.assert_allclose(strip["chips"]["change"], by_occlusion, atol=1e-3)
    assert "In the place of “is”" in app.get_by_key("what_if_by").label
    choose(app, "what_if_by", "a very dull thing")
    assert "with “a very dull thing” minus as it is" in titles(app)


FACTS = {
    "Knows": "included, 2,000 bigrams and the label odds of 3,000 bigrams, one number each",
    "Cell": ", 3 layers",
    "Verdict from": "a mean of all hidden states, weighted by attention",
}


def test_the_facts_on_a_model_follow_its_settings(make_model, make_language_model):
    settings = {"bigrams": 2_000, "counted_bigrams": 3_000, "layers": 3, "readout": "attention"}
    found = facts(Model.load(make_model("model", **settings)))
    assert [fact for fact, end in FACTS.items() if not found[fact].endswith(end)] == []
    scored = {"scores": {"accuracy": 0.875, "reviews": 8}}
    found = facts(dataclasses.replace(Model.load(make_model("plain", head_dropout=0.5)), **scored))
    assert found["Right on"] == "87.5% of 8 test reviews; recipe: generated reviews, dropouts"
    assert found["Knows"] == "8 tokens, special ones included"
    model = make_language_model()
    config = model.config.with_settings(task="next-token", windows="carried", max_length=64)
    found = facts(dataclasses.replace(model, config=config))
    assert found["Reads"] == "at most 10,000 tokens at once; it learned from windows of 64"


AT_FOUR = {"panel": WORD, "token": 4, "max_length": 8}


@pytest.mark.parametrize(
    ("opened", "chosen", "says"),
    [
        ({"panel": "Another window"}, {"other_vocabulary_8": 4}, "**14** of 14 words, and does not know **"),
        (AT_FOUR, {}, "the logit changes by"),
        (AT_FOUR, {}, "New in the window: “film”."),
        (AT_FOUR, {"what_if_by": "a very dull thing"}, "No longer in the window: “"),
        ({"panel": WORD, "token": 0}, {}, "reads no word of the text"),
        ({"panel": LAYERS, "layers": 2, "data": "imdb"}, {}, "they are not on this machine"),
        ({"query": {"read_panel": "none"}}, {}, "At time step 3"),
    ],
)
def test_a_panel_says_what_is_the_case(open_read, opened, chosen, says):
    assert says in as_written(put(open_read(**opened), **chosen))


def test_attention_is_drawn_with_what_it_may_mean(open_read):
    assert "read directly" in titles(open_read(view=DEPENDS_ON, readout="mean"))
    app = open_read(view=DEPENDS_ON, readout="attention")
    assert "Attention weight" in titles(app)
    model = Model.load(find_model("model"))
    read = trace(model, TEXT)
    found = agreement(read, attribute(model, read), occlusion(model, read))
    assert f"**{found.occlusion:+.2f}** with the size of occlusion" in as_written(app)
    assert f"**{found.connectivity:+.2f}** with connectivity" in as_written(app)
    assert found.disagrees
    no, yes = re.search(r"Whether it explains .*: it does not, (.*); it may, (.*)", as_written(app)).groups()
    assert [("Jain" in side, "Wiegreffe" in side) for side in (no, yes)] == [(True, False), (False, True)]


def test_what_the_second_layer_adds_is_asked(open_read, settle, monkeypatch, tmp_path, small_verdict):
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path / "empty"))  # of fewer reviews, prepared first
    app = settle(settle(open_read(LAYERS, layers=2)))
    lower, whole = r"is right on \*\*[\d.]+%\*\* of 120 test reviews", r"the whole network on \*\*[\d.]+%\*\*"
    fitted = r"Layer 1, read by a head fitted on [\d,]+ training reviews"
    assert re.search(f"{fitted}, {lower}, {whole}", as_written(app))
    assert "What layer 2 adds" in titles(app)
    assert "changes the verdict" in as_written(app)
    assert re.search(r"logistic regression .* on [\d,]+ training reviews of this network", as_written(app))


def test_the_question_on_layers_gives_way(open_read, make_model):
    make_model("one-layer", cell="lstm")
    app = open_read(LAYERS, layers=2)
    choose(app, "model_picked", "one-layer")
    assert app.get_by_key("read_panel").value == PANELS[0]


def test_the_numbers_at_the_cursor_are_of_its_step(open_read):
    app = open_read("At this token", token=4, cell="lstm")
    assert "At time step 5" in as_written(app)
    for words in ("f c, kept", "i g, written", "(1 − f) c, dropped", "‖c‖ afterwards"):
        assert words in body(app)
    of_h, of_c = (table.value for table in app.dataframe)
    assert len(of_h) == len(of_c) == 5
    assert f"with the numbers of unit {of_h['unit'][0]}" in as_written(app)
    assert f"{of_h['after'][0]:.3f}" in app.latex[0].value


REFUSED = "not on this machine, or it is the first one"
BESIDE = {
    "of the usual one the same cell": ("reader", "best elman gru", "", "gru"),
    "of the usual one the next best": ("reader", "best elman", "", "elman"),
    "of a GRU the one with more lessons": ("gru", "best elman reader", "", "reader"),
    "of an LSTM the next best": ("lstm", "best elman gru", "", "elman"),
    "of a plain RNN one with gates": ("elman", "best gru reader", "", "gru"),
    "of a plain RNN the next best": ("elman", "best reader", "", "reader"),
    "asked for by name": ("model", "a-lstm b-lstm elman", "b-lstm", "b-lstm"),
    "asked for by its title": ("model", "a-lstm b-lstm elman", "LSTM on verdict corpus · b-lstm", "b-lstm"),
    "the first one": ("model", "a-lstm b-lstm elman", "model", "elman"),
}
"""Model beside it -> the first one, the others, what a link asks for, and the one beside it."""


@pytest.mark.parametrize(("first", "others", "asked", "beside"), BESIDE.values(), ids=BESIDE)
def test_the_model_beside_it_is_asked_for_or_telling(open_app, make_model, first, others, asked, beside):
    """It has at first what this one lacks; the address keeps it by its folder, whatever it is called."""
    for name in (first, *others.split()):
        make_model(name, cell=next((cell for cell in ("elman", "lstm") if cell in name), "gru"))
    query = {"model": first, **({"other_model": asked} if asked else {})}
    app = open_app("read", query, review_text=TEXT, read_panel=TWO)
    assert app.selectbox(key="other_model").value == beside
    assert app.query_params["other_model"] in (beside, [beside])
    assert [REFUSED in warning.value for warning in app.warning] == [True] * (asked == first)
    assert re.search(rf"The verdict is [\d.]+% positive by {first}, and [\d.]+% by {beside}", said(app))


def test_three_panels_are_in_view_and_a_menu_has_more(open_read):
    app = open_read(PANELS[0])
    in_view, menu = list(PANELS[:3]), app.get_by_key("more_panels")
    assert app.get_by_key("read_panel").options == in_view
    assert [option.split("**")[1] for option in menu.options] == [*PANELS[3:]]
    menu.click("Padding").run()
    assert app.get_by_key("read_panel").options == [*in_view, "Padding"]
    assert app.query_params["read_panel"] == "Padding"
    assert "What does padding do to the verdict?" in said(app)
    choose(app, "read_panel", in_view[1])
    assert app.get_by_key("read_panel").options == in_view
    assert app.query_params["read_panel"] == in_view[1]


def test_a_panel_is_offered_by_its_registration(open_read):
    def show(reading, time, theme):
        st.markdown(f"{reading.text} at {time}: {reading.followed}")

    mine = Panel(asks="Whose {unit} is it?", show=show, title=lambda reading: "Mine")
    with registered(PANELS_OF_READ, "made up", mine):
        app = open_read("made up")
        assert app.get_by_key("read_panel").options == [*PANELS[:3], "Mine"]
        assert "**Mine**" in app.get_by_key("more_panels").options[-1]
        assert "Whose word is it?" in said(app)
        assert "positive" in as_written(app)
    assert "made up" not in PANELS_OF_READ


def test_two_models_are_compared_on_all_examples(open_app, make_own_model):
    """They are called as those of the first, which comes with the app and is right on most."""
    shutil.copytree(PRETRAINED / USUAL, pretrained_folder() / USUAL)
    other = make_own_model("other", "negative", "positive", cell="elman")  # which learned from "texts"
    models = Model.load(pretrained_folder() / USUAL), Model.load(other)
    examples = models[0].config.corpus.examples
    right = [[trace(model, example.text).label == example.says for example in examples] for model in models]
    assert sum(right[0]) > len(examples) / 2
    shown = as_written(open_app("read", {"model": USUAL}, review_text=TEXT, read_panel=TWO))
    said = f"Of the {len(examples)} example reviews **{USUAL}** gets {sum(right[0])} right, **other** "
    assert f"{said}{sum(right[1])}." in shown
    apart = [example.title for example, one, two in zip(examples, *right, strict=True) if one != two]
    [named] = re.findall(r"They disagree on (.*): choose one above|They agree on all", shown)
    assert re.findall(r"\*([^*]+)\*", named) == apart
    assert what_differs([USUAL, "other"], [model.config for model in models]) in shown


def test_lessons_are_all_that_it_learned_from():
    assert lessons(RunConfig()) == "reviews of IMDB alone"
    of_all = RunConfig().with_settings(snippets=1, composed=20, excerpts=0.5, teachers="a+b")
    assert lessons(of_all).endswith("parts of reviews, composed sentences and the answers of other networks")


def test_what_differs_is_not_of_the_machine():
    one = RunConfig().with_settings(threads=2, excerpts=0.5, snippets=10)
    other = RunConfig().with_settings(cell="elman", hidden_size=50, excerpts=0.25, snippets=10)
    same = "Both learned from reviews of IMDB, excerpts and short parts of reviews."
    assert what_differs(["one", "o*ther"], [one, other]).startswith(
        f"**one** is a GRU with 128 units, **o\\*ther** is a plain RNN (Elman) with 50 units. {same} Other "
        "settings in which they differ: excerpts (0.5 and 0.25). Their recipes differ"
    )
    assert what_differs(["one", "one"], [one, one]) == f"Each is a GRU with 128 units. {same}"
    two = RunConfig().with_settings(layers=2)
    assert "**two** is a GRU with 128 units in each of 2 layers" in what_differs(["one", "two"], [one, two])
    many = recommended_config("verdict").with_settings(seed=3, epochs=9, label_odds=False, weight_decay=0.5)
    assert what_differs(["one", "many"], [PRESETS["best"].config, many]).endswith(" more.")


def test_padding_has_eight_ways_and_measured_times(open_read):
    """It said what part of a reading padding took, which was another reading: 6.4 of 6.3 ms."""
    app = open_read("Padding")
    [table] = [table.value for table in app.dataframe if "of them padding" in table.value]
    assert len(table) == 8
    assert "Padding that is read at the end takes" in as_written(app)
    taken = table["ms"][(table["padding is"] == "read") & (table["padding"] == "end")]
    skipped = table["ms"][table["padding is"] == "skipped"]
    assert len(set(skipped)) == 1  # the same window, and so the same measurement
    times = re.findall(r"\*\*([\d.]+) ms\*\*", as_written(app))
    assert times == [f"{taken.iloc[0]:.1f}", f"{skipped.iloc[0]:.1f}"]


def test_units_are_explored_once_reviews_were_read(open_read, settle, monkeypatch, tmp_path, small_verdict):
    """Similar moments are searched among a share of all, which is said."""
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path / "empty"))  # the page prepares them first
    monkeypatch.setattr(units, "STATES", 50)
    app = settle(open_read("Units"))
    assert "has to read all 120 test reviews" in as_written(app)
    app.button(key="build_units").click().run()
    settle(app)
    assert "**What makes unit" in as_written(app)
    [table] = [table.value for table in app.dataframe if "area under the ROC curve" in table.value]
    assert sorted(table["unit"]) == [0, 1, 2, 3, 4]
    said_of_50 = r"Found among 50 of the states after the ([\d,]+) words of the test reviews, drawn at random"
    assert re.search(said_of_50, as_written(app))


def test_a_review_is_none_of_the_similar_ones(verdict_only, make_model):
    corpus = load_corpus("verdict")
    own, *others = (ReadWord(int(index), 2, 1.0, "positive") for index in corpus.indices("test")[:15])
    reading = Reading(model := Model.load(make_model("model")), "", trace(model, corpus.text(own.review)))
    assert other_reviews([*others[:3], own, *others[3:]], reading, corpus) == others[:10]


def test_a_word_with_two_signs_has_a_sentence():
    read = trace(make_model(seed=3, start_token=False), "the film was good")
    answers = np.array([[0.0], [2.0], [-1.0], [3.0]], np.float32)
    reading = Reading(make_model(seed=3), "", dataclasses.replace(read, answers=answers))
    reading.__dict__["contributions"] = np.array([5.0, 0.1, 0.5, 4.0], np.float32)
    said = "“was” moved the logit by **−3.00** when it was read, and contributes **+0.50** to"
    assert move_in_words(reading).startswith(said)
    reading.__dict__["contributions"] = np.zeros(4, np.float32)
    assert move_in_words(reading) == ""


PANEL = "What does it understand?"
PAIRS = pairs("development")


@pytest.fixture
def open_panel(open_app, make_model):
    """A function that opens the panel with two models, `gru` and `elman`, and the development half."""

    def open_page(half="development", other="elman", **query):
        make_model("gru")
        if other:
            make_model(other, cell="elman")
        query = {"model": "gru", "probes_half": half, **query}
        return open_app("read", query, review_text="The film is great.", read_panel=PANEL)

    return open_page


def listed(app):
    """Return the data of the list of pairs."""
    return given(app, "pairs")[0]


def test_each_sentence_is_answered_as_the_page_reads_it(open_panel):
    """And the picture counts the answers."""
    app = open_panel(phenomenon="but")
    shown = listed(app)
    assert shown["names"] == ["gru", "elman"]
    assert [[sentence["text"] for sentence in pair] for pair in shown["pairs"]] == [
        [pair.positive, pair.negative] for pair in PAIRS if pair.phenomenon == "but"
    ]
    place = 1 + [*PHENOMENA].index("but")
    for network, model in enumerate([Model.load(find_model("gru")), Model.load(find_model("elman"))]):
        right = []
        for sentence in itertools.chain.from_iterable(shown["pairs"]):
            probability, answer = trace(model, sentence["text"]).probability, sentence["answers"][network]
            right.append((probability > 0.5) == (sentence["label"] == "positive"))
            assert (answer["share"], answer["isRight"]) == (f"{probability:.1%}", right[-1])
        of_sentences, of_pairs = (curve["x"][place] for curve in figures(app)[-1]["data"][2 * network :][:2])
        assert of_sentences == pytest.approx(np.mean(right))
        assert of_pairs == pytest.approx(np.mean(np.reshape(right, (-1, 2)).all(axis=1)))


def test_the_words_below_the_picture_count_the_same(open_panel):
    """The caption counts the pairs that counting words can't set apart."""
    app = open_panel()
    words = [[sorted(re.findall("[a-z0-9']+", text.lower())) for text in pair[1:]] for pair in PAIRS]
    same = sum(positive == negative for positive, negative in words)
    assert same > 50
    assert f"In {same} of the {len(PAIRS)} pairs" in said(app)
    shown = said(app)
    models = {name: Model.load(find_model(name)) for name in ("gru", "elman")}
    for name, model in models.items():
        assert what_it_understands(name, probe(model, "development")) in shown
    left = {name: undecided(model, "development") for name, model in models.items()}
    assert undecided_sentence(left, 100) in shown


def test_each_set_says_what_it_is_worth(open_panel):
    app = open_panel(half="neither")
    assert app.get_by_key("probes_half").value == "reported-strict"
    for name in SETS:
        app.get_by_key("probes_half").set_value(name).run()
        assert probes_summary(name) in said(app)
    assert "CheckList (Ribeiro et al., 2020)" in said(app)
    assert what_is_shared() in said(app)


def test_the_third_set_has_its_own_phenomena(open_panel):
    app = open_panel(half="third", phenomenon="negation")
    assert list(app.get_by_key("phenomenon").options) == list(OTHER_PHENOMENA.values())
    assert listed(app)["label"] == "Pairs of sentences: Then and now"
    assert "undecided" not in said(app)


def test_the_address_chooses_the_phenomenon(open_panel, monkeypatch):
    """The sentence that the page reads is marked; each model is asked once for each half."""
    asked = []
    monkeypatch.setattr(
        probe_answers, "probe", lambda model, half: asked.append((model.name, half)) or probe(model, half)
    )
    app = open_panel(phenomenon="double_negation")
    assert listed(app)["label"] == "Pairs of sentences: Double negation"
    choose(app, "phenomenon", "plain")
    assert listed(app)["label"] == "Pairs of sentences: Plain opinion"
    assert app.query_params["phenomenon"] in ("plain", ["plain"])
    sentence = listed(app)["pairs"][2][1]["text"]
    assert listed(put(app, review_text=sentence))["read"] == sentence
    assert asked == [("gru", "development"), ("elman", "development")]


def test_one_model_is_shown_alone_with_the_reason(open_panel, make_model):
    assert "There is only one model on this machine." in said(open_panel(other=""))
    (make_model("damaged") / "weights.safetensors").write_bytes(b"no weights")
    app = open_panel(other="", other_model="damaged")
    assert "use another model, or train this one again" in said(app)
    assert listed(app)["names"] == ["gru"]
    assert len(figures(app)[-1]["data"]) == 3


def test_the_words_name_the_best_and_the_worst():
    assert what_it_understands("one", probed(4, 2)) == (
        "**one** gets 55% of the sentences and 11% of the pairs right (6 of 56): best at *Plain opinion* "
        "(4 of 4 pairs), worst at *Negation of something else* and 11 others (0% of the pairs of each)."
    )
    assert "best at *Plain opinion* and 1 other (100% of" in what_it_understands("one", probed(4, 4))
    assert what_it_understands("one", probed()).endswith("(0 of 56), the same share at every phenomenon.")
    assert undecided_sentence({"one": 0.7}, 100) == (
        "Of 100 texts without an opinion **one** leaves **70** undecided, between 30% and 70% positive."
    )
    assert undecided_sentence({"one": 0.7, "other": 0.29}, 100).endswith("positive; **other** leaves **29**.")
