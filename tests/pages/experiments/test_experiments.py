"""Experiments without a browser: before, while and after runs are made, of ours or of one's own."""

import dataclasses
import json
import shutil

import pandas as pd
import pytest

from pages.components.experiments import sweep_form, sweep_picture, sweep_work
from pages.components.experiments.sweep_form import values_at_first
from pages.components.experiments.sweep_runs import ordered, with_words
from pages.components.shared import corpora, settings
from rnn_core.cell_files.typed import save_cell
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.data.own.catalogue import own_folder
from rnn_core.data.sources import bare_config
from rnn_core.sweeps import coordinator
from rnn_core.sweeps.findings import finding_of
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, grid, parse_factor
from rnn_core.sweeps.without import WHOLE, names_of_parts
from rnn_core.symbols import CELLS, KINDS
from tests.own import make_own
from tests.pages.elements import choose, click, figures, is_chart, said, texts, walk
from tests.pages.experiments.made import begun, result
from tests.pages.second_way import RESULTS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only")]

CASES = grid({"cell": ["gru", "elman"], "max_length": [25, 400]})
SWEEP = Sweep(
    name="mine", base=RunConfig(data="verdict").with_settings(reviews=500), cases=CASES, seeds=[0, 1]
)
RUNS = 2 * len(KINDS)
"""Number of runs of the form as it begins: every cell with two seeds."""


def with_baselines(content=None, data="verdict"):
    """Puts the shipped baselines of a corpus there; returns them."""
    file = corpus_named(data).baselines_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes((RESULTS / file.name).read_bytes() if content is None else content)
    return json.loads(file.read_bytes())


@pytest.fixture
def with_results():
    """Seven of its eight runs, and the last: 5 points better a case, 1 point and 4 s an epoch more a seed."""
    *others, last = [
        result(case, seed, 0.6 + place / 20 + seed / 100, seconds_per_epoch=1.0 + 4 * seed)
        for place, case in enumerate(CASES)
        for seed in (0, 1)
    ]
    begun(SWEEP, *others)
    return last


@pytest.fixture
def whole(with_results):
    results = Results("mine")
    results.append(with_results)
    return results


@pytest.fixture
def open_mine(open_app):
    return lambda **state: open_app("experiments", {"sweep": "mine"}, **state)


def notes(app):
    return [note["text"] for note in figures(app)[0]["layout"]["annotations"]]


def test_each_question_can_be_picked_before_its_runs(open_app, monkeypatch):
    """It says what to do, and is kept in the address; one of an earlier name opens it, too."""
    app = open_app("experiments")
    assert "None of its runs has ended yet" in said(app)
    assert "of 15" in app.get("progress")[0].proto.text
    assert "IMDB reviews, which are not on this machine yet" in said(app)
    monkeypatch.setattr(corpora, "prepare", lambda data, **_: iter(()))
    for name in QUESTIONS:
        choose(app, "sweep_picked", name)
        assert app.query_params["sweep"] == name
    renamed = open_app("experiments", {"sweep": "distance-of-cells"})
    assert renamed.get_by_key("sweep_picked").value == "distance"


def test_a_finding_waits_for_two_runs_of_each_case(open_app):
    """Below it is a link to another measure: how long gradients last, after how far back a cell remembers."""
    sweep = QUESTIONS["distance"].sweep
    *others, last = [result(case, seed, 0.9) for seed in (0, 1) for case in sweep.cases]
    results = begun(sweep, *others)
    app = open_app("experiments", {"sweep": "distance"})
    assert "written here once each case has two runs" in said(app)
    results.append(last)
    assert f"**{finding_of(sweep, results.table()).lead}**" in said(app.run())
    [link] = [one.proto for one in app.get("page_link") if one.proto.query_string == "part=reach"]
    assert (link.page, link.label) == ("cells", "Another measure: How long do gradients last?")


