"""One name of a run on every page, and the part of it that differs where several stand side by side."""

import re

import pytest
import torch

from rnn_core.config.presets import FAILURES
from rnn_core.data.sources import recommended_config
from rnn_core.nn.classifier import Classifier
from rnn_core.runs.run import FINISHED
from rnn_core.runs.store import Store
from tests.pages.conftest import WORDS, save_untrained
from tests.pages.elements import said

pytestmark = pytest.mark.slow

CONFIG = recommended_config("verdict").with_settings(hidden_size=5, embedding_size=3)
LONGEST = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
SWEEP = "distance, seed {}: distance 50, cell gru, hidden size 16"


@pytest.fixture
def finished(verdict_only):
    """A function that makes a run of a name that has ended, and its model."""
    store = Store()

    def make(name="", accuracy=0.75, **values):
        config = CONFIG.with_settings(**values)
        run = store.create(config, name)
        save_untrained(store.folder(run.id), config)
        store.turns.claim(run.id)
        wrong = round(4 * (1 - accuracy))
        scores = {"accuracy": accuracy, "loss": 0.5, "reviews": 4, "confusion": [[2, 0], [wrong, 2 - wrong]]}
        store.runs.finish(run.id, FINISHED, "Finished", scores)
        return store.runs.get(run.id)

    return make


@pytest.mark.parametrize("name", ["", next(iter(FAILURES.values())).title, LONGEST])
def test_a_run_has_one_name_on_home_train_and_read(open_app, finished, name):
    run = finished(name)
    assert f"{run.title}: finished" in said(open_app())
    train = open_app("train", {"run": run.id})
    assert f"**{run.title}**" in said(train)
    assert train.get_by_key("run_shown").options == [run.title]
    read = open_app("read", {"model": run.id})
    assert run.title in read.get_by_key("model_picked").options
    assert run.title in said(read)


@pytest.mark.parametrize("panel", ["Two models", "Padding", "What does it understand?"])
def test_the_panels_of_read_call_runs_by_their_names(open_app, finished, panel):
    one, other = finished("first try"), finished("second try")
    shown = said(open_app("read", {"model": one.id, "other_model": other.id, "read_panel": panel}))
    assert "first try" in shown
    assert panel == "Padding" or "second try" in shown
    sentences = re.sub("`[^`]*`", "", shown)  # a command has no other name for it
    assert one.id not in sentences
    assert other.id not in sentences


def test_a_run_that_gets_another_name_has_it_on_read_too(open_app, finished):
    run = finished("first")
    assert "first" in open_app("read", {"model": run.id}).get_by_key("model_picked").options
    Store().runs.describe(run.id, name="second", note="", starred=False)
    assert "second" in open_app("read", {"model": run.id}).get_by_key("model_picked").options


def test_selects_and_the_list_show_where_long_names_differ(open_app, finished):
    runs = [finished(SWEEP.format(seed), seed=seed) for seed in (0, 1, 2)]
    app = open_app("train", {"run": runs[0].id}, runs_compared=[runs[1].id])
    assert app.get_by_key("run_shown").options == ["seed 2", "seed 1", "seed 0"]
    assert app.get_by_key("runs_beside").options == ["seed 2", "seed 1"]
    assert runs[0].title in app.get_by_key("run_shown").help.replace("\\", "")
    listed = next(table.value for table in app.dataframe if "State" in table.value)
    assert list(listed["Run"]) == ["seed 2", "seed 1", "seed 0"]
    assert any(f'title="{runs[1].title}"' in part.proto.body for part in app.get("html"))
    finished(LONGEST)
    assert app.run().get_by_key("run_shown").options == [
        LONGEST,
        *(f"distance … seed {seed}" for seed in (2, 1, 0)),
    ]
    assert app.get_by_key("run_shown").value == runs[0].id  # although its label is another now
    assert app.get_by_key("runs_beside").value == [runs[1].id]


def test_runs_of_one_name_have_different_labels_and_can_be_chosen(open_app, finished):
    runs = [finished("Vanishing") for _ in range(2)]
    app = open_app("train", {"run": runs[0].id})
    options = app.get_by_key("run_shown").options
    assert sorted(options) == sorted(f"Vanishing · {run.id[-4:]}" for run in runs)
    app.get_by_key("run_shown").set_value(runs[1].id).run()
    assert app.query_params["run"] == runs[1].id


def test_runs_compared_stand_in_a_table_of_results_and_settings_that_differ(open_app, finished):
    one, two = finished("one", 0.75), finished("two", 0.5, cell="elman", truncation="post")
    app = open_app("train", {"run": one.id}, runs_compared=[two.id])
    table = next(table.value for table in app.dataframe if "Parameters" in table.value)
    assert list(table["Run"]) == ["one", "two"]
    assert list(table["Test"]) == [75.0, 50.0]
    assert list(table["Cell"]) == ["GRU", "Elman"]
    assert list(table["Truncation side"]) == ["front", "end"]
    made = [Classifier(run.config.model, len(WORDS)) for run in (one, two)]
    assert list(table["Parameters"]) == [sum(map(torch.numel, network.parameters())) for network in made]
    assert "Hidden size" not in table
    alone = open_app("train", {"run": one.id})
    assert not any("Parameters" in table.value for table in alone.dataframe)
