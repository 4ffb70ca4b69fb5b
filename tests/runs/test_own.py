"""Runs on what is the user's own: a cell, of which a run keeps the source and errors name a line; a corpus.

A run on a corpus carries the names of its classes, and is kept when its corpus is gone.
"""

import dataclasses
import io
import json
import shutil
import sys
import time

import pytest
import torch
from safetensors.torch import load, save

from rnn_core.cell_files.versions import allow_to_run, is_allowed, keep, kept
from rnn_core.config.run import RunConfig
from rnn_core.data.own.catalogue import own_folder
from rnn_core.data.sources import recommended_config
from rnn_core.errors import CellError, ConfigError, DataError, OwnCellError, RunError
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.own_cells.submission import Submission
from rnn_core.runs import own_code as module
from rnn_core.runs import queue
from rnn_core.runs.own_code import MOST_PRINTED, own_code
from rnn_core.runs.publish import publish, training_command
from rnn_core.runs.run import DIVERGED, FAILED, FINISHED
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import export_run, import_run, words_inside
from rnn_core.symbols import CELLS
from rnn_core.tasks.class_scores import balanced_accuracy, macro_f1
from tests.cell_files.sources import GATED, PLAIN, of, write
from tests.cli.calls import done
from tests.cli.calls import said as as_json
from tests.own import make_own
from tests.own_cells.files import LEAKY, leaky_that
from tests.runs import workers
from tests.runs.workers import SMALL, artifacts_in, current, packed, trained, unpacked


@pytest.fixture(autouse=True)
def no_file_of_another_test_is_known(monkeypatch):
    monkeypatch.setattr("rnn_core.cell_files.folder._seen", {})


def config_of(cell, **settings):
    return RunConfig(data="verdict").with_settings(**{**SMALL, "cell": cell, **settings})


@pytest.fixture
def config():
    write("leaky", LEAKY)
    return config_of("leaky")


@pytest.mark.parametrize("source", [PLAIN, GATED], ids=["plain", "gated"])
def test_it_trains_to_its_end_and_keeps_its_source(store, source):
    file = write("mine", source)
    run = trained(store, config_of("mine", hidden_size=3))
    assert run.state == FINISHED, run.message
    assert run.config.model.cell == file.version
    assert (store.folder(run.id) / "cell.py").read_bytes() == file.content
    assert Model.load(store.folder(run.id)).config == run.config
    assert run.scores["accuracy"] >= 0


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("raise ValueError('no')", "ValueError: no"),
        ("import sys; sys.exit(3)", "It ends the process"),
        ("x = x @ x", "cannot be multiplied"),
        ("input()", "It reads standard input"),
    ],
)
def test_what_its_code_raises_is_said_with_the_line(store, statement, said, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())  # as a worker has it
    write("leaky", leaky_that(statement).source)
    run = trained(store, config_of("leaky"))
    assert (run.state, run.message.partition(": ")[0]) == (FAILED, "leaky.py, line 15")
    assert said in run.message
    assert run.message.endswith(f"`{statement}`.")


def test_numbers_that_are_no_longer_finite_diverge(store):
    write("leaky", LEAKY.replace("return (h + n) / 2", "return (h + n) / 0 * 0"))
    assert trained(store, config_of("leaky")).state == DIVERGED


def test_it_stands_in_any_network_and_learns_a_language(store, config):
    network = {"layers": 2, "bidirectional": True, "layer_dropout": 0.2, "readout": "attention"}
    training = {"weight_averaging": 0.9, "adversarial": 0.5, "class_weights": "balanced", "optimizer": "sgd"}
    sizes = {"reviews": 100, "epochs": 1, "hidden_size": 5, "embedding_size": 3, "threads": 1}
    language = recommended_config("language-anbn-n3").with_settings(cell="leaky", **sizes)
    for one in (config.with_settings(**network, **training, skip_padding=False), language):
        run = trained(store, one)
        assert run.state == FINISHED, run.message


def test_an_imported_cell_runs_once_it_is_allowed(store, config, tmp_path, monkeypatch):
    """On another machine, which never saw its file; before, its run is shown and handed on."""
    run = trained(store, config)
    with pytest.raises(RunError, match=rf"Run {run.id} can't become a pretrained model\. leaky\.py is code"):
        publish(store, run.id, "mine", "nothing")
    content = io.BytesIO(export_run(store, run.id))
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(tmp_path / "elsewhere"))
    monkeypatch.setattr("rnn_core.cell_files.folder._seen", {})
    store, asking = Store(), "rnn_core.own_cells.process.OwnProcess.asking"
    with monkeypatch.context() as patch:
        patch.setattr(asking, lambda *_, **__: pytest.fail("its code was to run"))
        run = import_run(store, content)
        assert current(store, run).config == config
        assert store.records.all(run.id)
        file = kept(config.model.cell)
        assert (file.source, is_allowed(file.digest)) == (LEAKY, False)
        with pytest.raises(CellError, match=f"gatescope cells allow {config.model.cell}"):
            Model.load(store.folder(run.id))
        with pytest.raises(ConfigError, match="gatescope cells allow"):
            store.create(config)
        files = unpacked(export_run(store, run.id))
        assert files["cell.py"] == LEAKY.encode()
        weights = load(files["weights.safetensors"]) | {"head.weight": torch.zeros(3, 3)}
        with pytest.raises(RunError, match=r"head\.weight must be"):  # they are checked beside the cell
            import_run(store, packed({**files, "weights.safetensors": save(weights)}))
    allow_to_run(file.digest)
    assert Model.load(store.folder(run.id)).config == config
    assert trained(store, config).state == FINISHED