def test_results_are_drawn_and_what_is_missing_is_said(open_mine, with_results):
    """Against each factor, by each measure; a zoom lasts as long as its measure does."""
    app = open_mine()
    [figure] = figures(app)
    assert [curve["name"] for curve in figure["data"]] == ["Maximum length 25", "Maximum length 400"]
    assert list(figure["data"][0]["x"]) == ["GRU", "Elman"]  # as the sweep has them
    assert "7 of 8" in app.get("progress")[0].proto.text
    assert "1 run to do, about 5 s on this machine" in said(app)  # counted by what runs of each case took
    assert "written here once all its runs have ended" in said(app)
    assert "python -m rnn_core sweep mine" in said(app)
    zooms = [figure["layout"]["uirevision"]]
    app.get_by_key("effect_factor_mine").set_value("max_length").run()
    assert [curve["name"] for curve in figures(app)[0]["data"]] == ["Cell GRU", "Cell Elman"]
    app.get_by_key("effect_factor_mine").set_value("cell").run()
    assert figures(app)[0]["layout"]["uirevision"] == zooms[0]
    [table] = [table.value for table in app.dataframe]
    assert len(table) == 7
    for measure in ("validation_accuracy", "test_loss", "seconds_per_epoch", "parameters"):
        choose(app, "effect_measure", measure)
        zooms.append(figures(app)[0]["layout"]["uirevision"])
    assert len(set(zooms)) == 5


def test_runs_stand_in_the_order_of_their_cases():
    """However they ended; one of a case that is no longer asked comes last."""
    sweep = QUESTIONS["gates"].sweep
    cases = [{"cell": "gru", "learning_rate": 0.1}, *reversed(sweep.cases)]
    shown = ordered(pd.DataFrame({**case, "seed": seed} for case in cases for seed in (1, 0)), sweep)
    assert list(shown["cell"])[::2] == [*(case["cell"] for case in sweep.cases), "gru"]
    assert list(shown["seed"]) == [1, 0] * len(cases)
    assert list(with_words(shown, sweep)["cell"].unique())[:3] == ["Elman", "IndRNN", "UGRNN"]


def test_damaged_files_are_said_and_the_page_stays(open_mine, with_results):
    own = begun(Sweep(name="my-sweep", base=RunConfig(data="verdict"), cases=[{"cell": "gru"}])).path
    with own.open("a") as file:
        file.write('{"half": true}\n')
    with_baselines(b"{}")
    app = open_mine(own_question=True)
    assert figures(app)
    assert "artifacts/sweeps/my-sweep.jsonl is damaged" in said(app)
    assert "can't be read" in said(app)
    with Results("mine").path.open("a") as file:
        file.write('{"half": true}\n')
    assert "mine.jsonl is damaged" in said(app.run())


def test_a_question_is_started_where_it_was_asked_to(open_mine, monkeypatch):
    """One at work can't be started."""
    started = []
    monkeypatch.setattr(coordinator, "start", lambda *what: started.append(what))
    begun(SWEEP)
    app = open_mine(own_question=True)
    assert "Start it, and they" in said(app)
    app.get_by_key("sweep_address").set_value(" tcp://there:8786 ").run()
    app.get_by_key("sweep_workers").set_value(2).run()
    app.button(key="start_sweep").click().run()
    assert started == [(SWEEP, 2, "tcp://there:8786")]
    for part in (sweep_form, sweep_picture, sweep_work):
        monkeypatch.setattr(part, "is_at_work", lambda name: True)
    app.run()
    assert "Start it" not in said(app)
    assert "They appear here one by one" in said(app)
    assert f"my-sweep is at work, with {RUNS} runs to do" in said(app)
    assert not {"start_own_sweep", "start_sweep"} & {button.key for button in app.button}


