"""What does it understand? On the Read page, with untrained models and the development half of the probes."""

import itertools
import re

import numpy as np
import pytest

from pages.components.read.probe_panel import what_it_understands, without_opinion
from pages.components.shared import probe_answers
from rnn_core.data.composed.overlap import about, what_is_shared
from rnn_core.data.probes.pairs import OTHER_PHENOMENA, PHENOMENA, SETS, pairs
from rnn_core.inspection.trace import trace
from rnn_core.models.catalogue import find_model
from rnn_core.models.model import Model
from rnn_core.models.probing import probe, undecided
from tests.figures.examples import probed
from tests.pages.elements import choose, figures, given, put, texts

pytestmark = pytest.mark.slow

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
    """What the list of pairs was given."""
    [data] = given(app, "pairs")
    return data


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
    assert f"In {same} of the {len(PAIRS)} pairs" in texts(app, "caption")
    said = texts(app, "markdown")
    models = {name: Model.load(find_model(name)) for name in ("gru", "elman")}
    for name, model in models.items():
        assert what_it_understands(name, probe(model, "development")) in said
    left = {name: undecided(model, "development") for name, model in models.items()}
    assert without_opinion(left, 100) in said


def test_each_set_says_what_it_is_worth(open_panel):
    app = open_panel(half="neither")
    assert app.get_by_key("probes_half").value == "reported-strict"
    for name in SETS:
        app.get_by_key("probes_half").set_value(name).run()
        assert about(name) in texts(app, "caption")
    assert "CheckList (Ribeiro et al., 2020)" in texts(app, "caption")
    assert what_is_shared() in texts(app, "markdown")


def test_the_third_set_has_its_own_phenomena(open_panel):
    app = open_panel(half="third", phenomenon="negation")
    assert list(app.get_by_key("phenomenon").options) == list(OTHER_PHENOMENA.values())
    assert listed(app)["label"] == "Pairs of sentences: Then and now"
    assert "undecided" not in texts(app, "markdown")


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


@pytest.mark.parametrize(
    ("other", "kind", "says"),
    [
        ("", "info", "There is only one model on this machine."),
        ("damaged", "error", "use another model, or train this one again"),
    ],
)
def test_one_model_is_shown_alone_with_the_reason(open_panel, make_model, other, kind, says):
    if other:
        (make_model(other) / "weights.safetensors").write_bytes(b"no weights")
    app = open_panel(other="", **({"other_model": other} if other else {}))
    assert says in texts(app, kind).replace("\\", "")
    assert listed(app)["names"] == ["gru"]
    assert len(figures(app)[-1]["data"]) == 3


def test_the_words_name_the_best_and_the_worst():
    assert what_it_understands("one", probed(4, 2)) == (
        "**one** gets 55% of the sentences and 11% of the pairs right (6 of 56): best at *Plain opinion* "
        "(4 of 4 pairs), worst at *Negation of something else* and 11 others (0% of the pairs of each)."
    )
    assert "best at *Plain opinion* and 1 other (100% of" in what_it_understands("one", probed(4, 4))
    assert what_it_understands("one", probed()).endswith("(0 of 56), the same share at every phenomenon.")
    assert without_opinion({"one": 0.7}, 100) == (
        "Of 100 texts without an opinion **one** leaves **70** undecided, between 30% and 70% positive."
    )
    assert without_opinion({"one": 0.7, "other": 0.29}, 100).endswith("positive; **other** leaves **29**.")