def test_a_cell_in_a_zip_must_be_the_one_that_is_named(store, config):
    files = unpacked(export_run(store, trained(store, config).id))
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
        "can't be kept": files | naming(f"../{config.model.cell}"),
        "without its version": alone | naming("leaky"),
    }.items():
        with pytest.raises(RunError, match=said):
            import_run(store, packed(spoilt))
        assert [run.id for run in store.runs.all()] == before


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="its crashes have no signals")
@pytest.mark.usefixtures("forked_workers")
def test_a_crash_of_its_code_is_said_with_the_line(store):
    write("leaky", leaky_that("import os; os.abort()").source)
    run = store.create(config_of("leaky"))
    queue.start_next(store)
    workers.wait_until(lambda: current(store, run).state == FAILED)
    said = "The process that ran the code crashed (Aborted): `import os; os.abort()`."
    assert current(store, run).message == f"leaky.py, line 15: {said}"


@pytest.mark.slow
def test_a_loop_that_never_ends_is_ended_with_its_line(store, tmp_path):
    from tests.runs.forked import Forked  # it imports all that a worker imports

    write("leaky", leaky_that("while True: pass").source)
    run = store.create(config_of("leaky"))
    assert Forked(workers.hurried_worker, run.id, log=tmp_path / "log").wait(60) == 1
    said = "The code computed for 0.3 s and did not come to an end (an endless loop?): `while True: pass`."
    said, run = f"leaky.py, line 15: {said}", current(store, run)
    assert (run.state, run.message, (tmp_path / "log").read_text().strip()) == (FAILED, said, said)


FUNCTIONS = f"""{LEAKY}

def raises():
    raise ValueError("no")


def returns(): ...


def prints():
    for _ in range(100):
        print("x" * 10_000)
"""


@pytest.fixture
def cell():
    return CELLS[write("leaky", FUNCTIONS).version]


def loaded(cell):
    return Submission(cell.file.source, str(cell.file.path), cell.file.digest).module


def never(sentence):
    raise AssertionError(sentence)


def test_errors_are_its_own_where_its_code_raises(cell):
    line = FUNCTIONS.splitlines().index('    raise ValueError("no")') + 1
    with pytest.raises(OwnCellError) as raised, own_code(cell, never):
        loaded(cell).raises()
    assert str(raised.value) == f'leaky.py, line {line}: ValueError: no: `raise ValueError("no")`.'
    for error in (ZeroDivisionError, DataError, KeyboardInterrupt):  # what others raise stays as it is
        with pytest.raises(error), own_code(cell, never):
            raise error("No texts.")
    changed = (h := torch.ones(2, requires_grad=True).sigmoid()).sum() + h.mul_(2).sum()
    with pytest.raises(OwnCellError, match=r"^leaky\.py: .* is changed in place"), own_code(cell, never):
        changed.backward()


def test_many_short_calls_are_not_given_up(cell, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_CALL", 0.05)
    monkeypatch.setattr(module, "_LOOK_EVERY", 0.01)
    until = time.monotonic() + 0.3
    with own_code(cell, never):
        functions = loaded(cell)
        while time.monotonic() < until:
            functions.returns()


def test_the_log_has_the_beginning_of_what_it_prints(cell, capsys):
    with own_code(cell, never):
        loaded(cell).prints()
    print("and on")
    said = capsys.readouterr().out
    assert said.count("x") == MOST_PRINTED - 9
    assert said.endswith("is left out.\nand on\n")


def test_its_code_runs_only_where_it_is_allowed(monkeypatch):
    foreign = CELLS[keep(of(FUNCTIONS), allow=False)]
    with pytest.raises(CellError, match="gatescope cells allow leaky@"), own_code(foreign, never):
        raise AssertionError("it may not run")
    before = sys.stdout
    with own_code(CELLS["gru"], never):  # for which nothing changes
        assert sys.stdout is before


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
    files = unpacked(export_run(store, tickets.id))
    config = json.loads(files["config.json"]) | {"classes": classes}
    with pytest.raises(RunError):
        import_run(store, packed(files | {"config.json": json.dumps(config).encode()}))
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
