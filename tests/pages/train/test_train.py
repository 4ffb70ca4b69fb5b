"""The Train page, on the verdict corpus; workers train tiny networks."""

import contextlib
import dataclasses
import json
import re

import numpy as np
import pytest
import streamlit as st

from pages.components.shared import corpora, cost, plotly_library
from pages.components.shared.settings import DECLARED, control_key, in_address
from rnn_core.config.presets import FAILURES, PRESETS
from rnn_core.config.recipe import recipe_in_words
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.errors import StoreError
from rnn_core.paths import pretrained_folder
from rnn_core.runs import process, queue
from rnn_core.runs.command import HOLD, PAUSE, STEP
from rnn_core.runs.run import FINISHED, QUEUED, RUNNING
from rnn_core.runs.stored_runs import StoredRuns
from rnn_core.runs.transfer import export_run
from rnn_core.runs.worker import run_in_foreground
from rnn_core.symbols import CELLS
from rnn_core.training.records import Record
from rnn_core.training.schedule import planned_rates
from tests.pages.drawn import figures, given, is_chart
from tests.pages.elements import labels, press, texts
from tests.runs.workers import PATIENCE, SMALL, wait_until

TINY = {"data": "verdict", "evaluations_per_epoch": "1"} | {name: str(value) for name, value in SMALL.items()}

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "forked_workers")]


@pytest.fixture
def open_train(open_app):
    """A function that opens the page with a query string."""

    def open_page(**address):
        page = open_app("train", address)
        assert not page.exception
        return page

    return open_page


def open_rate(page, run):
    """The page with the control of the learning rate open."""
    page.session_state[f"rate_open_{run.id}"] = True
    return page.run()


def setting(page, name):
    return page.session_state[control_key(name)]


def test_without_imdb_it_starts_with_the_verdict_corpus(open_train, store):
    page = open_train()
    assert setting(page, "data") == "verdict"
    assert page.session_state["train_preset"] == "demonstration"
    assert "Start training" in labels(page)


def test_on_imdb_it_starts_with_the_quick_preset(open_train, store, monkeypatch):
    monkeypatch.setattr(corpora, "usual_data", lambda: "imdb")
    page = open_train()
    assert page.session_state["train_preset"] == "quick" == next(iter(PRESETS))
    assert setting(page, "label_odds") == recommended_config("imdb").model.label_odds


def test_other_reviews_bring_the_settings_that_suit_them_and_take_those_of_the_others_back(open_train, store):
    page = open_train(**in_address(PRESETS["quick"].config))
    for data, preset in (("verdict", "demonstration"), ("imdb", "quick")):
        page.get_by_key(control_key("data")).set_value(data).run()
        page.run()  # the marked preset is that of the settings when a run begins
        assert page.session_state["train_preset"] == preset


def test_an_address_opens_the_settings_that_it_was_made_of(open_train, store):
    for name in PRESETS:
        config = PRESETS[name].config
        page = open_train(**in_address(config))
        assert page.session_state["train_settings"] == {"data": config.data, **config.values()}, name


def test_an_address_that_was_kept_before_there_was_a_quick_preset_means_what_it_did(open_train, store):
    page = open_train(data="imdb", cell="lstm", input="one-hot")
    assert setting(page, "cell") == "lstm"
    assert [setting(page, name) for name in ("vocab_size", "max_length", "epochs")] == [5_000, 256, 4]
    assert "possible" not in texts(page, "error") + texts(page, "warning")


def test_a_preset_fills_the_form(open_train, store):
    page = open_train(data="verdict", cell="elman", seed="7")
    for name in PRESETS:
        page.get_by_key("train_preset").set_value(name).run()
        config = PRESETS[name].config
        assert setting(page, "data") == config.data
        for shown in ("cell", "vocab_size", "max_length", "seed", "epochs", "head_dropout"):
            assert setting(page, shown) == config.values()[shown], (name, shown)
        assert page.session_state["train_preset"] == name


def test_a_changed_setting_is_no_preset_any_more_and_goes_to_the_address(open_train, store):
    page = open_train()
    page.get_by_key(control_key("cell")).set_value("lstm").run()
    page.run()
    assert page.session_state["train_preset"] is None
    assert page.query_params["cell"] == "lstm"
    assert "epochs" not in page.query_params


def test_every_setting_has_its_control(open_train, store):
    seen = set()
    for data, cell in (("verdict", "gru"), ("imdb", "gru"), ("verdict", "lstm")):
        page = open_train(data=data, cell=cell, bigrams="5000", teachers="some")
        for name, declared in DECLARED.items():
            with contextlib.suppress(KeyError):
                control = page.get_by_key("teachers_chosen" if name == "teachers" else control_key(name))
                assert control.label == declared.label
                assert control.help.endswith(declared.help)  # behind the reason, where it is disabled
                seen.add(name)
    assert seen == set(DECLARED)


def test_dropout_between_layers_waits_for_a_second_layer(open_train, store):
    page = open_train(data="verdict")
    dropout = page.get_by_key(control_key("layer_dropout"))
    assert dropout.disabled
    assert "one layer, so nothing lies between layers" in dropout.help
    page.get_by_key(control_key("layers")).set_value(2).run()
    assert not page.get_by_key(control_key("layer_dropout")).disabled
    assert page.query_params["layers"] == "2"


