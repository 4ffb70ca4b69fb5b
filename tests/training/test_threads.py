"""One thread in place of several where these are slower: chosen by timing, kept, and made again."""

import itertools

import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.training import threads
from rnn_core.training.records import Record, ThreadEvent
from rnn_core.training.threads import Threads
from rnn_core.training.trainer import Trainer
from tests.training.made import SMALL, have_same_weights, interrupted, without_clocks


class Machine:
    """A clock that goes on by so many seconds each time it is read, by the number of threads."""

    def __init__(self, one, two):
        self.now, self.takes = 0.0, {1: one, 2: two}

    def perf_counter(self):
        self.now += self.takes[torch.get_num_threads()]
        return self.now


@pytest.fixture(autouse=True)
def two_threads():
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


@pytest.fixture
def machine(monkeypatch):
    machine = Machine(1.0, 0.7)
    monkeypatch.setattr(threads, "time", machine)
    return machine


def chosen(machine, steps, per_epoch=1_000, change=lambda step: None, **more):
    """The changes of a training of so many steps on this machine."""
    numbers, events = Threads(**{"keep": False, **more}), {}
    for step in range(1, steps + 1):
        change(step)
        if event := numbers.choose(step, (step - 1) / per_epoch, lambda: None):
            events[step] = event
        numbers.note(machine.takes[numbers.number], 10)
    return events


@pytest.mark.parametrize(("one", "two", "number"), [(1, 0.7, 2), (1, 1.1, 2), (1, 1.3, 1), (1, 50, 1)])
def test_several_threads_stay_unless_clearly_slower(machine, one, two, number):
    machine.takes = {1: one, 2: two}
    events = chosen(machine, 3)
    assert events == ({} if number == 2 else {1: ThreadEvent(0.0, 2, 1)})
    assert torch.get_num_threads() == number


def test_steps_twice_as_slow_are_timed_again(machine):
    def get_busy(step):
        if step == 20:
            machine.takes = {1: 4.0, 2: 40.0}

    [(step, event)] = chosen(machine, 40, change=get_busy).items()
    assert 20 < step <= 26
    assert event == ThreadEvent((step - 1) / 1_000, 2, 1)


def test_an_epoch_begins_with_the_faster_number(machine):
    machine.takes = {1: 1.0, 2: 9.0}

    def get_quiet(step):
        if step == 150:
            machine.takes = {1: 1.0, 2: 0.7}

    events = chosen(machine, 300, per_epoch=200, change=get_quiet)
    assert events == {1: ThreadEvent(0.0, 2, 1), 201: ThreadEvent(1.0, 1, 2)}


def test_one_round_that_is_slow_decides_nothing(machine):
    calls = itertools.count()
    usual = machine.perf_counter

    def perf_counter():
        """The end of the first rehearsal with two threads comes late, as beside a moment of other work."""
        machine.now += 50.0 * (next(calls) == 3)
        return usual()

    machine.perf_counter = perf_counter
    assert chosen(machine, 3) == {}


def test_changes_are_repeated_and_none_is_timed_before(machine):
    machine.takes = {1: 1.0, 2: 50.0}
    numbers = Threads(keep=False)
    numbers.repeat({2: 1, 4: 2}, until=6)
    seen = [numbers.choose(step, step / 10, lambda: None) for step in range(1, 8)]
    assert [event and event.threads for event in seen] == [None, 1, None, 2, None, None, 1]


def test_an_exact_number_is_never_timed(machine):
    machine.takes = {1: 1.0, 2: 50.0}
    assert chosen(machine, 30, keep=True) == {}


CONFIG = RunConfig().with_settings(**SMALL, word_dropout=0.2, adversarial=0.1)


@pytest.mark.slow
def test_timing_alone_changes_no_bit(tiny_corpus, machine):
    timed, exact = (Trainer(CONFIG.with_settings(exact=exact), tiny_corpus) for exact in (False, True))
    assert without_clocks(timed) == without_clocks(exact)
    assert have_same_weights(timed, exact)


@pytest.mark.slow
def test_a_change_is_recorded_and_kept_by_a_checkpoint(tiny_corpus, machine, monkeypatch, tmp_path):
    monkeypatch.setattr(Threads, "_faster", lambda numbers, rehearse: 1)
    records, second = interrupted(lambda: Trainer(CONFIG, tiny_corpus), 4, tmp_path)
    [event] = [record.thread_event for record in records if record.thread_event]
    assert event == ThreadEvent(0.0, 2, 1)
    assert Record.from_dict(records[0].to_dict() | {"thread_event": event}) == records[0]
    assert second.threads.number == 1
    assert torch.get_num_threads() == 2  # once it has ended
