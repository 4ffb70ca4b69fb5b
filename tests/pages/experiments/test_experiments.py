"""Experiments without a browser: what stands there before, while and after runs are made."""

import dataclasses
import json
from pathlib import Path

import pytest

from pages.components.experiments import sweep_form, sweep_picture, sweep_work
from pages.components.shared import corpora
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.sweeps import coordinator
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.results import Result, Results
from rnn_core.sweeps.sweep import Sweep
from rnn_core.symbols import KINDS
from tests.pages.elements import figures, is_chart, said, walk

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only")]

PROJECT = Path(__file__).parents[3]
SWEEP = Sweep(
    name="mine",
    base=RunConfig(data="verdict"),
    seeds=[0, 1],
    cases=[{"cell": cell, "max_length": length} for cell in ("gru", "elman") for length in (25, 400)],
)


def result(case, seed, accuracy, **given):
    return Result(
        case=case, seed=seed, outcome="finished", validation_accuracy=accuracy, test_accuracy=accuracy,
        test_loss=0.5, training_accuracy=0.9, parameters=1_000, optimizer_steps=8, seconds=2.0,
        seconds_per_epoch=1.0, run="261125-120000-abcd", machine="one", made="2026-11-25T12:00:00+00:00",
        **given,
    )  # fmt: skip


def with_baselines(content=None, data="verdict"):
    shipped = PROJECT / "artifacts" / "results" / f"baselines-{data}.json"
    corpus_named(data).baselines_file.parent.mkdir(parents=True, exist_ok=True)
    corpus_named(data).baselines_file.write_bytes(shipped.read_bytes() if content is None else content)


@pytest.fixture
def with_results():
    results = Results("mine")
    results.begin(SWEEP)
    for place, case in enumerate(SWEEP.cases):
        for seed in (0, 1):
            if (place, seed) != (3, 1):
                results.append(result(dict(case), seed, 0.6 + place / 20 + seed / 100))


def test_before_any_run_a_question_stands_there_with_what_to_do(open_app) -> None:
    app = open_app("experiments")
    assert "None of its runs has ended yet" in said(app)
    assert "of 15" in app.get("progress")[0].proto.text
    assert "IMDB reviews, which are not on this machine yet" in said(app)


def test_every_published_question_can_be_picked_and_is_kept_in_the_address(open_app, monkeypatch) -> None:
    monkeypatch.setattr(corpora, "prepare", lambda data, **_: iter(()))
    app = open_app("experiments")
    for name in QUESTIONS:
        app.get_by_key("sweep_picked").set_value(name).run()
        assert not app.exception
        assert app.query_params["sweep"] == name


def test_a_question_half_answered_says_when_its_paragraph_comes(open_app) -> None:
    sweep = QUESTIONS["start-token"].sweep
    results = Results("start-token")
    results.begin(sweep)
    *others, last = [result(case, seed, 0.9 + seed / 100) for seed in (0, 1) for case in sweep.cases]
    for other in others:
        results.append(other)
    app = open_app("experiments", {"sweep": "start-token"})
    assert "With <start> a GRU" not in said(app).replace("`", "")
    results.append(last)
    app.run()
    assert "With <start> a GRU is right on 90.5%" in said(app).replace("`", "")


def test_results_are_drawn_against_each_factor_and_stand_in_a_table(open_app, with_results) -> None:
    app = open_app("experiments", {"sweep": "mine"})
    [figure] = figures(app)
    assert [curve["name"] for curve in figure["data"]] == ["Maximum length 25", "Maximum length 400"]
    assert list(figure["data"][0]["x"]) == ["GRU", "Elman"]  # as the sweep has them
    app.get_by_key("effect_factor_mine").set_value("max_length").run()
    assert [curve["name"] for curve in figures(app)[0]["data"]] == ["Cell GRU", "Cell Elman"]
    [table] = [table.value for table in app.dataframe]
    assert len(table) == 7
    assert "7 of 8" in app.get("progress")[0].proto.text


def test_every_measure_can_be_shown(open_app, with_results) -> None:
    app = open_app("experiments", {"sweep": "mine"})
    for measure in ("validation_accuracy", "test_loss", "seconds_per_epoch", "parameters"):
        app.get_by_key("effect_measure").set_value(measure).run()
        assert not app.exception
        assert figures(app), measure


