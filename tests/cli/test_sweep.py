"""`sweep` in a shell: what it makes, what it only says, what it refuses."""

import json
import re

import pytest
from click.testing import CliRunner

from rnn_core.cli import main
from rnn_core.runs.store import Store
from rnn_core.sweeps.results import Results, all_results
from rnn_core.training.estimate import Estimate

pytestmark = pytest.mark.usefixtures("with_corpus")

QUICK = (
    "--data verdict --hidden-size 4 --embedding-size 3 --epochs 1 --reviews 64 --max-length 20 "
    "--evaluations-per-epoch 1"
).split()


@pytest.fixture
def known_cost(monkeypatch):
    """What a run takes is not measured, which would take longer than the run."""
    monkeypatch.setattr("rnn_core.cli.sweep.estimate", lambda config, corpus: Estimate(10, 5, 0.5))


def call(*words):
    return CliRunner().invoke(main, ["sweep", *words])


@pytest.mark.usefixtures("known_cost")
def test_a_grid_is_run_with_every_seed_and_told_of_run_by_run():
    answer = call("mine", "--vary", "cell=elman,gru", "--seeds", "0,3", *QUICK)
    assert answer.exit_code == 0
    assert "4 of 4 runs to do" in answer.stderr
    lines = [line.split(",")[0] for line in answer.stdout.splitlines()]
    assert lines == [f"{n} of 4: cell {cell}" for n, cell in enumerate(["elman", "gru"] * 2, 1)]
    assert len(Results("mine").all()) == len(Store().runs.all()) == 4
    again = call("mine")
    assert "0 of 4 runs to do" in again.stderr
    assert again.stdout == ""


@pytest.mark.usefixtures("known_cost")
def test_a_list_of_cases_is_run_and_told_to_machines():
    cases = ("--case", "cell=elman,learning_rate=0.002", "--case", "cell=gru,learning_rate=0.005")
    answer = json.loads(call("mine", *cases, *QUICK, "--json").stdout)
    runs = [result.run for result in Results("mine").all()]
    assert answer == {"file": str(Results("mine").path), "runs": runs}
    assert [dict(result.case) for result in Results("mine").all()] == [
        {"cell": "elman", "learning_rate": 0.002},
        {"cell": "gru", "learning_rate": 0.005},
    ]


@pytest.mark.usefixtures("known_cost")
def test_a_plan_makes_nothing():
    answer = json.loads(call("mine", "--vary", "cell=elman,gru", *QUICK, "--plan", "--json").stdout)
    assert (answer["missing"], answer["sweep"]["name"]) == (2, "mine")
    assert answer["seconds"] == 1  # half of one for each
    assert all_results() == []
    assert Store().runs.all() == []


@pytest.mark.usefixtures("known_cost")
@pytest.mark.parametrize(
    ("given", "varied", "said"),
    [
        ("--bigram-dropout 0.3", "bigrams=0,30", ""),
        ("--layer-dropout 0.2", "layers=1,2", ""),
        ("--cell lstm --reset after", "cell=lstm,gru", ""),
        (
            "--reset after",
            "cell=lstm,elman",
            "--reset has no effect: It changes the equations of GRU only.\n",
        ),
    ],
)
def test_only_what_is_in_vain_in_every_run_is_said(given, varied, said):
    answer = call("mine", "--vary", varied, *QUICK, *given.split(), "--plan")
    assert answer.exit_code == 0, answer.output
    assert "".join(line for line in answer.stderr.splitlines(True) if "no effect" in line) == said


def test_another_sweep_of_that_name_is_refused_before_anything_is_measured(monkeypatch):
    assert call("mine", "--vary", "cell=elman", *QUICK).exit_code == 0

    def measured(*_):
        raise AssertionError("there was nothing to measure")

    monkeypatch.setattr("rnn_core.cli.sweep.estimate", measured)
    for words in (("--plan",), ()):
        answer = call("mine", "--vary", "max_length=5", *QUICK, *words)
        assert answer.exit_code == 2
        assert "already a sweep called mine" in " ".join(answer.output.split())


