"""Experiments without a browser: what stands there before, while and after runs are made."""

import dataclasses
import json

import pytest

from pages.components.experiments import sweep_form, sweep_picture, sweep_work
from pages.components.shared import corpora
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.sweeps import coordinator
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep
from rnn_core.symbols import KINDS
from tests.pages.elements import choose, click, figures, is_chart, said, walk
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
    file = corpus_named(data).baselines_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes((RESULTS / file.name).read_bytes() if content is None else content)


@pytest.fixture
def with_results():
    accuracies = [
        result(case, seed, 0.6 + place / 20 + seed / 100)
        for place, case in enumerate(SWEEP.cases)
        for seed in (0, 1)
    ]
    begun(SWEEP, *accuracies[:-1])


def notes(app):
    return [note["text"] for note in figures(app)[0]["layout"]["annotations"]]


def test_before_any_run_a_question_stands_there_with_what_to_do(open_app):
    app = open_app("experiments")
    assert "None of its runs has ended yet" in said(app)
    assert "of 15" in app.get("progress")[0].proto.text
    assert "IMDB reviews, which are not on this machine yet" in said(app)


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


def test_every_published_question_can_be_picked_and_is_kept_in_the_address_also_under_an_earlier_name(
    open_app, monkeypatch
):
    monkeypatch.setattr(corpora, "prepare", lambda data, **_: iter(()))
    app = open_app("experiments")
    for name in QUESTIONS:
        choose(app, "sweep_picked", name)
        assert app.query_params["sweep"] == name
    renamed = open_app("experiments", {"sweep": "distance-of-cells"})
    assert renamed.get_by_key("sweep_picked").value == "distance"


def test_a_question_half_answered_says_when_its_paragraph_comes(open_app):
    sweep = QUESTIONS["start-token"].sweep
    *others, last = [result(case, seed, 0.9 + seed / 100) for seed in (0, 1) for case in sweep.cases]
    results = begun(sweep, *others)
    app = open_app("experiments", {"sweep": "start-token"})
    assert "The two lie" not in said(app)
    results.append(last)
    app.run()
    assert "The two lie 0.0 points apart: too few seeds to tell it from noise." in said(app)


def test_results_are_drawn_against_each_factor_and_stand_in_a_table(open_app, with_results):
    app = open_app("experiments", {"sweep": "mine"})
    [figure] = figures(app)
    assert [curve["name"] for curve in figure["data"]] == ["Maximum length 25", "Maximum length 400"]
    assert list(figure["data"][0]["x"]) == ["GRU", "Elman"]  # as the sweep has them
    app.get_by_key("effect_factor_mine").set_value("max_length").run()
    assert [curve["name"] for curve in figures(app)[0]["data"]] == ["Cell GRU", "Cell Elman"]
    [table] = [table.value for table in app.dataframe]
    assert len(table) == 7


def test_while_a_run_is_missing_the_page_says_what_it_takes_what_comes_then_and_by_which_command(
    open_app, with_results
):
    app = open_app("experiments", {"sweep": "mine"})
    assert "7 of 8" in app.get("progress")[0].proto.text
    assert "1 run to do, about 5 s on this machine" in said(app)  # counted by what runs of each case took
    assert "written here once all its runs have ended" in said(app)
    assert "python -m rnn_core sweep mine" in said(app)


def test_every_measure_can_be_shown_and_a_zoom_lasts_as_long_as_it_is(open_app, with_results):
    app = open_app("experiments", {"sweep": "mine"})
    zooms = [figures(app)[0]["layout"]["uirevision"]]
    assert figures(app.run())[0]["layout"]["uirevision"] == zooms[0]
    for measure in ("validation_accuracy", "test_loss", "seconds_per_epoch", "parameters"):
        choose(app, "effect_measure", measure)
        zooms.append(figures(app)[0]["layout"]["uirevision"])
    assert len(set(zooms)) == 5


def test_a_damaged_file_of_results_is_said_in_a_sentence(open_app, with_results):
    with Results("mine").path.open("a") as file:
        file.write('{"half": true}\n')
    app = open_app("experiments", {"sweep": "mine"})
    assert "is damaged" in said(app)


