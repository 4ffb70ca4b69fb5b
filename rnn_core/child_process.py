"""Long work on a table in a process of its own: what is asked of it, and what that process does.

The child is a module that is run with `python -m` and calls `answer`. It says on its standard output how far
it is, and at the end what it found or what was wrong: JSON, a line each.
"""

import contextlib
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping
from typing import Any, TypedDict, TypeVar

import psutil

from rnn_core.errors import DataError, GatescopeError, reason
from rnn_core.files import FormatError, from_json, to_json
from rnn_core.paths import child_environment, import_folder
from rnn_core.progress import Progress, RateLimit

MOST_MEMORY = 3_000_000_000
"""The bytes that a child may take for its data, where the system can bound it."""
_MOST_BYTES = 10_000_000
"""The bytes that a line may have."""
_LOOK_EVERY, _SAY_EVERY = 0.2, 0.1  # seconds
_PATIENCE = 5.0  # seconds until a child that was asked to end is ended
_GIVEN_UP = 130

Request = TypeVar("Request")
Steps = Generator[Progress, None, dict[str, Any]]


class _Said(TypedDict, total=False):
    """A line: how far the child is, and at the end what it found or what was wrong."""

    progress: tuple[str, int, int]
    found: dict[str, Any]
    error: str


def ask(module: str, request: Mapping[str, Any], most_memory: int = MOST_MEMORY) -> Steps:
    """What a child found. Raises DataError. Closing it, which ends the child, never waits for long."""
    with tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen(
            [sys.executable, "-m", module, str(most_memory)],
            cwd=import_folder(),
            env=child_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        try:
            with contextlib.suppress(BrokenPipeError), child.stdin as pipe:  # type: ignore[union-attr]
                pipe.write(to_json(request).encode())
            said = yield from _follow(child)
        finally:
            _end(child)
        if "error" in said:
            raise DataError(said["error"])
        if "found" not in said:
            complaints.seek(0)
            complaint = complaints.read().decode("utf-8", "replace").strip()
            last = complaint.splitlines()[-1:] or [f"it ended with status {child.returncode}"]
            raise DataError(
                f"The process that reads the table ended without an answer ({last[0][:200]}). It may have "
                "had too little memory: close other programs or cut the table into several files, then try "
                "again."
            )
        return said["found"]


def _follow(child: subprocess.Popen[bytes]) -> Generator[Progress, None, _Said]:
    """How far the child is, several times a second; the last that it says."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        for line in child.stdout or ():
            lines.put(line)
        lines.put(b"")

    threading.Thread(target=read, name="child", daemon=True).start()
    progress = Progress("Opening the table", 0, 1)
    said = _Said()
    while True:
        yield progress
        try:
            line = lines.get(timeout=_LOOK_EVERY)
        except queue.Empty:
            continue
        if not line:
            return said
        try:
            said = from_json(line, _Said, most_bytes=_MOST_BYTES)
        except FormatError as error:
            raise DataError(
                f"What the process that reads the table says can't be read: {reason(error)}."
            ) from error
        if "progress" in said:
            progress = Progress(*said["progress"])


def _end(child: subprocess.Popen[bytes]) -> None:
    """Let the child end: it has ended, or is asked to, and is ended where it does not."""
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def answer(shape: type[Request], work: Callable[[Request], Steps]) -> None:
    """Do what standard input asks for; the first argument bounds the memory, in bytes."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was begun is cleared away
    most_memory = int(sys.argv[1])
    try:
        request: Request = from_json(sys.stdin.buffer.read(), shape, most_bytes=_MOST_BYTES)
        if sys.platform == "linux" and psutil.Process().memory_info().data > most_memory:
            raise MemoryError  # with no room at all an import would fail, and say something else
        limit_memory(most_memory)
        steps, due, doing = work(request), RateLimit(_SAY_EVERY), ""
        while True:
            try:
                progress = next(steps)
            except StopIteration as ended:
                _say(_Said(found=ended.value))
                return
            if due() or progress.doing != doing:
                doing = progress.doing
                _say(_Said(progress=(progress.doing, progress.done, progress.total)))
    except GatescopeError as error:
        _say(_Said(error=str(error)))
    except (MemoryError, SystemError):  # the second where code in C gets no memory and does not say so
        _lift_bound()  # what filled the memory is still there, and a sentence takes some, too
        too_much = (
            f"Reading the table takes more than {most_memory / 1e9:,.1f} GB of memory, which is the bound. "
            "Cut it into several files, or shorten its longest texts; nothing was kept."
        )
        _say(_Said(error=too_much))
    except KeyboardInterrupt:
        sys.exit(_GIVEN_UP)


def _say(said: _Said) -> None:
    print(to_json(said), flush=True)


def limit_memory(most: int) -> None:
    """Bound the bytes that this process takes for its data. Windows has no such bound."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    except (ValueError, OSError):  # macOS refuses some bounds; there the system's own memory is the bound
        return


def _lift_bound() -> None:
    """Undo `limit_memory`."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some bounds
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
