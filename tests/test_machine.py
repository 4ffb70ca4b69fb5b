"""What the machine says of itself: how busy it is, and what memory a process takes."""

import mmap
import sys
from types import SimpleNamespace

import pytest

from rnn_core import machine


class Clock:
    """A clock of which a thread gets a share."""

    def __init__(self, share: float) -> None:
        self.now, self.share = 0.0, share

    def perf_counter(self) -> float:
        return self.now

    def thread_time(self) -> float:
        return self.now * self.share


@pytest.mark.parametrize(
    ("gets", "said", "seconds"), [(1.0, 1.0, 0.2), (0.25, 0.25, 1.7), (0.001, 0.02, 1.7)]
)
def test_the_share_of_a_core_is_the_processor_time_that_a_thread_gets(monkeypatch, gets, said, seconds):
    clock = Clock(gets)

    def works(block: bytes) -> None:
        clock.now += 0.01

    monkeypatch.setattr(machine, "time", clock)
    monkeypatch.setattr(machine, "zlib", SimpleNamespace(crc32=works))
    assert machine.share_of_a_core() == pytest.approx(said)
    assert clock.now == pytest.approx(seconds, abs=0.03)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS says the most that it ever took")
def test_the_memory_of_a_process_grows_by_what_it_holds():
    written = b"x" * 50_000_000
    before = machine.memory_in_use()
    with mmap.mmap(-1, len(written)) as held:  # pages of its own, where malloc may give back what was freed
        held.write(written)
        assert machine.memory_in_use() - before > 0.8 * len(written)
