"""Bounds on what a process may take: time, and memory."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psutil

MOST_MEMORY = 2_000_000_000
"""The bytes that a process and its children may have in memory, where nothing else is said."""
START_SECONDS = 60.0
"""Processor time that the start of a process may take."""
_BOUND_EVERY = 0.2  # seconds
_LONGEST_LOOK = 2.0
"""Seconds between two looks that count at most: where there were more, the process that looks was stopped."""
_TIMES_WAITING = 5
_STOPPED = {psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP}
# Other systems call a process that sleeps running.
_WOULD_GO_ON = {psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP} if sys.platform == "linux" else set[str]()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Bounds of a process that answers; it has another one on its time for each question."""

    memory: int | None = MOST_MEMORY
    """The bytes that it and its children may have in memory, if there is a bound."""
    printed: int = 5_000_000
    """The bytes that it may print while it answers one question."""
    data: int | None = None
    """The bytes that the system lets it have for its data, where the system can bound it."""
    patience: float = 0.0
    """Seconds in which it may clear away what it has begun, when it is ended; 0: it has nothing to."""


USUAL = Bounds()


class TimeBound:
    """Bound on the time of some processes from now on: they compute for so long, and wait five times as long.

    A clock goes on while a process is stopped, and while other programs have the processor: neither counts.
    It has to be asked several times a second.
    """

    def __init__(
        self,
        seconds: float,
        processes: Callable[[], Iterable[psutil.Process]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds` are those of computing; several cores that compute at once count as one.

        `processes` returns those that are there, of which none may be the thread that asks.
        """
        self._seconds, self._processes, self._clock = seconds, processes, clock
        self._computed = self._waited = 0.0
        self._last: tuple[float, float] | None = None

    def broken(self) -> str:
        """Say how it is broken, such as "computed for 20 s and did not come to an end"; else empty."""
        now = self._clock()
        if self._last is None or now - self._last[0] >= _BOUND_EVERY:
            used, only_waits = self._look()
            if self._last is not None:
                passed = min(now - self._last[0], _LONGEST_LOOK)
                computed = min(max(used - self._last[1], 0.0), passed)
                self._computed += computed
                self._waited += (passed - computed) * only_waits
            self._last = now, used
        if self._computed > self._seconds:
            return f"computed for {self._seconds:,.3g} s and did not come to an end (an endless loop?)"
        if self._waited > (most := _TIMES_WAITING * self._seconds):
            return f"waited for {most:,.3g} s and did not go on (does it sleep?)"
        return ""

    def _look(self) -> tuple[float, bool]:
        """The processor time that was used so far, and whether each process waits for something else."""
        used, states = 0.0, set[str]()
        for process in self._processes():
            try:
                with process.oneshot():
                    used += sum(process.cpu_times()[:4])  # its own, and that of children that have ended
                    states.add(process.status())
            except psutil.Error:
                continue
        return used, not states & (_STOPPED | _WOULD_GO_ON)


def limit_memory(most: int) -> None:
    """Bound the bytes that this process takes for its data. Windows has no such bound."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some; its own memory is the bound there
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def lift_memory_bound() -> None:
    """Undo what `limit_memory` did."""
    limit_memory(sys.maxsize)
