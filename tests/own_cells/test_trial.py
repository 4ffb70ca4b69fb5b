"""Two trials of the check: 20 mistakes and 20 right variants each, written without knowing the check.

Each was scored once, and `trial.toml` keeps what was found then; it also says, judged by hand, whether the
mistake was named rightly. `python -m tests.own_cells.test_trial` prints the scores. `r116` was called
wrong then, and passes since a check takes the class that no other one uses.
"""

import tomllib
from pathlib import Path

import pytest

from tests.own_cells.files import checked

TRIAL = tomllib.loads(Path(__file__).with_name("trial.toml").read_text(encoding="utf-8"))


RIGHT = [name for name, one in TRIAL.items() if "mistake" not in one["judged"]]
NAMED = [name for name, one in TRIAL.items() if one["judged"].get("is_named_rightly")]

pytestmark = pytest.mark.usefixtures("runs_here")


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_variant_of_a_trial_passes(name):
    report = checked(TRIAL[name]["judged"]["task"], TRIAL[name]["source"])
    assert report.passed, report.mistakes


@pytest.mark.parametrize("name", NAMED)
def test_a_mistake_that_was_named_rightly_still_is(name):
    judged = TRIAL[name]["judged"]
    assert checked(judged["task"], TRIAL[name]["source"]).mistakes[0].code == judged["found"]


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
