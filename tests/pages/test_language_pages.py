"""A made-up language on Home, Data and Train: nothing speaks of its one class, and the truth is shown."""

import re
from pathlib import Path
from random import Random

import pytest

from pages.components.shared.settings import control_key
from rnn_core.config.presets import COUNTING, PRESETS
from rnn_core.config.tasks import OF_NEXT_TOKENS, TASKS
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.runs.store import Store
from rnn_core.tasks.task import task_of
from tests.cli import calls
from tests.pages.elements import choose, figures, labels, press, said
from tests.pages.train.made import control
from tests.runs.workers import trained

ANBN = "language-anbn"


@pytest.fixture(autouse=True)
def prepared(common, monkeypatch):
    """A cache in which languages are prepared once for all tests."""
    monkeypatch.setenv("GATESCOPE_CACHE", str(common / "languages"))
    load_corpus(ANBN)


def everything_but(page, *words):
    read_out = said(page)
    for word in words:
        assert word not in read_out, word
    return read_out


def numbers(page):
    """The boxes for numbers by their labels."""
    return {box.label: box for box in page.number_input}


def step_to(page, step):
    page.slider(key="data_string_step").set_value(step).run()


def automaton_of(page):
    """The state of each node that the picture says, by name."""
    [nodes] = [curve for figure in figures(page) for curve in figure["data"] if curve.get("name") == "nodes"]
    return dict(nodes["customdata"])


def test_home_lists_languages_and_offers_counting(open_app):
    page = open_app()
    assert said(page).count("made-up languages: written for this app, always at hand") == 1
    assert "language aⁿbⁿ" not in said(page)
    [link] = [link for link in page.get("page_link") if link.proto.label.startswith(f"{COUNTING.title}: ")]
    assert "data=language-anbn" in link.proto.query_string


def test_data_has_the_views_that_mean_something(open_app):
    """And the settings of another corpus are there again where one is chosen."""
    page = open_app("data", {"data_reviews": ANBN})
    read_out = everything_but(page, "labelled", "Copies", "training reviews")
    assert f"{len(LANGUAGES)} made-up languages" in read_out
    assert page.get_by_key("data_vocab_size").disabled
    assert "all 2 symbols" in page.get_by_key("data_vocab_size").help
    assert page.get_by_key("data_start_token").disabled
    views = page.get_by_key("data_language_view").options
    assert [*views] == ["The language", "One string", "A batch", "Vocabulary", "Length"]
    for view in views[1:]:
        choose(page, "data_language_view", view)
        everything_but(page, "labelled", "training reviews")
    choose(page, "data_reviews", "verdict")
    assert not page.get_by_key("data_truncation").disabled
    assert page.get_by_key("data_truncation").value == "pre"


@pytest.mark.parametrize("name", ["brackets", "recall"])
def test_data_says_what_may_come_next(open_app, name):
    load_corpus(f"language-{name}")
    page, language = open_app("data", {"data_reviews": f"language-{name}"}), language_named(name)
    assert language.rule.split(".")[0] in said(page)
    string = language.draw(Random(f"{language.full_name} 7"))
    for step in (1, len(string) + 1):
        step_to(page, step)
        moment = language.after(string[: step - 1])
        for value in moment.hidden.values():
            assert value is None or f"{value}" in said(page)
        assert len(moment.truth) > 1 or ", which is certain." in said(page)
    press(page, "Draw another")
    assert page.session_state["data_string_shown"] == language.draw(Random(f"{language.full_name} 8"))


def test_the_automaton_follows_any_string(open_app):
    """A longer one has no truth; for a wrong one the path ends where the rule is broken."""
    page, language = open_app("data", {"data_reviews": ANBN}), language_named("anbn")
    string = page.session_state["data_string_shown"]
    for step, node in ((1, "start"), (2, "a"), (len(string) + 1, "b")):
        step_to(page, step)
        [here] = [name for name, state in automaton_of(page).items() if state == "the present state"]
        assert here == node
    press(page, "A longer one")
    string = page.session_state["data_string_shown"]
    assert len(string) > 60
    step_to(page, len(string))
    assert "no training string begins like this, so there is no truth" in said(page)
    press(page, "A wrong one")
    string, step = (page.session_state[f"data_string_{name}"] for name in ("shown", "step"))
    nodes = language.walk(string).nodes
    good = len(nodes)
    assert step == good + 1
    assert "there is no truth, since the string has broken the rule" in said(page)
    assert f"The path ends at the state {nodes[-1]}: {string[good - 1]} may not come there." in said(page)
    assert "the string breaks the rule here" in automaton_of(page).values()
    step_to(page, good)
    assert "the present state" in automaton_of(page).values()


