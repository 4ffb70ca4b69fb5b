"""What a measurement was made on."""

import os
import platform
import sys
from pathlib import Path
from typing import NamedTuple

import torch


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


def memory_in_use() -> int:
    """Bytes of memory that this process takes now, with those that it shares; 0 where it can't be known."""
    statistics = Path("/proc/self/statm")  # pages of Linux: all, then those in memory
    if statistics.is_file():
        return int(statistics.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    if sys.platform == "win32":
        return _working_set()
    import resource  # not on Windows

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # the most that it ever took
    return most if sys.platform == "darwin" else most * 1024


if sys.platform == "win32":

    def _working_set() -> int:
        """What Windows calls the memory that a process has now."""
        import ctypes
        from ctypes import wintypes

        class Counters(ctypes.Structure):
            _fields_ = (
                ("size", wintypes.DWORD),
                ("page_faults", wintypes.DWORD),
                *((name, ctypes.c_size_t) for name in ("peak", "working_set", "a", "b", "c", "d", "e", "f")),
            )

        counters = Counters(size=ctypes.sizeof(Counters))
        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.K32GetProcessMemoryInfo.argtypes = (
            wintypes.HANDLE,
            ctypes.POINTER(Counters),
            wintypes.DWORD,
        )
        known = kernel.K32GetProcessMemoryInfo(
            kernel.GetCurrentProcess(), ctypes.byref(counters), counters.size
        )
        return counters.working_set if known else 0