def test_five_layers_in_an_address_are_refused_in_words(open_train, store):
    page = open_train(data="verdict", layers="5")
    assert "Layers must be between 1 and 4, got 5." in texts(page, "warning")
    assert setting(page, "layers") == 1


def test_what_the_cell_and_the_reviews_have_no_use_for_is_not_offered(open_train, store):
    page = open_train(data="verdict", cell="elman", input="one-hot")
    hidden = (
        "excerpts",
        "snippets",
        "reset",
        "forget_bias",
        "embedding_size",
        "bigrams",
        "counted_bigrams",
        "bigram_dropout",
        "label_odds",
        "adversarial",
        "teachers_share",
    )
    for name in hidden:
        with pytest.raises(KeyError):
            page.get_by_key(control_key(name))


def test_a_network_that_can_teach_is_offered_chosen_and_taken_back(open_train, store, make_model):
    make_model("one")
    make_model("two", cell="elman")
    make_model("of-another-seed", seed=3)
    page = open_train(data="verdict")
    teachers = page.multiselect(key="teachers_chosen")
    assert sorted(teachers.options) == [
        "Elman on verdict corpus · two",
        "GRU on verdict corpus · one",
    ]
    teachers.set_value(["one", "two"]).run()
    assert page.query_params["teachers"] == "one+two"
    assert page.get_by_key(control_key("teachers_share"))
    page.multiselect(key="teachers_chosen").set_value([]).run()
    assert "teachers" not in page.query_params
    assert not page.exception


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("one two", ""),  # what a browser makes of a plus that is typed
        ("a+b+c+d+e+f+g", "Teachers must be at most 6 names"),
        ("one+one", "Each teacher must be named once"),
    ],
)
def test_teachers_in_an_address_are_taken_or_refused_in_words(open_train, store, make_model, asked, said):
    make_model("one")
    make_model("two")
    page = open_train(data="verdict", teachers=asked)
    warned = texts(page, "warning").replace("\\", "")
    assert said in warned if said else not warned
    assert page.multiselect(key="teachers_chosen").value == ([] if said else ["one", "two"])


def test_a_teacher_of_an_address_that_is_not_here_is_named_and_can_be_taken_back(open_train, store):
    page = open_train(data="verdict", teachers="gone")
    assert "no model called 'gone'" in texts(page, "error")
    page.multiselect(key="teachers_chosen").set_value([]).run()
    assert not texts(page, "error")
    assert not page.exception


def test_counted_bigrams_are_chosen_by_their_number_and_have_a_dropout(open_train, store):
    page = open_train(data="verdict", cell="gru")
    control = page.get_by_key(control_key("counted_bigrams"))
    assert (control.value, control.options[0]) == (0, "none")
    with pytest.raises(KeyError):
        page.get_by_key(control_key("bigram_dropout"))
    control.set_value(50_000).run()
    assert setting(page, "counted_bigrams") == 50_000
    assert page.query_params["counted_bigrams"] == "50000"
    assert page.get_by_key(control_key("bigram_dropout")).value == 0.0


def test_what_a_cell_has_a_use_for_follows_from_its_declaration(open_train, store, monkeypatch):
    """It was decided by the cell's name."""
    lstm = dataclasses.replace(CELLS["lstm"], update=None, settings={"reset": "before"})
    monkeypatch.setitem(CELLS._values, "lstm", lstm)
    page = open_train(data="verdict", cell="lstm")
    assert not page.exception
    assert page.get_by_key(control_key("reset"))
    with pytest.raises(KeyError):
        page.get_by_key(control_key("forget_bias"))


def test_a_switch_of_another_cell_is_hidden_or_refused_and_can_be_taken_back(open_train, store):
    page = open_train(data="verdict", cell="lstm")
    page.get_by_key(control_key("peepholes")).set_value(True).run()
    assert not page.error
    page.get_by_key(control_key("cell")).set_value("gru").run()
    assert "Peepholes must be off unless the cell is LSTM" in page.error[0].value
    page.get_by_key(control_key("peepholes")).set_value(False).run()
    assert not page.error
    page.run()
    with pytest.raises(KeyError):
        page.get_by_key(control_key("peepholes"))


def test_a_setting_that_changes_nothing_is_disabled_and_says_why(open_train, store):
    page = open_train(data="verdict", cell="gru", bigrams="5000", padding="post")
    assert page.get_by_key(control_key("padding")).disabled
    assert "Padding is skipped, so its side changes nothing" in texts(page, "caption")
    page.get_by_key(control_key("skip_padding")).set_value(False).run()
    assert not page.get_by_key(control_key("padding")).disabled
    assert setting(page, "padding") == "post"  # it was kept
    assert "changes nothing" not in texts(page, "caption")
    assert page.get_by_key(control_key("class_weights")).disabled
    assert "Both classes have equally many reviews" in page.get_by_key(control_key("class_weights")).help
    others = set(DECLARED) - {
        "padding", "excerpts", "snippets", "teachers", "teachers_share", "class_weights", "coupled_gates",
        "peepholes", "layer_dropout",
    }  # fmt: skip
    assert not [name for name in others if page.get_by_key(control_key(name)).disabled]


