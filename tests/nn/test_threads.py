"""How many threads torch is given."""

import os

import pytest
import torch

from rnn_core.nn.threads import use_threads


@pytest.fixture(autouse=True)
def same_threads_afterwards():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("cores", "asked", "given"), [(8, 0, 7), (1, 0, 1), (8, 3, 3), (8, 1_024, 8), (None, 0, 1)]
)
def test_threads_are_those_asked_for_but_no_more_than_cores(monkeypatch, cores, asked, given):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    use_threads(asked)
    assert torch.get_num_threads() == given
