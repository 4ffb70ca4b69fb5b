"""The machine: what a measurement was made on, how busy it is, what memory and time are taken on it."""

import os
import platform
import sys
import threading
import time
import zlib
from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeVar

import psutil

WORKER_NICE = 10
"""The priority by which a worker stands back behind other programs, as Unix counts it."""
_LOOK, _LONG_LOOK = 0.2, 1.5  # seconds
_NEARLY_ALL = 0.9
_BLOCK = 4_000_000  # bytes: some milliseconds of work
_LEAST_SHARE = 0.02

Key = TypeVar("Key", bound=Hashable)


class Machine(NamedTuple):
    """A computer, and what of it a measurement used."""

    processor: str
    cores: int
    threads: int
    system: str
    python: str
    torch: str

    def __str__(self) -> str:
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return (
            f"{self.processor}, {threads} of {cores}; {self.system}, Python {self.python}, torch {self.torch}"
        )


def describe_machine() -> Machine:
    """This machine, with as many threads as torch computes with now."""
    import torch  # its import takes seconds, which all else here does without

    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        threads=torch.get_num_threads(),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        torch=str(torch.__version__),
    )


def _processor() -> str:
    """Its name in words where the system has one, which on Linux is in a file of its own."""
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def share_of_a_core() -> float:
    """The share of a core that a thread at the priority of a worker gets now: other programs take the rest.

    Measured for longer where it gets less than nearly all of one, since programs take turns.
    """
    shares: list[float] = []
    block = bytes(_BLOCK)

    def measure(seconds: float) -> float:
        began, used = time.perf_counter(), time.thread_time()
        while (elapsed := time.perf_counter() - began) < seconds:
            zlib.crc32(block)  # without Python's lock, which other threads of a server hold
        return (time.thread_time() - used) / elapsed

    def work() -> None:
        if sys.platform == "linux":
            own = threading.get_native_id()
            nice = max(WORKER_NICE, os.getpriority(os.PRIO_PROCESS, own))  # a higher priority is refused
            os.setpriority(os.PRIO_PROCESS, own, nice)
        share = measure(_LOOK)
        shares.append(share if share > _NEARLY_ALL else measure(_LONG_LOOK))

    thread = threading.Thread(target=work, name="share of a core")
    thread.start()
    thread.join()
    return min(max(shares[0], _LEAST_SHARE), 1.0)


def memory_in_use() -> int:
    """Bytes of memory that this process takes now, with those that it shares."""
    return int(psutil.Process().memory_info().rss)


def alternate(
    functions: Mapping[Key, Callable[[], object]], rounds: int, *, warm_up: bool = True
) -> Iterator[dict[Key, float]]:
    """Call each once a round, after a first call that does not count; yield the median ms of each so far.

    In turns, so that a busy moment of the machine hits them all.
    """
    if warm_up:
        for function in functions.values():
            function()
    measured: dict[Key, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            began = time.perf_counter()
            function()
            measured[name].append((time.perf_counter() - began) * 1e3)
        yield {name: median(times) for name, times in measured.items()}
