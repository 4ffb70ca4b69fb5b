"""Runs on what is the user's own: a cell of a file, of which a run keeps equations and source; a corpus.

A run of before has a version of a file as its cell. A run on a corpus carries the names of its classes, and
is kept when its corpus is gone.
"""

import dataclasses
import io
import itertools
import json
import shutil
import threading

import pytest
import torch
from safetensors.torch import load, save

from rnn_core.cell_files.versions import keep, kept
from rnn_core.config.run import RunConfig
from rnn_core.data.own.catalogue import own_folder
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.errors import CellError, ModelFolderError, RunError
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.paths import own_cells_folder
from rnn_core.runs import queue
from rnn_core.runs.publish import publish, training_command
from rnn_core.runs.run import FINISHED
from rnn_core.runs.session import BEGINS_AGAIN, Session
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import export_run, import_run, words_inside
from rnn_core.tasks.class_scores import balanced_accuracy, macro_f1
from rnn_core.training.checkpoint import TrainingState, save_checkpoint
from rnn_core.training.trainer import Trainer
from tests.cell_files.sources import PLAIN, PLAIN_TEXT, checked, write
from tests.cli.calls import call, done, error_of
from tests.cli.calls import said as as_json
from tests.own import make_own
from tests.runs.workers import SMALL, artifacts_in, at_work, current, trained
from tests.zips import unzipped, zipped


@pytest.fixture(autouse=True)
def no_file_of_another_test_is_known(monkeypatch):
    monkeypatch.setattr("rnn_core.cell_files.folder._seen", {})


def config_of(cell, **settings):
    return RunConfig(data="verdict").with_settings(**{**SMALL, "cell": cell, **settings})


@pytest.fixture
def config():
    checked("leaky")
    return config_of("leaky")


def test_it_trains_as_what_was_typed_and_keeps_its_source(store, config):
    """Whatever becomes of its file."""
    (own_cells_folder() / "leaky.py").unlink()
    run, typed = trained(store, config), trained(store, config_of(f"# name: mine\n{PLAIN_TEXT}"))
    assert run.state == typed.state == FINISHED, run.message
    assert run.config == config
    assert run.scores == typed.scores
    assert (store.folder(run.id) / "cell.py").read_text() == PLAIN
    assert not (store.folder(typed.id) / "cell.py").exists()
    Model.load(store.folder(run.id)).save(copy := store.root / "copy")
    assert (copy / "cell.py").read_text() == PLAIN


def test_its_zip_brings_equations_and_source(store, config, tmp_path, monkeypatch):
    """The other machine never saw its file."""
    run = trained(store, config)
    before, content = Model.load(store.folder(run.id)).probabilities(["a film"]), export_run(store, run.id)
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(tmp_path / "elsewhere"))
    store = Store()
    found = import_run(store, io.BytesIO(content))
    assert found.config == config
    assert Model.load(store.folder(found.id)).probabilities(["a film"]).tolist() == before.tolist()
    assert (store.folder(found.id) / "cell.py").read_text() == PLAIN
    files = unzipped(export_run(store, found.id))
    assert files["cell.py"] == PLAIN.encode()
    with pytest.raises(RunError, match="is no text in UTF-8"):
        import_run(store, io.BytesIO(zipped(files | {"cell.py": b"\0"})))


def as_before(run, store, file):
    """Makes a run one of before: its setting names a version of this file, its weights are those of code."""
    folder = store.folder(run.id)
    config = json.loads((folder / "config.json").read_text())
    config["model"]["cell"] = file.version
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "cell.py").write_bytes(file.content)
    with store.database.writing() as connection:
        connection.execute("UPDATE runs SET config = ? WHERE id = ?", (json.dumps(config), run.id))
    if (folder / "weights.safetensors").exists():
        weights = load((folder / "weights.safetensors").read_bytes())
        (folder / "weights.safetensors").write_bytes(save(of_code(weights)))
    keep(file)
    return store.runs.get(run.id)


def of_code(weights):
    """The weights of a network as those of PLAIN, and one that its time step never uses."""
    found = {}
    for name, values in weights.items():
        cell, _, parameter = name.rpartition(".")
        if "cell" not in cell and "upper" not in cell:
            found[name] = values
            continue
        called = {"W": "W.weight", "U": "U.weight", "b": "W.bias"}[parameter]
        found[f"{cell}.own.{called}"] = values.t().contiguous() if values.dim() == 2 else values
        found[f"{cell}.own.unused"] = values.double()
    return found


@pytest.fixture
def of_before(store, config, read_as_equations):
    """A run of before of two layers and both directions, what its network said of a text, and its file."""
    run = trained(store, config.with_settings(layers=2, bidirectional=True))
    said = Model.load(store.folder(run.id)).probabilities(["a good film"]).tolist()
    file = write("leaky", f"# as it was\n{PLAIN}")
    return as_before(run, store, file), said, file


