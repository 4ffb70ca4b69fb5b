"""The file of a sweep: what is in it, what is missing, how long that takes, and what a crash leaves."""

import json
from pathlib import Path

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.errors import SweepError
from rnn_core.files import from_json, to_json
from rnn_core.paths import results_folder, sweeps_folder
from rnn_core.runs import process
from rnn_core.runs.at_work import sweep_folder
from rnn_core.sweeps import results as files
from rnn_core.sweeps.coordinator import seconds_left
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.results import Result, Results, all_results
from rnn_core.sweeps.sweep import Sweep

SWEEP = Sweep(
    name="try", base=RunConfig(data="verdict"), cases=[{"max_length": 25}, {"max_length": 50}], seeds=[0, 1]
)
COMMITTED = sorted((Path(__file__).parents[2] / "artifacts" / "results").glob("*.jsonl"))


def result(max_length, seed, **given):
    values = {
        "case": {"max_length": max_length}, "seed": seed, "outcome": "finished", "validation_accuracy": 0.75,
        "test_accuracy": 0.7, "test_loss": 0.5, "training_accuracy": 0.9, "parameters": 10,
        "optimizer_steps": 8, "seconds": 1.5, "seconds_per_epoch": 1.5, "run": "some",
        "machine": "one", "made": "2026-01-01",
    }  # fmt: skip
    return Result(**{**values, **given})


@pytest.fixture
def begun():
    results = Results("try")
    results.begin(SWEEP)
    return results


def test_what_has_ended_is_not_missing_any_more(begun):
    assert len(begun.missing(SWEEP)) == 4
    begun.append(result(50, 0))
    begun.append(result(25, 1))
    assert [(point.case["max_length"], point.seed) for point in begun.missing(SWEEP)] == [(25, 0), (50, 1)]
    assert begun.all() == [result(50, 0), result(25, 1)]


def test_the_shares_of_the_probes_come_back_and_stand_in_the_table_where_there_are_any(begun):
    begun.append(result(25, 0))
    assert not {"sentences_right", "pairs_right"} & set(begun.table())
    probed = result(50, 0, sentences_right=0.9, pairs_right=0.75)
    begun.append(probed)
    assert begun.all() == [result(25, 0, sentences_right=None, pairs_right=None), probed]
    table = begun.table()
    assert table["sentences_right"].tolist() == [pytest.approx(float("nan"), nan_ok=True), 0.9]
    assert table["pairs_right"].tolist() == [pytest.approx(float("nan"), nan_ok=True), 0.75]


@pytest.mark.parametrize("path", COMMITTED, ids=[path.stem for path in COMMITTED])
def test_committed_results_are_written_again_to_the_letter(path):
    _, *lines = path.read_text(encoding="utf-8").splitlines()
    assert lines
    assert [to_json(from_json(line, Result).to_dict()) for line in lines] == lines


def test_half_a_line_is_no_result_and_is_gone_with_the_next(begun):
    begun.append(result(25, 0))
    with begun.path.open("a") as file:
        file.write('{"case": {"max_len')
    assert begun.all() == [result(25, 0)]
    begun.append(result(50, 0))
    assert begun.all() == [result(25, 0), result(50, 0)]


def test_a_sweep_of_the_same_name_and_other_settings_is_refused_and_the_file_stays(begun):
    begun.append(result(25, 0))
    before = begun.path.read_bytes()
    other = Sweep(name="try", base=RunConfig(data="imdb"), cases=SWEEP.cases)
    with pytest.raises(SweepError, match="already a sweep called try"):
        begun.begin(other)
    with pytest.raises(SweepError, match="already a sweep called try"):
        begun.begin(Sweep(name="try", base=SWEEP.base, cases=[{"cell": "gru"}]))
    assert begun.path.read_bytes() == before


def test_more_cases_and_seeds_are_added_to_what_is_there(begun):
    begun.append(result(25, 0))
    begun.begin(Sweep(name="try", base=SWEEP.base, cases=[{"max_length": 100}], seeds=[2]))
    whole = begun.sweep()
    assert [case["max_length"] for case in whole.cases] == [25, 50, 100]
    assert list(whole.seeds) == [0, 1, 2]
    assert begun.all() == [result(25, 0)]


