"""Each file in mistakes/ makes one mistake, each in right/ none; the first line names the task and what is found."""

import re
from pathlib import Path

import pytest

from rnn_core.cell_files.folder import CellFile
from rnn_core.own_cells import here
from rnn_core.own_cells.check import check
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.in_process import InThisProcess
from rnn_core.progress import finish

ROOM = Path(__file__).parent


def of_folder(name):
    files = sorted((ROOM / name).glob("*.py"))
    return [pytest.param(path, id=path.stem) for path in files]


def asked(path):
    """The number of the task, and the codes that the first line of a file names."""
    task, codes = re.fullmatch(r"# Task (\d?): ?(.*)", path.read_text().splitlines()[0]).groups()
    return task, codes.split()


@pytest.fixture(autouse=True)
def runs_own_code(monkeypatch):
    monkeypatch.setattr(here, "_runs", True)


def report_on(path):
    task, _ = asked(path)
    file = CellFile.of(path, path.read_bytes())
    return finish(check(file, EXERCISES[task] if task else None, process=InThisProcess()))


@pytest.mark.parametrize("path", of_folder("mistakes"))
def test_a_mistake_is_named_first(path):
    report = report_on(path)
    assert not report.passed
    assert [report.mistakes[0].code] == asked(path)[1], report.mistakes


@pytest.mark.parametrize("path", of_folder("right"))
def test_a_right_variant_passes_and_is_named(path):
    report = report_on(path)
    assert report.passed, report.mistakes
    assert set(asked(path)[1]) <= {remark.code for remark in report.remarks}, report.remarks


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("size_of_init_in_forward", "NameError: name 'hidden_size' is not defined."),
        ("attribute_never_set", "AttributeError: 'MyGRU' object has no attribute 'hidden_size'."),
        ("no_super", "__init__ must begin with super().__init__()."),
    ],
)
def test_a_name_that_is_missing_is_no_matter_of_shapes(name, said):
    assert report_on(ROOM / "mistakes" / f"{name}.py").mistakes[0].sentence == said


@pytest.mark.parametrize(
    ("name", "is_view"), [("view_gates_first", True), ("reshape_turned", True), ("norm_over_batch", False)]
)
def test_rows_that_a_view_cuts_are_no_mean(name, is_view):
    [first, *_] = report_on(ROOM / "mistakes" / f"{name}.py").mistakes
    assert ("`view` and `reshape` cut" in first.sentence) == is_view
    assert ("mean" in first.sentence) != is_view


def test_numbers_that_are_not_finite_have_not_lost_their_type():
    assert "dtype-lost" not in {one.code for one in report_on(ROOM / "mistakes/infinite_state.py").remarks}