def test_only_what_a_process_failed_of_is_said(open_mine, with_results, monkeypatch):
    failed = {"Error: No scheduler answers.": "No scheduler answers", "ValueError: no": "ValueError"}
    app = open_mine()
    for words, sentence in failed.items():
        monkeypatch.setattr(coordinator, "last_words", lambda name, words=words: words)
        assert f"It ended early. {sentence}" in said(app.run())
    monkeypatch.setattr(coordinator, "last_words", lambda name: "3 of 42: cell elman, seed 0: test 90.00%")
    assert "It ended early" not in said(app.run())


def test_a_whole_sweep_of_ones_own_has_its_finding(open_mine, whole):
    """It stands above the picture; below it a table has all numbers, the best case first."""
    app = open_mine()
    highest, lowest = "75.5% (Cell Elman, Maximum length 400)", "60.5% (Cell GRU, Maximum length 25)"
    noise = "too few seeds to tell it from noise"
    finding = f"**The highest test accuracy is {highest}, the lowest {lowest}: {noise}.**"
    parts = [part for part in walk(app.main) if is_chart(part) or part.type == "markdown"]
    at = next(place for place, part in enumerate(parts) if not is_chart(part) and part.value == finding)
    assert [is_chart(part) for part in parts].index(True) > at
    for sentence in (
        "8 runs, 2 seeds each; seeds of one case lie up to",
        "Holds for: verdict corpus, vocabulary size 5,000, epochs 4, learning rate 0.003",
        "mine: Cell GRU, Elman; Maximum length 25, 400; seeds 0, 1",
        "The p of a row compares this case with the best.",
        "8 of 8 runs have ended",
    ):
        assert sentence in said(app)
    assert not app.get("progress")
    table = app.dataframe[0].value
    assert table.iloc[0].tolist()[:5] == ["Elman", 400, pytest.approx(75.5), "75.0% to 76.0%", 2]
    assert table["against"].tolist() == ["The best", *["Too few seeds to tell"] * 3]
    assert '"localized"' in app.dataframe[0].proto.columns
    choose(app, "effect_measure", "seconds_per_epoch")  # whatever else the machine did only adds to them
    assert "p" not in app.dataframe[0].value
    assert "between these two" not in said(app)
    [figure] = figures(app)
    assert figure["layout"]["yaxis"]["title"]["text"] == "Seconds per epoch (fastest seed)"
    assert (set(figure["data"][0]["y"]), set(figure["data"][0]["error_y"]["array"])) == ({1.0}, {4.0})
    assert "Each point is the fastest of 2 seeds" in said(app)
    assert "Seconds per epoch: 1." in said(app)


def test_any_two_cases_are_compared_and_in_the_address(open_app, whole):
    query = {"sweep": "mine", "case": "GRU, maximum length 400", "other_case": "Elman, maximum length 25"}
    app = open_app("experiments", query)
    assert "**Too few seeds to tell**: 65.5% (GRU, maximum length 400) and 70.5% (Elman, max" in said(app)
    choose(app, "other_case_picked", "GRU, maximum length 25")
    assert app.query_params["other_case"] == "GRU, maximum length 25"
    assert "60.5% (GRU, maximum length 25), a difference of −5.0 points" in said(app)
    choose(app, "case_picked", "GRU, maximum length 25")  # two are always different
    assert app.get_by_key("other_case_picked").value == "Elman, maximum length 400"


def test_the_first_pair_of_cases_is_no_tie(open_mine, whole):
    """The best case stands beside the best one that differs; a tie is said in short."""
    tied = [
        dataclasses.replace(one, test_accuracy=1.0) if one.case["cell"] == "elman" else one
        for one in whole.all()
    ]
    whole.rewrite(whole.sweep(), tied)
    app = open_mine()
    assert app.get_by_key("other_case_picked").value == "GRU, maximum length 400"
    assert app.dataframe[0].value["against"].tolist()[:2] == ["The best", "No difference"]
    choose(app, "other_case_picked", "Elman, maximum length 400")
    assert "**No difference**: both 100.0% with every seed, p = 1." in said(app)


