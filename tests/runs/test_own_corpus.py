"""A run on a corpus of the user's own: trained, exported with its classes, kept when its corpus is gone."""

import dataclasses
import io
import json
import shutil

import pytest
from click.testing import CliRunner

from rnn_core.cli import main
from rnn_core.config.run import RunConfig
from rnn_core.data.own.catalogue import own_folder
from rnn_core.data.sources import recommended_config
from rnn_core.errors import RunError
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.runs import queue
from rnn_core.runs.publish import publish, training_command
from rnn_core.runs.run import FINISHED
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import export_run, import_run, words_inside
from tests.own import make_own
from tests.runs import workers
from tests.runs.workers import SMALL, packed, unpacked

pytestmark = pytest.mark.slow  # it trains

CLASSES = ("printer", "invoice", "parcel")


@pytest.fixture(scope="module")
def with_tickets(cache, tmp_path_factory):
    """The artifacts of a machine with the corpus and a run on it."""
    folder = tmp_path_factory.mktemp("with-tickets")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATESCOPE_ARTIFACTS", str(folder))
        environment.setenv("GATESCOPE_CACHE", str(cache))
        make_own("tickets", CLASSES, [40, 40, 40])
        plain = {**SMALL, "label_odds": False, "counted_bigrams": 0}
        run = workers.trained(Store(), recommended_config("tickets").with_settings(**plain))
        assert run.state == FINISHED, run.message
        assert own_folder("tickets").is_relative_to(folder)
    return folder


@pytest.fixture
def trained(with_tickets, store, tmp_path):
    shutil.copytree(with_tickets, tmp_path / "artifacts")
    [run] = store.runs.all()
    return run


def test_a_run_comes_back_with_the_names_of_its_classes(store, trained):
    run = import_run(store, io.BytesIO(export_run(store, trained.id)))
    assert (run.config, run.scores) == (trained.config, trained.scores)
    assert run.config.classes == Model.load(store.folder(run.id)).config.classes == CLASSES


@pytest.mark.parametrize(
    "classes", [CLASSES[:2], [*CLASSES, "other"], ["printer", "printer", "parcel"], ["a"], "abc", [1, 2, 3]]
)
def test_other_classes_than_those_of_its_weights_are_refused(store, trained, classes):
    files = unpacked(export_run(store, trained.id))
    config = json.loads(files["config.json"]) | {"classes": classes}
    with pytest.raises(RunError):
        import_run(store, packed(files | {"config.json": json.dumps(config).encode()}))
    assert store.runs.all() == [trained]


def test_without_its_corpus_a_run_is_not_resumed_and_still_reads(store, trained):
    why_gone = trained.config.corpus.why_gone
    assert why_gone(trained.config.identity) == ""
    of_another = dataclasses.replace(trained.config, corpus_mark="0f")
    assert "it was made of another table, or in another way" in why_gone(of_another.identity)
    shutil.rmtree(own_folder("tickets"))
    waiting = store.create(trained.config)
    assert store.turns.claim(waiting.id)  # as a worker that was killed right after
    with pytest.raises(RunError, match=r"no corpus .tickets. on this machine\. Add it again on Data"):
        queue.resume(store, waiting.id)
    assert trace(Model.load(store.folder(trained.id)), "the printer is red").label in CLASSES
    make_own("tickets", ("yes", "no"), [20, 20])
    assert "it has the classes yes, no, not printer, invoice, parcel" in why_gone(trained.config.identity)


def test_its_file_and_its_card_say_that_they_carry_words(store, trained, tmp_path):
    words = (store.folder(trained.id) / "vocabulary.txt").read_text().count("\n") - 3
    said = f"The file holds the vocabulary: the {words:,} most frequent words of the texts."
    assert words_inside(store.folder(trained.id), trained.config) == said
    assert words_inside(store.folder(trained.id), RunConfig()) == ""
    out = tmp_path / "run.zip"
    assert said in CliRunner().invoke(main, ["runs", "export", trained.id, "--out", str(out)]).stderr
    assert out.exists()
    card = (publish(store, trained.id, "tickets-gru", "Nobody asked.") / "README.md").read_text()
    assert "says of which of\n3 classes it is: *printer*, *invoice*, *parcel*" in card
    assert "| Balanced accuracy |" in card
    assert "holds the most frequent words of the texts it learned from" in card


def test_its_command_says_all_that_its_corpus_does_not(trained):
    changed = trained.config.with_settings(hidden_size=128, epochs=4)  # plain, but not what suits the corpus
    words = training_command(changed)
    for said in ("--data tickets", "--hidden-size 128", "--epochs 4"):
        assert said in words


def test_evaluate_and_show_have_scores_of_each_class(store, trained):
    found = json.loads(CliRunner().invoke(main, ["evaluate", trained.id, "--json"]).stdout)
    rates = [row[place] / sum(row) for place, row in enumerate(found["confusion"])]
    assert found["balanced_accuracy"] == pytest.approx(sum(rates) / 3)
    assert 0 <= found["macro_f1"] <= 1
    assert found["classes"] == list(CLASSES)
    shown = json.loads(CliRunner().invoke(main, ["runs", "show", trained.id, "--json"]).stdout)
    assert shown["test"]["balanced_accuracy"] == pytest.approx(found["balanced_accuracy"])
    assert (
        "classes: printer, invoice, parcel" in CliRunner().invoke(main, ["runs", "show", trained.id]).stdout
    )
