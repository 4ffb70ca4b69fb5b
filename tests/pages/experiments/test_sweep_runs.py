"""The runs of a sweep as the picture takes them."""

import pandas as pd

from pages.components.experiments.sweep_runs import in_order, in_words
from rnn_core.sweeps.questions import QUESTIONS

SWEEP = QUESTIONS["gates"].sweep


def test_runs_stand_in_the_order_of_the_cases_however_they_ended() -> None:
    rows = [{**case, "seed": seed} for case in reversed(SWEEP.cases) for seed in (1, 0)]
    ordered = in_order(pd.DataFrame(rows), SWEEP)
    assert list(ordered["cell"].unique()) == [case["cell"] for case in SWEEP.cases]
    assert list(ordered["seed"]) == [1, 0] * len(SWEEP.cases)
    assert list(in_words(ordered, SWEEP)["cell"].unique())[:3] == ["Elman", "IndRNN", "UGRNN"]


def test_a_run_of_a_case_that_is_no_longer_asked_comes_last() -> None:
    rows = [{"cell": "gru", "learning_rate": 0.1}, *SWEEP.cases]
    assert list(in_order(pd.DataFrame(rows), SWEEP)["learning_rate"])[-1] == 0.1