def test_below_a_finding_stand_the_rates_tried(open_app):
    question = QUESTIONS["gates"]
    begun(question.sweep, *(result(case, seed, 0.9) for case in question.sweep.cases for seed in (0, 1)))
    [search] = question.searches
    begun(search, *(result(case, 0, 0.7 + case["learning_rate"]) for case in search.cases))
    app = open_app("experiments", {"sweep": "gates"})
    table = app.dataframe[1].value
    taken = question.sweep.cases[0]["learning_rate"]
    assert table.loc["Elman", f"{taken:g}"] == f"{0.7 + taken:.1%} (taken)"
    assert "gates-rates" not in app.get_by_key("sweep_picked").options


def test_baselines_stand_across_an_accuracy(open_mine, with_results):
    """They have their numbers and the reviews that these are of; across no other measure."""
    shipped = with_baselines()
    learned_from, baselines = shipped["reviews"]["training"], shipped["baselines"]
    app = open_mine()
    for of in ("test", "validation"):
        app.get_by_key("effect_measure").set_value(f"{of}_accuracy").run()
        drawn = " ".join(notes(app)).replace("<br>", " ")
        assert f"baselines that count words, on the same {of} reviews" in said(app)
        for one in baselines:
            mean = sum(seed[f"{of}_accuracy"] for seed in one["seeds"]) / len(one["seeds"])
            assert f"{one['title']} {mean:.1%}" in drawn
            assert f"{one['title']} {mean:.1%}" in said(app)
    assert f"(learned from {learned_from:,} reviews; these runs from 500)" in said(app)
    app.get_by_key("effect_measure").set_value("seconds_per_epoch").run()
    assert "Bag of words" not in " ".join(notes(app))
    assert "count words" not in said(app)


def test_on_several_corpora_the_majority_stands_alone(open_app):
    cases = [{"verdict_distance": distance} for distance in (0, 10)]
    sweep = Sweep(name="far", base=RunConfig(data="verdict"), cases=cases)
    begun(sweep, *(result(case, 0, 0.6) for case in cases))
    with_baselines()
    assert set(notes(open_app("experiments", {"sweep": "far"}))) == {"Majority class<br>50.0%"}
    alone = Sweep(name="one", base=RunConfig(data="verdict"), cases=cases[1:])
    begun(alone, result(cases[1], 0, 0.6))
    assert list(figures(open_app("experiments", {"sweep": "one"}))[0]["data"][0]["x"]) == [10]


def test_probes_are_shown_where_runs_answered_them(open_app, with_results):
    """Beside the baselines that answered the same half; another question shows its test accuracy."""
    results = begun(sweep := QUESTIONS["short-texts"].sweep)
    for case, right in zip(sweep.cases, (0.3, 0.31, 0.82, 0.83), strict=True):
        for seed in sweep.seeds:
            probes = {"pairs_right": right + seed / 100, "sentences_right": 0.6}
            results.append(result(case, seed, 0.9 + seed / 100, **probes))
    baselines = with_baselines(data="imdb")["baselines"]
    app = open_app("experiments", {"sweep": "short-texts"})
    assert "on the same test reviews" in said(app)
    assert "development half" not in said(app)
    assert {"Probes: pairs right", "Probes: sentences right"} < set(app.get_by_key("effect_measure").options)
    assert app.dataframe[-1].value["pairs_right"].max() == pytest.approx(84)
    assert app.dataframe[-1].value["sentences_right"].tolist() == [60] * 8
    for measure in ("sentences_right", "pairs_right"):
        app.get_by_key("effect_measure").set_value(measure).run()
        assert "Their development half was asked" in said(app)
        assert "on the same probes" in said(app)
        for one in baselines:
            shares = [seed["probes"]["development"]["all"][measure] for seed in one["seeds"]]
            assert f"{one['title']} {sum(shares) / len(shares):.1%}" in said(app)
    assert figures(app)[0]["layout"]["xaxis"]["title"]["text"] == "Probes: pairs right"
    for seed in (seed for one in baselines for seed in one["seeds"]):
        del seed["probes"]["development"]
    with_baselines(json.dumps({"baselines": baselines}).encode(), "imdb")  # that were not asked this half
    assert "Dotted" not in said(app.run())
    assert not [note for note in notes(app) if "%" in note]
    app.get_by_key("sweep_picked").set_value("mine").run()
    assert figures(app)[0]["layout"]["yaxis"]["title"]["text"] == "Test accuracy"
    assert not [title for title in app.get_by_key("effect_measure").options if "Probes" in title]
    assert not {"pairs_right", "sentences_right"} & set(app.dataframe[-1].value)


