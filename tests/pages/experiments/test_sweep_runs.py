"""The runs of a sweep as the picture takes them, and the values with which a factor begins in the form."""

import pandas as pd
import pytest

from pages.components.experiments.sweep_form import values_at_first
from pages.components.experiments.sweep_runs import in_order, in_words
from pages.components.shared import settings
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.sweep import parse_factor

SWEEP = QUESTIONS["gates"].sweep


def test_runs_stand_in_the_order_of_the_cases_however_they_ended():
    rows = [{**case, "seed": seed} for case in reversed(SWEEP.cases) for seed in (1, 0)]
    ordered = in_order(pd.DataFrame(rows), SWEEP)
    assert list(ordered["cell"].unique()) == [case["cell"] for case in SWEEP.cases]
    assert list(ordered["seed"]) == [1, 0] * len(SWEEP.cases)
    assert list(in_words(ordered, SWEEP)["cell"].unique())[:3] == ["Elman", "IndRNN", "UGRNN"]


def test_a_run_of_a_case_that_is_no_longer_asked_comes_last():
    rows = [{"cell": "gru", "learning_rate": 0.1}, *SWEEP.cases]
    assert list(in_order(pd.DataFrame(rows), SWEEP)["learning_rate"])[-1] == 0.1


@pytest.mark.parametrize(("held", "shown"), [("", "none"), ("gru+lstm", "gru+lstm")])
def test_teachers_begin_with_those_of_train_and_none_is_a_value_too(monkeypatch, held, shown):
    monkeypatch.setattr(settings, "value", lambda name: held)
    assert values_at_first("teachers") == shown
    assert parse_factor(f"teachers={shown}") == ("teachers", [held])
    assert parse_factor("teachers=none,gru") == ("teachers", ["", "gru"])