@pytest.fixture
def started(monkeypatch):
    """What a sweep was started with: sweep, runs at once and address."""
    calls = []
    monkeypatch.setattr(coordinator, "start", lambda *what: calls.append(what))
    return calls


def test_a_question_is_started_at_the_address_that_was_given(open_app, started):
    app = open_app("experiments", {"sweep": "distance"})
    app.get_by_key("sweep_address").set_value(" tcp://there:8786 ").run()
    app.get_by_key("sweep_workers").set_value(2).run()
    app.button(key="start_sweep").click().run()
    assert started == [(QUESTIONS["distance"].sweep, 2, "tcp://there:8786")]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Error: No Dask scheduler answers at tcp://x.", "No Dask scheduler answers"),
        ("ValueError: not this", "It ended early. ValueError"),
        ("3 of 42: cell elman, seed 0: test 90.00%", ""),
    ],
)
def test_what_the_last_process_failed_of_is_said_and_what_it_did_is_not(
    open_app, monkeypatch, words, sentence
):
    monkeypatch.setattr(coordinator, "last_words", lambda name: words)
    shown = said(open_app("experiments", {"sweep": "distance"}))
    assert sentence in shown if sentence else "It ended early" not in shown


def test_what_is_at_work_is_not_offered_to_be_started(open_app, monkeypatch):
    app = open_app("experiments", {"sweep": "distance"}, own_question=True)
    assert "Start it, and they appear" in said(app)
    for part in (sweep_form, sweep_picture, sweep_work):
        monkeypatch.setattr(part, "is_at_work", lambda name: True)
    app.run()
    assert "Start it" not in said(app)
    assert "They appear here one by one" in said(app)
    assert f"my-sweep is at work, with {2 * len(KINDS)} runs to do" in said(app)
    assert not [button for button in app.button if button.key == "start_own_sweep"]


def test_a_sweep_of_one_case_is_drawn(open_app):
    sweep = Sweep(name="one", base=RunConfig(data="verdict"), cases=[{"max_length": 25}])
    begun(sweep, result({"max_length": 25}, 0, 0.7))
    app = open_app("experiments", {"sweep": "one"})
    assert list(figures(app)[0]["data"][0]["x"]) == [25]


def test_on_several_corpora_the_majority_class_alone_stands_across(open_app):
    cases = [{"verdict_distance": distance} for distance in (0, 10)]
    sweep = Sweep(name="far", base=RunConfig(data="verdict"), cases=cases)
    begun(sweep, *(result(case, 0, 0.6) for case in cases))
    with_baselines()
    assert set(notes(open_app("experiments", {"sweep": "far"}))) == {"Majority class<br>50.0%"}


@pytest.fixture
def whole(with_results):
    results = Results("mine")
    results.append(result(dict(SWEEP.cases[3]), 1, 0.76))
    return results


def test_where_sweeps_run_can_be_chosen_in_the_form_when_the_picked_one_is_whole(open_app, whole):
    app = open_app("experiments", {"sweep": "mine"})
    assert "8 of 8 runs have ended" in said(app)
    assert not app.get("progress")
    app = open_app("experiments", {"sweep": "mine"}, own_question=True)
    assert app.get_by_key("sweep_workers").value == 1


def test_a_sweep_of_ones_own_that_is_whole_has_its_finding_above_the_picture(open_app, whole):
    app = open_app("experiments", {"sweep": "mine"})
    highest, lowest = "75.5% (Cell Elman, Maximum length 400)", "60.5% (Cell GRU, Maximum length 25)"
    noise = "too few seeds to tell it from noise"
    finding = f"**The highest test accuracy is {highest}, the lowest {lowest}: {noise}.**"
    assert finding in said(app)
    assert "8 runs, 2 seeds each; seeds of one case lie up to" in said(app)
    assert "Holds for: verdict corpus, vocabulary size 5,000, epochs 4, learning rate 0.003" in said(app)
    assert "mine: Cell GRU, Elman; Maximum length 25, 400; seeds 0, 1" in said(app)
    parts = [
        part.type
        for part in walk(app.main)
        if (part.type == "markdown" and part.value == finding) or is_chart(part)
    ]
    assert parts == ["markdown", "bidi_component"]