@pytest.fixture
def started(monkeypatch):
    """The sweeps that were started."""
    sweeps = []
    monkeypatch.setattr(coordinator, "start", lambda sweep, *_: sweeps.append(sweep))
    return sweeps


@pytest.fixture
def open_form(open_app):
    """A function that opens it with these factors, at an address."""

    def open_it(*factors, **query):
        app = open_app("experiments", query, own_question=True)
        return app.get_by_key("own_factors").set_value([*factors]).run() if factors else app

    return open_it


def values(app, factor):
    return app.get_by_key(f"own_values_{factor}").value


def test_a_factor_begins_with_its_sides_or_choices(open_form):
    """Cells of one's own can be typed, but are not among them."""
    save_cell("mine", "h' = tanh(x @ W + h @ U)")
    app = open_form("truncation", "skip_padding", "learning_rate")
    shown = [values(app, name) for name in ("truncation", "skip_padding", "learning_rate")]
    assert shown == ["front, end", "on, off", "0.005, 0.01, 0.02"]
    app.get_by_key("own_factors").set_value(["cell", "head", "embedding_dropout"]).run()
    shown = [values(app, name) for name in ("cell", "head", "embedding_dropout")]
    cells = ", ".join(usual.name for kind, usual in KINDS.items() if kind in CELLS.registered())
    assert shown == [cells, "one logit, two logits", "0, 0.2, 0.4"]
    assert app.button(key="start_own_sweep").label == f"Start {RUNS * 2 * 3} runs"


@pytest.mark.parametrize(("held", "shown"), [("", "none"), ("gru+lstm", "gru+lstm")])
def test_teachers_begin_with_those_of_train(monkeypatch, held, shown):
    """That there is none is a value, too."""
    monkeypatch.setattr(settings, "value", lambda name: held)
    assert values_at_first("teachers") == shown
    assert parse_factor(f"teachers={shown}") == ("teachers", [held])
    assert parse_factor("teachers=none,gru") == ("teachers", ["", "gru"])


def test_a_side_is_typed_as_screen_or_command_says(open_form, started):
    app = open_form("truncation")
    for typed in ("front, end", "pre, post", "Front,post"):
        app.get_by_key("own_values_truncation").set_value(typed).run()
        app.button(key="start_own_sweep").click().run()
        assert [case["truncation"] for case in started.pop().cases] == ["pre", "post"], typed


def test_parts_of_a_cell_take_the_place_of_settings(open_form, started):
    app = open_form("truncation", peepholes="True", cell="lstm")
    choose(app, "own_without", "gru")
    choose(app, "own_parts_gru", ["r and z coupled"])
    click(app, "start_own_sweep")
    assert names_of_parts(started.pop()) == (WHOLE, "r and z coupled")


def test_other_settings_that_are_not_usual_are_named(open_form):
    app = open_form(data="verdict", head_dropout="0.3", optimizer="sgd", epochs="2")
    shown = said(app)
    for setting in ("verdict corpus", "dropout before the head 0.3", "optimizer SGD", "epochs 2"):
        assert setting in shown
    assert "word dropout" not in shown  # as by default
    app.get_by_key("own_factors").set_value(["head_dropout"]).run()
    assert "dropout before the head 0.3" not in said(app)


