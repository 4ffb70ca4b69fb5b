"""The texts of the seven tasks, and what a new file begins with."""

import ast
import re

import pytest

from rnn_core.cell_files.outline import outline
from rnn_core.own_cells.beginnings import BEGINNINGS
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.registry import UnknownNameError
from tests.own_cells.files import a_file


def test_the_tasks_are_seven_each_with_its_file():
    assert list(EXERCISES) == list("1234567")
    assert all(number == exercise.number for number, exercise in EXERCISES.items())
    assert [exercise.file_name for exercise in EXERCISES.values()] == [
        f"my_{name}.py" for name in ("rnn", "loop", "classifier", "gru", "lstm", "fused", "padding")
    ]
    with pytest.raises(UnknownNameError, match="no task called '8'"):
        EXERCISES["8"]


@pytest.mark.parametrize("number", EXERCISES)
def test_a_task_asks_in_three_sentences_and_hints(number):
    exercise = EXERCISES[number]
    assert len(re.findall(r"\.(?: |$)", exercise.asked)) == 3
    assert len(exercise.hints) == 3
    assert exercise.equation.count("{") == exercise.equation.count("}")
    assert "(B, H)" in exercise.shapes
    assert all(letter in exercise.equation for letter in exercise.roles)


@pytest.mark.parametrize("number", EXERCISES)
def test_a_template_defines_what_the_solution_does(number):
    def defined(source):
        return [node.name for node in ast.parse(source).body if hasattr(node, "name")]

    template = EXERCISES[number].template
    assert defined(template) == defined(EXERCISES[number].solution)
    assert re.search(r"\(B, (?:T|E|T, E)\)", ast.get_docstring(ast.parse(template)))
    assert 'raise NotImplementedError("Write the' in template


@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_beginning_is_the_file_of_a_cell(name):
    found = outline(a_file(BEGINNINGS[name]))
    assert found.is_cell
    assert found.states == (("h", "c") if name == "lstm" else ("h",))
    assert ("Write the time step here" in BEGINNINGS[name]) == (name == "blank")
