"""Experiments without a browser: what stands there before, while and after runs are made."""

import dataclasses
import json

import pandas as pd
import pytest

from pages.components.experiments import sweep_form, sweep_picture, sweep_work
from pages.components.experiments.sweep_runs import in_order, in_words
from pages.components.shared import corpora
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.sweeps import coordinator
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep
from rnn_core.symbols import KINDS
from tests.pages.elements import choose, figures, is_chart, said, walk
from tests.pages.experiments.made import begun, result
from tests.pages.second_way import RESULTS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only")]

SWEEP = Sweep(
    name="mine",
    base=RunConfig(data="verdict"),
    seeds=[0, 1],
    cases=[{"cell": cell, "max_length": length} for cell in ("gru", "elman") for length in (25, 400)],
)


def with_baselines(content=None, data="verdict"):
    """Puts the shipped baselines of a corpus there; returns them."""
    file = corpus_named(data).baselines_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes((RESULTS / file.name).read_bytes() if content is None else content)
    return json.loads(file.read_bytes())


@pytest.fixture
def with_results():
    """Seven of its eight runs: the accuracy grows by 5 points a case and by 1 a seed."""
    accuracies = [
        result(case, seed, 0.6 + place / 20 + seed / 100)
        for place, case in enumerate(SWEEP.cases)
        for seed in (0, 1)
    ]
    begun(SWEEP, *accuracies[:-1])


@pytest.fixture
def whole(with_results):
    results = Results("mine")
    results.append(result(dict(SWEEP.cases[3]), 1, 0.76))
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


def test_a_question_leads_to_its_other_measure(open_app):
    """Under its finding: from how far back a cell remembers to how long gradients last."""
    sweep = QUESTIONS["distance"].sweep
    begun(sweep, *(result(case, seed, 0.9) for case in sweep.cases for seed in (0, 1)))
    [link] = [
        link.proto
        for link in open_app("experiments", {"sweep": "distance"}).get("page_link")
        if link.proto.query_string == "part=reach"
    ]
    assert (link.page, link.label) == ("cells", "Another measure: How long do gradients last?")


def test_a_finding_waits_for_two_runs_of_each_case(open_app):
    sweep = QUESTIONS["start-token"].sweep
    *others, last = [result(case, seed, 0.9 + seed / 100) for seed in (0, 1) for case in sweep.cases]
    results = begun(sweep, *others)
    app = open_app("experiments", {"sweep": "start-token"})
    assert "written here once each case has two runs" in said(app)
    results.append(last)
    assert "The two lie 0.0 points apart: too few seeds to tell it from noise." in said(app.run())


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
    rows = [{**case, "seed": seed} for case in reversed(sweep.cases) for seed in (1, 0)]
    ordered = in_order(pd.DataFrame(rows), sweep)
    assert list(ordered["cell"].unique()) == [case["cell"] for case in sweep.cases]
    assert list(ordered["seed"]) == [1, 0] * len(sweep.cases)
    assert list(in_words(ordered, sweep)["cell"].unique())[:3] == ["Elman", "IndRNN", "UGRNN"]
    rows = [{"cell": "gru", "learning_rate": 0.1}, *sweep.cases]
    assert list(in_order(pd.DataFrame(rows), sweep)["learning_rate"])[-1] == 0.1


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


def test_a_question_is_started_where_it_was_asked_to(open_app, monkeypatch):
    """One at work can't be started."""
    started = []
    monkeypatch.setattr(coordinator, "start", lambda *what: started.append(what))
    app = open_app("experiments", {"sweep": "distance"}, own_question=True)
    assert "Start it, and they" in said(app)
    app.get_by_key("sweep_address").set_value(" tcp://there:8786 ").run()
    app.get_by_key("sweep_workers").set_value(2).run()
    app.button(key="start_sweep").click().run()
    assert started == [(QUESTIONS["distance"].sweep, 2, "tcp://there:8786")]
    for part in (sweep_form, sweep_picture, sweep_work):
        monkeypatch.setattr(part, "is_at_work", lambda name: True)
    app.run()
    assert "Start it" not in said(app)
    assert "They appear here one by one" in said(app)
    assert f"my-sweep is at work, with {2 * len(KINDS)} runs to do" in said(app)
    assert not {"start_own_sweep", "start_sweep"} & {button.key for button in app.button}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Error: No Dask scheduler answers at tcp://x.", "It ended early. No Dask scheduler answers"),
        ("ValueError: not this", "It ended early. ValueError"),
        ("3 of 42: cell elman, seed 0: test 90.00%", ""),
    ],
)
def test_only_what_a_process_failed_of_is_said(open_app, monkeypatch, words, sentence):
    monkeypatch.setattr(coordinator, "last_words", lambda name: words)
    shown = said(open_app("experiments", {"sweep": "distance"}))
    assert sentence in shown if sentence else "It ended early" not in shown


def test_a_whole_sweep_of_ones_own_has_its_finding(open_mine, whole):
    """It stands above the picture; below it a table has all numbers, the best case first."""
    app = open_mine()
    highest, lowest = "75.5% (Cell Elman, Maximum length 400)", "60.5% (Cell GRU, Maximum length 25)"
    noise = "too few seeds to tell it from noise"
    finding = f"**The highest test accuracy is {highest}, the lowest {lowest}: {noise}.**"
    parts = [
        part.type
        for part in walk(app.main)
        if (part.type == "markdown" and part.value == finding) or is_chart(part)
    ]
    assert parts == ["markdown", "bidi_component"]
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
    assert table["against_best"].tolist() == ["The best", *["Too few seeds to tell"] * 3]
    assert table["p"].tolist()[1:] == [pytest.approx(1 / 3)] * 3
    assert '"localized"' in app.dataframe[0].proto.columns
    choose(app, "effect_measure", "parameters")
    assert "p" not in app.dataframe[0].value
    assert "between these two" not in said(app)