def test_balanced_class_weights_of_equal_classes_can_be_taken_back(open_train):
    page = open_train(data="verdict", class_weights="balanced")
    assert not page.get_by_key(control_key("class_weights")).disabled
    page.get_by_key(control_key("class_weights")).set_value("off").run()
    assert not page.exception
    assert page.get_by_key(control_key("class_weights")).disabled


def test_a_precision_in_which_this_machine_is_slower_is_named_so_beside_the_time_and_can_be_started(
    open_train, store, monkeypatch
):
    monkeypatch.setattr("rnn_core.training.precision.has_instructions", lambda: False)
    monkeypatch.setattr("rnn_core.training.precision.speed_of_bfloat16", lambda: 0.25)
    page = open_train(**TINY, precision="bfloat16")
    assert "Slower here: this processor multiplies 0.25 times as fast" in texts(page, "caption")
    assert "Start training" in labels(page)
    page.get_by_key(control_key("precision")).set_value("float32").run()
    assert "Slower here" not in texts(page, "caption")


def test_the_form_is_for_the_next_run_and_takes_the_settings_of_the_one_shown(open_train, store):
    config = PRESETS["demonstration"].config.with_settings(cell="lstm", hidden_size=17, start_token=False)
    run = store.create(config)
    store.runs.finish(run.id, "stopped", "")
    page = open_train(run=run.id, cell="elman", data="verdict")
    said = texts(page, "markdown").replace("\\", "")
    assert "**Settings of the next run**" in said
    assert "others in place of: no start token, LSTM, hidden size 17." in texts(page, "caption").replace(
        "\\", ""
    )
    press(page, "Use its settings")
    assert [setting(page, name) for name in ("cell", "hidden_size", "start_token")] == ["lstm", 17, False]
    assert "The form has the same settings." in texts(page, "caption").replace("\\", "")
    assert "Use its settings" not in labels(page)


def test_what_one_hot_input_can_not_have_is_said_and_can_be_taken_back(open_train, store):
    page = open_train(data="verdict", adversarial="0.5")
    page.get_by_key(control_key("input")).set_value("one-hot").run()
    assert "Adversarial perturbation needs an embedding as input" in texts(page, "error").replace("\\", "")
    page.get_by_key(control_key("adversarial")).set_value(0.0).run()
    assert not texts(page, "error")


def test_an_address_out_of_range_is_refused_in_words(open_train, store):
    refused = {
        "vocab_size": ("0", "Vocabulary size must be between 4 and 200,000, got 0"),
        "max_length": ("many", "Maximum length must be a whole number, got 'many'"),
        "learning_rate": ("nan", "Learning rate must be between"),
        "cell": ("<script>", "Cell must be one of elman, ugrnn, gru, lstm, mingru, minlstm, indrnn"),
        "skip_padding": ("perhaps", "Skip padding must be true or false"),
    }
    page = open_train(hidden_size="17", **{name: value for name, (value, _) in refused.items()})
    for name, (_, sentence) in refused.items():
        assert sentence in texts(page, "warning").replace("\\", "")
        assert setting(page, name) == settings_default(name)
    assert setting(page, "hidden_size") == 17


def test_a_corpus_that_is_not_here_is_refused_in_words(open_train, store):
    page = open_train(hidden_size="17", data="other")
    assert "There is no corpus 'other' on this machine" in texts(page, "warning").replace("\\", "")
    assert setting(page, "hidden_size") == 17


def settings_default(name):
    return PRESETS["demonstration"].config.values()[name]


def test_the_server_checks_again_before_it_offers_a_start(open_train, store):
    page = open_train(cell="elman")
    page.session_state["train_settings"]["reset"] = "sideways"
    page.run()
    assert not page.exception
    assert "Reset gate must be one of before, after, got 'sideways'" in texts(page, "error")
    assert "Start training" not in labels(page)


def test_where_imdb_is_missing_there_are_three_ways_on(open_train, store):
    page = open_train(data="imdb")
    assert {"Download IMDB", "Read it from there", "Use the verdict corpus"} <= labels(page)
    assert "Start training" not in labels(page)
    press(page, "Use the verdict corpus")
    assert setting(page, "data") == "verdict"
    assert "Start training" in labels(page)


def test_a_path_that_leads_nowhere_is_said_in_words(open_train, store, tmp_path):
    page = open_train(data="imdb")
    page.text_input(key="imdb_path").set_value(str(tmp_path / "nothing")).run()
    press(page, "Read it from there")
    assert "which is not there" in texts(page, "warning")


@pytest.mark.usefixtures("measured_cost")
def test_the_cost_is_said_before_the_start(open_train, store, monkeypatch):
    monkeypatch.setattr(cost, "_PATIENCE", PATIENCE)
    page = open_train(**TINY)
    said = texts(page, "markdown")
    assert "parameters to learn" in said
    assert re.search(r"about \*\*.+\*\* for [\d,]+ optimizer steps", said)


