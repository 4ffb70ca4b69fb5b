"""How many threads torch is given."""

import os
import threading

import pytest
import torch

from rnn_core.nn.threads import threads_here, use_threads


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


def threads_of_a_new_thread():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    return seen[0]


def test_threads_here_are_those_of_this_thread_alone_until_the_end_of_the_block(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    use_threads(2)
    with threads_here(5) as given:
        assert (given, torch.get_num_threads(), threads_of_a_new_thread()) == (5, 5, 2)
    assert (torch.get_num_threads(), threads_of_a_new_thread()) == (2, 2)
