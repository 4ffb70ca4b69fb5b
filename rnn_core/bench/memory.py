"""How much memory one optimizer step's forward and backward pass needs at its highest point."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch

from rnn_core.bench.forms import Forms, usual_cell

_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_megabytes(cell: str, form: str, batch_size: int, length: int) -> float | None:
    """Megabytes that a step of this form adds; None where the system is not Linux, which keeps such a record.

    Each measurement takes a process of its own, so that none finds memory that another has left.
    """
    if not _FORGET.exists():
        return None
    processes = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=processes) as pool:
        return pool.submit(_measure, cell, form, batch_size, length, torch.get_num_threads()).result()


def _measure(cell: str, form: str, batch_size: int, length: int, threads: int) -> float:
    torch.set_num_threads(threads)
    made = usual_cell(cell)
    getattr(Forms(made, batch_size, 2), form)()  # what torch sets up at its first call is not the step's
    step = getattr(Forms(made, batch_size, length), form)
    _FORGET.write_text("5")  # the highest point is where it is now
    before = _highest_point()
    step()
    return _highest_point() - before


def _highest_point() -> float:
    """Megabytes of memory that this process had at most."""
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1e3