def test_a_sweep_that_was_started_is_the_one_picked(open_form, started, monkeypatch):
    """The vocabulary has room for all words of its texts."""
    monkeypatch.setattr(coordinator, "start", lambda sweep, *_: started.append(sweep) or begun(sweep))
    app = open_form("cell", "data", data="language-anbn")
    assert values(app, "data").startswith("language-")
    app.get_by_key("own_values_cell").set_value("gru, LSTM").run()
    app.get_by_key("own_values_data").set_value("language-anbn, language-parity").run()
    click(app, "start_own_sweep")
    [sweep] = started
    assert [*sweep.cases] == grid({"cell": ["gru", "lstm"], "data": ["language-anbn", "language-parity"]})
    assert list(sweep.seeds) == [0, 1]
    assert sweep.base.text.vocab_size >= bare_config("language-parity").text.vocab_size
    assert app.get_by_key("sweep_picked").value == "my-sweep"


def test_what_is_missing_is_started_and_no_other_sweep(open_form, started):
    """Counted with what else was begun under its name; where another sweep has the name, nothing is."""
    app = open_form()
    app.button(key="start_own_sweep").click().run()
    sweep = started.pop()
    results = begun(sweep, result({"cell": "gru"}, 0, 0.7))
    assert f"Start {RUNS - 1} runs" in app.run().button(key="start_own_sweep").label
    app.get_by_key("own_values_cell").set_value("gru").run()
    assert f"together they are {RUNS} runs" in said(app)
    app.button(key="start_own_sweep").click().run()
    assert len(results.missing(started[0])) == RUNS - 1
    for point in results.missing(sweep):
        results.append(result(point.case, point.seed, 0.7))
    assert "All runs of my-sweep have ended: they are shown above" in said(app.run())
    app.get_by_key("sweep_picked").set_value("gates").run()
    assert "All runs of my-sweep have ended: pick it above" in said(app)
    results.path.unlink()
    other = dataclasses.replace(sweep, base=sweep.base.with_settings(epochs=9))
    begun(other, result({"cell": "gru"}, 0, 0.7))
    assert "already a sweep called my-sweep" in said(app.run())
    assert "start_own_sweep" not in {button.key for button in app.button}


def test_impossible_values_are_said_and_not_started(open_form):
    app = open_form()
    refused = {"gru, granite": "must be one of", "": "Write a factor as", "gru, gru": "twice"}
    for typed, sentence in refused.items():
        choose(app, "own_values_cell", typed)
        assert sentence in said(app)
        assert "start_own_sweep" not in {button.key for button in app.button}, typed


def test_a_sweep_on_own_texts_is_shown_and_asked(open_form):
    """Classes count alike in its measures; it asks where sweeps run, since the picked one is whole."""
    make_own("tickets", ("printer", "invoice", "parcel"), [40, 24, 24])
    scores = {"elman": (0.5, 0.4, 0.3), "gru": (0.75, 0.65, 0.55)}
    sweep = Sweep(name="on-tickets", base=bare_config("tickets"), cases=grid({"cell": [*scores]}))
    for case, (share, balanced, f1) in zip(sweep.cases, scores.values(), strict=True):
        begun(sweep, result(case, 0, share, balanced_accuracy=balanced, macro_f1=f1))
    page = open_form(sweep="on-tickets", data="tickets")
    assert page.get_by_key("sweep_workers").value == 1
    assert "Holds for: tickets" in texts(page, "caption")
    assert "All other settings are those of the page Train: tickets, " in texts(page, "caption")
    shown = page.get_by_key("effect_measure")
    assert {"Balanced accuracy", "Macro F1"} <= set(shown.options)
    shown.set_value("balanced_accuracy").run()
    assert "65.0%" in texts(page, "markdown")
    shutil.rmtree(own_folder("tickets"))
    page = open_form(sweep="on-tickets")
    assert "of the test texts of tickets is 75.0%" in texts(page, "markdown")
    assert "baselines_tickets" not in {button.key for button in page.button}
