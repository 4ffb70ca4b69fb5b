"""A bound on time counts what a process computes, and what it waits of its own accord."""

import contextlib
import sys

import psutil
import pytest

from rnn_core.machine import TimeBound

COMPUTES, SLEEPS, STOPPED = psutil.STATUS_RUNNING, psutil.STATUS_SLEEPING, psutil.STATUS_STOPPED


class Process:
    """A process with so much processor time and this state at each look."""

    def __init__(self):
        self.used, self.state = 5.0, COMPUTES

    oneshot = staticmethod(contextlib.nullcontext)

    def cpu_times(self):
        return self.used - 1, 0.25, 0.5, 0.25, 99.0

    def status(self):
        return self.state


def after(*looks):
    """How a bound of 10 s is broken after looks at so many seconds, used seconds and states from before."""
    process, now = Process(), 0.0
    bound = TimeBound(10, lambda: [process], clock=lambda: now)
    assert bound.broken() == ""
    for passed, used, state in looks:
        now, process.used, process.state = now + passed, process.used + used, state
        bound.broken()
    return bound.broken()


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        ([(1, 1, COMPUTES)] * 9, ""),
        ([(1, 1, COMPUTES)] * 11, "computed for 10 s and did not come to an end (an endless loop?)"),
        ([(1, 8, COMPUTES)] * 9, ""),  # eight cores
        ([(1, 0.01, SLEEPS)] * 49, ""),
        ([(1, 0.01, SLEEPS)] * 52, "waited for 50 s and did not go on (does it sleep?)"),
        ([(1, 0, STOPPED)] * 9_999, ""),
        ([(9_999, 0, SLEEPS)], ""),  # this process was stopped
        ([(9_999, 9_999, COMPUTES)], ""),
        pytest.param(
            [(1, 0.001, COMPUTES)] * 9_999,
            "",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="states say less elsewhere"),
        ),
    ],
)
def test_only_its_own_computing_and_waiting_count(looks, words):
    """No time counts in which it is stopped, as is the one that looks, or in which others have the cores."""
    assert after(*looks) == words