@pytest.mark.usefixtures("known_cost")
def test_the_files_of_all_sweeps_are_made_anew_by_one_command():
    for name in ("one", "two"):
        assert call(name, "--vary", "cell=elman", *QUICK).exit_code == 0
    files = [results.path.read_text() for results in all_results()]
    for results in all_results():
        results.path.unlink()
    answer = json.loads(call("--rebuild", "--json").stdout)
    assert [one["file"] for one in answer] == [str(Results(name).path) for name in ("one", "two")]
    assert [results.path.read_text() for results in all_results()] == files


def test_a_question_of_before_is_the_one_that_took_its_place(monkeypatch):
    planned = []  # the estimate itself writes the corpora of seven distances
    monkeypatch.setattr("rnn_core.cli.sweep._planned", lambda sweep, *_: planned.append(sweep) or (7, 60.0))
    result = CliRunner().invoke(main, ["sweep", "distance-of-cells", "--plan"])
    assert result.exit_code == 0, result.output
    assert [(sweep.name, len(sweep)) for sweep in planned] == [("distance", 105)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Name a sweep: one of vocabulary"),
        (("mine",), "There is no sweep called 'mine'"),
        (("--rebuild",), "No run of a sweep is in this store"),
        (("../mine", "--rebuild"), "The name of a sweep must be"),
        (("vocabulary", "--vary", "cell=gru"), "vocabulary is one of the questions"),
        (("vocabulary", "--epochs", "2"), "a sweep has settings of its own"),
        (("mine", "--vary", "cell=gru", "--case", "cell=elman"), "not both"),
        (("mine", "--vary", "cell=gru", "--vary", "cell=elman"), "Name each factor once"),
        (("mine", "--vary", "cell=gru", "--seed", "3"), "give --seeds"),
        (("mine", "--vary", "cell=gru", "--seeds", "1,x"), "Seeds must be whole numbers"),
        (("mine", "--vary", "colour=red"), "There is no setting called 'colour'"),
        (("mine", "--vary", "max_length=0"), "Maximum length must be between"),
        (("mine", "--vary", "cell=gru", "--device", "cuda", "--data", "verdict"), "finds no CUDA GPU"),
        (("mine", "--vary", "cell=gru", "--backend", "dask"), "belong together"),
        (("mine", "--vary", "cell=gru", "--address", "tcp://x:1"), "belong together"),
    ],
)
def test_what_can_not_be_is_refused_and_nothing_is_made(words, said):
    answer = call(*words)
    assert answer.exit_code == 2
    assert said in " ".join(answer.output.split())
    assert all_results() == []
    assert Store().runs.all() == []


@pytest.mark.usefixtures("known_cost")
def test_languages_and_cells_are_varied_and_each_run_says_bits_and_right_strings(monkeypatch, tmp_path):
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path))
    words = ["mine", "--vary", "data=language-anbn,language-parity", "--vary", "cell=lstm,gru"]
    words += ["--data", "language-anbn", "--reviews", "60", "--epochs", "1", "--hidden-size", "4"]
    plan = json.loads(call(*words, "--plan", "--json").stdout)
    assert plan["missing"] == 4
    assert {case["data"] for case in plan["sweep"]["cases"]} == {"language-anbn", "language-parity"}
    answer = call(*words)
    assert answer.exit_code == 0, answer.output
    lines = answer.stdout.splitlines()
    assert [line.split(", seed")[0] for line in lines] == [
        f"{n} of 4: data language-{language}, cell {cell}"
        for n, (language, cell) in enumerate(
            [(language, cell) for language in ("anbn", "parity") for cell in ("lstm", "gru")], 1
        )
    ]
    number = r"[\d.]+"
    said = rf"validation {number} bits per token, test {number}, right strings {number}%, "
    said += rf"right longer strings {number}%, bits above the truth {number}, \d+ s"
    assert re.search(said, lines[0]), lines[0]
    assert json.loads(call("mine", "--json").stdout)["runs"] == [one.run for one in Results("mine").all()]


def test_texts_of_another_kind_can_not_be_varied_beside_languages():
    answer = call("mine", "--vary", "data=language-anbn,imdb", "--data", "language-anbn")
    assert answer.exit_code == 2
    assert "The classes of imdb are" in answer.stderr
