"""The check of a cell: each mistake is named, and what is right is not called wrong.

Two trials of it had 20 mistakes and 20 right variants each, written without knowing the check. Each was
scored once, and judged by hand: `trial.toml` has the sources and what was rightly found, SCORED what was
found of the other four. `styles.toml` has right cells in thirty styles, written later by somebody else.
`python -m tests.own_cells.test_trial` prints the scores. `r116` was called wrong then, and passes since a
check takes the class that no other one uses.
"""

import pytest

from tests.own_cells.files import RIGHT, checked, codes, first_line, sources
from tests.own_cells.mistakes import MISTAKES, VARIANTS

TRIAL = sources("trial")
"""The sources: a name begins with w for a mistake, with r for what is right, and goes on with the trial."""
SCORED = {"w112": "shared-gates", "w205": "starts-late", "w209": "", "r116": "states-missing"}
EQUATIONS = ("", "1", "4", "5", "6")
"""Tasks that ask for a cell, and none."""
ALL_RIGHT = {
    **RIGHT,
    **VARIANTS,
    **sources("styles"),
    **{name: source for name, source in TRIAL.items() if name.startswith("r")},
}

pytestmark = pytest.mark.usefixtures("runs_here")


@pytest.mark.parametrize("name", [name for name in TRIAL if name.startswith("w") and name not in SCORED])
def test_a_mistake_that_was_named_rightly_still_is(name):
    task, code = first_line(TRIAL[name])
    assert checked(task, TRIAL[name]).mistakes[0].code == code


SAID = {
    "size_of_init_in_forward": "NameError: name 'hidden_size' is not defined.",
    "attribute_never_set": "AttributeError: 'MyGRU' object has no attribute 'hidden_size'.",
    "no_super": "__init__ must begin with super().__init__().",
    "view_gates_first": "`view` and `reshape` cut",
    "reshape_turned": "`view` and `reshape` cut",
    "norm_over_batch": "mean",
}
"""Name of a mistake -> the words in its sentence: a missing name is no matter of shapes, a cut no mean."""


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_first(name):
    task, expected, source = MISTAKES[name]
    report = checked(task, source)
    assert list(dict.fromkeys(codes(report, wrong=True))) == expected.split()
    assert SAID.get(name, "") in report.mistakes[0].sentence


@pytest.mark.parametrize("name", ALL_RIGHT)
def test_a_right_variant_passes_and_is_named(name):
    """The first line of its source says the number of the task, and the codes of what is noted."""
    task, noted = first_line(ALL_RIGHT[name])
    report = checked(task, ALL_RIGHT[name])
    assert report.passed, report.mistakes
    assert set(noted.split()) <= set(codes(report, wrong=False))
    assert bool(report.traced) == (task in EQUATIONS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["z_twice", "shared_weights", "dropout", "plain_tensor"])
def test_a_mistake_is_named_by_its_process(process, name):
    task, expected, source = MISTAKES[name]
    assert codes(checked(task, source, process=process), wrong=True) == [expected]


def main():
    for trial in "12":
        mistakes, right = ([name for name in TRIAL if name.startswith(letter + trial)] for letter in "wr")
        found = [name for name in mistakes if SCORED.get(name, name)]
        print(
            f"Trial {trial}: of {len(mistakes)} mistakes {len(found)} were called wrong and "
            f"{len({*mistakes} - {*SCORED})} named rightly; of {len(right)} right variants "
            f"{len({*right} - {*SCORED})} passed"
        )


if __name__ == "__main__":
    main()