def test_options_are_chosen_on_data_and_lead_to_train(open_app, settle):
    page = open_app("data", {"data_reviews": "language-delay"})
    for declared in language_named("delay").settings().values():
        box = numbers(page)[declared.label]
        assert (box.min, box.max, box.value) == (declared.low, declared.high, declared.default)
        assert declared.help in box.help
    numbers(page)["Fillers between"].set_value(100)
    press(page, "Show these strings")
    settle(page)
    assert page.get_by_key("data_reviews").value == "language-delay-k100"
    assert page.query_params["data_reviews"] == "language-delay-k100"
    assert page.session_state["data_max_length"] == 304
    assert "tested with longer ones, too, of up to 303" in said(page)
    assert numbers(page)["Fillers between"].value == 100
    press(page, "Train with these")
    settings = page.session_state["train_settings"]
    assert (settings["data"], settings["max_length"]) == ("language-delay-k100", 304)
    choose(open_app("data", {"data_reviews": "language-delay-k100"}), "data_language_view", "A batch")


def test_a_control_drawn_later_begins_with_the_link(open_app):
    """Later is when the texts are ready: the browser is sent what the session sets in the first run alone."""
    page = open_app("train", {"data": "language-delay-k71", "cell": "lstm", "layers": "2"})
    page.run()
    assert control(page, "data").value == "language-delay-k71"
    everything_but(page, "aren't possible")
    data = page.selectbox(key=control_key("data")).proto
    cell = page.button_group(key=f"{control_key('cell')}_in_view").proto
    layers = page.number_input(key=control_key("layers")).proto
    assert data.options[data.default] == "language delay, k = 71"
    assert cell.set_value  # the browser takes it over in every run
    assert cell.raw_values == ["LSTM"]
    assert layers.default == 2


def test_a_link_beyond_the_bounds_is_refused(open_app):
    language, why = "language-delay-k5000", "Fillers between must be between 1 and 1,000, got 5,000."
    page = open_app("data", {"data_reviews": language})
    read_out = said(page)
    assert "The address asks for strings that aren't possible." in read_out
    assert why in read_out
    assert page.get_by_key("data_reviews").value == "verdict"
    assert why in said(page.run())
    choose(page, "data_reviews", ANBN)
    everything_but(page, why)
    assert why in said(open_app("train", {"data": language}))


def test_a_link_that_says_the_line_of_the_list_opens(open_app):
    page = open_app("data", {"data_reviews": "language embedded Reber grammar"})
    assert page.get_by_key("data_reviews").value == "language-reber"


def test_what_the_task_decides_is_disabled_with_why(open_app):
    """A setting of classifiers in the address is answered with the reason."""
    page = open_app("train", {"data": ANBN, "vocab_size": "20", "class_weights": "balanced"})
    assert "since no text has a label to learn from, got 'balanced'" in said(page)
    assert control(page, "class_weights").value == "off"
    page = open_app("train", {"data": ANBN, "vocab_size": "20"})
    for name in ("vocab_size", "head"):
        assert control(page, name).disabled, name
    for name, held in TASKS["next-symbol"].fixed.items():
        if name not in {"excerpts", "snippets", "composed", "teachers", *OF_NEXT_TOKENS}:  # no control here
            assert control(page, name).disabled, name
            why = f"is fixed for predicting the next symbol of a language, since {held.why}."
            assert why in control(page, name).help
    assert page.multiselect(key="teachers_chosen").disabled
    everything_but(page, "No estimate")


def test_a_run_is_said_in_bits_and_strings(open_app):
    """Train says it beside the truth, and so do the commands."""
    tiny = {"reviews": 200, "epochs": 1, "batch_size": 50, "hidden_size": 6, "embedding_size": 4}
    run = trained(Store(), recommended_config(ANBN).with_settings(**tiny))
    page = open_app("train", {"run": run.id})
    read_out = everything_but(page, "test reviews", "classes", "a coin")
    assert "bits per symbol on 1,000 test strings" in read_out
    assert "bits above the truth. Each step is" in read_out
    assert "Dotted: the truth" in read_out
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown["Right strings"] == f"{run.scores['right_strings']:.1%}"
    assert shown["Bits above the truth"] == f"{run.scores['bits_above_truth']:.4f}"
    assert "Test loss" not in shown  # the bits again, in another unit
    assert "Measure baselines" not in labels(page)
    truth = task_of(run.config).truth(run.config)
    [curve] = [one for one in figures(page) if one["layout"]["title"]["text"] == "Bits per symbol"]
    assert f"the truth {truth:.3f}" in str(curve["layout"]["annotations"])
    assert "cross-entropy" not in str(figures(page))
    choose(page, "run_view", "Numbers")
    assert "classes" not in calls.done("runs", "show", run.id).stdout
    kept = calls.said("runs", "show", run.id)
    assert kept["validation_bits_per_token"] == run.validation_accuracy
    assert "validation_accuracy" not in kept
    assert calls.call("baselines", "--data", ANBN).exit_code


def test_the_document_has_the_command_of_half_a_minute():
    document = (Path(__file__).parents[2] / "docs" / "languages.md").read_text(encoding="utf-8")
    words = re.search(r"rnn_core train (--data language-anbn .+)", document)[1].split()
    config = COUNTING.config
    assert PRESETS["half-a-minute"] is COUNTING
    settings = {"data": config.data, **config.differences(recommended_config(config.data))}
    assert dict(zip(words[::2], words[1::2], strict=True)) == {
        f"--{name.replace('_', '-')}": value if isinstance(value, str) else f"{value:g}"
        for name, value in settings.items()
    }