def test_a_run_started_here_ends_with_its_score_and_its_mistakes(open_train, store):
    page = open_train(**TINY)
    press(page, "Start training")
    [run] = store.runs.all()
    assert run.config.model.hidden_size == 2
    assert page.query_params["run"] == run.id
    wait_until(lambda: not store.runs.active())
    run = store.runs.get(run.id)
    assert run.state == FINISHED, run.message
    page.run()
    assert not page.exception
    score = f"{run.scores['accuracy']:.1%}"
    assert score in [metric.value for metric in page.metric]
    assert score in texts(page, "success")
    assert "Where it was surest, and wrong" in texts(page, "markdown")
    order = [
        part.proto.label if part.type == "page_link" else part.value
        for part in page.main
        if part.type in ("page_link", "subheader")
    ]
    assert order[order.index("Results") - 1] == "Watch this model read"
    assert page.session_state["runs_begun"] == [run.id]
    first = run.scores["mistakes"][0]["index"]
    page.button(key=f"mistake_{first}").click().run()
    assert not page.exception
    assert page.session_state["review_text"] == load_corpus("verdict").text(first)


def test_a_second_run_waits_its_turn_and_says_so(open_train, store, monkeypatch):
    said = []  # a run that ends at once has the page run again, and AppTest forgets what was said before
    monkeypatch.setattr(st, "toast", said.append)
    page = open_train(**{**TINY, "epochs": "1000"})
    press(page, "Start training")
    wait_until(lambda: store.runs.all()[0].state == RUNNING)
    page.run()
    press(page, "Queue training")
    second, first = store.runs.all()
    assert (first.state, second.state) == (RUNNING, QUEUED)
    assert "Waiting its turn: 1 run is ahead" in texts(page, "info")
    wait_until(lambda: store.runs.get(first.id).optimizer_step > 0)
    page.run()
    assert "It begins in about" in texts(page, "info")
    press(page, "Take it out")
    assert "Taken out of the queue" in said.pop()
    assert store.runs.get(second.id).state == "stopped"
    page.get_by_key("run_shown").set_value(first.id).run()
    press(page, "Stop")
    assert "is kept and scored" in said.pop()
    wait_until(lambda: not store.runs.active())
    page.run()
    assert "what it learned is kept" in texts(page, "info")
    page.button(key=f"delete_{first.id}").click().run()
    assert [run.id for run in store.runs.all()] == [second.id]


@pytest.mark.parametrize(
    ("state", "kind", "advice"),
    [
        ("diverged", "warning", "The loss was nan."),
        ("failed", "error", "The disk is full."),
    ],
)
def test_how_a_run_ended_is_said_with_what_to_do(open_train, store, state, kind, advice):
    run = store.create(PRESETS["demonstration"].config)
    store.runs.finish(run.id, state, advice)
    page = open_train()
    assert advice in texts(page, kind).replace("\\", "")
    assert ("Try it" in labels(page)) == (state == "diverged")
    assert ("learning rate 0.001" in texts(page, "warning")) == (state == "diverged")


def test_an_interrupted_run_says_so(open_train, store):
    run = store.create(PRESETS["demonstration"].config)
    assert store.turns.claim(run.id)  # as a worker that was killed right after
    page = open_train(run=run.id)
    assert "was interrupted" in texts(page, "warning")
    store.runs.finish(run.id, "stopped", "")


def delete_at_the_next_look(monkeypatch, run_id):
    """As if someone else deleted the run between two looks of the page."""
    get = StoredRuns.get

    def get_after_it_was_deleted(store, wanted):
        monkeypatch.setattr(StoredRuns, "get", get)
        store.delete(run_id)
        return get(store, wanted)

    monkeypatch.setattr(StoredRuns, "get", get_after_it_was_deleted)


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_a_run_that_is_deleted_while_it_is_shown_gives_way_to_the_next(open_train, store, monkeypatch, state):
    other, shown = (store.create(PRESETS["demonstration"].config) for _ in range(2))
    store.runs.finish(other.id, "failed", "This one is still there.")
    if state == "failed":
        store.runs.finish(shown.id, state, "")
    delete_at_the_next_look(monkeypatch, shown.id)
    page = open_train(run=shown.id)
    assert page.query_params["run"] == other.id
    assert "This one is still there" in texts(page, "error")


def test_the_last_run_that_is_deleted_while_it_is_shown_leaves_an_invitation(open_train, store, monkeypatch):
    run = store.create(PRESETS["demonstration"].config)
    delete_at_the_next_look(monkeypatch, run.id)
    assert "Nothing was trained here yet" in texts(open_train(run=run.id), "info")


def test_a_run_with_curves_is_shown_before_a_newer_one_that_never_began(open_train, store):
    trained, never_began = (store.create(PRESETS["demonstration"].config) for _ in range(2))
    store.records.append(
        trained.id,
        [Record(kind="training", optimizer_step=1, epoch=0.1, loss=0.7, accuracy=0.5, seconds=1.0)],
    )
    for run in (trained, never_began):
        store.runs.finish(run.id, "stopped", "")
    assert open_train().query_params["run"] == trained.id


def test_a_store_that_fails_under_the_panel_is_said_in_words(open_train, store, monkeypatch):
    run = store.create(PRESETS["demonstration"].config)
    store.runs.finish(run.id, "failed", "")

    def fail(*_):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(StoredRuns, "get", fail)
    assert "The disk is full" in texts(open_train(), "error")