def test_a_run_of_before_reads_as_it_did(store, of_before, read_as_equations):
    """A code is read as equations once; weights are where it had them, in all cells."""
    run, said, file = of_before
    assert run.config.model.cell == file.version
    assert read_as_equations == []
    for _ in range(2):
        model = Model.load(store.folder(run.id))
        assert model.probabilities(["a good film"]).tolist() == said
    assert read_as_equations == [file.version]
    assert trace(model, "a good film").arrays.keys() >= {"n", "h"}
    model.save(copy := store.root / "copy")
    assert Model.load(copy).probabilities(["a good film"]).tolist() == said
    assert (copy / "cell.py").read_bytes() == file.content
    assert store.records.all(run.id)  # with gates that its code showed, or none


def test_a_run_of_before_goes_to_no_other_machine(store, of_before):
    """But as a zip, with which it comes back."""
    run, said, _ = of_before
    with pytest.raises(RunError, match=rf"Run {run.id} can't become a pretrained model\. leaky@"):
        publish(store, run.id, "mine", "nothing")
    back = import_run(store, io.BytesIO(export_run(store, run.id)))
    assert Model.load(store.folder(back.id)).probabilities(["a good film"]).tolist() == said


@pytest.mark.parametrize("why", ["imported", "no equations"])
def test_what_has_no_equations_is_shown_alone(
    store, of_before, read_as_equations, tmp_path, monkeypatch, why
):
    """Its code does not run on another machine, which never saw its file; nor where it can't be traced."""
    run, _, file = of_before
    content = export_run(store, run.id)
    if why == "imported":
        monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(tmp_path / "elsewhere"))
        monkeypatch.setattr("rnn_core.cell_files.folder._seen", {})
        store = Store()
    read_as_equations.refusal = CellError("leaky.py, line 3: it sorts.")
    run = import_run(store, io.BytesIO(content))
    assert store.records.all(run.id)
    assert kept(run.config.model.cell).content == file.content
    said = "came with an imported run" if why == "imported" else "it sorts"
    with pytest.raises(CellError, match=said):
        Model.load(store.folder(run.id))
    assert run.config.model.declared.states == ("h",)
    assert f"runs export {run.id} --out FILE.zip" in error_of(
        call("export", run.id, "--out", tmp_path / "a.zip"), 1
    )
    files = unzipped(export_run(store, run.id))
    assert files["cell.py"] == file.content
    weights = load(files["weights.safetensors"]) | {"head.weight": torch.zeros(3, 3)}
    with pytest.raises(RunError, match=r"head\.weight must be"):  # they are checked beside the cell
        import_run(store, io.BytesIO(zipped({**files, "weights.safetensors": save(weights)})))