def test_any_two_cases_are_compared_and_in_the_address(open_app, whole):
    query = {"sweep": "mine", "case": "GRU, maximum length 400", "other_case": "Elman, maximum length 25"}
    app = open_app("experiments", query)
    numbers = (
        "65.5% (GRU, maximum length 400) and 70.5% (Elman, maximum length 25), a difference of +5.0 points"
    )
    assert f"**Too few seeds to tell**: {numbers}" in said(app)
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
    assert app.dataframe[0].value["against_best"].tolist()[:2] == ["The best", "No difference"]
    choose(app, "other_case_picked", "Elman, maximum length 400")
    assert "**No difference**: both 100.0% with every seed, p = 1." in said(app)


def test_of_the_seconds_the_fastest_seed_counts(open_mine, whole):
    slower = [dataclasses.replace(one, seconds_per_epoch=1.0 + 4 * one.seed) for one in whole.all()]
    whole.rewrite(whole.sweep(), slower)
    app = open_mine(effect_measure="seconds_per_epoch")
    [figure] = figures(app)
    assert figure["layout"]["yaxis"]["title"]["text"] == "Seconds per epoch (fastest seed)"
    assert set(figure["data"][0]["y"]) == {1.0}
    assert set(figure["data"][0]["error_y"]["array"]) == {4.0}
    assert "Each point is the fastest of 2 seeds" in said(app)
    assert "Seconds per epoch: 1." in said(app)  # the finding names it, too


def test_below_a_finding_stand_the_rates_tried(open_app):
    question = QUESTIONS["gates"]
    begun(question.sweep, *(result(case, seed, 0.9) for case in question.sweep.cases for seed in (0, 1)))
    [search] = question.searches
    begun(search, *(result(case, 0, 0.7 + case["learning_rate"]) for case in search.cases))
    app = open_app("experiments", {"sweep": "gates"})
    table = app.dataframe[1].value
    taken = question.sweep.cases[0]["learning_rate"]
    assert table.loc["Cell Elman", f"{taken:g}"] == f"{0.7 + taken:.1%} (taken)"
    assert "gates-rates" not in app.get_by_key("sweep_picked").options


def test_baselines_stand_across_an_accuracy(open_mine, with_results):
    """With their numbers, and with the reviews that these are of; across no other measure."""
    baselines = with_baselines()["baselines"]
    app = open_mine()
    for of in ("test", "validation"):
        app.get_by_key("effect_measure").set_value(f"{of}_accuracy").run()
        drawn = " ".join(notes(app)).replace("<br>", " ")
        assert f"baselines that count words, on the same {of} reviews" in said(app)
        for one in baselines:
            mean = sum(seed[f"{of}_accuracy"] for seed in one["seeds"]) / len(one["seeds"])
            assert f"{one['title']} {mean:.1%}" in drawn
            assert f"{one['title']} {mean:.1%}" in said(app)
    assert "(learned from " in said(app)
    app.get_by_key("effect_measure").set_value("seconds_per_epoch").run()
    assert "Bag of words" not in " ".join(notes(app))
    assert "count words" not in said(app)


def test_baselines_that_learned_from_more_say_so(open_app):
    learned_from = with_baselines()["reviews"]["training"]
    few = RunConfig(data="verdict").with_settings(reviews=500)
    begun(Sweep(name="few", base=few, cases=[{"max_length": 25}]), result({"max_length": 25}, 0, 0.7))
    app = open_app("experiments", {"sweep": "few"})
    assert list(figures(app)[0]["data"][0]["x"]) == [25]  # a sweep of one case is drawn
    assert f"(learned from {learned_from:,} reviews; these runs from 500)" in said(app)


def test_on_several_corpora_the_majority_stands_alone(open_app):
    cases = [{"verdict_distance": distance} for distance in (0, 10)]
    sweep = Sweep(name="far", base=RunConfig(data="verdict"), cases=cases)
    begun(sweep, *(result(case, 0, 0.6) for case in cases))
    with_baselines()
    assert set(notes(open_app("experiments", {"sweep": "far"}))) == {"Majority class<br>50.0%"}


@pytest.fixture
def short_texts():
    """All runs on short texts, which have answered the probes."""
    results = begun(sweep := QUESTIONS["short-texts"].sweep)
    for case, right in zip(sweep.cases, (0.3, 0.31, 0.82, 0.83), strict=True):
        for seed in sweep.seeds:
            probes = {"pairs_right": right + seed / 100, "sentences_right": 0.6}
            results.append(result(case, seed, 0.9 + seed / 100, **probes))


def test_probes_are_shown_where_runs_answered_them(open_app, with_results, short_texts):
    """Beside the baselines that answered the same half; another question shows its test accuracy."""
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
    app.get_by_key("sweep_picked").set_value("mine").run()
    assert figures(app)[0]["layout"]["yaxis"]["title"]["text"] == "Test accuracy"
    assert not [title for title in app.get_by_key("effect_measure").options if "Probes" in title]
    assert not {"pairs_right", "sentences_right"} & set(app.dataframe[-1].value)


def test_baselines_not_asked_are_not_beside_probes(open_app, short_texts):
    shipped = json.loads((RESULTS / "baselines-imdb.json").read_text())
    for one in shipped["baselines"]:
        for seed in one["seeds"]:
            del seed["probes"]["development"]
    with_baselines(json.dumps(shipped).encode(), "imdb")
    app = open_app("experiments", {"sweep": "short-texts"}, effect_measure="pairs_right")
    assert "Their development half was asked" in said(app)
    assert "Dotted" not in said(app)
    assert not [note for note in notes(app) if "%" in note]