_ONE_STEP = json.dumps(
    [{"kind": "training", "optimizer_step": 1, "epoch": 0.5, "loss": 0.7, "accuracy": 0.5, "seconds": 1}]
)
"""A history."""


def test_before_the_first_run_a_damaged_model_is_named_and_another_ones_curves_are_shown(
    open_train, store, make_model
):
    for name in ("elman", "gru"):
        (make_model(name, cell=name) / "history.json").write_text(_ONE_STEP)
    (pretrained_folder() / "gru" / "history.json").write_text("[1]")
    page = open_train()
    assert "history.json" in texts(page, "error")
    assert "These are the curves of **Elman" in texts(page, "info")


def test_the_first_picture_is_of_a_network_that_learned_from_whole_reviews(open_train, make_model):
    for name in ("elman", "gru", "reader"):
        (make_model(name) / "history.json").write_text(_ONE_STEP)
    assert "These are the curves of **GRU on verdict corpus · gru**" in texts(open_train(), "info").replace(
        "\\", ""
    )


def test_an_unknown_run_in_the_address_is_said_in_words(open_train, store):
    page = open_train(run="../../etc")
    assert "is not on this machine" in texts(page, "warning")


def test_a_run_can_be_paused_stepped_and_given_another_learning_rate(open_train, store):
    page = open_train(**{**TINY, "epochs": "1000"})
    press(page, "Start training")
    [run] = store.runs.all()
    wait_until(lambda: store.runs.get(run.id).optimizer_step > 0)
    page.run()
    press(page, "Pause")
    assert "Asked to pause" in page.toast[0].value
    wait_until(lambda: store.runs.get(run.id).paused)
    page.run()
    assert {"Go on", "One optimizer step", "One epoch", "Stop"} <= labels(page)
    step = store.runs.get(run.id).optimizer_step
    press(page, "One optimizer step")
    wait_until(lambda: store.runs.get(run.id).optimizer_step == step + 1 and store.runs.get(run.id).paused)
    open_rate(page, run).number_input(key=f"rate_{run.id}").set_value(0.5).run()
    press(page, "Apply")
    press(page, "Go on")
    wait_until(lambda: store.runs.get(run.id).optimizer_step > step + 1)
    records = [record for record in store.records.all(run.id) if record.kind == "training"]
    rates = {record.optimizer_step: record.learning_rate for record in records}
    assert rates[step + 2] == pytest.approx(0.5)
    page.run()
    press(page, "Stop")
    wait_until(lambda: not store.runs.active())


def test_the_learning_rate_control_shows_the_rate_in_force_and_what_becomes_of_it(open_train, store):
    """In the warm-up the control showed 0.01, the highest of the plan, where 0.0004 was in force."""
    page = open_train(**{**TINY, "epochs": "1000", "learning_rate": "0.01", "schedule": "one-cycle"})
    press(page, "Start training")
    [run] = store.runs.all()
    wait_until(lambda: store.runs.get(run.id).optimizer_step > 0)
    queue.give_command(store, run.id, PAUSE)
    wait_until(lambda: store.runs.get(run.id).paused)
    assert f"rate_{run.id}" not in page.run().session_state  # it is drawn once it is opened
    open_rate(page, run)
    last = [record for record in store.records.all(run.id) if record.kind == "training"][-1]
    planned = planned_rates(run.config.training, store.runs.get(run.id).total_steps)
    in_force = planned[last.optimizer_step]
    assert in_force == pytest.approx(last.learning_rate, rel=0.1)
    assert in_force < 0.001
    assert f"In force: **{in_force:.3g}**" in texts(page, "markdown")
    rate = page.number_input(key=f"rate_{run.id}")
    assert rate.value is None
    assert rate.placeholder.startswith(f"{in_force:.3g}, in force")
    assert page.button(key=f"apply_rate_{run.id}").disabled  # nothing would change
    assert "times the highest" not in texts(page, "warning")

    before = [len(figure["data"]) for figure in figures(page)].count(3)
    rate.set_value(0.02).run()
    peak = 0.02 / in_force * 0.01
    assert f"peaks at {peak:.3g}" in texts(page, "warning").replace("\\", "")
    assert [len(figure["data"]) for figure in figures(page)].count(3) > before

    page.get_by_key(f"after_rate_{run.id}").set_value(HOLD).run()
    assert "times the highest" not in texts(page, "warning")
    press(page, "Apply")
    said = "From the next optimizer step on the learning rate is 0.02, and it stays there."
    assert page.toast[0].value == said
    assert page.number_input(key=f"rate_{run.id}").value is None  # empty again
    wait_until(lambda: bool(store.commands.taken(run.id)[1:]))
    since = f"from optimizer step {last.optimizer_step + 1:,} on"
    message = f"Training at a learning rate of 0.02 {since}; it stays there"
    wait_until(lambda: store.runs.get(run.id).message == message)
    page.run()
    assert "In force: **0.02**, and it stays there." in texts(page, "markdown")
    queue.give_command(store, run.id, STEP)
    wait_until(lambda: store.runs.get(run.id).optimizer_step > last.optimizer_step)
    after = [record for record in store.records.all(run.id) if record.kind == "training"]
    assert after[-1].learning_rate == 0.02


