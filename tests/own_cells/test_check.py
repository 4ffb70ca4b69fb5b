"""The seven tasks, and their check from the outside: what it builds on, what ends it and what it says.

Its report, and which tasks are solved, which is kept on the disk.
"""

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import pytest

from rnn_core.errors import CellError
from rnn_core.files import from_value
from rnn_core.own_cells.check import check
from rnn_core.own_cells.exercises import BEGINNINGS, EXERCISES
from rnn_core.own_cells.family_mistakes import FAMILIES, CellFamily
from rnn_core.own_cells.mistakes import MISTAKES, Sentence, Variant
from rnn_core.own_cells.progress import note, noted, passed
from rnn_core.own_cells.report import Report
from rnn_core.paths import own_cells_folder
from rnn_core.registry import UnknownNameError
from tests.own_cells.files import CASES, RIGHT, a_file, a_remark, changed, checked, codes
from tests.own_cells.in_process import InThisProcess, ask

pytestmark = pytest.mark.usefixtures("runs_here")

NOTED = {
    "1": ([], "a plain RNN with tanh"),
    "2": ([], ""),
    "3": (["one-logit"], ""),
    "4": (["reset-before"], "a GRU with the reset before the product and z taking the candidate"),
    "5": ([], "an LSTM"),
    "6": ([], "an LSTM"),
    "7": (["skips-padding"], ""),
}
"""Number of a task -> the codes and the equations that a check notes of our solution."""
FILES = "my_rnn my_loop my_classifier my_gru my_lstm my_fused my_padding".split()
BUILDS_ON = [number for number, exercise in EXERCISES.items() if exercise.builds_on]


def test_the_tasks_are_seven_each_with_its_file():
    assert [*NOTED] == [*EXERCISES] == [exercise.number for exercise in EXERCISES.values()]
    assert [exercise.file_name for exercise in EXERCISES.values()] == [f"{name}.py" for name in FILES]
    with pytest.raises(UnknownNameError, match="no task called '8'"):
        EXERCISES["8"]


@pytest.mark.parametrize("number", EXERCISES)
def test_a_task_asks_in_three_sentences_and_hints(number):
    exercise = EXERCISES[number]
    assert len(re.findall(r"\.(?: |$)", exercise.asked)) == len(exercise.hints) == 3
    assert exercise.equation.count("{") == exercise.equation.count("}")
    assert "(B, H)" in exercise.shapes
    assert all(letter in exercise.equation for letter in exercise.roles)


def test_a_task_a_family_and_a_mistake_are_entries():
    """A task that asks for a cell whose new state is a sum, without a function."""

    def mistakes(reading):
        if reading.formula.mix.candidate.function != "nothing":
            yield reading.remark("no-sum")

    curved = EXERCISES["1"].solution
    task = replace(EXERCISES["1"], number="8", file_name="my_sum.py", expects=("a sum",))
    entries = [
        (MISTAKES, "no-sum", Variant("No sum", "It is bent.", True, {"": Sentence("It is no sum.", False)})),
        (FAMILIES, "a sum", CellFamily(mistakes, lambda reading: iter([("no function", None)]))),
        (EXERCISES, "8", task),
    ]
    for registry, name, one in entries:
        registry.register(name, one)
    try:
        right, wrong = checked("8", changed(curved, {"torch.tanh(": "("})), checked("8", curved)
    finally:
        for registry, name, _ in entries:
            registry.remove(name)
    assert (right.mistakes, right.fits, right.file) == ((), "a sum with no function", "my_sum.py")
    assert [(one.code, one.sentence) for one in wrong.mistakes] == [("no-sum", "It is no sum.")]


@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_beginning_is_the_file_of_a_cell(name):
    states = ["h", "c"] if name == "lstm" else ["h"]
    assert ask(InThisProcess(), a_file(BEGINNINGS[name]), "open").said["states"] == states
    assert ("Write the time step here" in BEGINNINGS[name]) == (name == "blank")


@pytest.mark.parametrize("number", EXERCISES)
def test_our_solution_passes_with_inputs_of_all_kinds(number):
    """A teacher's hidden tests must cost no point."""
    for case in CASES:
        report = checked(number, EXERCISES[number].solution, case=case)
        assert report.mistakes == (), case
        assert (codes(report, wrong=False), report.fits) == NOTED[number], case
    assert from_value(asdict(report), Report) == report