def test_all_numbers_are_a_table_the_best_case_first(open_app, whole):
    app = open_app("experiments", {"sweep": "mine"})
    table = app.dataframe[0].value
    assert table.iloc[0].tolist()[:5] == ["Elman", 400, pytest.approx(75.5), "75.0% to 76.0%", 2]
    assert table["against_best"].tolist() == ["The best", *["Too few seeds to tell"] * 3]
    assert table["p"].tolist()[1:] == [pytest.approx(1 / 3)] * 3
    assert '"localized"' in app.dataframe[0].proto.columns
    assert "The p of a row compares this case with the best." in said(app)
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


def test_the_first_pair_of_cases_is_no_tie(open_app, whole):
    """The best case stands beside the best one that differs; a tie is said in short."""
    tied = [
        dataclasses.replace(one, test_accuracy=1.0) if one.case["cell"] == "elman" else one
        for one in whole.all()
    ]
    whole.rewrite(whole.sweep(), tied)
    app = open_app("experiments", {"sweep": "mine"})
    assert app.get_by_key("other_case_picked").value == "GRU, maximum length 400"
    assert app.dataframe[0].value["against_best"].tolist()[:2] == ["The best", "No difference"]
    choose(app, "other_case_picked", "Elman, maximum length 400")
    assert "**No difference**: both 100.0% with every seed, p = 1." in said(app)


def test_of_the_seconds_the_fastest_seed_is_drawn_and_named_as_the_findings_name_it(open_app, whole):
    sweep, results = Results("mine").sweep(), Results("mine").all()
    slower = [dataclasses.replace(one, seconds_per_epoch=1.0 + 4 * one.seed) for one in results]
    Results("mine").rewrite(sweep, slower)
    app = open_app("experiments", {"sweep": "mine"})
    app.get_by_key("effect_measure").set_value("seconds_per_epoch").run()
    [figure] = figures(app)
    assert figure["layout"]["yaxis"]["title"]["text"] == "Seconds per epoch (fastest seed)"
    assert set(figure["data"][0]["y"]) == {1.0}
    assert set(figure["data"][0]["error_y"]["array"]) == {4.0}
    assert "Each point is the fastest of 2 seeds" in said(app)
    assert "Seconds per epoch: 1." in said(app)


def test_the_rates_that_were_tried_stand_below_a_finding_with_the_one_that_was_taken(open_app):
    question = QUESTIONS["gates"]
    begun(question.sweep, *(result(case, seed, 0.9) for case in question.sweep.cases for seed in (0, 1)))
    [search] = question.searches
    begun(search, *(result(case, 0, 0.7 + case["learning_rate"]) for case in search.cases))
    app = open_app("experiments", {"sweep": "gates"})
    table = app.dataframe[1].value
    taken = question.sweep.cases[0]["learning_rate"]
    assert table.loc["Cell Elman", f"{taken:g}"] == f"{0.7 + taken:.1%} (taken)"
    assert "gates-rates" not in app.get_by_key("sweep_picked").options


def test_a_damaged_file_of_ones_own_leaves_the_rest_of_the_page(open_app, with_results):
    results = begun(Sweep(name="my-sweep", base=RunConfig(data="verdict"), cases=[{"cell": "gru"}]))
    with results.path.open("a") as file:
        file.write('{"half": true}\n')
    app = open_app("experiments", {"sweep": "mine"}, own_question=True)
    assert figures(app)
    assert "artifacts/sweeps/my-sweep.jsonl is damaged" in said(app)


def test_a_sweep_of_ones_own_is_started_with_the_settings_of_train(open_app, monkeypatch):
    started = []
    monkeypatch.setattr(coordinator, "start", lambda sweep, *_: started.append(sweep) or begun(sweep))
    app = open_app("experiments", own_question=True)
    app.get_by_key("own_values_cell").set_value("gru, lstm").run()
    click(app, "start_own_sweep")
    [sweep] = started
    assert [case["cell"] for case in sweep.cases] == ["gru", "lstm"]
    assert list(sweep.seeds) == [0, 1]
    assert app.get_by_key("sweep_picked").value == "my-sweep"


