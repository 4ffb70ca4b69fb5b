"""The section on vanishing gradients: its figures against the core, and what it says where there is none."""

from types import SimpleNamespace

import numpy as np
import pytest

from pages.components.cells import reach_networks, vanishing
from pages.components.cells.by_hand import short
from pages.components.shared.format import literal
from pages.components.shared.read_links import reach_of_runs
from rnn_core.config.run import RunConfig
from rnn_core.figures.vanishing import LOSS, VERDICT
from rnn_core.files import write_json
from rnn_core.inspection.vanishing import reach_of_text
from rnn_core.models.model import Model
from rnn_core.runs.store import Store
from rnn_core.symbols import CELLS as DECLARED
from tests.figures.examples import reach_curve
from tests.pages.conftest import save_untrained
from tests.pages.elements import figures, said
from tests.pages.train.made import look, record_of

pytestmark = pytest.mark.slow

CELLS = ("elman", "gru", "lstm")


OF_THE_TEXT = {"reach_of": "The text above"}


def reach_figures(app):
    return [figure for figure in figures(app) if "‖d" in str(figure["layout"].get("yaxis", {}).get("title"))]


def drawn(app):
    return [line["y"] for line in reach_figures(app)[0]["data"]]


def medians(app):
    """The lines with a width: each network has one a state, beside its area."""
    return [line for line in reach_figures(app)[0]["data"] if line.get("line", {}).get("width")]


def beside(app):
    """The table of the networks, the second of the page."""
    return app.table[1].value


@pytest.fixture
def three(make_model):
    return {cell: make_model(cell, cell=cell) for cell in CELLS}


def assert_measured(app, folders):
    """The lines are those of these networks on the text, in this order; of a stack it is the top layer."""
    text = app.session_state["review_text"]
    reaches = [reach_of_text(Model.load(folder), text) for folder in folders]
    wanted = [norms[0] for reach in reaches for norms in reach.norms.values()]
    for line, norms in zip(drawn(app), wanted, strict=True):
        np.testing.assert_allclose(line, norms, rtol=1e-12)
    return reaches


def test_a_network_of_each_cell_is_measured_on_a_text(open_app, three):
    app = open_app("cells", OF_THE_TEXT)
    assert app.get_by_key("reach_networks").value == [*CELLS]
    rows = beside(app).set_index("Network")
    assert sorted(rows.index) == [*CELLS]
    for cell, reach in zip(three, assert_measured(app, three.values()), strict=True):
        there = min(100, reach.distances - 1)
        for norms in reach.norms.values():
            assert short(norms[0, there]) in rows[f"Gradient {there} tokens back"][cell]


def test_the_networks_are_in_the_address(open_app, three):
    """One that is not there is passed over."""
    app = open_app("cells", {"networks": "lstm.nothing.elman"})
    assert app.get_by_key("reach_networks").value == ["lstm", "elman"]
    assert app.query_params["networks"] in ("lstm.elman", ["lstm.elman"])
    app.get_by_key("reach_networks").set_value(["gru"]).run()
    assert app.query_params["networks"] in ("gru", ["gru"])
    app.get_by_key("reach_networks").set_value([]).run()
    assert "Pick a network" in said(app)


def test_validation_reviews_are_read_once(open_app, three, settle, with_corpus):
    """Where they are there they come first, since they reach back 100 tokens, as few a typed text does.

    What was measured stays when a run is renamed.
    """
    run = trained_run("first").id
    app = settle(open_app("cells"))
    assert "at most 64 validation reviews of each network: drawn evenly from the longest quarter" in said(app)
    assert len(medians(app)) == 4
    app.get_by_key("reach_networks").set_value(["gru", run]).run()
    settle(app)
    assert len(medians(app)) == 2
    before = drawn(app)
    Store().runs.describe(run, name="second", note="", starred=False)
    settle(app.run())
    assert drawn(app) == before
    assert "second" in list(beside(app)["Network"])


def test_without_a_record_the_page_says_so(open_app, three):
    app = open_app("cells", {"reach_of": "Over training"})
    assert "Nothing was recorded inside elman, gru and lstm during the training. Train a network" in said(app)
    assert not reach_figures(app)
    keep(three["lstm"], record(1, "lstm"))
    app = open_app("cells", {"reach_of": "Over training", "networks": "gru"})
    assert "Pick one with a record (lstm), or train a network" in said(app)