def defined(source):
    return [node.name for node in ast.parse(source).body if hasattr(node, "name")]


@pytest.mark.parametrize("number", EXERCISES)
def test_a_template_says_what_is_to_be_written(number):
    template = EXERCISES[number].template
    assert defined(template) == defined(EXERCISES[number].solution)
    assert re.search(r"\(B, (?:T|E|T, E)\)", ast.get_docstring(ast.parse(template)))
    assert 'raise NotImplementedError("Write the' in template
    assert codes(checked(number, template), wrong=True) == ["not-written"]


@pytest.mark.parametrize("number", BUILDS_ON)
def test_a_task_builds_on_the_students_cell(number):
    report = checked(number, EXERCISES[number].solution, {"1": a_file(RIGHT["two_biases"], "my_rnn")})
    assert report.passed, report.remarks
    assert "earlier-cell" not in codes(report, wrong=False)
    assert report.built_on == ("your my_rnn.py",)
    assert checked(number, EXERCISES[number].solution).built_on == ("our plain RNN",)


@pytest.mark.parametrize("number", BUILDS_ON)
@pytest.mark.parametrize("mistake", ["h[0] = 0", "x.nothing"])
def test_a_task_fails_for_no_mistake_of_the_cell(number, mistake):
    own = changed(EXERCISES["1"].solution, {"return torch": f"{mistake}\n        return torch"})
    report = checked(number, EXERCISES[number].solution, {"1": a_file(own, "my_rnn")})
    assert report.passed, report.remarks
    assert "earlier-cell" in codes(report, wrong=False)


def test_an_imported_file_of_the_student_stands_alone():
    [wrong] = checked("2", "from my_rnn import MyRNN\n" + EXERCISES["2"].solution).mistakes
    assert wrong.sentence.startswith("my_rnn.py is another file of yours, and a file stands alone")
    assert wrong.line == 1


def test_nothing_runs_of_a_source_that_is_refused(tmp_path):
    path = tmp_path / "ran"
    report = checked("2", f"import torch\nopen({str(path)!r}, 'w')\nrnn = torch.nn.GRU(3, 4)\n")
    assert codes(report, wrong=True) == ["ready-made"]
    assert not path.exists()


@pytest.mark.slow
@pytest.mark.parametrize("number", ["2", "3", "5", "7"])
def test_a_task_is_checked_in_a_process_of_its_own(number, process):
    report = checked(number, "print('hello')\n" + EXERCISES[number].solution, process=process)
    assert report.passed, report.remarks
    assert report.printed == "hello\n"


@pytest.mark.slow
def test_a_check_that_is_closed_ends_its_process(process):
    source = "def run(cell, xs, lengths):\n    while True: pass\n"
    steps = check(a_file(source), EXERCISES["2"], process=process)
    for _ in range(100):
        next(steps)
        if process.is_busy and process.pid:
            break
    steps.close()
    assert process.pid is None


WRONG = a_remark("values-differ", "They are others.", line=7, yours=(1.0, 2.0, 3.0), shapes="yours (2, 3)")


def report(exercise, *remarks, digest="0" * 64):
    return Report(exercise=exercise, file="mine.py", digest=digest, remarks=remarks)


def test_a_check_that_passes_is_noted_with_its_digest():
    assert passed() == {}
    note(report("4", WRONG))
    assert passed() == {}
    note(report("4", digest="a" * 64))
    note(report("4", WRONG, digest="b" * 64))  # which leaves it
    note(report("", digest="c" * 64))  # of a file that no task checks
    assert passed() == {"4": "a" * 64, "mine.py": "c" * 64}
    assert (noted()["4"].checks, noted()["4"].file) == (3, "mine.py")
    assert noted()["4"].when.startswith("20")


def test_checks_at_the_same_time_are_all_counted():
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: note(report(str(number % 2))), range(40)))
    assert {key: one.checks for key, one in noted().items()} == {"0": 20, "1": 20}


def test_a_damaged_file_is_said_and_not_overwritten():
    own_cells_folder().mkdir(parents=True)
    path = own_cells_folder() / "progress.json"
    path.write_text('{"4": {"digest": 3}}')
    for act in (passed, lambda: note(report("4"))):
        with pytest.raises(CellError, match="Delete it to begin again"):
            act()
    assert "3" in path.read_text()