def own_form(open_app, *factors, **query):
    app = open_app("experiments", query, own_question=True)
    return app.get_by_key("own_factors").set_value([*factors]).run() if factors else app


def test_a_factor_begins_with_both_its_sides_or_all_its_choices(open_app):
    app = own_form(open_app, "truncation", "skip_padding", "learning_rate")
    assert app.get_by_key("own_values_truncation").value == "front, end"
    assert app.get_by_key("own_values_skip_padding").value == "on, off"
    assert app.get_by_key("own_values_learning_rate").value == "0.005, 0.01, 0.02"
    app.get_by_key("own_factors").set_value(["cell", "head", "embedding_dropout"]).run()
    assert app.get_by_key("own_values_cell").value == ", ".join(usual.name for usual in KINDS.values())
    assert app.get_by_key("own_values_head").value == "one logit, two logits"
    assert app.get_by_key("own_values_embedding_dropout").value == "0, 0.2, 0.4"
    assert app.button(key="start_own_sweep").label == f"Start {2 * len(KINDS) * 2 * 3} runs"


def test_the_side_of_a_truncation_is_accepted_as_the_screen_says_it_and_as_the_command_line(
    open_app, started
):
    app = own_form(open_app, "truncation")
    for number, values in enumerate(("front, end", "pre, post", "Front,post")):
        app.get_by_key("own_values_truncation").set_value(values).run()
        app.button(key="start_own_sweep").click().run()
        assert [case["truncation"] for case in started[number][0].cases] == ["pre", "post"], values


def test_all_other_settings_are_named_that_differ_from_their_defaults(open_app):
    app = own_form(open_app, data="verdict", head_dropout="0.3", optimizer="sgd", epochs="2")
    shown = said(app)
    for setting in ("verdict corpus", "dropout before the head 0.3", "optimizer SGD", "epochs 2"):
        assert setting in shown
    assert "word dropout" not in shown  # as by default
    app.get_by_key("own_factors").set_value(["head_dropout"]).run()
    assert "dropout before the head 0.3" not in said(app)


def test_of_a_sweep_of_ones_own_what_is_missing_is_started_and_no_other_one_of_its_name(open_app, started):
    app = open_app("experiments", own_question=True)
    app.button(key="start_own_sweep").click().run()
    [(sweep, *_)] = started
    results = begun(sweep, result({"cell": "gru"}, 0, 0.7))
    assert f"Start {2 * len(KINDS) - 1} runs" in app.run().button(key="start_own_sweep").label
    for point in results.missing(sweep):
        results.append(result(point.case, point.seed, 0.7))
    assert "All runs of my-sweep have ended: pick it above" in said(app.run())
    app.get_by_key("sweep_picked").set_value("my-sweep").run()
    assert "All runs of my-sweep have ended: they are shown above" in said(app)
    assert "pick it above" not in said(app)
    results.path.unlink()
    other = dataclasses.replace(sweep, base=sweep.base.with_settings(epochs=9))
    begun(other, result({"cell": "gru"}, 0, 0.7))
    assert "already a sweep called my-sweep" in said(app.run())
    assert not [button for button in app.button if button.key == "start_own_sweep"]


def test_a_start_counts_what_else_was_begun_under_its_name(open_app, started):
    app = open_app("experiments", own_question=True)
    app.button(key="start_own_sweep").click().run()
    results = begun(started[0][0], result({"cell": "gru"}, 0, 0.7))
    app.get_by_key("own_values_cell").set_value("gru").run()
    runs = 2 * len(KINDS)
    assert f"together they are {runs} runs" in said(app)
    app.button(key="start_own_sweep").click().run()
    assert len(results.missing(started[1][0])) == runs - 1


def test_values_that_can_not_be_are_said_and_nothing_can_be_started(open_app):
    app = open_app("experiments", own_question=True)
    refused = {"gru, granite": "must be one of", "": "Write a factor as", "gru, gru": "twice"}
    for values, sentence in refused.items():
        choose(app, "own_values_cell", values)
        assert sentence in said(app)
        assert not [button for button in app.button if button.key == "start_own_sweep"], values


