"""The file of a sweep: what is in it, what is missing, how long that takes, and what a crash leaves."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.errors import SweepError
from rnn_core.files import from_json, to_json
from rnn_core.paths import artifacts_folder, results_folder, sweeps_folder
from rnn_core.runs import process
from rnn_core.runs.at_work import sweep_folder
from rnn_core.sweeps import results as files
from rnn_core.sweeps.coordinator import seconds_left
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.results import Result, Results, all_results
from rnn_core.sweeps.sweep import Sweep
from tests.own import ended

LENGTHS = [{"max_length": 25}, {"max_length": 50}]
SWEEP = Sweep(name="try", base=RunConfig(data="verdict"), cases=LENGTHS, seeds=[0, 1])
COMMITTED = sorted((Path(__file__).parents[2] / "artifacts" / "results").glob("*.jsonl"))


def result(max_length, seed, **given):
    return replace(ended({"max_length": max_length}, seed), **given)


@pytest.fixture
def begun():
    results = Results("try")
    results.begin(SWEEP)
    return results


def test_what_has_ended_is_missing_no_longer(begun):
    assert len(begun.missing(SWEEP)) == 4
    begun.append(result(50, 0))
    begun.append(result(25, 1))
    assert [(point.case["max_length"], point.seed) for point in begun.missing(SWEEP)] == [(25, 0), (50, 1)]
    assert begun.all() == [result(50, 0), result(25, 1)]


@pytest.mark.parametrize(
    "scores", [{"sentences_right": 0.9, "pairs_right": 0.75}, {"balanced_accuracy": 0.6, "macro_f1": 0.55}]
)
def test_the_table_has_a_column_for_all_that_any_has(begun, scores):
    begun.append(result(25, 0, outcome="diverged", test_accuracy=None))
    assert not scores.keys() & set(begun.table())
    begun.append(result(50, 0, **scores))
    diverged, ended = begun.all()
    assert (diverged.outcome, ended) == ("diverged", result(50, 0, **scores))
    table = begun.table()
    assert table["max_length"].tolist() == [25, 50]
    for name, value in {"test_accuracy": ended.test_accuracy, **scores}.items():
        assert table[name].tolist() == [pytest.approx(float("nan"), nan_ok=True), value]


@pytest.mark.parametrize("path", COMMITTED, ids=[path.stem for path in COMMITTED])
def test_committed_results_are_written_as_they_were(path):
    _, *lines = path.read_text(encoding="utf-8").splitlines()
    assert lines
    assert [to_json(from_json(line, Result).to_dict()) for line in lines] == lines


def test_half_a_line_is_gone_with_the_next(begun):
    begun.append(result(25, 0))
    with begun.path.open("a") as file:
        file.write('{"case": {"max_len')
    assert begun.all() == [result(25, 0)]
    begun.append(result(50, 0))
    assert begun.all() == [result(25, 0), result(50, 0)]


@pytest.mark.parametrize("other", [{"base": RunConfig(data="imdb")}, {"cases": [{"cell": "gru"}]}], ids=list)
def test_a_file_is_of_one_sweep_once_a_run_ended(begun, other):
    other = replace(SWEEP, **other)
    begun.begin(other)
    assert begun.sweep() == other
    begun.begin(SWEEP)
    begun.append(result(25, 0))
    before = begun.path.read_bytes()
    with pytest.raises(SweepError, match="already a sweep called try"):
        begun.begin(other)
    assert begun.path.read_bytes() == before


def test_more_cases_and_seeds_are_added(begun):
    begun.append(result(25, 0))
    begun.begin(replace(SWEEP, cases=[{"max_length": 100}], seeds=[2]))
    whole = replace(SWEEP, cases=[{"max_length": length} for length in (25, 50, 100)], seeds=[0, 1, 2])
    assert (begun.sweep(), begun.all()) == (whole, [result(25, 0)])


ODD_LINES = {"no text": b"\xff\xfe", "no result": b'{"case": {}}\nnonsense'}
ODD_CASES = {"seed": 3}, {"nosuch": 1}, {"cell": "x"}, {"vocab_size": "x"}
ODD_LINES |= {str(case): to_json({**result(25, 1).to_dict(), "case": case}).encode() for case in ODD_CASES}


@pytest.mark.parametrize("line", ODD_LINES.values(), ids=ODD_LINES)
def test_of_a_damaged_file_what_can_be_read_is_read(begun, line):
    begun.append(result(25, 0))
    with begun.path.open("ab") as file:
        file.write(line + b"\n")
    begun.append(result(50, 1))
    with pytest.raises(SweepError, match="is damaged"):
        begun.all()
    assert begun.readable() == (SWEEP, [result(25, 0), result(50, 1)])
    begun.path.write_bytes(b"nonsense\n" + begun.path.read_bytes().split(b"\n", 1)[1])
    assert begun.readable() == (None, [result(25, 0), result(50, 1)])


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"name": "try"}', "", "another version"])
def test_a_damaged_file_is_a_sentence(begun, line):
    head = begun.path.read_text().replace('"vocab_size": 5000', '"vocab_size": 1000000000')
    begun.path.write_text(head if line == "another version" else f"{line}\n")
    said = "is damaged: Vocabulary size must be" if line == "another version" else "is damaged"
    with pytest.raises(SweepError, match=said):
        begun.sweep()


def test_a_sweep_that_was_never_begun_has_no_results():
    results = Results("none")
    assert results.all() == []
    assert results.missing(SWEEP) == list(SWEEP.points())
    assert results.table().empty


def measure(configs):
    return [float(config.text.max_length) for config in configs]


@pytest.mark.parametrize(("workers", "seconds"), [(1, 150.0), (2, 100.0), (3, 75.0), (4, 50.0), (64, 50.0)])
def test_runs_at_once_share_the_time(workers, seconds):
    assert seconds_left(SWEEP, measure, workers) == seconds


def test_a_case_takes_what_its_run_took(begun):
    assert seconds_left(SWEEP, lambda configs: [1.0, None]) is None
    begun.append(result(25, 0, seconds=7.0))
    assert seconds_left(SWEEP, measure) == 7 + 2 * 50


def write(path, length):
    """A file with a result of this length, written where it lay before."""
    results = Results("try")
    results.path = path
    results.rewrite(SWEEP, [result(length, 0)])
    return path.read_bytes()


@pytest.fixture
def old():
    """The place of one's own file in versions of before."""
    return results_folder() / "try.jsonl"