def test_a_look_inside_stands_beside_the_curves(open_train, store):
    run = store.create(PRESETS["demonstration"].config.with_settings(reviews=64, epochs=1, hidden_size=2))
    with process.hold(store.folder(run.id)):  # so that no worker begins yet
        page = open_train(run=run.id)
        page.get_by_key("run_view").set_value("Inside").run()
        assert "The network is first measured inside at the first evaluation" in texts(page, "info")
    page.run()
    wait_until(lambda: store.runs.get(run.id).state == FINISHED)
    page.run()
    assert "Measured on 64 validation texts" in texts(page, "caption")
    assert not page.exception


@pytest.fixture
def at_work(store):
    """A run that looks as if it trained: nobody trains it, but its lock is held."""
    run = store.create(PRESETS["demonstration"].config)
    with process.hold(store.folder(run.id)):
        assert store.turns.claim(run.id)
        store.runs.update(run.id, total_steps=564)
        yield run
        store.runs.finish(run.id, "stopped", "")


def with_time(step):
    return dataclasses.replace(_record(step, norm=0.5), accuracy=0.53125, seconds_left=100.0 - step)


def test_a_single_step_is_said_in_words_and_no_time_is_left_while_it_pauses(open_train, store, at_work):
    store.records.append(at_work.id, [with_time(step) for step in range(1, 10)])
    assert "**1 min 31 s left**" in progress(open_train(run=at_work.id))
    store.runs.set_paused(at_work.id, True, "Paused after optimizer step 9")
    said = progress(open_train(run=at_work.id))
    assert "optimizer step 9 of 564" in said
    assert "loss 0.700, **53.1%** right, learning rate 0.1" in said
    assert "left" not in said


def test_the_charts_of_a_long_run_are_small_enough_to_be_sent_every_second(open_train, store, at_work):
    """With the code that draws them and the chart behind the learning rate they were twice that."""
    rng = np.random.default_rng(0)
    records = [
        dataclasses.replace(with_time(step), loss=loss, accuracy=accuracy, gradient_norm=norm)
        for step, (loss, accuracy, norm) in enumerate(rng.random((560, 3)).tolist(), 1)
    ]
    store.records.append(at_work.id, records)
    charts = [part.proto for part in open_train(run=at_work.id).get("bidi_component") if is_chart(part)]
    assert len(charts) == 4
    assert sum(chart.ByteSize() for chart in charts) < 25_000


def test_a_run_that_is_scored_says_how_long_that_takes_and_nothing_of_its_training(
    open_train, store, at_work
):
    store.records.append(at_work.id, [with_time(step) for step in range(1, 10)])
    store.runs.update(at_work.id, message="Scoring the test reviews: 40% done, 3 s left")
    page = open_train(run=at_work.id)
    said = progress(page).replace("\\", "")
    assert said.endswith("Scoring the test reviews: 40% done, 3 s left. *Stop* ends it without a score.")
    stop = page.button(key=f"stop_{at_work.id}")
    assert stop.help == "What it has learned so far is kept; it ends without a score."
    stop.click().run()
    assert [command.name for command in store.commands.take(at_work.id)] == ["stop unscored"]
    assert page.button(key=f"pause_{at_work.id}").disabled


def test_the_closing_box_of_a_stopped_run_has_its_accuracy(open_train, store):
    run = store.create(PRESETS["demonstration"].config)
    scores = {"accuracy": 0.875, "loss": 0.3, "reviews": 8, "confusion": [[4, 0], [1, 3]], "mistakes": []}
    store.runs.finish(run.id, "stopped", "Stopped at optimizer step 47; what it learned is kept.", scores)
    page = open_train(run=run.id)
    said = texts(page, "info").replace("\\", "")
    recipe = recipe_in_words(run.config)
    assert f"what it learned is kept. It is right on **87.5%** of 8 test reviews (recipe: {recipe})." in said
    assert f"Recipe: {recipe}." in [caption.value for caption in page.caption]


def test_scores_side_by_side_of_other_cells_and_recipes_are_said_not_to_compare_cells(open_train, store):
    configs = [PRESETS["demonstration"].config]
    configs.append(configs[0].with_settings(cell="lstm", head_dropout=0.5))
    runs = [store.create(config) for config in configs]
    scores = {"accuracy": 0.875, "loss": 0.3, "reviews": 8, "confusion": [[4, 0], [1, 3]], "mistakes": []}
    for run in runs:
        store.records.append(run.id, [_record(1, norm=0.5)])
        store.runs.update(run.id, validation_accuracy=0.75 + 0.1 * (run is runs[0]))
        store.runs.finish(run.id, "finished", "Finished", scores)
    page = open_train(run=runs[0].id)
    page.get_by_key("runs_beside").set_value([runs[1].id]).run()
    assert "so these scores may not be compared as those of cells" in texts(page, "markdown")
    [table] = [part.value for part in page.dataframe if "Parameters" in part.value]
    assert list(table["Recipe"]) == [recipe_in_words(config) for config in configs]


def test_no_time_left_is_said_after_the_first_steps_alone(open_train, store, at_work):
    store.records.append(at_work.id, [with_time(1)])
    assert "left" not in progress(open_train(run=at_work.id))


