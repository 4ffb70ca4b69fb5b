"""A task outside of the catalogue: its class and its declaration are all that training for it needs."""

import dataclasses
import json
import math
from dataclasses import replace
from io import BytesIO

import pytest
import torch
from click.testing import CliRunner

from pages.components.shared.settings import in_address
from rnn_core.cli import main
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import TASKS
from rnn_core.data.sources import load_corpus
from rnn_core.errors import ConfigError, ModelFolderError, RunError, SweepError
from rnn_core.export.model_formats import MODEL_FORMATS
from rnn_core.models.model import Model
from rnn_core.registry import UnknownNameError
from rnn_core.runs.publish import publish
from rnn_core.runs.store import Store
from rnn_core.runs.table import runs_table
from rnn_core.runs.transfer import export_run, import_run
from rnn_core.runs.worker import run_in_foreground
from rnn_core.sweeps.sweep import Sweep
from rnn_core.sweeps.work import check_runs
from rnn_core.training.checkpoint import load_checkpoint, save_checkpoint
from rnn_core.training.diagnosis import diagnose
from rnn_core.training.estimate import estimate
from rnn_core.training.history import history
from rnn_core.training.records import Record, read_history
from rnn_core.training.teachers import check_teachers
from rnn_core.training.trainer import Trainer
from tests.pages.elements import figures, press, put, said
from tests.tasks.token_classes import TOKEN_CLASSES, K, TokenClasses

pytestmark = pytest.mark.slow

SIZES = {"hidden_size": 8, "embedding_size": 8, "vocab_size": 40, "max_length": 30}
SETTINGS = {
    **SIZES,
    **{"reviews": 100, "batch_size": 20, "epochs": 4, "evaluations_per_epoch": 2, "threads": 1},
    **{"learning_rate": 0.1, "head_dropout": 0.1, "word_dropout": 0.1},
}


@pytest.fixture(autouse=True)
def registered(small_verdict_cache, monkeypatch):
    monkeypatch.setenv("GATESCOPE_CACHE", str(small_verdict_cache))
    TASKS.register("token classes", TOKEN_CLASSES)
    yield
    TASKS.remove("token classes")


@pytest.fixture
def config():
    return asked()


def asked(**settings):
    config = RunConfig(data="verdict").with_settings(**{**SETTINGS, **settings})
    return replace(config, task="token classes")


@pytest.fixture
def trained(config):
    store = Store()
    run = store.create(config, foreground=True)
    records = list(run_in_foreground(store, run.id, print))
    return store, store.runs.get(run.id), records


def without_clocks(records):
    return [replace(one, seconds=0.0, seconds_left=None, tokens_per_second=None) for one in records]


def test_it_learns_and_goes_on_from_a_checkpoint_with_the_same_bits(config, tmp_path):
    corpus = load_corpus("verdict")
    whole = Trainer(config, corpus)
    expected = without_clocks(whole)
    first, second = Trainer(config, corpus), Trainer(config, corpus)
    begun = [record for _, record in zip(range(5), first, strict=False)]
    save_checkpoint(tmp_path, first.state())
    torch.manual_seed(5)  # what happens meanwhile must not matter
    second.restore(load_checkpoint(tmp_path))
    assert without_clocks(begun) + without_clocks(second) == expected
    for name, weights in whole.weights().items():
        assert torch.equal(weights, second.weights()[name]), name
    evaluations = [record for record in expected if record.kind == "validation"]
    assert whole.kept_score == min(record.score for record in evaluations) < 0.6 * math.log2(K)
    assert whole.best.optimizer_step in [record.optimizer_step for record in evaluations]
    assert all(record.inside is None for record in expected)


def test_its_loss_is_that_of_every_word_and_its_gradient_the_one_of_their_mean(config):
    trainer = Trainer(config.with_settings(head_dropout=0.0, word_dropout=0.0), load_corpus("verdict"))
    batch = next(trainer._batches_left())
    by_hand = []
    for ids, length in zip(batch.ids, batch.lengths.tolist(), strict=True):
        read = trainer.classifier(ids[None, :length], torch.tensor([length]))  # (T, K)
        by_hand += [-read[t].log_softmax(0)[ids[t] % K] for t in range(length) if ids[t] > 2]
    mean = torch.stack(by_hand).mean()
    expected = torch.autograd.grad(mean, trainer.classifier.head.weight)[0]
    step = trainer.learner.learn(batch)
    assert step.fields["loss"] == pytest.approx(mean.item(), rel=1e-5)
    assert step.fields["bits"] == pytest.approx(mean.item() / math.log(2), rel=1e-5)
    norm = max(1.0, step.gradient_norm / trainer.config.training.clip_norm)
    torch.testing.assert_close(trainer.classifier.head.weight.grad * norm, expected, atol=1e-6, rtol=1e-3)


def test_a_run_of_it_is_kept_scored_and_shown_on_train(trained, open_app, verdict_only):
    store, run, records = trained
    assert store.records.all(run.id) == records == read_history(store.folder(run.id), "gru", run.config.task)
    assert RunConfig.from_json(run.config.to_json()) == run.config
    assert run.scores["bits"] == pytest.approx(run.scores["loss"] / math.log(2))
    assert run.validation_accuracy == min(one.score for one in records if one.kind == "validation")

    page = open_app("train", {"run": run.id})
    titles = [figure["layout"]["title"]["text"] for figure in figures(page)]
    assert titles[:4] == ["Bits per word", "Words right", "Gradient norm before clipping", "Learning rate"]
    metrics = {metric.label: metric.value for metric in page.metric}
    assert {"Test bits per word", "Validation bits per word"} <= set(metrics)
    perplexity = 2 ** run.scores["bits"]
    assert metrics["Perplexity"] == f"{perplexity:.2f}"
    assert runs_table([run], {run.id: "it"})["Perplexity"].tolist() == [perplexity]
    listed = CliRunner().invoke(main, ["runs", "show", run.id])
    assert f"  test bits per word {run.scores['bits']:.4f}, perplexity {perplexity:.3f}\n" in listed.output
    shown = said(page)
    assert f"It has **{run.scores['bits']:.3f}** bits per word on" in shown
    assert f"{run.validation_accuracy:.3f} bits per word on the validation reviews at best" in shown
    table = put(page, run_view="Numbers").dataframe[0].value
    assert {"training bits per word", "validation words right"} <= set(table.columns)
    assert "it answers at every time step" in said(put(page, run_view="Inside"))


