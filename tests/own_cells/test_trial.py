"""Two trials of the check: 20 mistakes and 20 right variants each, written without knowing the check.

Each was scored once, and the manifest keeps what was found then; it also says, judged by hand, whether the
mistake was named rightly. `python -m tests.own_cells.test_trial` prints the scores. `r116.py` was called
wrong then, and passes since a check takes the class that no other one uses.
"""

import json
from pathlib import Path

import pytest

from rnn_core.cell_files.folder import CellFile
from rnn_core.own_cells import here
from rnn_core.own_cells.check import check
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.in_process import InThisProcess
from rnn_core.progress import finish

ROOM = Path(__file__).parent / "trial"
MANIFEST = json.loads((ROOM / "manifest.json").read_text(encoding="utf-8"))


RIGHT = [pytest.param(one, id=one["file"]) for one in MANIFEST if not one["mistake"]]


@pytest.mark.parametrize("handed_in", RIGHT)
def test_a_right_variant_of_a_trial_passes(handed_in, monkeypatch):
    monkeypatch.setattr(here, "_runs", True)
    exercise = EXERCISES[handed_in["task"]]
    file = CellFile.of(ROOM / exercise.file_name, (ROOM / handed_in["file"]).read_bytes())
    report = finish(check(file, exercise, process=InThisProcess()))
    assert report.passed, report.mistakes


def main():
    for trial in (1, 2):
        of_trial = [one for one in MANIFEST if one["trial"] == trial]
        mistakes = [one for one in of_trial if one["mistake"]]
        right = [one for one in of_trial if not one["mistake"]]
        print(
            f"Trial {trial}: of {len(mistakes)} mistakes {sum(one['found'] is not None for one in mistakes)} "
            f"were called wrong and {sum(one['is_named_rightly'] for one in mistakes)} named rightly; of "
            f"{len(right)} right variants {sum(one['found'] is None for one in right)} passed"
        )


if __name__ == "__main__":
    main()