def test_a_damaged_file_of_results_is_said_in_a_sentence(open_app, with_results) -> None:
    with Results("mine").path.open("a") as file:
        file.write('{"half": true}\n')
    app = open_app("experiments", {"sweep": "mine"})
    assert "is damaged" in said(app)


def test_a_question_is_started_at_the_address_that_was_given(open_app, monkeypatch) -> None:
    started = []
    monkeypatch.setattr(coordinator, "start", lambda *what: started.append(what))
    app = open_app("experiments", {"sweep": "distance"})
    app.get_by_key("sweep_address").set_value(" tcp://there:8786 ").run()
    app.get_by_key("sweep_workers").set_value(2).run()
    app.button(key="start_sweep").click().run()
    assert not app.exception
    assert started == [(QUESTIONS["distance"].sweep, 2, "tcp://there:8786")]


def test_what_the_last_process_failed_of_is_said(open_app, monkeypatch) -> None:
    monkeypatch.setattr(
        coordinator, "last_words", lambda name: "Error: No Dask scheduler answers at tcp://x."
    )
    app = open_app("experiments", {"sweep": "distance"})
    assert "No Dask scheduler answers" in said(app)


def test_a_bug_that_ended_the_last_process_is_said_and_what_it_did_is_not(open_app, monkeypatch) -> None:
    monkeypatch.setattr(coordinator, "last_words", lambda name: "ValueError: not this")
    assert "It ended early. ValueError" in said(open_app("experiments", {"sweep": "distance"}))
    monkeypatch.setattr(coordinator, "last_words", lambda name: "3 of 42: cell elman, seed 0: test 90.00%")
    assert "It ended early" not in said(open_app("experiments", {"sweep": "distance"}))


def test_what_is_at_work_is_not_offered_to_be_started(open_app, monkeypatch) -> None:
    app = open_app("experiments", {"sweep": "distance"}, own_question=True)
    assert "Start it, and they appear" in said(app)
    for part in (sweep_form, sweep_picture, sweep_work):
        monkeypatch.setattr(part, "is_at_work", lambda name: True)
    app.run()
    assert "Start it" not in said(app)
    assert "They appear here one by one" in said(app)
    assert f"my-sweep is at work, with {2 * len(KINDS)} runs to do" in said(app)
    assert not [button for button in app.button if button.key == "start_own_sweep"]


def test_a_sweep_of_one_case_is_drawn(open_app) -> None:
    results = Results("one")
    results.begin(Sweep(name="one", base=RunConfig(data="verdict"), cases=[{"max_length": 25}]))
    results.append(result({"max_length": 25}, 0, 0.7))
    app = open_app("experiments", {"sweep": "one"})
    assert list(figures(app)[0]["data"][0]["x"]) == [25]


def test_the_command_that_made_it_stands_below(open_app, with_results) -> None:
    assert "python -m rnn_core sweep mine" in said(open_app("experiments", {"sweep": "mine"}))


def test_on_several_corpora_the_majority_class_alone_stands_across(open_app) -> None:
    sweep = Sweep(
        name="far",
        base=RunConfig(data="verdict"),
        cases=[{"verdict_distance": distance} for distance in (0, 10)],
    )
    results = Results("far")
    results.begin(sweep)
    for case in sweep.cases:
        results.append(result(dict(case), 0, 0.6))
    with_baselines()
    notes = {
        note["text"]
        for note in figures(open_app("experiments", {"sweep": "far"}))[0]["layout"]["annotations"]
    }
    assert notes == {"Majority class<br>50.0%"}


def test_a_zoom_ends_where_the_picture_is_of_something_else(open_app, with_results) -> None:
    app = open_app("experiments", {"sweep": "mine"})
    accuracy = figures(app)[0]["layout"]["uirevision"]
    assert figures(app.run())[0]["layout"]["uirevision"] == accuracy
    app.get_by_key("effect_measure").set_value("seconds_per_epoch").run()
    assert figures(app)[0]["layout"]["uirevision"] != accuracy


