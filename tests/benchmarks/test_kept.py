"""Runs of a benchmark that are kept, and the figure that they make together."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import kept
from benchmarks.__main__ import main
from benchmarks.kept import benches, keep, kept_runs, table
from benchmarks.report import Measurement
from rnn_core.files import FormatError

DOCUMENT = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text()


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "RESULTS", tmp_path / "results.jsonl")


def of_click(measured, **bound):
    return Measurement(what="a click", measured=measured, unit="ms", **bound)


def test_a_row_has_median_range_and_days_and_says_where_they_are_too_few(empty):
    for machine, measured in (("one", 160), ("one", 120), ("two", 150)):
        keep("app", [of_click(measured, at_most=140)], machine)
    assert table("app").splitlines()[-1] == (
        "| a click | **150 ms** (over) | 120 to 160 ms | 2, too few | at most 140 ms |"
    )
    keep("app", [of_click(121, at_least=150)], "three")
    keep("sweep", [of_click(1)], "one")
    assert table("app").splitlines()[-1] == (
        "| a click | **136 ms** (short) | 120 to 160 ms | 3 | at least 150 ms |"
    )
    assert benches() == ["app", "sweep"]
    assert [run["machine"] for run in kept_runs()] == ["one", "one", "two", "three", "one"]


def test_a_run_is_kept_under_the_name_of_its_command_where_that_is_asked_for(empty, monkeypatch):
    monkeypatch.setattr("benchmarks.__main__.measure_torch", lambda: (of_click(ms) for ms in (1, 2)))
    kept.RESULTS.touch()
    for words, count in ((["torch"], 0), (["torch", "--keep"], 1)):
        assert CliRunner().invoke(main, words).exit_code == 0
        assert [(run["bench"], len(run["measured"])) for run in kept_runs()] == [("torch", 2)] * count
    assert table("torch") in CliRunner().invoke(main, ["table"]).output


def test_a_damaged_line_is_refused(empty):
    kept.RESULTS.write_text('{"bench": "app"}\n')
    with pytest.raises(FormatError, match="it must have date"):
        kept_runs()


@pytest.mark.parametrize("bench", benches())
def test_the_document_has_the_table_of_all_runs_that_were_kept(bench):
    assert f"\n\n{table(bench)}" in DOCUMENT