@pytest.fixture
def own():
    return sweeps_folder() / "try.jsonl"


def test_a_sweep_of_ones_own_lies_beside_the_published():
    of_question = QUESTIONS["vocabulary"].sweep
    for sweep, where in ((SWEEP, "sweeps/try.jsonl"), (of_question, "results/vocabulary.jsonl")):
        Results(sweep.name).begin(sweep)
        assert (artifacts_folder() / where).exists()
        assert Results(sweep.name).where == f"artifacts/{where}"


@pytest.mark.parametrize("look", [all_results, lambda: [Results("try")]], ids=["at all", "at this one"])
def test_a_file_of_before_is_moved_at_the_first_look(old, own, look):
    written = write(old, 25)
    assert [results.all() for results in look()] == [[result(25, 0)]]
    assert own.read_bytes() == written
    assert not old.exists()
    own.unlink()
    old.write_bytes(b"nonsense\xff")
    assert [results.name for results in look()] == ["try"]
    assert own.read_bytes() == b"nonsense\xff"


def test_where_one_of_that_name_is_there_both_are_kept(old, own):
    newer, older = write(own, 50), write(old, 25)
    own.with_name("Not a name.jsonl").touch()
    assert [results.path.name for results in all_results()] == ["try.jsonl", "try-2.jsonl"]
    assert own.read_bytes() == newer
    assert own.with_name("try-2.jsonl").read_bytes() == older
    assert Results("try-2").sweep().name == "try-2"  # so that it goes on in its own file
    write(old, 25)
    assert [results.name for results in all_results()] == ["try", "try-2", "try-3"]


def test_a_file_that_cannot_be_moved_stays_in_use(old, own, monkeypatch):
    write(old, 25)
    with monkeypatch.context() as windows:
        windows.setattr(Path, "rename", Mock(side_effect=PermissionError(13, "another program has it open")))
        Results("try").append(result(50, 0))
        assert [results.all() for results in all_results()] == [[result(25, 0), result(50, 0)]]
        assert Results("try").where == "artifacts/results/try.jsonl"
    assert Results("try").all() == [result(25, 0), result(50, 0)]
    assert own.exists()


def test_the_file_of_a_sweep_at_work_stays(old, own):
    write(old, 25)
    sweep_folder("try").mkdir(parents=True)
    with process.hold(sweep_folder("try")):
        assert [results.path for results in all_results()] == [old]
    assert [results.path for results in all_results()] == [own]


def test_a_sweep_gives_way_to_a_published_name(monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(files, "published", frozenset)
        Results("vocabulary").begin(replace(SWEEP, name="vocabulary"))
    assert [results.name for results in all_results()] == ["vocabulary-2"]
    assert Results("vocabulary-2").sweep().cases == SWEEP.cases