def test_the_form_keeps_the_task_of_a_run(config, open_app, verdict_only, monkeypatch):
    begun = []

    def create(store, config, name=""):
        begun.append(config)
        raise RunError("There is no room.")

    monkeypatch.setattr(Store, "create", create)
    link = in_address(config)
    assert link["task"] == "token classes"
    page = open_app("train", link)
    press(page, "Start training")
    assert begun == [config]


def test_a_sweep_of_it_is_refused_in_words(config):
    sweep = Sweep(name="words", base=config, cases=[{"cell": "gru"}])
    with pytest.raises(SweepError, match="keep the scores of runs for the class of each word"):
        check_runs(sweep)


def test_two_tasks_with_accuracies_have_them_in_one_column(config, monkeypatch):
    monkeypatch.setattr(TokenClasses, "score", TokenClasses.curves[1])
    store = Store()
    runs = [store.create(one, foreground=True) for one in (RunConfig(data="verdict"), config)]
    for run, accuracy in zip(runs, (0.75, 0.5), strict=True):
        store.runs.update(run.id, validation_accuracy=accuracy)
    table = runs_table([store.runs.get(run.id) for run in runs], {run.id: run.id for run in runs})
    assert list(table["Validation"]) == [0.75, 0.5]


def test_a_run_of_another_task_is_not_laid_over_it(trained, open_app, verdict_only):
    store, run, _ = trained
    other = store.create(RunConfig(data="verdict").with_settings(**SETTINGS), foreground=True)
    list(run_in_foreground(store, other.id, print))
    page = open_app("train", {"run": other.id})
    put(page, runs_compared=[run.id])
    assert "was trained for the class of each word, so its curves can't be laid over these" in said(page)
    shown = CliRunner().invoke(main, ["runs", "list"]).output
    assert f"{run.validation_accuracy:.3f}" in shown


def test_it_goes_as_a_file_to_another_store(trained, tmp_path, monkeypatch):
    store, run, records = trained
    packed = export_run(store, run.id)
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(tmp_path / "elsewhere"))
    elsewhere = Store()
    taken = import_run(elsewhere, BytesIO(packed))
    assert (taken.config, taken.scores) == (run.config, run.scores)
    assert elsewhere.records.all(taken.id) == records


def test_what_means_nothing_for_it_is_refused_in_words(trained, open_app, verdict_only, tmp_path):
    store, run, _ = trained
    folder = store.folder(run.id)
    assert Model.load(folder, "token classes").classifier.at_every_step
    other = r"for the class of each word\. This needs one that was trained for text"
    with pytest.raises(ModelFolderError, match=other):
        Model.load(folder)
    page = open_app("read", {"model": run.id})
    assert "was trained for the class of each word" in said(page)
    predicted = CliRunner().invoke(main, ["predict", run.id, "Not bad."])
    assert predicted.exit_code
    assert "was trained for the class of each word" in predicted.output
    for form, code in (("html", 1), ("pytorch", 1), ("notebook", 1), ("zip", 0)):
        out = tmp_path / f"a{MODEL_FORMATS[form].suffix}"
        exported = CliRunner().invoke(main, ["export", run.id, "--to", form, "--out", str(out)])
        assert (exported.exit_code, out.exists()) == (code, not code)
        assert code == 0 or "was trained for the class of each word" in exported.stderr
    with pytest.raises(RunError, match="the class of each word, and what it says along a text can't"):
        publish(store, run.id, "words", "It knows three classes.")
    with pytest.raises(ConfigError, match="the class of each word, not for text classification"):
        check_teachers(RunConfig(data="verdict").with_settings(teachers=run.id))


def test_settings_that_mean_nothing_for_it_are_refused(config):
    for settings, why in (
        ({"bidirectional": True}, "Both directions must be False for the class of each word"),
        (
            {"readout": "mean"},
            "Readout must be 'last' for the class of each word, since .* time step, got 'mean'.",
        ),
    ):
        with pytest.raises(ConfigError, match=why):
            asked(**settings)
    with pytest.raises(UnknownNameError, match=r"no task called 'sums'\. Choose one of: classification"):
        replace(config, task="sums")


def test_it_is_diagnosed_by_its_own_guess_and_its_cost_is_known(config):
    measures = {"bits": math.log2(K), "loss": math.log(K)}
    usual = {"kind": "training", "seconds": 1.0, "gradient_norm": 1.0, "learning_rate": 0.02}
    steps = [Record.of(measures, optimizer_step=n, epoch=n / 10, **usual) for n in range(1, 31)]
    ends = dataclasses.replace(steps[-1], kind="validation", gradient_norm=None)
    [found] = diagnose(config, history("made", [*steps, ends], config.task))
    assert "that of guessing among 3 classes is 1.099" in found.sentence
    assert json.loads(steps[0].to_json())["measures"] == {"bits": math.log2(K)}
    parameters = estimate(config, load_corpus("verdict")).parameters
    trainer = Trainer(config, load_corpus("verdict"))
    assert parameters == sum(weights.numel() for weights in trainer.classifier.parameters())
