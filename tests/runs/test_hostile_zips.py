"""A run travels as one zip file, and comes back whole.

Some files are as a thief would make them: small, and of gigabytes, or with values that break a page later.
"""

import io
import json
import struct
import zipfile
from importlib import import_module

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load, save

from rnn_core.cli import main
from rnn_core.errors import RunError
from rnn_core.models import folder as model_folder
from rnn_core.runs import transfer
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import export_run, import_run
from tests.zips import unzipped, zipped


@pytest.fixture(scope="module")
def exported(with_a_run):
    """A run's zip file, name -> bytes."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATESCOPE_ARTIFACTS", str(with_a_run))
        return unzipped(export_run(Store(), Store().runs.all()[0].id))


@pytest.fixture
def files(exported):
    """Files of a zip, to be changed."""
    return dict(exported)


def test_a_run_comes_back_whole_under_an_id_of_its_own(store, finished):
    store.runs.describe(finished.id, name="the first", note="It is\nsmall.", starred=True)
    old = store.runs.get(finished.id)
    run = import_run(store, io.BytesIO(export_run(store, old.id)))
    assert run.id != old.id
    kept = "name note state message config scores validation_accuracy total_steps optimizer_step"
    for field in kept.split():
        assert getattr(run, field) == getattr(old, field), field
    assert store.records.all(run.id) == store.records.all(old.id)
    for file in ("vocabulary.txt", "weights.safetensors"):
        assert (store.folder(run.id) / file).read_bytes() == (store.folder(old.id) / file).read_bytes()
    assert not store.runs.active()
    store.delete(run.id)


def test_a_run_that_is_not_whole_is_not_exported(store, finished):
    """Its deletion was killed."""
    (store.folder(finished.id) / "vocabulary.txt").unlink()
    with pytest.raises(RunError, match=r"no vocabulary\.txt any more"):
        export_run(store, finished.id)


def test_a_run_is_imported_from_a_pipe(store, files, monkeypatch):
    """A pipe can't be read backwards."""

    class Pipe(io.BytesIO):
        def seek(self, *_):
            raise io.UnsupportedOperation("seek")

    pipe = Pipe(zipped(files))
    monkeypatch.setattr(import_module("rnn_core.cli.runs"), "standard_input", lambda: pipe)
    taken = CliRunner().invoke(main, ["runs", "import", "-", "--json"])
    assert json.loads(taken.output)["state"] == "finished"


def refused(store, content, said):
    """A zip file of these files, or with this content, is refused so and leaves nothing."""
    file = io.BytesIO(zipped(content) if isinstance(content, dict) else content)
    with pytest.raises(RunError, match=said):
        import_run(store, file)
    assert store.runs.all() == []
    assert not [path for path in store.root.glob("*") if path.is_dir()]


