"""A question that no sweep answers, on Experiments: small networks answer the development half."""

import re
import shutil
from urllib.parse import parse_qsl

import pytest

from pages.components.shared import probe_answers
from pages.components.shared.read_links import understanding_of
from rnn_core.baselines.scores import read_baselines
from rnn_core.config.corpora import corpus_named
from rnn_core.data.composed.overlap import probes_summary, what_is_shared
from rnn_core.data.probes.pairs import OTHER_PHENOMENA, pairs, texts_without_opinion
from rnn_core.inspection.trace import trace
from rnn_core.models.folder import WEIGHTS
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder
from tests.pages.elements import choose, figures, given, said
from tests.pages.second_way import PRETRAINED, RESULTS

pytestmark = pytest.mark.slow

HALF = "development"
QUESTION = {"sweep": "what_they_understand", "probes_half": HALF}


@pytest.fixture
def two_networks(make_model):
    """One as it comes with the app, and one that was never trained."""
    make_model("small")
    return shutil.copytree(PRETRAINED / "gru", pretrained_folder() / "gru")


@pytest.fixture
def baselines():
    corpus_named("imdb").baselines_file.parent.mkdir(parents=True)
    shutil.copy(RESULTS / "baselines-imdb.json", corpus_named("imdb").baselines_file)


def columns(app):
    return list(figures(app)[0]["layout"]["xaxis"]["ticktext"])


def column(app, model):
    """Return what stands in the field of this model in each row, by the row's name without tags."""
    [figure] = figures(app)
    place = figure["layout"]["xaxis"]["ticktext"].index(model)
    names = [re.sub("<.*?>", "", note["text"]) for note in figure["layout"]["annotations"]]
    return dict(zip(names, [row[place] for row in figure["data"][0]["text"]], strict=True))


def percent(flags):
    flags = list(flags)
    return f"{100 * sum(flags) / len(flags):.0f}"


def test_a_field_is_what_reading_each_sentence_gives(open_app, two_networks, make_language_model):
    """That of every network that gives a verdict."""
    make_language_model("anbn", "speaker")
    model = Model.load(two_networks)
    asked = pairs(HALF)
    right = [
        (trace(model, pair.positive).probability > 0.5, trace(model, pair.negative).probability < 0.5)
        for pair in asked
    ]
    app = open_app("experiments", QUESTION)
    assert set(columns(app)) == {"small", "gru"}
    shown = column(app, "gru")
    assert shown["All, 324 pairs"] == percent(all(both) for both in right)
    negation = [both for both, pair in zip(right, asked, strict=True) if pair.phenomenon == "negation"]
    assert shown[f"Negation, {len(negation)} pairs"] == percent(all(both) for both in negation)
    undecided = [0.3 <= trace(model, text).probability <= 0.7 for text in texts_without_opinion(HALF)]
    assert shown["No opinion, left undecided"] == percent(undecided)
    app.get_by_key("understanding_measure").set_value("sentences_right").run()
    assert column(app, "gru")["All, 324 pairs"] == percent(one for both in right for one in both)
    table = app.dataframe[0].value.set_index("Model")
    assert table.loc["gru", "Whole pairs"] == pytest.approx(100 * sum(map(all, right)) / len(right))
    assert table.loc["gru", "Sentences"] == pytest.approx(50 * sum(map(sum, right)) / len(right))
    assert table["Whole pairs"].is_monotonic_decreasing


def test_baselines_stand_beside_the_networks(open_app, two_networks, baselines):
    """A bag of words has no pair of the same words; of the strict part is said what it is worth."""
    app = open_app("experiments", QUESTION)
    assert columns(app)[:3] == ["Majority<br>class", "Bag of<br>words", "NB-SVM on<br>bigrams"]
    assert set(columns(app)[3:]) == {"small", "gru"}
    of_words, nb_svm = column(app, "Bag of<br>words"), column(app, "NB-SVM on<br>bigrams")
    assert of_words["The same words in another order, 73 pairs"] == "0"
    assert nb_svm["No opinion, left undecided"] == "–"
    mean = read_baselines("imdb")[1].probes(HALF).all.pairs_right
    assert of_words["All, 324 pairs"] == f"{100 * mean:.0f}"
    assert "the bag of words has none of them right" in said(app)
    app = open_app("experiments", {"sweep": QUESTION["sweep"]})
    assert app.get_by_key("probes_half").value == "reported-strict"
    words = said(app)
    assert probes_summary("reported-strict") in words
    assert what_is_shared() in words
    assert "count words were not asked these" not in words
    assert len(columns(app)) == 5
    assert "Their recipes differ" not in words  # both are a GRU


def test_the_third_set_has_phenomena_of_its_own(open_app, two_networks):
    """It has no text without an opinion."""
    app = open_app("experiments", {**QUESTION, "probes_half": "third"})
    names = [re.sub(", [0-9]+ pairs", "", name) for name in column(app, "gru")]
    assert names == ["All", *OTHER_PHENOMENA.values(), "The same words in another order"]
    assert "without an opinion gets a probability" not in said(app)


def test_a_link_opens_the_answers_of_a_network_on_read(open_app, two_networks, monkeypatch):
    """It isn't asked again there."""
    links = open_app("experiments", QUESTION).get("page_link")
    queries = {link.proto.label: dict(parse_qsl(link.proto.query_string)) for link in links}
    assert queries == {name: understanding_of(name, HALF) for name in ("small", "gru")}
    asked = []
    monkeypatch.setattr(probe_answers, "probe", lambda model, name: asked.append(model.name))
    app = open_app("read", {**queries["gru"], "other_model": "small"}, review_text="The film is great.")
    assert len(given(app, "pairs")) == 1
    assert not asked


def test_what_is_damaged_is_named_and_others_answer(open_app, two_networks, baselines):
    corpus_named("imdb").baselines_file.write_text("{")
    app = open_app("experiments", QUESTION)
    assert "baselines-imdb.json" in said(app)
    assert set(columns(app)) == {"small", "gru"}
    (two_networks / WEIGHTS).write_bytes(b"half a file")
    assert "gru can't be read" in said(app.run())
    assert columns(app) == ["small"]


def test_a_network_trained_again_is_asked_again(open_app, make_model):
    make_model("small")
    app = open_app("experiments", QUESTION)
    before = column(app, "small")
    shutil.copytree(PRETRAINED / "gru", pretrained_folder() / "small", dirs_exist_ok=True)
    assert column(app.run(), "small") != before


def test_without_a_network_it_is_picked_and_says_so(open_app):
    assert not pretrained_folder().exists()
    app = open_app("experiments")
    choose(app, "sweep_picked", QUESTION["sweep"])
    assert app.query_params["sweep"] == QUESTION["sweep"]
    assert "No network comes with this copy of the app" in said(app)
