"""The check of a cell: each mistake is named, and what is right is not called wrong."""

import re

import pytest

from tests.own_cells.files import RIGHT, checked, codes
from tests.own_cells.mistakes import MISTAKES

pytestmark = pytest.mark.usefixtures("runs_here")

SAID = {
    "size_of_init_in_forward": "NameError: name 'hidden_size' is not defined.",
    "attribute_never_set": "AttributeError: 'MyGRU' object has no attribute 'hidden_size'.",
    "no_super": "__init__ must begin with super().__init__().",
    "view_gates_first": "`view` and `reshape` cut",
    "reshape_turned": "`view` and `reshape` cut",
    "norm_over_batch": "mean",
}
"""By the name of a mistake, what its sentence must say: a missing name is no matter of shapes, a cut no mean."""


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_first(name):
    task, expected, source = MISTAKES[name]
    report = checked(task, source)
    assert list(dict.fromkeys(codes(report, wrong=True))) == expected.split()
    assert SAID.get(name, "") in report.mistakes[0].sentence


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_variant_passes_and_is_named(name):
    """The first line of its source says the number of the task, and the codes of what is noted."""
    task, noted = re.match(r"# Task (\d?): ?(.*)", RIGHT[name]).groups()
    report = checked(task, RIGHT[name])
    assert report.passed, report.mistakes
    assert set(noted.split()) <= set(codes(report, wrong=False))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["z_twice", "forget_and_input_exchanged", "shared_weights", "dropout", "plain_tensor"]
)
def test_a_mistake_is_named_by_its_process(process, name):
    task, expected, source = MISTAKES[name]
    assert codes(checked(task, source, process=process), wrong=True) == [expected]
