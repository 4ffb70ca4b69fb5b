"""How long the rest of some work takes, and how often its progress is shown."""

import pytest

from rnn_core import progress
from rnn_core.progress import Progress, RateLimit, Stopwatch, duration, roughly


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_the_time_left_follows_the_pace_of_what_is_done_now(clock):
    stopwatch = Stopwatch()
    stopwatch.note(Progress("Downloading", 10, 100))
    clock.now += 5
    stopwatch.note(Progress("Downloading", 20, 100))
    assert stopwatch.seconds_left() == 40
    stopwatch.note(Progress("Preparing", 0, 10))
    assert stopwatch.seconds_left() is None
    clock.now += 2
    stopwatch.note(Progress("Preparing", 5, 10))
    assert stopwatch.seconds_left() == 2


def test_nothing_is_said_of_the_time_left_before_a_second_is_over_or_while_nothing_goes_on(clock):
    stopwatch = Stopwatch()
    assert stopwatch.seconds_left() is None
    stopwatch.note(Progress("Downloading", 0, 100))
    clock.now += 0.9
    stopwatch.note(Progress("Downloading", 50, 100))
    assert stopwatch.seconds_left() is None
    stopwatch = Stopwatch()
    stopwatch.note(Progress("Waiting", 0, 1))
    clock.now += 60
    assert stopwatch.seconds_left() is None


def test_a_rate_limit_lets_one_through_in_so_many_seconds(clock):
    at_once, later = RateLimit(2), RateLimit(2, from_now=True)
    assert [at_once(), at_once(), later()] == [True, False, False]
    clock.now += 2
    assert [at_once(), at_once(), later(), later()] == [True, False, True, False]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "5 s"), (57, "55 s"), (58, "1 min"), (115, "2 min"), (590, "10 min"), (3_590, "1 h 00 min"),
     (3_790, "1 h 05 min"), (86_300, "24 h 00 min")],
)  # fmt: skip
def test_an_estimate_is_not_said_to_the_second(seconds, said):
    """It was "about 1 min 55 s"."""
    assert roughly(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 s"), (59.6, "1 min 00 s"), (599, "9 min 59 s"), (600, "10 min"), (3_599, "1 h 00 min")],
)
def test_a_duration_has_the_unit_that_fits(seconds, said):
    assert duration(seconds) == said