@pytest.fixture
def whole(with_results):
    results = Results("mine")
    results.append(result(dict(SWEEP.cases[3]), 1, 0.76))
    return results


def test_where_sweeps_run_can_be_chosen_in_the_form_when_the_picked_one_is_whole(open_app, whole) -> None:
    app = open_app("experiments", {"sweep": "mine"})
    assert "8 of 8 runs have ended" in said(app)
    assert not app.get("progress")
    app = open_app("experiments", {"sweep": "mine"}, own_question=True)
    assert app.get_by_key("sweep_workers").value == 1


def test_a_sweep_of_ones_own_that_is_whole_has_its_finding_above_the_picture(open_app, whole) -> None:
    app = open_app("experiments", {"sweep": "mine"})
    finding = (
        "**The highest test accuracy is 75.5% (Cell Elman, Maximum length 400), the lowest 60.5% (Cell GRU, "
        "Maximum length 25): too few seeds to tell it from noise.**"
    )
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


def test_a_sweep_of_ones_own_that_is_not_whole_says_when_its_finding_comes(open_app, with_results) -> None:
    assert "written here once all its runs have ended" in said(open_app("experiments", {"sweep": "mine"}))


def test_of_the_seconds_the_fastest_seed_is_drawn_and_named_as_the_findings_name_it(open_app, whole) -> None:
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


def test_the_rates_that_were_tried_stand_below_a_finding_with_the_one_that_was_taken(open_app) -> None:
    question = QUESTIONS["gates"]
    results, tried = Results("gates"), Results("gates-rates")
    results.begin(question.sweep)
    for case in question.sweep.cases:
        for seed in (0, 1):
            results.append(result(dict(case), seed, 0.9))
    tried.begin(question.searches[0])
    for case in question.searches[0].cases:
        tried.append(result(dict(case), 0, 0.7 + case["learning_rate"]))
    app = open_app("experiments", {"sweep": "gates"})
    table = app.dataframe[0].value
    taken = question.sweep.cases[0]["learning_rate"]
    assert table.loc["Cell Elman", f"{taken:g}"] == f"{0.7 + taken:.1%} (taken)"
    assert "gates-rates" not in app.get_by_key("sweep_picked").options


def test_an_address_of_a_question_that_became_part_of_another_opens_that_one(open_app) -> None:
    app = open_app("experiments", {"sweep": "distance-of-cells"})
    assert app.get_by_key("sweep_picked").value == "distance"


def test_a_damaged_file_of_ones_own_leaves_the_rest_of_the_page(open_app, with_results) -> None:
    results = Results("my-sweep")
    results.begin(Sweep(name="my-sweep", base=RunConfig(data="verdict"), cases=[{"cell": "gru"}]))
    with results.path.open("a") as file:
        file.write('{"half": true}\n')
    app = open_app("experiments", {"sweep": "mine"}, own_question=True)
    assert figures(app)
    assert "artifacts/sweeps/my-sweep.jsonl is damaged" in said(app)


def test_the_time_left_counts_what_runs_of_each_case_took(open_app, with_results) -> None:
    app = open_app("experiments", {"sweep": "mine"})
    assert "1 run to do, about 5 s on this machine" in said(app)


def test_a_sweep_of_ones_own_is_started_with_the_settings_of_train(open_app, monkeypatch) -> None:
    started = []
    monkeypatch.setattr(
        coordinator,
        "start",
        lambda sweep, workers, address: (Results(sweep.name).begin(sweep), started.append(sweep)),
    )
    app = open_app("experiments", own_question=True)
    app.get_by_key("own_values_cell").set_value("gru, lstm").run()
    app.button(key="start_own_sweep").click().run()
    assert not app.exception
    [sweep] = started
    assert [case["cell"] for case in sweep.cases] == ["gru", "lstm"]
    assert list(sweep.seeds) == [0, 1]
    assert app.get_by_key("sweep_picked").value == "my-sweep"


def own_form(open_app, *factors, **query):
    app = open_app("experiments", query, own_question=True)
    return app.get_by_key("own_factors").set_value([*factors]).run() if factors else app


