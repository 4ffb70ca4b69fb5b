"""A task outside of the catalogue: its class and its declaration are all that training for it needs.

`test_made_up.py` opens every page and command with it; here is what only a task has.
"""

import dataclasses
from functools import partial
from io import BytesIO

import pytest

from pages.components.shared.settings import train_address
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import TASKS
from rnn_core.errors import ConfigError, ModelFolderError, RunError
from rnn_core.export.written import MODEL_FORMATS
from rnn_core.models.model import Model
from rnn_core.runs import queue
from rnn_core.runs.publish import publish
from rnn_core.runs.store import Store
from rnn_core.runs.table import runs_table
from rnn_core.runs.transfer import export_run, import_run
from rnn_core.sweeps.sweep import Sweep
from rnn_core.sweeps.work import check_runs
from rnn_core.training.records import read_history
from rnn_core.training.teachers import check_teachers
from tests.cli.calls import call, done
from tests.pages.elements import figures, press, put, said
from tests.pages.everywhere import MadeUp, registered
from tests.runs.workers import trained
from tests.tasks.token_classes import TOKEN_CLASSES, TokenClasses

pytestmark = pytest.mark.slow

NAME = "token classes"
OTHERWISE = "was trained for the class of each word"
TASK = MadeUp(
    setting="task",
    name=NAME,
    registered=partial(registered, TASKS, NAME, TOKEN_CLASSES),
    said={
        "run": "bits per word on",
        "inside": "answers at every time step",
        "runs show": "test bits per word",
    },
    refused={"read": OTHERWISE, "predict": OTHERWISE, "trace": OTHERWISE},
)
MEMBERS = {"a task": TASK}
TEXTS = RunConfig(data="verdict")


@pytest.fixture
def config(small_verdict_cache, monkeypatch):
    """Settings of a small run for it, while it is registered."""
    monkeypatch.setenv("GATESCOPE_CACHE", str(small_verdict_cache))
    with TASK.registered():
        yield TASK.config


@pytest.fixture
def run(config):
    """A run that was trained for it."""
    return trained(Store(), config)


def test_a_run_is_kept_scored_and_shown(run, config, open_app):
    store = Store()
    records = store.records.all(run.id)
    assert records == read_history(store.folder(run.id), "gru", config.task)
    assert run.validation_accuracy == min(one.score for one in records if one.kind == "validation")

    page = open_app("train", {"run": run.id})
    titles = [figure["layout"]["title"]["text"] for figure in figures(page)]
    assert titles[:4] == ["Bits per word", "Words right", "Gradient norm before clipping", "Learning rate"]
    metrics = {metric.label: metric.value for metric in page.metric}
    assert {"Test bits per word", "Validation bits per word"} <= set(metrics)
    perplexity = 2 ** run.scores["bits"]
    assert metrics["Perplexity"] == f"{perplexity:.2f}"
    assert runs_table([run], {run.id: "it"})["Perplexity"].tolist() == [perplexity]
    listed = f"  test bits per word {run.scores['bits']:.4f}, perplexity {perplexity:.3f}\n"
    assert listed in done("runs", "show", run.id).stdout
    assert f"{run.validation_accuracy:.3f}" in done("runs list").stdout
    shown = said(page)
    assert f"It has **{run.scores['bits']:.3f}** bits per word on" in shown
    assert f"{run.validation_accuracy:.3f} bits per word on the validation reviews at best" in shown
    table = put(page, run_view="Numbers").dataframe[0].value
    assert {"training bits per word", "validation words right"} <= set(table.columns)


def test_the_form_keeps_the_task_of_a_run(config, open_app, monkeypatch):
    monkeypatch.setattr(queue, "start_next", lambda store: [])
    press(open_app("train", train_address(config)), "Start training")
    assert [run.config for run in Store().runs.all()] == [config]


def test_accuracies_of_two_tasks_are_one_column(config, monkeypatch):
    monkeypatch.setattr(TokenClasses, "score", TokenClasses.curves[1])
    store = Store()
    runs = [store.create(one, foreground=True) for one in (TEXTS, config)]
    for run, accuracy in zip(runs, (0.75, 0.5), strict=True):
        store.runs.update(run.id, validation_accuracy=accuracy)
    table = runs_table([store.runs.get(run.id) for run in runs], {run.id: run.id for run in runs})
    assert list(table["Validation"]) == [0.75, 0.5]


def test_a_run_of_another_task_is_not_laid_over_it(run, config, open_app):
    other = trained(Store(), dataclasses.replace(config, task=TEXTS.task))
    page = put(open_app("train", {"run": other.id}), runs_compared=[run.id])
    assert f"{OTHERWISE}, so its curves can't be laid over these" in said(page)


def test_it_goes_as_a_file_to_another_store(run, tmp_path, monkeypatch):
    records, packed = Store().records.all(run.id), export_run(Store(), run.id)
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(tmp_path / "elsewhere"))
    elsewhere = Store()
    taken = import_run(elsewhere, BytesIO(packed))
    assert (taken.config, taken.scores) == (run.config, run.scores)
    assert elsewhere.records.all(taken.id) == records


def test_what_means_nothing_for_it_is_refused(run, tmp_path):
    store = Store()
    folder = store.folder(run.id)
    assert Model.load(folder, NAME).classifier.at_every_step
    with pytest.raises(
        ModelFolderError, match=r"class of each word.*This needs one that was trained for text"
    ):
        Model.load(folder)
    with pytest.raises(RunError, match=r"class of each word.*what it says along a text can't"):
        publish(store, run.id, "words", "It.")
    with pytest.raises(ConfigError, match=r"class of each word.*not for text classification"):
        check_teachers(TEXTS.with_settings(teachers=run.id))
    with pytest.raises(ConfigError, match="can't keep the scores of runs for the class of each word"):
        check_runs(Sweep(name="words", base=TASK.config, cases=[{"cell": "gru"}]))
    for form, code in (("html", 1), ("pytorch", 1), ("notebook", 1), ("zip", 0)):
        out = tmp_path / f"a{MODEL_FORMATS[form].suffix}"
        exported = call("export", run.id, "--to", form, "--out", out)
        assert (exported.exit_code, out.exists()) == (code, not code)
        assert code == 0 or OTHERWISE in exported.stderr
