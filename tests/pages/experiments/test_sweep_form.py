"""The values with which a factor begins in the form of an own sweep."""

import pytest

from pages.components.experiments.sweep_form import values_at_first
from pages.components.shared import settings
from rnn_core.sweeps.sweep import parse_factor


@pytest.mark.parametrize(("held", "shown"), [("", "none"), ("gru+lstm", "gru+lstm")])
def test_teachers_begin_with_those_of_train_and_none_is_a_value_too(monkeypatch, held, shown):
    monkeypatch.setattr(settings, "value", lambda name: held)
    assert values_at_first("teachers") == shown
    assert parse_factor(f"teachers={shown}") == ("teachers", [held])
    assert parse_factor("teachers=none,gru") == ("teachers", ["", "gru"])