SPOILT = {
    "a parameter is missing": lambda weights: weights.pop("cell.own.U.weight"),
    "a parameter is too small": lambda weights: weights.update({"cell.own.W.bias": torch.zeros(1)}),
    "not a finite number": lambda weights: weights["cell.own.W.bias"].fill_(torch.nan),
    "a readout is missing": lambda weights: weights.pop("head.weight"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_weights_of_code_that_can_not_be_are_refused(store, of_before, spoil):
    path = store.folder(of_before[0].id) / "weights.safetensors"
    weights = load(path.read_bytes())
    spoil(weights)
    path.write_bytes(save(weights))
    with pytest.raises(ModelFolderError, match="can't be read"):
        Model.load(path.parent)


def test_a_run_of_before_begins_again_with_its_weights(store, config, read_as_equations):
    """It has no state of the optimizer, says so, and ends."""
    trainer = Trainer(config, corpus := load_corpus("verdict"))
    records = [*itertools.islice(trainer, 3)]
    tensors, values = trainer.state()
    weights = {name: one for name, one in tensors.items() if name.startswith("classifier.")}
    run = store.create(config, foreground=True)
    state = TrainingState(of_code(weights), values | {"records": 3, "obeyed": []})
    save_checkpoint(store.folder(run.id), state)
    store.records.append(run.id, records)
    run = as_before(run, store, write("leaky", f"# as it was\n{PLAIN}"))
    with at_work(store, run):
        again = Session(store, run.id, Trainer(run.config, corpus), threading.Event())
        assert store.records.all(run.id) == []
        (first, *_) = again.records()
        assert current(store, run).message == BEGINS_AGAIN
    assert first.optimizer_step == 1
    assert first.loss < records[0].loss


def test_a_cell_in_a_zip_must_be_the_one_that_is_named(store, of_before):
    files = unzipped(export_run(store, of_before[0].id))
    before = [run.id for run in store.runs.all()]

    def naming(cell):
        values = json.loads(files["config.json"])
        values["model"]["cell"] = cell
        return {"config.json": json.dumps(values).encode()}

    alone = {name: content for name, content in files.items() if name != "cell.py"}
    for said, spoilt in {
        "is not the cell": files | {"cell.py": PLAIN.encode()},
        "is no text in UTF-8": files | {"cell.py": b"\0"},
        "There is no cell": alone | naming("leaky@000000000000"),
        "can't be kept": files | naming(f"../{of_before[0].config.model.cell}"),
    }.items():
        with pytest.raises(RunError, match=said):
            import_run(store, io.BytesIO(zipped(spoilt)))
        assert [run.id for run in store.runs.all()] == before


CLASSES = ("printer", "invoice", "parcel")


@pytest.fixture(scope="module")
def with_tickets(own_verdict_cache, tmp_path_factory):
    """The artifacts of a machine with the corpus and a run on it."""
    with artifacts_in(tmp_path_factory.mktemp("with-tickets"), own_verdict_cache) as folder:
        make_own("tickets", CLASSES, [40, 40, 40])
        plain = {**SMALL, "label_odds": False, "counted_bigrams": 0}
        assert trained(Store(), recommended_config("tickets").with_settings(**plain)).state == FINISHED
    return folder


@pytest.fixture
def tickets(with_tickets, store, tmp_path):
    shutil.copytree(with_tickets, tmp_path / "artifacts")
    [run] = store.runs.all()
    return run


def test_a_run_comes_back_with_its_classes(store, tickets):
    run = import_run(store, io.BytesIO(export_run(store, tickets.id)))
    assert (run.config, run.scores) == (tickets.config, tickets.scores)
    assert run.config.classes == Model.load(store.folder(run.id)).config.classes == CLASSES


@pytest.mark.parametrize("classes", [CLASSES[:2], [*CLASSES, "other"], ["printer"] * 3, "abc", [1, 2, 3]])
def test_other_classes_than_its_weights_are_refused(store, tickets, classes):
    files = unzipped(export_run(store, tickets.id))
    config = json.loads(files["config.json"]) | {"classes": classes}
    with pytest.raises(RunError):
        import_run(store, io.BytesIO(zipped(files | {"config.json": json.dumps(config).encode()})))
    assert store.runs.all() == [tickets]


def test_without_its_corpus_a_run_only_reads(store, tickets):
    why_gone = tickets.config.corpus.why_gone
    assert why_gone(tickets.config.identity) == ""
    of_another = dataclasses.replace(tickets.config, corpus_mark="0f")
    assert "it was made of another table, or in another way" in why_gone(of_another.identity)
    shutil.rmtree(own_folder("tickets"))
    waiting = store.create(tickets.config)
    assert store.turns.claim(waiting.id)  # as a worker that was killed right after
    with pytest.raises(RunError, match=r"no corpus .tickets. on this machine\. Add it again on Data"):
        queue.resume(store, waiting.id)
    assert trace(Model.load(store.folder(tickets.id)), "the printer is red").label in CLASSES
    make_own("tickets", ("yes", "no"), [20, 20])
    assert "it has the classes yes, no, not printer, invoice, parcel" in why_gone(tickets.config.identity)


def test_its_file_card_and_command_say_what_they_carry(store, tickets, tmp_path):
    words = (store.folder(tickets.id) / "vocabulary.txt").read_text().count("\n") - 3
    sentence = f"The file holds the vocabulary: the {words:,} most frequent words of the texts."
    assert words_inside(store.folder(tickets.id), RunConfig()) == ""
    assert sentence in done("runs", "export", tickets.id, "--out", tmp_path / "run.zip").stderr
    card = (publish(store, tickets.id, "tickets-gru", "Nobody asked.") / "README.md").read_text()
    assert "says of which of\n3 classes it is: *printer*, *invoice*, *parcel*" in card
    assert "| Balanced accuracy |" in card
    assert "holds the most frequent words of the texts it learned from" in card
    command = training_command(tickets.config.with_settings(hidden_size=128, epochs=4))  # not what suits it
    asked = ("--data tickets", "--hidden-size 128", "--epochs 4")
    assert [words for words in asked if words not in command] == []


def test_evaluate_and_show_have_scores_of_each_class(store, tickets):
    found, confusion = as_json("evaluate", tickets.id), tickets.scores["confusion"]
    scores = {"balanced_accuracy": balanced_accuracy(confusion), "macro_f1": macro_f1(confusion)}
    assert {name: found[name] for name in scores} == pytest.approx(scores)
    assert (found["classes"], found["confusion"]) == (list(CLASSES), confusion)
    assert as_json("runs", "show", tickets.id)["test"].items() >= scores.items()
    assert "classes: printer, invoice, parcel" in done("runs", "show", tickets.id).stdout