def test_a_factor_begins_with_both_its_sides_or_all_its_choices(open_app) -> None:
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
    open_app, monkeypatch
) -> None:
    started = []
    monkeypatch.setattr(coordinator, "start", lambda sweep, *where: started.append(sweep))
    app = own_form(open_app, "truncation")
    for number, values in enumerate(("front, end", "pre, post", "Front,post")):
        app.get_by_key("own_values_truncation").set_value(values).run()
        app.button(key="start_own_sweep").click().run()
        assert [case["truncation"] for case in started[number].cases] == ["pre", "post"], values


def test_all_other_settings_are_named_that_differ_from_their_defaults(open_app) -> None:
    app = own_form(open_app, data="verdict", head_dropout="0.3", optimizer="sgd", epochs="2")
    told = said(app)
    for setting in ("verdict corpus", "dropout before the head 0.3", "optimizer SGD", "epochs 2"):
        assert setting in told
    assert "word dropout" not in told  # as by default
    app.get_by_key("own_factors").set_value(["head_dropout"]).run()
    assert "dropout before the head 0.3" not in said(app)


def test_of_a_sweep_of_ones_own_what_is_missing_is_started_and_no_other_one_of_its_name(
    open_app, monkeypatch
) -> None:
    asked = []
    monkeypatch.setattr(coordinator, "start", lambda sweep, *where: asked.append(sweep))
    app = open_app("experiments", own_question=True)
    app.button(key="start_own_sweep").click().run()
    [sweep] = asked
    results = Results("my-sweep")
    results.begin(sweep)
    results.append(result({"cell": "gru"}, 0, 0.7))
    assert f"Start {2 * len(KINDS) - 1} runs" in app.run().button(key="start_own_sweep").label
    for point in results.missing(sweep):
        results.append(result(point.case, point.seed, 0.7))
    assert "All runs of my-sweep have ended: pick it above" in said(app.run())
    app.get_by_key("sweep_picked").set_value("my-sweep").run()
    assert "All runs of my-sweep have ended: they are shown above" in said(app)
    assert "pick it above" not in said(app)
    results.path.unlink()
    results.begin(dataclasses.replace(sweep, base=sweep.base.with_settings(epochs=9)))
    results.append(result({"cell": "gru"}, 0, 0.7))
    assert "already a sweep called my-sweep" in said(app.run())
    assert not [button for button in app.button if button.key == "start_own_sweep"]


