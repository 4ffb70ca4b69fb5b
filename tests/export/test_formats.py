"""What holds for every format of a model, how a format is found, and tables as CSV."""

import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
import torch

from rnn_core.config.readouts import READOUTS
from rnn_core.errors import ConfigError, ExportError
from rnn_core.export import stored
from rnn_core.export.formats import to_csv
from rnn_core.export.model_formats import MODEL_FORMATS, model_format
from rnn_core.progress import Progress, finish
from rnn_core.symbols import CELLS
from tests.export.made import FOLDER, NAMES, registered
from tests.export.small import small_model
from tests.refusals import refusals


@pytest.fixture(autouse=True)
def measured_on_few_texts(monkeypatch):
    monkeypatch.setattr(stored, "TEXTS", 20)


@pytest.fixture
def made_up():
    """A cell and a readout that no format has code for."""
    CELLS.register("made-up", replace(CELLS["gru"], kind="made-up", noun="a made-up cell", settings={}))
    READOUTS.register("first", replace(READOUTS["last"], reads="the first state"))
    yield
    CELLS.remove("made-up")
    READOUTS.remove("first")


@pytest.mark.parametrize("form", MODEL_FORMATS.values(), ids=MODEL_FORMATS)
def test_a_model_gives_the_same_bytes_each_time(form):
    model = small_model()
    steps = [*form.export([model])]
    assert steps
    assert all(isinstance(step, Progress) and step.done <= step.total for step in steps)
    once, again = (finish(form.export([model])) for _ in range(2))
    assert once == again
    assert ("" in once.files) != form.is_folder
    assert "vocabulary" in " ".join(once.said)


def exporting(form, count=1, spoilt=False, **settings):
    def export(made_up):
        models = [small_model(**settings) for _ in range(count)]
        if spoilt:
            models[0].classifier.head.weight.data[0, 0] = torch.nan
        finish(form.export(models))

    return export


test_every_format_refuses = refusals(
    ExportError,
    {
        f"{name}, {what}": (exporting(form, **given), said)
        for name, form in MODEL_FORMATS.items()
        for what, given, said in (
            ("too many", {"count": form.most_models + 1}, ("at most", f"got {form.most_models + 1}")),
            ("no number", {"spoilt": True}, "some of head.weight of 'small' are not"),
            ("cell", {"variant": "made-up"}, ("cell", "made-up", "Export it as a zip")),
            ("readout", {"readout": "first"}, ("readout", "first", "Export it as a zip")),
        )
        if name != "zip" or what in ("too many", "no number")  # it takes any cell and readout
    },
)


@pytest.fixture
def offered():
    with registered(names=NAMES, folder=FOLDER):
        yield


def test_the_ending_of_a_file_says_its_format(offered):
    assert model_format(Path("a.names")) == model_format(Path("a.NAMES")) == "names"
    assert model_format(Path("a.zip")) == model_format(Path("a.zip"), "zip") == "zip"
    assert model_format(Path("a"), "folder") == model_format(Path("a.b"), "folder") == "folder"


test_another_ending_is_refused = refusals(
    ConfigError,
    {
        "of no format": (
            lambda offered: model_format(Path("a.txt")),
            ("zip, names, folder", ".zip or .names, got 'a.txt'"),
        ),
        "none": (lambda offered: model_format(Path("a")), "must be said: one of "),
        "of another file": (
            lambda offered: model_format(Path("a.zip"), "names"),
            "must end in .names for the format names, got 'a.zip'",
        ),
        "of a file for a folder": (
            lambda offered: model_format(Path("a.zip"), "folder"),
            "is a folder, and 'a.zip' is called like a file of the format zip",
        ),
        "no such format": (
            lambda offered: model_format(Path("a.zip"), "pdf"),
            ("no format of a model called 'pdf'", "zip, names, folder"),
        ),
    },
)


def test_a_csv_file_is_safe_in_a_spreadsheet():
    tokens = ["=1+1", "-5", "@x", "-", "fine"]
    made = to_csv(pa.table({"token": tokens, "verdict": [0.5] * 5, "h": [[1.0]] * 5}))
    kept = pd.read_csv(io.BytesIO(made), dtype=str)
    assert kept["token"].tolist() == ["'=1+1", "-5", "'@x", "'-", "fine"]
    assert list(kept) == ["token", "verdict"]  # no lists
