"""Zip files as a thief would make them: small, and of gigabytes, or with values that break a page later."""

import io
import json
import struct
import zipfile

import pytest
import torch
from safetensors.torch import load, save

from rnn_core.config.run import RunConfig
from rnn_core.errors import RunError
from rnn_core.models import folder as model_folder
from rnn_core.runs import transfer
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import export_run, import_run
from tests.runs.workers import SMALL, packed, trained, unpacked

LOOK = {
    "distance": [0, 1],
    "gradients": {"h": [0.5, 0.25]},
    "norms": {"h": [1.0, 1.0]},
    "gates": {"r": [0.0, 0.0], "z": [0.0, 0.0]},
    "weights": {"cell.U": 1.0},
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory, cache):
    """A run's zip file, name -> bytes."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATESCOPE_ARTIFACTS", str(tmp_path_factory.mktemp("artifacts")))
        environment.setenv("GATESCOPE_CACHE", str(cache))
        store = Store()
        run = trained(store, RunConfig(data="verdict").with_settings(**SMALL))
        return unpacked(export_run(store, run.id))


@pytest.fixture
def files(exported):
    """The same, to be changed."""
    return dict(exported)


def refused(store, files, said):
    before = [run.id for run in store.runs.all()]
    with pytest.raises(RunError, match=said):
        import_run(store, packed(files))
    assert [run.id for run in store.runs.all()] == before
    assert sorted(path.name for path in store.root.iterdir() if path.is_dir()) == before


SPOILT = {
    "no weights": lambda files: files.pop("weights.safetensors"),
    "weights that are a pickle": lambda files: files.update({"weights.safetensors": b"\x80\x04K\x01."}),
    "settings that can't be": lambda files: files.update({"config.json": b'{"model": {"cell": "quantum"}}'}),
    "nothing said of itself": lambda files: files.pop("run.json"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_is_spoilt_is_refused_in_words_and_leaves_nothing(store, files, spoil):
    spoil(files)
    refused(store, files, "This file holds no run that can be read")


def test_a_zip_file_with_a_wrong_byte_is_refused_in_words(store, files):
    content, spoilt = packed(files).getvalue(), 0
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


def test_what_is_no_zip_file_is_refused_in_words(store):
    for content in (b"", b"PK\x03\x04 no more", b"x" * 1_000):
        with pytest.raises(RunError, match="no zip file of a run"):
            import_run(store, io.BytesIO(content))


def test_files_that_would_go_elsewhere_are_not_unpacked(store, files, tmp_path):
    evil = {"../../evil.txt": b"x", "/evil.txt": b"x", "run/evil.py": b"x"}
    run = import_run(store, packed(files | evil))
    assert not list(tmp_path.rglob("*evil*"))
    assert not list(store.folder(run.id).rglob("*evil*"))


HISTORIES = {
    "a gradient norm that is text": ({"gradient_norm": "x"}, "record 2, gradient_norm: .* got 'x'"),
    "a look that is text": ({"inside": "x"}, "record 2, inside: it must be an object or nothing, got 'x'"),
    "a look without its parts": ({"inside": {"a": 1}}, "record 2, inside: it must have"),
    "an accuracy that is infinite": ({"accuracy": float("inf")}, "record 2: it must have an accuracy"),
    "an accuracy above one": ({"accuracy": 1.5}, r"record 2, accuracy: it must be a number <= 1.0, got 1\.5"),
    "a kind of its own": ({"kind": "guess"}, "record 2, kind: .*'guess'"),
    "steps without end": ({"optimizer_step": 10**30}, "record 2, optimizer_step: it must be a whole"),
    "a loss below zero": ({"loss": -1.0}, "record 2, loss: it must be a number >= 0.0, got -1.0"),
    "steps that go back": ({"optimizer_step": 0}, "record 2: it must not come before the record in front"),
    "a look of many lists": (
        {"inside": {**LOOK, "norms": {"h": [1.0] * 3}}},
        "record 2.*: the norms of h inside must be as many",
    ),
    "a look into another cell": (
        {"inside": {**LOOK, "gates": {"i": [0.0, 0.0]}}},
        "the gates inside must be those of gru, z, r, got",
    ),
    "looks into two networks": ({"inside": LOOK}, "all looks inside must be into the"),
}
SCORES = {
    "none of the confusion": ({"confusion": None}, r"scores\.json: confusion: .* got null"),
    "another confusion": ({"confusion": [[1, 2], [3, 4]]}, "confusion matrix must count all 120 texts"),
    "three rows": ({"confusion": [[1, 2], [3, 4], [5, 6]]}, "confusion matrix must have 2 rows of 2"),
    "another accuracy": ({"accuracy": 0.123}, "the accuracy must be that of the confusion matrix"),
    "no reviews": ({"reviews": 0}, "reviews: it must be a whole number >= 1"),
    "a mistake beyond all reviews": (
        {"mistakes": [{"index": -1, "probability": 0.5, "positive": True}]},
        "index: it must be .* >= 0, got",
    ),
}
ABOUT = {
    "10^30 steps": ({"total_steps": 10**30}, r"run\.json: total_steps: it must be a whole number <="),
    "an accuracy above one": ({"validation_accuracy": 2}, "accuracy: it must be a number from 0 to 1, got 2"),
    "an accuracy that is text": ({"validation_accuracy": "high"}, "validation_accuracy: it must be"),
    "a state of its own": ({"state": "running"}, "state: it can't be 'running'"),
    "a name of many pages": ({"name": "x" * 500}, "name: it must be text of length <= 80"),
}
CONFIGS = {
    "two classes of one look": (
        {"data": "own", "classes": ["caf\u00e9", "cafe\u0301"]},
        "two of its classes look like",
    )
}
WRONG = {"history.json": HISTORIES, "scores.json": SCORES, "run.json": ABOUT, "config.json": CONFIGS}


def changed(files, name, values):
    """The files, with other values in the second record of the history, or in another file of JSON."""
    value = json.loads(files[name])
    (value[1] if name == "history.json" else value).update(values)
    return files | {name: json.dumps(value).encode()}


@pytest.mark.parametrize(
    ("name", "what"), [(name, what) for name, table in WRONG.items() for what in table], ids=str
)
def test_what_would_break_a_page_is_refused_with_its_file_and_field(store, files, name, what):
    values, said = WRONG[name][what]
    refused(store, changed(files, name, values), said)


def test_a_score_that_is_not_finite_is_unknown_as_in_a_run_of_the_version_that_wrote_it(store, files):
    infinite = changed(files, "run.json", {"validation_accuracy": float("inf")})
    assert import_run(store, packed(infinite)).validation_accuracy is None


@pytest.mark.parametrize("name", ["config.json", "history.json", "scores.json", "run.json"])
def test_json_nested_ten_thousand_deep_is_refused_in_words(store, files, name):
    for deep in (b"[" * 10_000, b'{"model":' * 10_000, b'{"x":' + b"[" * 10_000):
        refused(store, files | {name: deep}, "nested|must be")


def test_a_long_vocabulary_beside_small_settings_is_refused_before_a_network_is_built(
    store, files, monkeypatch
):
    monkeypatch.setattr(model_folder, "read_classifier", None)
    words = "".join(f"w{number}\n" for number in range(199_997))
    refused(
        store,
        files | {"vocabulary.txt": b"<pad>\n<start>\n<unk>\n" + words.encode()},
        r"vocabulary\.txt: it must have at most the 50 words that config\.json says, got 200,000",
    )


BYTES = {
    "weights.safetensors": (bytes(3_000_000), "weights.safetensors is longer than the"),
    "history.json": (b"[" + b"0," * 9_000_000 + b"0]", "must have at most 8,000,000 values, got 9,000,000"),
}


@pytest.mark.parametrize("name", BYTES)
def test_weights_longer_than_the_settings_need_and_millions_of_short_values_are_refused_unread(
    store, files, name
):
    content, said = BYTES[name]
    refused(store, files | {name: content}, said)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_finite_numbers_or_cut_short_are_refused(store, files, value):
    cut = files | {"weights.safetensors": files["weights.safetensors"][:-40]}
    refused(store, cut, "cut short")
    weights = load(files["weights.safetensors"])
    weights["cell.U"] = torch.full_like(weights["cell.U"], value)
    refused(store, files | {"weights.safetensors": save(weights)}, "must be finite numbers")


def test_every_file_has_a_bound_that_is_counted_while_it_is_unpacked(store, files, monkeypatch):
    for name in ("config.json", "vocabulary.txt", "history.json", "scores.json", "run.json"):
        with monkeypatch.context() as patched:
            patched.setitem(transfer._SMALL_FILES, name, 10)
            refused(store, files, f"{name} is longer than the 10 bytes that it can have")


def test_what_unpacks_to_many_times_its_length_is_refused(store, files, monkeypatch):
    monkeypatch.setattr(transfer, "_UNPACKED_ANYWAY", 1_000)
    long = files["history.json"][:-1] + b" " * 1_000_000 + b"]"
    refused(store, files | {"history.json": long}, "unpacks to over 50 times its length")
    import_run(store, packed(files))


def test_a_size_that_the_zip_file_says_is_not_believed(store, files):
    content = packed(files | {"scores.json": b" " * 1_000_100}).getvalue()
    lied = content.replace(struct.pack("<L", 1_000_100), struct.pack("<L", 100))
    with pytest.raises(RunError, match=r"no zip file of a run, or it is damaged|longer than"):
        import_run(store, io.BytesIO(lied))


def test_a_list_of_a_hundred_thousand_files_is_refused_unread(store, files):
    content = packed(files).getvalue()
    end = content.rfind(b"PK\x05\x06")
    *_, offset, _ = struct.unpack("<4s4H2LH", content[end : end + 22])
    entry = (
        struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    )
    listed = content[offset:end] + entry * 100_000
    last = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_535, 65_535, len(listed), offset, 0)
    with pytest.raises(RunError, match="lists more files than any run has"):
        import_run(store, io.BytesIO(content[:offset] + listed + last))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_so_that_it_unpacks_whole_is_refused(store, files, method):
    with pytest.raises(RunError, match=r"config\.json must be deflated or stored"):
        import_run(store, packed(files, method))


def test_a_history_of_an_older_version_with_numbers_that_are_not_finite_opens(store, files):
    records = json.loads(files["history.json"])
    evaluation = next(record for record in records if record["inside"])
    evaluation["inside"]["gradients"]["h"][0] = float("inf")
    evaluation["inside"]["weights"]["cell.U"] = float("nan")
    run = import_run(store, packed(files | {"history.json": json.dumps(records).encode()}))
    read = next(record for record in store.records.all(run.id) if record.inside).inside
    assert read["gradients"]["h"][0] is None
    assert read["weights"]["cell.U"] is None