def test_after_the_last_optimizer_step_no_command_is_taken_and_no_rate_is_in_force(
    open_train, store, at_work
):
    store.records.append(at_work.id, [with_time(564)])
    page = open_train(run=at_work.id)
    for command in ("pause", "step", "epoch"):
        button = page.button(key=f"{command}_{at_work.id}")
        assert button.disabled
        assert button.help == "No optimizer step is left: the test reviews are being scored."
    with pytest.raises(KeyError):
        page.number_input(key=f"rate_{at_work.id}")
    assert "In force" not in texts(page, "markdown")


def place(page, key):
    """Where a widget stands in the page: Streamlit draws again what moved, and closes what was open in it."""

    def below(block, path):
        for number, part in block.children.items():
            if getattr(part, "key", None) == key:
                yield (*path, number)
            if hasattr(part, "children"):
                yield from below(part, (*path, number))

    [found] = below(page._tree, ())
    return found


@pytest.mark.parametrize("widget", ["name_{}", "runs_at_once"])
def test_what_was_opened_keeps_its_place_when_the_reviews_are_ready(open_train, store, at_work, widget):
    page = open_train(run=at_work.id, data="imdb")
    assert "not ready on this machine" in texts(page, "markdown")
    before = place(page, widget.format(at_work.id))
    page.get_by_key(control_key("data")).set_value("verdict").run()
    assert "not ready on this machine" not in texts(page, "markdown")
    assert place(page, widget.format(at_work.id)) == before


def test_the_list_of_runs_keeps_its_place_when_one_ends(open_train, store, at_work):
    page = open_train(run=at_work.id)
    before = place(page, "runs_at_once")
    scores = {"accuracy": 0.5, "loss": 0.7, "reviews": 4, "confusion": [[1, 1], [1, 1]], "mistakes": []}
    store.runs.finish(at_work.id, FINISHED, "", scores)
    page.run()
    assert "Test accuracy" in [metric.label for metric in page.metric]
    assert place(page, "runs_at_once") == before


def progress(page):
    [bar] = page.get("progress")
    return bar.proto.text


def looked_into(store, cell, name, below=()):
    """A run that ended, with a look inside at its end; `below` are its layers below the top one."""
    config = PRESETS["demonstration"].config.with_settings(cell=cell)
    run = store.create(config, name)
    gates, states = {"gru": ("rz", "h"), "lstm": ("ifo", "hc")}[cell]
    inside = {
        "distance": [0, 1, 2],
        "gradients": {letter: [1.0, 1e-5, 1e-20] for letter in states},
        "norms": {letter: [1.0, 1.5, 2.0] for letter in states},
        "gates": {letter: [0.1, 0.2] for letter in gates}, "weights": {"cell.W": 2.0},
        "still": 0.0, "padding": 0.0,
    }  # fmt: skip
    if below:
        inside["below"] = list(below)
    evaluation = dataclasses.replace(_record(1, norm=None), kind="validation", inside=inside)
    store.records.append(run.id, [_record(1, norm=0.5), evaluation])
    store.runs.finish(run.id, "stopped", "")
    return run


def test_of_several_runs_the_view_inside_says_which_one_its_gates_and_weights_show(open_train, store):
    lstm, gru = looked_into(store, "lstm", "second"), looked_into(store, "gru", "first")
    page = open_train(run=gru.id)
    page.get_by_key("run_view").set_value("Inside").run()
    with pytest.raises(KeyError):
        page.get_by_key("inside_of")
    page.get_by_key("runs_beside").set_value([lstm.id]).run()
    assert not page.exception
    choice = page.get_by_key("inside_of")
    assert choice.label == "The charts below show"
    assert ["first" in choice.options[0], "second" in choice.options[1]] == [True, True]

    first, second = choice.options

    def alts(of):
        return [chart["alt"] for chart in given(page, "figure") if chart["alt"].endswith(f", of {of}.")]

    assert (len(alts(first)), len(alts(second))) == (3, 0)
    choice.set_value(1).run()
    assert not page.exception
    assert (len(alts(first)), len(alts(second))) == (0, 3)


def test_of_a_stack_the_view_inside_shows_the_layer_that_is_chosen(open_train, store):
    lower = {
        "gradients": {"h": [3.0, 2.0, 1.0]}, "norms": {"h": [7.0, 8.0, 9.0]},
        "gates": {"r": [0.3, 0.4], "z": [0.3, 0.4]},
    }  # fmt: skip
    page = open_train(run=looked_into(store, "gru", "stack", [lower]).id)
    page.get_by_key("run_view").set_value("Inside").run()

    def norms():
        [figure] = [
            one["figure"] for one in given(page, "figure") if one["alt"].startswith("Norm of the state")
        ]
        return figure["data"][0]["y"]

    assert norms() == [1.0, 1.5, 2.0]
    page.get_by_key("inside_layer_2").set_value("1").run()
    assert not page.exception
    assert norms() == [7.0, 8.0, 9.0]


def test_an_interrupted_run_goes_on_by_its_button(open_train, store):
    run = store.create(PRESETS["demonstration"].config.with_settings(reviews=64, epochs=1, hidden_size=2))
    assert store.turns.claim(run.id)  # as a worker that was killed right after
    page = open_train(run=run.id)
    press(page, "Resume")
    wait_until(lambda: store.runs.get(run.id).state == FINISHED)


