"""Benchmarks beside that of the app: sweeps and sentences train on real corpora, a class is graded, and runs
that are kept make a figure together; nothing is left behind.
"""

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import kept
from benchmarks import sentences as benchmark
from benchmarks import sweep as of_sweeps
from benchmarks.__main__ import main
from benchmarks.grade import measure_grading, write_class
from benchmarks.kept import benches, keep, kept_runs, table
from benchmarks.report import Measurement
from benchmarks.sentences import last_sentence, measure_sentences, sentences_of
from benchmarks.sweep import measure_sweep
from rnn_core.config.corpora import corpus_named, offered_names, shipped_names
from rnn_core.data.corpus import Text, build_corpus
from rnn_core.data.own.make import add
from rnn_core.data.sources import load_corpus
from rnn_core.files import FormatError
from rnn_core.own_cells import grading
from rnn_core.own_cells.class_folder import read_class
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.results import all_results
from rnn_core.tables.open import open_table
from tests.own import QUICK
from tests.own_cells.handed_in import FILE_NAMES, Scripted


@pytest.mark.slow
def test_a_sweep_is_measured_beside_its_own_run(with_corpus, monkeypatch):
    asked = []

    def here(sweep, store, workers):
        """All runs in this process: those of two are tested in tests/sweeps/test_engine.py."""
        asked.append((len(sweep), workers))
        return run_sweep(sweep, store)

    monkeypatch.setattr(of_sweeps, "run_sweep", here)
    measured = list(measure_sweep(QUICK))
    assert asked == [(1, 1), (2, 2)]
    assert [(one.unit, one.at_most) for one in measured] == [("s", None), ("%", 3.0), ("times", 1.15)]
    assert all(one.measured > 0 for one in measured)
    assert all_results() == []
    assert Store().runs.all() == []


@pytest.fixture
def reviews():
    """300 reviews in the place of IMDB's."""
    said = "Here is film {0}. In the end it is {1}, says viewer {0}."
    texts = [
        Text(said.format(n, ("bad", "good")[n % 2]), n % 2, "training" if n % 5 else "test")
        for n in range(300)
    ]
    for _ in build_corpus("imdb", texts, corpus_named("imdb").folder, len(texts)):
        pass
    return load_corpus("imdb")


@pytest.mark.parametrize(
    ("review", "sentence"),
    [
        ("One. It was far too long.", "It was far too long."),
        ("It was far too long!<br /><br />Avoid it.", "It was far too long!"),
        ("It was far too long. 3/10 ", "It was far too long."),
        ("Bad. Bad.", "Bad. Bad."),
    ],
)
def test_the_last_sentence_says_something(review, sentence):
    assert last_sentence(review) == sentence


def test_sentences_are_those_of_training_reviews(reviews):
    some, more = sentences_of(reviews, 20), sentences_of(reviews, 60)
    assert more[:20] == some
    assert [sentence.label for sentence in some].count("positive") == 10
    training = {last_sentence(reviews.text(row)) for row in reviews.indices("training")}
    assert {sentence.text for sentence in more} <= training


@pytest.mark.slow
def test_networks_and_nb_svm_are_scored_alike(reviews, monkeypatch):
    def add_here(name, recipe):
        yield from add(name, open_table(Path(recipe.source)), recipe)

    monkeypatch.setattr(benchmark, "add_apart", add_here)
    monkeypatch.setattr(benchmark, "_HELD_OUT", 40)
    monkeypatch.setattr(benchmark, "_PROMISED", 100)
    measured = list(measure_sentences([60, 120], [0]))
    assert len(measured) == 2 * 2 * 3
    for counted, reached, ahead in zip(measured[::3], measured[1::3], measured[2::3], strict=True):
        assert ahead.measured == pytest.approx(counted.measured - reached.measured)
        assert counted.measured == 100  # one word decides
    assert [one.at_most for one in measured[2::3]] == [None, None, 1.0, 1.0]
    assert offered_names() == shipped_names()


def test_a_class_hands_in_tasks_with_some_mistakes(tmp_path):
    write_class(tmp_path, 8, 2)
    students = read_class(tmp_path, FILE_NAMES).students
    assert [list(student.files) for student in students] == [list(FILE_NAMES)] * 8
    sources = [student.files["4"].source for student in students]
    assert ["while True" in source for source in sources] == [True] * 2 + [False] * 6
    assert len(set(sources)) == 8


def test_a_class_is_timed_beside_what_was_promised(monkeypatch):
    monkeypatch.setattr(grading, "new_checker", Scripted)
    measured = list(measure_grading(3, 1))
    assert [one.unit for one in measured] == ["s", "s", "s", "of 21"]
    assert [one.at_most for one in measured] == [240.0, None, None, None]
    assert measured[-1].measured == 21


DOCUMENT = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text()


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "RESULTS", tmp_path / "results.jsonl")


def of_click(measured, **bound):
    return Measurement(what="a click", measured=measured, unit="ms", **bound)


def test_a_row_has_median_range_and_days(empty):
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


def test_a_run_is_kept_where_that_is_asked_for(empty, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # as many threads as the process goes on with
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
def test_the_document_has_the_table_of_kept_runs(bench):
    assert f"\n\n{table(bench)}" in DOCUMENT