def test_a_sweep_that_has_no_result_yet_gives_way_to_another_of_its_name(begun):
    other = Sweep(name="try", base=RunConfig(data="imdb"), cases=[{"cell": "gru"}])
    begun.begin(other)
    assert begun.sweep() == other


def test_of_a_damaged_file_what_can_be_read_is_read(begun):
    begun.append(result(25, 0))
    with begun.path.open("a") as file:
        file.write('{"case": {}}\nnonsense\n')
    begun.append(result(50, 1))
    assert begun.readable() == (SWEEP, [result(25, 0), result(50, 1)])
    begun.path.write_text("nonsense\n" + begun.path.read_text().split("\n", 1)[1])
    assert begun.readable() == (None, [result(25, 0), result(50, 1)])


def test_bytes_that_are_no_text_are_a_damage_like_any_other(begun):
    begun.append(result(25, 0))
    with begun.path.open("ab") as file:
        file.write(b"\xff\xfe\n")
    with pytest.raises(SweepError, match="is damaged"):
        begun.all()
    assert begun.readable() == (SWEEP, [result(25, 0)])


def test_a_file_of_another_version_is_a_sentence(begun):
    begun.path.write_text(begun.path.read_text().replace('"vocab_size": 5000', '"vocab_size": 1000000000'))
    with pytest.raises(SweepError, match="is damaged: Vocabulary size must be"):
        begun.sweep()


def test_the_table_has_a_column_for_each_factor(begun):
    begun.append(result(25, 0))
    begun.append(result(50, 0, outcome="diverged", test_accuracy=None))
    table = begun.table()
    assert table["max_length"].tolist() == [25, 50]
    assert table["test_accuracy"].isna().tolist() == [False, True]


@pytest.mark.parametrize("line", ["nonsense", "[]", json.dumps({"name": "try"}), ""])
def test_a_damaged_file_is_a_sentence(begun, line):
    begun.path.write_text(line + "\n")
    with pytest.raises(SweepError):
        begun.sweep()


def test_a_damaged_result_is_a_sentence(begun):
    with begun.path.open("a") as file:
        file.write('{"case": {}}\n')
    with pytest.raises(SweepError, match="damaged"):
        begun.all()


def test_a_sweep_that_was_never_begun_has_no_results():
    results = Results("none")
    assert results.all() == []
    assert results.missing(SWEEP) == list(SWEEP.points())
    assert results.table().empty


@pytest.mark.parametrize("name", ["../elsewhere", "", "a/b", "A"])
def test_a_name_that_is_none_of_a_sweep_leads_to_no_file(name):
    with pytest.raises(SweepError, match="The name of a sweep must be"):
        Results(name)


def test_all_sweeps_are_found_by_name(begun):
    (begun.path.parent / "Not a name.jsonl").touch()
    Results("another").begin(Sweep(name="another", base=SWEEP.base, cases=SWEEP.cases))
    assert [results.path.stem for results in all_results()] == ["another", "try"]


def test_scores_by_class_come_back_and_stand_in_the_table_where_there_are_any(begun):
    begun.append(result(25, 0))
    assert not {"balanced_accuracy", "macro_f1"} & set(begun.table())
    scored = result(50, 0, balanced_accuracy=0.6, macro_f1=0.55)
    begun.append(scored)
    assert begun.all() == [result(25, 0), scored]
    assert begun.table()["macro_f1"].tolist() == [pytest.approx(float("nan"), nan_ok=True), 0.55]


def measure(configs):
    return [float(config.text.max_length) for config in configs]


@pytest.mark.parametrize(("workers", "seconds"), [(1, 150.0), (2, 100.0), (3, 75.0), (4, 50.0), (64, 50.0)])
def test_runs_at_once_share_the_time_as_far_as_they_have_work(workers, seconds):
    assert seconds_left(SWEEP, measure, workers) == seconds


