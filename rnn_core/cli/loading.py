"""Ctrl-C while a command is imported, which takes seconds: it ends as later, with a sentence."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Give up at once in this block: nothing was begun, and half a library raises anything at all."""
    before = signal.getsignal(signal.SIGINT)
    is_ours = before is signal.default_int_handler  # else a shell has turned Ctrl-C off
    if not is_ours or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, _give_up)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _give_up(_number: int, _frame: FrameType | None) -> None:
    os.write(2, b"\nGiven up.\n")
    os._exit(130)