def test_networks_are_drawn_as_at_an_evaluation(open_app, three, make_model):
    for cell, looks in (("elman", 3), ("gru", 2)):
        keep(three[cell], *(record(number, cell) for number in range(1, looks + 1)))
    app = open_app("cells", {"reach_of": "Over training"})
    assert drawn(app) == [pytest.approx([3.0, 1.0, 3e-20]), pytest.approx([2.0, 1.0, 2e-20])]
    assert "moves the loss" in said(app)
    assert "dL" in reach_figures(app)[0]["layout"]["yaxis"]["title"]["text"]
    app.slider(key="reach_evaluation_3").set_value(1).run()
    assert drawn(app) == [pytest.approx([1.0, 1.0, 1e-20])] * 2
    assert "after 0.25 epochs of elman and after 0.25 epochs of gru" in said(app)
    # The record of a variant is read by the gates that it has.
    keep(make_model("coupled", cell="lstm", coupled_gates=True), record(3, "coupled"))
    app = open_app("cells", {"reach_of": "Over training", "networks": "coupled"})
    assert drawn(app) == [pytest.approx([3.0, 1.0, 3e-20])] * 2


def record(number, cell="elman"):
    """An evaluation after which gradients were as large as its number."""
    seen = look(cell)
    seen["gradients"] = {letter: [float(number), 1.0, number * 1e-20] for letter in seen["gradients"]}
    return record_of(number, kind="validation", epoch=number / 4, inside=seen)


def keep(folder, *records):
    """They become the history of a network."""
    write_json(folder / "history.json", [one.to_dict() for one in records])


def trained_run(name="", records=(), **settings):
    """A run with this name, whose network is untrained and differs from those of `make_model`."""
    store = Store()
    run = store.create(RunConfig(data="verdict").with_settings(**settings), name)
    save_untrained(store.folder(run.id), run.config, seed=1)
    store.records.append(run.id, list(records))
    return run


def test_a_link_shows_what_a_run_recorded(open_app):
    """It leads to that part of the page once."""
    run = trained_run(records=[record(3)], cell="elman")
    app = open_app("cells", reach_of_runs([run.id]))
    assert drawn(app) == [pytest.approx([3.0, 1.0, 3e-20])]
    assert list(beside(app)["Network"]) == [literal(run.title)]
    assert "part" not in app.query_params
    assert any(part.key == "arrival_reach" for part in app.get("bidi_component"))
    assert not any(part.key == "arrival_reach" for part in app.run().get("bidi_component"))


def test_networks_of_one_name_have_lines_of_their_own(open_app, make_model):
    """The top one of several layers is measured, and named."""
    gru, run = make_model("gru", cell="gru"), trained_run("gru").id
    app = open_app("cells", OF_THE_TEXT | {"networks": f"gru.{run}"})
    assert_measured(app, (gru, Store().folder(run)))
    assert set(beside(app)["Network"]) == {"gru", "GRU on verdict corpus · gru"}
    assert "top layer" not in said(app)
    deep = make_model("deep", cell="gru", layers=2)
    app = open_app("cells", OF_THE_TEXT | {"networks": "gru.deep"})
    assert_measured(app, (gru, deep))
    assert "In deep it is the state of the top layer." in said(app)


def test_a_corpus_that_was_added_again_is_read_again(monkeypatch):
    monkeypatch.setattr(reach_networks, "found_by", lambda kind, about, *_: about)
    network = SimpleNamespace(entry=SimpleNamespace(folder="a"), mark=(0.0,))
    assert (
        len({reach_networks.reaches_on_reviews([(network, SimpleNamespace(mark=mark))]) for mark in "xyx"})
        == 2
    )


def test_what_is_missing_to_measure_is_said(open_app, make_model, make_own_model):
    """A network, a text, a box, or a corpus."""
    assert "nothing to measure" in said(open_app("cells"))
    make_model("gru")
    assert "Type a text in the box at the top" in said(open_app("cells", OF_THE_TEXT, review_text=" "))
    app = open_app("cells", OF_THE_TEXT | {"variant": "indrnn"})
    assert "Where there is no box, pick a cell at the top that has a trained network." in said(app)
    make_own_model("mine", "a", "b")
    app = open_app("cells", {"networks": "mine", "reach_of": "Validation texts"})
    assert "The texts of tickets are not ready on this machine" in said(app)