def test_a_start_counts_what_else_was_begun_under_its_name(open_app, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(coordinator, "start", lambda sweep, *where: asked.append(sweep))
    app = open_app("experiments", own_question=True)
    app.button(key="start_own_sweep").click().run()
    results = Results("my-sweep")
    results.begin(asked[0])
    results.append(result({"cell": "gru"}, 0, 0.7))
    app.get_by_key("own_values_cell").set_value("gru").run()
    runs = 2 * len(KINDS)
    assert f"together they are {runs} runs" in said(app)
    app.button(key="start_own_sweep").click().run()
    assert len(results.missing(asked[1])) == runs - 1


def test_values_that_can_not_be_are_said_and_nothing_can_be_started(open_app) -> None:
    app = open_app("experiments", own_question=True)
    for values, sentence in (
        ("gru, granite", "must be one of"),
        ("", "Write a factor as"),
        ("gru, gru", "twice"),
    ):
        app.get_by_key("own_values_cell").set_value(values).run()
        assert not app.exception
        assert sentence in said(app)
        assert not [button for button in app.button if button.key == "start_own_sweep"], values


def test_baselines_stand_across_an_accuracy_with_their_numbers_and_of_which_reviews_they_are(
    open_app, with_results
) -> None:
    with_baselines()
    means = {
        one["title"]: {
            of: sum(seed[f"{of}_accuracy"] for seed in one["seeds"]) / len(one["seeds"])
            for of in ("test", "validation")
        }
        for one in json.loads(corpus_named("verdict").baselines_file.read_text())["baselines"]
    }
    app = open_app("experiments", {"sweep": "mine"})
    for of in ("test", "validation"):
        app.get_by_key("effect_measure").set_value(f"{of}_accuracy").run()
        notes = " ".join(note["text"] for note in figures(app)[0]["layout"]["annotations"]).replace(
            "<br>", " "
        )
        assert f"baselines that count words, on the same {of} reviews" in said(app)
        for title, accuracy in means.items():
            assert f"{title} {accuracy[of]:.1%}" in notes
            assert f"{title} {accuracy[of]:.1%}" in said(app)
    assert "(learned from " in said(app)
    app.get_by_key("effect_measure").set_value("seconds_per_epoch").run()
    assert "Bag of words" not in str(figures(app)[0]["layout"]["annotations"])
    assert "count words" not in said(app)


def test_baselines_of_more_reviews_than_the_runs_learn_from_say_so(open_app) -> None:
    with_baselines()
    few = RunConfig(data="verdict").with_settings(reviews=500)
    results = Results("few")
    results.begin(Sweep(name="few", base=few, cases=[{"cell": "gru"}]))
    results.append(result({"cell": "gru"}, 0, 0.7))
    app = open_app("experiments", {"sweep": "few"})
    learned_from = json.loads(corpus_named("verdict").baselines_file.read_text())["reviews"]["training"]
    assert f"(learned from {learned_from:,} reviews; these runs from 500)" in said(app)


@pytest.fixture
def short_texts():
    """All runs on short texts, which have answered the probes."""
    results, sweep = Results("short-texts"), QUESTIONS["short-texts"].sweep
    results.begin(sweep)
    for place, case in enumerate(sweep.cases):
        for seed in sweep.seeds:
            probes = {"pairs_right": (0.3, 0.31, 0.82, 0.83)[place] + seed / 100, "sentences_right": 0.6}
            results.append(result(dict(case), seed, 0.9 + seed / 100, **probes))


def shown(app):
    """What can be shown, as the list names it."""
    return app.get_by_key("effect_measure").options


def test_the_probes_are_offered_and_have_columns_only_where_runs_answered_them(
    open_app, with_results, short_texts
) -> None:
    app = open_app("experiments", {"sweep": "mine"})
    assert not [title for title in shown(app) if "Probes" in title]
    assert not {"pairs_right", "sentences_right"} & set(app.dataframe[0].value)
    app = open_app("experiments", {"sweep": "short-texts"})
    assert {"Probes: pairs right", "Probes: sentences right"} < set(shown(app))
    assert app.dataframe[0].value["pairs_right"].max() == pytest.approx(84)
    assert app.dataframe[0].value["sentences_right"].tolist() == [60] * 8


def test_another_question_without_probes_shows_the_test_accuracy_in_their_place(
    open_app, with_results, short_texts
) -> None:
    app = open_app("experiments", {"sweep": "short-texts"})
    app.get_by_key("effect_measure").set_value("pairs_right").run()
    assert figures(app)[0]["layout"]["xaxis"]["title"]["text"] == "Probes: pairs right"
    app.get_by_key("sweep_picked").set_value("mine").run()
    assert not app.exception
    assert figures(app)[0]["layout"]["yaxis"]["title"]["text"] == "Test accuracy"


def test_beside_the_probes_stand_the_baselines_that_answered_the_same_half(open_app, short_texts) -> None:
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


def test_baselines_that_were_not_asked_the_development_half_are_not_drawn_beside_it(
    open_app, short_texts
) -> None:
    shipped = json.loads((PROJECT / "artifacts" / "results" / "baselines-imdb.json").read_text())
    for one in shipped["baselines"]:
        for seed in one["seeds"]:
            del seed["probes"]["development"]
    with_baselines(json.dumps(shipped).encode(), "imdb")
    app = open_app("experiments", {"sweep": "short-texts"})
    app.get_by_key("effect_measure").set_value("pairs_right").run()
    assert not app.exception
    assert "Dotted" not in said(app)
    assert not [note for note in figures(app)[0]["layout"]["annotations"] if "%" in note["text"]]


def test_damaged_baselines_are_said_in_a_sentence_and_the_picture_stays(open_app, with_results) -> None:
    with_baselines(b"{}")
    app = open_app("experiments", {"sweep": "mine"})
    assert figures(app)
    assert "can't be read" in said(app)