def test_a_wrong_byte_is_refused_in_words(store, files):
    content, spoilt = zipped(files), 0
    places = range(0, len(content), max(len(content) // 200, 1))
    for place in places:
        flipped = bytearray(content)
        flipped[place] ^= 0xFF
        try:
            store.delete(import_run(store, io.BytesIO(flipped)).id)  # some bytes nobody reads
        except RunError:
            spoilt += 1
    assert spoilt > len(places) / 2
    assert store.runs.all() == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no more", b"x" * 1_000])
def test_what_is_no_zip_file_is_refused_in_words(store, content):
    refused(store, content, "no zip file of a run")


def test_files_that_go_elsewhere_are_not_unpacked(store, files, tmp_path):
    evil = {"../../evil.txt": b"x", "/evil.txt": b"x", "run/evil.py": b"x"}
    run = import_run(store, io.BytesIO(zipped(files | evil)))
    assert not [path for path in tmp_path.rglob("evil*") if path.is_file()]
    assert not list(store.folder(run.id).rglob("evil*"))


LOOK = {"distance": [0, 1], "gradients": {"h": [0.5, 0.25]}, "norms": {"h": [1.0, 1.0]}}
LOOK |= {"gates": {"r": [0.0, 0.0], "z": [0.0, 0.0]}, "weights": {"cell.U": 1.0}}
UNREAD, DEEP = "This file holds no run that can be read", "nested|must be"
MANY, OTHER = LOOK | {"norms": {"h": [1.0] * 3}}, LOOK | {"gates": {"i": [0.0, 0.0]}}
CONFIG, HISTORY, SCORES, ABOUT = "config.json", "history.json", "scores.json", "run.json"
WEIGHTS, NESTED = "weights.safetensors", (b'{"x":' + b"[" * 9_999, b'{"model":' * 10_000)
UNLIKE = {"mistakes": [{"index": -1, "probability": 0.5, "positive": True}]}
ALIKE = {"data": "own", "classes": ["caf\u00e9", "cafe\u0301"]}


def changed(files, name, content):
    """The files, one of them with this content, with other values in its JSON (in the second record of a
    history), or without it.
    """
    if isinstance(content, dict):
        value = json.loads(files[name])
        (value[1] if name == HISTORY else value).update(content)
        content = json.dumps(value).encode()
    return {name: of for name, of in (files | {name: content}).items() if of is not None}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (WEIGHTS, None, UNREAD),
        (WEIGHTS, b"\x80\x04K\x01.", UNREAD),  # a pickle
        (WEIGHTS, bytes(3_000_000), "weights.safetensors is longer than the"),
        (CONFIG, b'{"model": {"cell": "quantum"}}', UNREAD),
        (ABOUT, None, UNREAD),
        (HISTORY, b"[" + b"0," * 9_000_000 + b"0]", "at most 8,000,000 values, got 9,000,000"),
        *((name, b"[" * 10_000, DEEP) for name in (CONFIG, HISTORY, SCORES)),
        *((name, nested, DEEP) for name in (CONFIG, ABOUT) for nested in NESTED),
        (HISTORY, {"gradient_norm": "x"}, "record 2, gradient_norm: .* got 'x'"),
        (HISTORY, {"inside": "x"}, "record 2, inside: it must be an object or nothing, got 'x'"),
        (HISTORY, {"inside": {"a": 1}}, "record 2, inside: it must have"),
        (HISTORY, {"accuracy": float("inf")}, "record 2: it must have an accuracy"),
        (HISTORY, {"accuracy": 1.5}, r"record 2, accuracy: it must be a number <= 1.0, got 1\.5"),
        (HISTORY, {"kind": "guess"}, "record 2, kind: .*'guess'"),
        (HISTORY, {"optimizer_step": 10**30}, "record 2, optimizer_step: it must be a whole"),
        (HISTORY, {"loss": -1.0}, "record 2, loss: it must be a number >= 0.0, got -1.0"),
        (HISTORY, {"optimizer_step": 0}, "record 2: it must not come before the record in front"),
        (HISTORY, {"inside": MANY}, "record 2.*: the norms of h inside must be as many"),
        (HISTORY, {"inside": OTHER}, "the gates inside must be those of gru, z, r, got"),
        (HISTORY, {"inside": LOOK}, "all looks inside must be into the"),  # two networks
        (SCORES, {"confusion": None}, r"scores\.json: confusion: .* got null"),
        (SCORES, {"confusion": [[1, 2], [3, 4]]}, "confusion matrix must count all 120 texts"),
        (SCORES, {"confusion": [[1, 2], [3, 4], [5, 6]]}, "confusion matrix must have 2 rows of 2"),
        (SCORES, {"accuracy": 0.123}, "the accuracy must be that of the confusion matrix"),
        (SCORES, {"reviews": 0}, "reviews: it must be a whole number >= 1"),
        (SCORES, UNLIKE, "index: it must be .* >= 0, got"),
        (ABOUT, {"total_steps": 10**30}, r"run\.json: total_steps: it must be a whole number <="),
        (ABOUT, {"validation_accuracy": 2}, "accuracy: it must be a number from 0 to 1, got 2"),
        (ABOUT, {"validation_accuracy": "high"}, "validation_accuracy: it must be"),
        (ABOUT, {"state": "running"}, "state: it can't be 'running'"),
        (ABOUT, {"name": "x" * 500}, "name: it must be text of length <= 80"),
        (CONFIG, ALIKE, "two of its classes look like"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_would_break_a_page_is_refused(store, files, name, content, said):
    refused(store, changed(files, name, content), said)


def test_a_long_vocabulary_is_refused_before_a_network(store, files, monkeypatch):
    monkeypatch.setattr(model_folder, "read_classifier", None)
    words = "".join(f"w{number}\n" for number in range(199_997))
    files["vocabulary.txt"] = b"<pad>\n<start>\n<unk>\n" + words.encode()
    refused(store, files, r"vocabulary\.txt: it must have at most the 50 words that .*, got 200,000")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_not_finite_or_cut_short_are_refused(store, files, value):
    refused(store, files | {WEIGHTS: files[WEIGHTS][:-40]}, "cut short")
    values = load(files[WEIGHTS])
    values["cell.U"] = torch.full_like(values["cell.U"], value)
    refused(store, files | {WEIGHTS: save(values)}, "must be finite numbers")


@pytest.mark.parametrize("name", [CONFIG, "vocabulary.txt", HISTORY, SCORES, ABOUT])
def test_every_file_has_a_bound_that_is_counted(store, files, monkeypatch, name):
    monkeypatch.setitem(transfer._SMALL_FILES, name, 10)
    refused(store, files, f"{name} is longer than the 10 bytes that it can have")


def test_what_unpacks_to_very_much_is_refused(store, files, monkeypatch):
    monkeypatch.setattr(transfer, "_UNPACKED_ANYWAY", 1_000)
    long = files[HISTORY][:-1] + b" " * 1_000_000 + b"]"
    refused(store, files | {HISTORY: long}, "unpacks to over 50 times its length")
    import_run(store, io.BytesIO(zipped(files)))


def test_a_size_that_the_zip_file_says_is_not_believed(store, files):
    content = zipped(files | {SCORES: b" " * 1_000_100})
    lied = content.replace(struct.pack("<L", 1_000_100), struct.pack("<L", 100))
    refused(store, lied, r"no zip file of a run, or it is damaged|longer than")


def test_a_list_of_a_hundred_thousand_files_is_refused(store, files):
    content = zipped(files)
    end = content.rfind(b"PK\x05\x06")
    *_, offset, _ = struct.unpack("<4s4H2LH", content[end : end + 22])
    head = [b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    listed = content[offset:end] + (struct.pack("<4s6H3L5H2L", *head) + b"x") * 100_000
    last = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_535, 65_535, len(listed), offset, 0)
    refused(store, content[:offset] + listed + last, "lists more files than any run has")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_can_only_be_unpacked_whole_is_refused(store, files, method):
    refused(store, zipped(files, method), r"config\.json must be deflated or stored")


def test_older_numbers_that_are_not_finite_are_unknown(store, files):
    """They are unknown, as in a run of the version that wrote them."""
    files = changed(files, ABOUT, {"validation_accuracy": float("inf")})
    records = json.loads(files[HISTORY])
    evaluation = next(record for record in records if record["inside"])
    evaluation["inside"]["gradients"]["h"][0] = float("inf")
    evaluation["inside"]["weights"]["cell.U"] = float("nan")
    run = import_run(store, io.BytesIO(zipped(files | {HISTORY: json.dumps(records).encode()})))
    read = next(record for record in store.records.all(run.id) if record.inside).inside
    assert run.validation_accuracy is read["gradients"]["h"][0] is read["weights"]["cell.U"] is None
