"""What a measurement was made on."""

import os
import platform
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
