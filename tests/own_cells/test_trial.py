"""The check of a cell: each mistake is named, and what is right is not called wrong.

Two trials of it had 20 mistakes and 20 right variants each, written without knowing the check. Each was
scored once, and `trial.toml` keeps what was found then; it also says, judged by hand, whether the mistake was
named rightly. `styles.toml` has right cells in thirty styles, written later by somebody else.
`python -m tests.own_cells.test_trial` prints the scores. `r116` was called wrong then, and passes since a
check takes the class that no other one uses.
"""

import re
import tomllib
from pathlib import Path

import pytest

from tests.own_cells.files import RIGHT, checked, codes
from tests.own_cells.mistakes import MISTAKES

TRIAL = tomllib.loads(Path(__file__).with_name("trial.toml").read_text(encoding="utf-8"))
STYLES = tomllib.loads(Path(__file__).with_name("styles.toml").read_text(encoding="utf-8"))
EQUATIONS = ("", "1", "4", "5", "6")
"""Tasks that ask for a cell, and none."""
NAMED = [name for name, one in TRIAL.items() if one["judged"].get("is_named_rightly")]

pytestmark = pytest.mark.usefixtures("runs_here")


@pytest.mark.parametrize("name", [name for name in TRIAL if "mistake" not in TRIAL[name]["judged"]])
def test_a_right_variant_of_a_trial_passes(name):
    task = TRIAL[name]["judged"]["task"]
    report = checked(task, TRIAL[name]["source"])
    assert report.passed, report.mistakes
    assert report.traced or task not in EQUATIONS


@pytest.mark.parametrize("name", STYLES)
def test_a_right_cell_in_another_style_is_read(name):
    report = checked(STYLES[name]["task"], STYLES[name]["source"])
    assert report.passed, report.mistakes
    assert report.traced


@pytest.mark.parametrize("name", NAMED)
def test_a_mistake_that_was_named_rightly_still_is(name):
    judged = TRIAL[name]["judged"]
    assert checked(judged["task"], TRIAL[name]["source"]).mistakes[0].code == judged["found"]


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


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_variant_passes_and_is_named(name):
    """The first line of its source says the number of the task, and the codes of what is noted."""
    task, noted = re.match(r"# Task (\d?): ?(.*)", RIGHT[name]).groups()
    report = checked(task, RIGHT[name])
    assert report.passed, report.mistakes
    assert set(noted.split()) <= set(codes(report, wrong=False))
    assert bool(report.traced) == (task in EQUATIONS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["z_twice", "shared_weights", "dropout", "plain_tensor"])
def test_a_mistake_is_named_by_its_process(process, name):
    task, expected, source = MISTAKES[name]
    assert codes(checked(task, source, process=process), wrong=True) == [expected]


def main():
    for trial in (1, 2):
        judged = [one["judged"] for one in TRIAL.values() if one["judged"]["trial"] == trial]
        mistakes = [one for one in judged if "mistake" in one]
        right = [one for one in judged if "mistake" not in one]
        print(
            f"Trial {trial}: of {len(mistakes)} mistakes {sum('found' in one for one in mistakes)} "
            f"were called wrong and {sum(one['is_named_rightly'] for one in mistakes)} named rightly; of "
            f"{len(right)} right variants {sum('found' not in one for one in right)} passed"
        )


if __name__ == "__main__":
    main()
