"""Experiments without a browser: what stands there before, while and after runs are made."""

import dataclasses
import json

import pandas as pd
import pytest

from pages.components.experiments import sweep_form, sweep_picture, sweep_work
from pages.components.experiments.sweep_picker import WORDS
from pages.components.experiments.sweep_runs import in_order, in_words
from pages.components.shared import corpora
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.sweeps import coordinator
from rnn_core.sweeps.findings.finding import finding_of
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
    base=RunConfig(data="verdict").with_settings(reviews=500),
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
    """Seven of its eight runs, and the last: 5 points better a case, 1 point and 4 s an epoch more a seed."""
    *others, last = [
        result(case, seed, 0.6 + place / 20 + seed / 100, seconds_per_epoch=1.0 + 4 * seed)
        for place, case in enumerate(SWEEP.cases)
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
    assert f"**{finding_of(sweep, results.table(), WORDS).lead}**" in said(app.run())
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
    ordered = in_order(pd.DataFrame({**case, "seed": seed} for case in cases for seed in (1, 0)), sweep)
    assert list(ordered["cell"])[::2] == [*(case["cell"] for case in sweep.cases), "gru"]
    assert list(ordered["seed"]) == [1, 0] * len(cases)
    assert list(in_words(ordered, sweep)["cell"].unique())[:3] == ["Elman", "IndRNN", "UGRNN"]


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


def test_only_what_a_process_failed_of_is_said(open_app, monkeypatch):
    failed = {"Error: No scheduler answers.": "No scheduler answers", "ValueError: no": "ValueError"}
    for words, sentence in failed.items():
        monkeypatch.setattr(coordinator, "last_words", lambda name, words=words: words)
        assert f"It ended early. {sentence}" in said(open_app("experiments", {"sweep": "distance"}))
    monkeypatch.setattr(coordinator, "last_words", lambda name: "3 of 42: cell elman, seed 0: test 90.00%")
    assert "It ended early" not in said(open_app("experiments", {"sweep": "distance"}))


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
    assert table["against_best"].tolist() == ["The best", *["Too few seeds to tell"] * 3]
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
    assert app.dataframe[0].value["against_best"].tolist()[:2] == ["The best", "No difference"]
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
    assert table.loc["Cell Elman", f"{taken:g}"] == f"{0.7 + taken:.1%} (taken)"
    assert "gates-rates" not in app.get_by_key("sweep_picked").options


def test_baselines_stand_across_an_accuracy(open_mine, with_results):
    """With their numbers, and with the reviews that these are of; across no other measure."""
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
    for seed in (seed for one in baselines for seed in one["seeds"]):
        del seed["probes"]["development"]
    with_baselines(json.dumps({"baselines": baselines}).encode(), "imdb")  # that were not asked this half
    assert "Dotted" not in said(app.run())
    assert not [note for note in notes(app) if "%" in note]
    app.get_by_key("sweep_picked").set_value("mine").run()
    assert figures(app)[0]["layout"]["yaxis"]["title"]["text"] == "Test accuracy"
    assert not [title for title in app.get_by_key("effect_measure").options if "Probes" in title]
    assert not {"pairs_right", "sentences_right"} & set(app.dataframe[-1].value)