def test_a_case_of_which_a_run_has_ended_takes_what_that_took(begun):
    begun.append(result(25, 0, seconds=7.0))
    assert seconds_left(SWEEP, measure) == 7 + 2 * 50


def test_where_one_case_is_not_measured_yet_nothing_is_said():
    assert seconds_left(SWEEP, lambda configs: [1.0, None]) is None


VOCABULARY = QUESTIONS["vocabulary"].sweep


def write(path, sweep=SWEEP, *of):
    """A file with a result for each of these lengths, written where it lay before."""
    results = Results(sweep.name)
    results.path = path
    results.rewrite(sweep, [result(length, 0) for length in of])
    return path.read_bytes()


@pytest.fixture
def old():
    return results_folder() / "try.jsonl"


@pytest.fixture
def own():
    return sweeps_folder() / "try.jsonl"


def test_a_sweep_of_ones_own_is_written_beside_the_committed_results(own):
    Results("try").begin(SWEEP)
    assert own.exists()
    assert not results_folder().exists()
    assert Results("try").where == "artifacts/sweeps/try.jsonl"


def test_a_published_question_stays_among_the_committed_results():
    Results("vocabulary").begin(VOCABULARY)
    assert [results.path for results in all_results()] == [results_folder() / "vocabulary.jsonl"]
    assert Results("vocabulary").where == "artifacts/results/vocabulary.jsonl"


@pytest.mark.parametrize("look", [all_results, lambda: [Results("try")]], ids=["at all", "at this one"])
def test_a_file_of_before_is_moved_at_the_first_look(old, own, look):
    written = write(old, SWEEP, 25)
    assert [results.all() for results in look()] == [[result(25, 0)]]
    assert own.read_bytes() == written
    assert not old.exists()


def test_a_file_that_is_damaged_is_moved_as_it_is(old, own):
    old.parent.mkdir(parents=True)
    old.write_bytes(b"nonsense\xff")
    assert [results.name for results in all_results()] == ["try"]
    assert own.read_bytes() == b"nonsense\xff"


def test_where_one_of_that_name_is_there_both_are_kept(old, own):
    newer = write(own, SWEEP, 50)
    older = write(old, SWEEP, 25)
    assert [results.path.name for results in all_results()] == ["try.jsonl", "try-2.jsonl"]
    assert own.read_bytes() == newer
    assert own.with_name("try-2.jsonl").read_bytes() == older
    assert Results("try-2").sweep().name == "try-2"  # so that it goes on in its own file
    write(old, SWEEP, 25)
    assert [results.name for results in all_results()] == ["try", "try-2", "try-3"]


def test_a_file_that_cannot_be_moved_is_used_where_it_lies(old, own, monkeypatch):
    write(old, SWEEP, 25)

    def held(path, _target):
        raise PermissionError(13, "another program has it open", str(path))

    with monkeypatch.context() as windows:
        windows.setattr(Path, "rename", held)
        Results("try").append(result(50, 0))
        assert [results.all() for results in all_results()] == [[result(25, 0), result(50, 0)]]
        assert Results("try").where == "artifacts/results/try.jsonl"
    assert Results("try").all() == [result(25, 0), result(50, 0)]
    assert own.exists()


def test_the_file_of_a_sweep_at_work_stays_until_it_has_ended(old, own):
    write(old, SWEEP, 25)
    sweep_folder("try").mkdir(parents=True)
    with process.hold(sweep_folder("try")):
        assert [results.path for results in all_results()] == [old]
    assert [results.path for results in all_results()] == [own]


def test_a_sweep_whose_name_was_published_since_gives_way(monkeypatch):
    mine = Sweep(name="vocabulary", base=RunConfig(data="verdict"), cases=SWEEP.cases)
    with monkeypatch.context() as before:
        before.setattr(files, "PUBLISHED", frozenset())
        Results("vocabulary").begin(mine)
    assert [results.name for results in all_results()] == ["vocabulary-2"]
    assert Results("vocabulary-2").sweep().cases == SWEEP.cases