def curve(network, norms):
    return reach_curve(norms, network=network)


def test_at_distance_100_in_words():
    curves = [curve("a", [1.0] * 100 + [2.4e-17]), curve("b", [1.0] * 100 + [0.0123, 0.5])]
    says = "100 tokens back, a small change of the state moves the verdict 5e14 times as much in b as in a."
    assert vanishing.reach_sentence(curves, VERDICT) == says
    alike = [curve("a", [1.0, 0.5]), curve("b", [1.0, 0.4])]
    assert "about as much in each of them" in vanishing.reach_sentence(alike, VERDICT)
    of_one_name = vanishing.reach_sentence([curve("a", [1.0]), curve("a, h", [1e-3])], VERDICT)
    assert "1,000 times as much in a as in a, h." in of_one_name
    gone = [curve("a", [1.0, 0.0]), curve("b", [1.0, 0.4])]
    both = dict.fromkeys("ab", settings(cell="elman"))
    for of, least in ((VERDICT, "1e-308"), (LOSS, "1e-38")):
        assert f"most in b, and in a by less than {least}." in vanishing.reach_sentence(gone, of)
        assert f"below {least}" in str(vanishing.distance_rows(gone, both, of, {}))


def test_both_measures_of_reach_stand_side_by_side():
    """The gradient of each network, the largest first, and the words that its cell remembers."""
    cells = {"lstm": 2e-17, "mingru": 0.0123, "gru-after": 0.0, "elman": 1e-9, "gru": 0.5}
    configs = {cell: settings(**DECLARED[cell].run_settings) for cell in cells}
    curves = [curve(cell, [1.0] * 100 + [norm]) for cell, norm in cells.items()]
    known = {"elman": 0, "gru": 100, "lstm": 50, "mingru": 200, "minlstm": 200}
    rows = vanishing.distance_rows(curves, configs, VERDICT, known)
    assert [(row["Network"], row["Gradient 100 tokens back"], row["Words remembered"]) for row in rows] == [
        ("gru", "0.5", "100"),
        ("mingru", "0.012", "200 or more"),
        ("elman", "1e-9", "fewer than 10"),
        ("lstm", "2e-17", "50"),
        ("gru\\-after", "below 1e-308", "not asked"),
    ]
    says = vanishing.two_measures(curves, configs, known)
    assert "the **gradient** there is largest in gru, a GRU" in says
    assert "remembered**, 200 or more, are those of a minGRU and a minLSTM. They differ because" in says
    alike = vanishing.two_measures([curve("mingru", [1.0] * 100 + [2.0]), *curves], configs, known)
    assert "Both name a minGRU, but they ask different things" in alike
    assert "They differ" not in alike
    assert "Words remembered" not in vanishing.distance_rows(curves, configs, VERDICT, {})[0]


def settings(**values):
    return RunConfig(data="verdict").with_settings(**values)


def test_only_variants_of_one_noun_are_set_apart():
    before, after = settings(cell="gru"), settings(cell="gru", reset="after")
    coupled, lstm = settings(cell="lstm", coupled_gates=True), settings(cell="lstm")
    said = vanishing.cells_of({"a": before, "b": after, "c": coupled, "d": lstm})
    assert [*said.values()] == ["a GRU (reset before)", "a GRU (reset after)", "a coupled LSTM", "an LSTM"]
    assert vanishing.cells_of({"a": before, "b": before}) == {"a": "a GRU", "b": "a GRU"}


@pytest.mark.parametrize("name", DECLARED)
def test_what_makes_a_variant_is_no_other_difference(name):
    usual, variant = settings(cell="elman"), settings(**DECLARED[name].run_settings)
    assert vanishing.trained_otherwise({"a": usual, "b": variant}) == ""
    wider = variant.with_settings(hidden_size=7, epochs=3)
    apart = "These" if name == "elman" else "Apart from the cell, these"
    differ = vanishing.trained_otherwise({"a": usual, "b": wider})
    assert differ == f"{apart} networks differ in hidden size and epochs."
