"""A run on a corpus of the user's own: trained, exported with its classes, kept when its corpus is gone."""

import csv
import dataclasses
import io
import json
import shutil

import pytest
from click.testing import CliRunner

from rnn_core.cli import main
from rnn_core.config.run import RunConfig
from rnn_core.data.own.catalogue import own_folder
from rnn_core.data.own.make import add
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.errors import RunError
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.runs import queue
from rnn_core.runs.publish import publish, training_command
from rnn_core.runs.run import FINISHED
from rnn_core.runs.transfer import export_run, import_run, words_inside
from rnn_core.tables.open import open_table
from rnn_core.training.estimate import estimate
from tests.own import make_own, texts_of
from tests.runs import workers
from tests.runs.workers import SMALL, packed, start_worker, unpacked

pytestmark = pytest.mark.slow  # it trains

CLASSES = ("printer", "invoice", "parcel")


@pytest.fixture
def config():
    make_own("tickets", CLASSES, [40, 40, 40])
    return recommended_config("tickets").with_settings(**{**SMALL, "label_odds": False, "counted_bigrams": 0})


@pytest.fixture
def trained(store, config):
    run = workers.trained(store, config)
    assert run.state == FINISHED, run.message
    return run


def test_a_run_comes_back_with_the_names_of_its_classes(store, trained):
    run = import_run(store, io.BytesIO(export_run(store, trained.id)))
    assert (run.config, run.scores) == (trained.config, trained.scores)
    assert run.config.classes == CLASSES
    assert Model.load(store.folder(run.id)).config.classes == CLASSES


@pytest.mark.parametrize(
    "classes", [CLASSES[:2], [*CLASSES, "other"], ["printer", "printer", "parcel"], ["a"], "abc", [1, 2, 3]]
)
def test_a_file_whose_classes_are_not_those_of_its_weights_is_refused(store, trained, classes):
    files = unpacked(export_run(store, trained.id))
    config = json.loads(files["config.json"]) | {"classes": classes}
    spoilt = packed(files | {"config.json": json.dumps(config).encode()})
    before = [run.id for run in store.runs.all()]
    with pytest.raises(RunError):
        import_run(store, spoilt)
    assert [run.id for run in store.runs.all()] == before


def test_once_its_corpus_is_gone_a_run_is_not_resumed_and_still_reads(store, trained):
    assert trained.config.corpus.why_gone(trained.config.identity) == ""
    shutil.rmtree(own_folder("tickets"))
    waiting = store.create(trained.config)
    assert store.turns.claim(waiting.id)  # as a worker that was killed right after
    gone = r"There is no corpus .tickets. on this machine\. Add it again on Data"
    with pytest.raises(RunError, match=gone):
        queue.resume(store, waiting.id)
    read = trace(Model.load(store.folder(trained.id)), "the printer is red")
    assert read.label in CLASSES


def test_a_corpus_of_the_same_name_with_other_classes_or_other_texts_is_another_one(store, trained):
    why_gone = trained.config.corpus.why_gone
    of_another = dataclasses.replace(trained.config, corpus_mark="0f")
    assert "it was made of another table, or in another way" in why_gone(of_another.identity)
    shutil.rmtree(own_folder("tickets"))
    make_own("tickets", ("yes", "no"), [20, 20])
    said = "it has the classes yes, no, not printer, invoice, parcel"
    assert said in why_gone(trained.config.identity)


def test_its_file_says_that_it_carries_words(store, trained, tmp_path):
    words = (store.folder(trained.id) / "vocabulary.txt").read_text().count("\n") - 3
    said = f"The file holds the vocabulary: the {words:,} most frequent words of the texts."
    assert words_inside(store.folder(trained.id), trained.config) == said
    assert words_inside(store.folder(trained.id), RunConfig()) == ""
    out = tmp_path / "run.zip"
    done = CliRunner().invoke(main, ["runs", "export", trained.id, "--out", str(out)])
    assert said in done.stderr
    assert out.exists()


def test_its_card_names_classes_scores_and_what_it_carries(store, trained):
    card = (publish(store, trained.id, "tickets-gru", "Nobody asked.") / "README.md").read_text()
    assert "says of which of\n3 classes it is: *printer*, *invoice*, *parcel*" in card
    assert "| Balanced accuracy |" in card
    assert "holds the most frequent words of the texts it learned from" in card
    assert "--data tickets" in training_command(trained.config)


def test_the_command_of_a_run_says_all_that_its_corpus_does_not(store, config):
    changed = config.with_settings(hidden_size=128, epochs=4)  # plain, but not what suits the corpus
    words = training_command(changed)
    assert "--hidden-size 128" in words
    assert "--epochs 4" in words


def test_what_it_will_cost_is_measured(config):
    cost = estimate(config.with_settings(class_weights="balanced"), load_corpus("tickets"))
    assert cost.optimizer_steps > 0
    assert cost.seconds > 0


def test_evaluate_and_show_have_scores_in_which_each_class_counts_alike(store, trained):
    found = json.loads(CliRunner().invoke(main, ["evaluate", trained.id, "--json"]).stdout)
    rates = [row[place] / sum(row) for place, row in enumerate(found["confusion"])]
    assert found["balanced_accuracy"] == pytest.approx(sum(rates) / 3)
    assert 0 <= found["macro_f1"] <= 1
    assert found["classes"] == list(CLASSES)
    shown = json.loads(CliRunner().invoke(main, ["runs", "show", trained.id, "--json"]).stdout)
    assert shown["test"]["balanced_accuracy"] == pytest.approx(found["balanced_accuracy"])
    said = CliRunner().invoke(main, ["runs", "show", trained.id]).stdout
    assert "classes: printer, invoice, parcel" in said


@pytest.mark.usefixtures("forked_workers")
def test_from_a_table_to_a_run_of_two_epochs_by_the_worker(store, tmp_path):
    path = tmp_path / "tickets.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["message", "team"])
        writer.writerows([text.text, CLASSES[text.label]] for text in texts_of([120, 120, 120]))
    list(add("desk", open_table(path), Recipe(source=str(path), text="message", label="team")))
    config = recommended_config("desk").with_settings(epochs=2, hidden_size=8, threads=1)
    run = store.create(config)
    assert start_worker(store, run).wait(60) == 0
    run = store.runs.get(run.id)
    assert run.state == FINISHED, run.message
    assert run.config.classes == tuple(sorted(CLASSES))
    assert run.scores["reviews"] == 72
    assert run.scores["accuracy"] > 0.5
    assert json.loads((store.folder(run.id) / "config.json").read_text())["classes"] == sorted(CLASSES)