def test_baselines_stand_across_an_accuracy_with_their_numbers_and_of_which_reviews_they_are(
    open_app, with_results
):
    with_baselines()
    baselines = json.loads(corpus_named("verdict").baselines_file.read_text())["baselines"]
    app = open_app("experiments", {"sweep": "mine"})
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


def test_baselines_of_more_reviews_than_the_runs_learn_from_say_so(open_app):
    with_baselines()
    few = RunConfig(data="verdict").with_settings(reviews=500)
    begun(Sweep(name="few", base=few, cases=[{"cell": "gru"}]), result({"cell": "gru"}, 0, 0.7))
    app = open_app("experiments", {"sweep": "few"})
    learned_from = json.loads(corpus_named("verdict").baselines_file.read_text())["reviews"]["training"]
    assert f"(learned from {learned_from:,} reviews; these runs from 500)" in said(app)


@pytest.fixture
def short_texts():
    """All runs on short texts, which have answered the probes."""
    results = begun(sweep := QUESTIONS["short-texts"].sweep)
    for case, right in zip(sweep.cases, (0.3, 0.31, 0.82, 0.83), strict=True):
        for seed in sweep.seeds:
            probes = {"pairs_right": right + seed / 100, "sentences_right": 0.6}
            results.append(result(case, seed, 0.9 + seed / 100, **probes))


def test_the_probes_are_offered_and_have_columns_only_where_runs_answered_them(
    open_app, with_results, short_texts
):
    app = open_app("experiments", {"sweep": "mine"})
    assert not [title for title in app.get_by_key("effect_measure").options if "Probes" in title]
    assert not {"pairs_right", "sentences_right"} & set(app.dataframe[-1].value)
    app = open_app("experiments", {"sweep": "short-texts"})
    assert {"Probes: pairs right", "Probes: sentences right"} < set(app.get_by_key("effect_measure").options)
    assert app.dataframe[-1].value["pairs_right"].max() == pytest.approx(84)
    assert app.dataframe[-1].value["sentences_right"].tolist() == [60] * 8


def test_another_question_without_probes_shows_the_test_accuracy_in_their_place(
    open_app, with_results, short_texts
):
    app = open_app("experiments", {"sweep": "short-texts"})
    app.get_by_key("effect_measure").set_value("pairs_right").run()
    assert figures(app)[0]["layout"]["xaxis"]["title"]["text"] == "Probes: pairs right"
    app.get_by_key("sweep_picked").set_value("mine").run()
    assert figures(app)[0]["layout"]["yaxis"]["title"]["text"] == "Test accuracy"


def test_beside_the_probes_stand_the_baselines_that_answered_the_same_half(open_app, short_texts):
    with_baselines(data="imdb")
    app = open_app("experiments", {"sweep": "short-texts"})
    for measure in ("pairs_right", "sentences_right"):
        app.get_by_key("effect_measure").set_value(measure).run()
        assert "Their development half was asked" in said(app)
        for one in json.loads(corpus_named("imdb").baselines_file.read_text())["baselines"]:
            shares = [seed["probes"]["development"]["all"][measure] for seed in one["seeds"]]
            assert f"{one['title']} {sum(shares) / len(shares):.1%}" in said(app)
        assert "on the same probes" in said(app)
    app.get_by_key("effect_measure").set_value("test_accuracy").run()
    assert "development half" not in said(app)
    assert "on the same test reviews" in said(app)


def test_baselines_that_were_not_asked_the_development_half_are_not_drawn_beside_it(open_app, short_texts):
    shipped = json.loads((RESULTS / "baselines-imdb.json").read_text())
    for one in shipped["baselines"]:
        for seed in one["seeds"]:
            del seed["probes"]["development"]
    with_baselines(json.dumps(shipped).encode(), "imdb")
    app = open_app("experiments", {"sweep": "short-texts"})
    choose(app, "effect_measure", "pairs_right")
    assert "Dotted" not in said(app)
    assert not [note for note in notes(app) if "%" in note]


def test_damaged_baselines_are_said_in_a_sentence_and_the_picture_stays(open_app, with_results):
    with_baselines(b"{}")
    app = open_app("experiments", {"sweep": "mine"})
    assert figures(app)
    assert "can't be read" in said(app)