def test_a_run_is_named_starred_and_listed_first(open_train, store):
    older, newer = (store.create(PRESETS["demonstration"].config) for _ in range(2))
    for run in (older, newer):
        store.runs.finish(run.id, "stopped", "")
    page = open_train(run=older.id)
    page.text_input(key=f"name_{older.id}").set_value("my <b>best</b>")
    page.text_area(key=f"note_{older.id}").set_value("To remember.")
    page.toggle(key=f"star_{older.id}").set_value(True)
    press(page, "Save")
    assert (store.runs.get(older.id).name, store.runs.get(older.id).note) == (
        "my <b>best</b>",
        "To remember.",
    )
    assert page.get_by_key("run_shown").options[0].startswith("★")


def test_an_exported_run_is_taken_in_and_shown_and_what_is_none_is_refused(open_train, store):
    config = PRESETS["demonstration"].config.with_settings(reviews=64, epochs=1, hidden_size=2)
    run = store.create(config, foreground=True)
    list(run_in_foreground(store, run.id, print))
    page = open_train(run=run.id)
    page.get_by_key("import_run_0").set_value(("run.zip", export_run(store, run.id), "application/zip")).run()
    assert not page.exception
    taken, _ = store.runs.all()
    assert taken.state == FINISHED
    assert page.session_state["run_shown"] == taken.id
    page.get_by_key("import_run_1").set_value(("none.zip", b"none", "application/zip")).run()
    assert "none.zip: This is no zip file of a run" in texts(page, "error").replace("\\", "").replace("*", "")
    assert len(store.runs.all()) == 2


def test_a_failure_started_from_the_gallery_is_named_and_its_cure_trains_beside_it(
    open_train, store, monkeypatch
):
    monkeypatch.setattr(process, "start_worker", lambda *_: None)  # what it would record is written below
    page = open_train()
    press(page, "See it fail")
    page.button(key="failure_exploding").click().run()
    assert not page.exception
    [run] = store.runs.all()
    assert run.config == FAILURES["exploding"].config
    assert setting(page, "clip_norm") == 0.0
    store.records.append(run.id, [_record(step, norm=1e6) for step in range(1, 40)])
    page.run()
    assert "Exploding gradients" in texts(page, "warning")
    page.button(key=f"cure_exploding_{run.id}").click().run()
    assert not page.exception
    cured, _ = store.runs.all()
    assert cured.config == run.config.with_settings(learning_rate=0.01, clip_norm=1.0)
    assert page.query_params["run"] == cured.id
    assert page.get_by_key("runs_beside").value == [run.id]
    assert not store.runs.get(run.id).active


def _record(step, norm):
    return Record(
        kind="training", optimizer_step=step, epoch=step / 188, loss=0.7, accuracy=0.5, seconds=step,
        gradient_norm=norm, learning_rate=0.1,
    )  # fmt: skip


def test_the_numbers_stand_beside_the_curves(open_train, store):
    run = store.create(PRESETS["demonstration"].config)
    store.records.append(run.id, [_record(step, norm=0.5) for step in range(1, 40)])
    store.runs.finish(run.id, "stopped", "")
    page = open_train(run=run.id)
    page.get_by_key("run_view").set_value("Numbers").run()
    assert not page.exception
    [table] = [table.value for table in page.dataframe if "training loss" in table.value]
    assert table["training loss"].tolist() == pytest.approx([0.7])


def test_where_plotly_does_not_come_with_the_package_streamlits_own_charts_are_drawn(
    open_train, store, monkeypatch, tmp_path
):
    monkeypatch.setattr(plotly_library, "_plotly_js", lambda: tmp_path / "plotly.min.js")
    plotly_library._text.cache_clear()
    run = store.create(PRESETS["demonstration"].config)
    store.records.append(run.id, [_record(step, norm=0.5) for step in range(1, 40)])
    store.runs.finish(run.id, "stopped", "")
    assert len(open_train(run=run.id).get("plotly_chart")) == 4


def test_more_runs_train_at_once_when_the_list_says_so(open_train, store):
    runs = [store.create(PRESETS["demonstration"].config.with_settings(threads=1)) for _ in range(3)]
    page = open_train(run=runs[2].id)
    page.get_by_key("runs_at_once").set_value(2).run()
    assert not page.exception
    wait_until(lambda: [store.runs.get(run.id).state for run in runs] == [RUNNING, RUNNING, QUEUED])
    wait_until(lambda: all(store.runs.get(run.id).optimizer_step for run in runs[:2]))
    page.run()
    assert "2 runs are ahead" in texts(page, "info")
    assert "It begins in about" in texts(page, "info")


def test_a_table_lists_the_runs_with_the_course_of_each(open_train, store):
    run = store.create(PRESETS["demonstration"].config)
    evaluation = dataclasses.replace(_record(1, norm=None), kind="validation", accuracy=0.75)
    store.records.append(run.id, [evaluation, dataclasses.replace(evaluation, accuracy=0.875)])
    store.runs.finish(run.id, "stopped", "")
    [table] = [table.value for table in open_train().dataframe if "Course" in table.value]
    assert [list(course) for course in table["Course"]] == [[0.75, 0.875]]
