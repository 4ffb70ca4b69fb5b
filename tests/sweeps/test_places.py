"""Where the file of a sweep lies, and how one of before comes there: without any being lost."""

from pathlib import Path

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.paths import results_folder, sweeps_folder
from rnn_core.runs import process
from rnn_core.runs.at_work import sweep_folder
from rnn_core.sweeps import places
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.results import Results, all_results
from rnn_core.sweeps.sweep import Sweep
from tests.sweeps.test_results import SWEEP, result

VOCABULARY = QUESTIONS["vocabulary"].sweep


def write(path: Path, sweep: Sweep = SWEEP, *of: int) -> bytes:
    """A file with a result for each of these lengths, written where it lay before."""
    results = Results(sweep.name)
    results.path = path
    results.rewrite(sweep, [result(length, 0) for length in of])
    return path.read_bytes()


@pytest.fixture
def old() -> Path:
    return results_folder() / "try.jsonl"


@pytest.fixture
def own() -> Path:
    return sweeps_folder() / "try.jsonl"


def test_a_sweep_of_ones_own_is_written_beside_the_committed_results(own: Path) -> None:
    Results("try").begin(SWEEP)
    assert own.exists()
    assert not results_folder().exists()
    assert Results("try").where == "artifacts/sweeps/try.jsonl"


def test_a_published_question_stays_among_the_committed_results() -> None:
    Results("vocabulary").begin(VOCABULARY)
    assert [results.path for results in all_results()] == [results_folder() / "vocabulary.jsonl"]
    assert Results("vocabulary").where == "artifacts/results/vocabulary.jsonl"


@pytest.mark.parametrize("look", [all_results, lambda: [Results("try")]], ids=["at all", "at this one"])
def test_a_file_of_before_is_moved_at_the_first_look(old: Path, own: Path, look) -> None:
    written = write(old, SWEEP, 25)
    assert [results.all() for results in look()] == [[result(25, 0)]]
    assert own.read_bytes() == written
    assert not old.exists()


def test_a_file_that_is_damaged_is_moved_as_it_is(old: Path, own: Path) -> None:
    old.parent.mkdir(parents=True)
    old.write_bytes(b"nonsense\xff")
    assert [results.name for results in all_results()] == ["try"]
    assert own.read_bytes() == b"nonsense\xff"


def test_where_one_of_that_name_is_there_both_are_kept(old: Path, own: Path) -> None:
    newer = write(own, SWEEP, 50)
    older = write(old, SWEEP, 25)
    assert [results.path.name for results in all_results()] == ["try.jsonl", "try-2.jsonl"]
    assert own.read_bytes() == newer
    assert own.with_name("try-2.jsonl").read_bytes() == older
    assert Results("try-2").sweep().name == "try-2"  # so that it goes on in its own file
    write(old, SWEEP, 25)
    assert [results.name for results in all_results()] == ["try", "try-2", "try-3"]


def test_a_file_that_cannot_be_moved_is_used_where_it_lies(
    old: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(old, SWEEP, 25)

    def held(path: Path, _target: Path) -> None:
        raise PermissionError(13, "another program has it open", str(path))

    with monkeypatch.context() as windows:
        windows.setattr(Path, "rename", held)
        Results("try").append(result(50, 0))
        assert [results.all() for results in all_results()] == [[result(25, 0), result(50, 0)]]
        assert Results("try").where == "artifacts/results/try.jsonl"
    assert Results("try").all() == [result(25, 0), result(50, 0)]
    assert own.exists()


def test_the_file_of_a_sweep_at_work_stays_until_it_has_ended(old: Path, own: Path) -> None:
    write(old, SWEEP, 25)
    sweep_folder("try").mkdir(parents=True)
    with process.hold(sweep_folder("try")):
        assert [results.path for results in all_results()] == [old]
    assert [results.path for results in all_results()] == [own]


def test_a_sweep_whose_name_was_published_since_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Sweep(name="vocabulary", base=RunConfig(data="verdict"), cases=SWEEP.cases)
    with monkeypatch.context() as before:
        before.setattr(places, "PUBLISHED", frozenset())
        Results("vocabulary").begin(mine)
    assert [results.name for results in all_results()] == ["vocabulary-2"]
    assert Results("vocabulary-2").sweep().cases == SWEEP.cases
