"""Long work on a table in a process of its own: what the process that asks for it does.

The child is a module that is run with `python -m` and calls `rnn_core.child_process.answering.answer`.
"""

import contextlib
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Mapping
from typing import Any

from rnn_core.child_process.said import MOST_BYTES, Said
from rnn_core.errors import DataError, reason
from rnn_core.files import FormatError, from_json, to_json
from rnn_core.paths import child_environment, import_folder
from rnn_core.progress import Progress

MOST_MEMORY = 3_000_000_000
"""Bytes that a child may take for its data, where the system can bound it."""
_LOOK_EVERY = 0.2  # seconds
_PATIENCE = 5.0  # seconds until a child that was asked to end is ended


def ask(
    module: str, request: Mapping[str, Any], most_memory: int = MOST_MEMORY
) -> Generator[Progress, None, dict[str, Any]]:
    """What a child found. Raises DataError with what was wrong.

    Progress comes several times a second, so that closing this generator, which ends the child, never waits
    for long.
    """
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
            raise _silent(child.returncode, complaints.read().decode("utf-8", "replace"))
        return said["found"]


def _follow(child: subprocess.Popen[bytes]) -> Generator[Progress, None, Said]:
    """How far the child is, several times a second; the last that it says."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        for line in child.stdout or ():
            lines.put(line)
        lines.put(b"")

    threading.Thread(target=read, name="child", daemon=True).start()
    progress = Progress("Opening the table", 0, 1)
    said = Said()
    while True:
        yield progress
        try:
            line = lines.get(timeout=_LOOK_EVERY)
        except queue.Empty:
            continue
        if not line:
            return said
        said = _said(line)
        if "progress" in said:
            progress = Progress(*said["progress"])


def _said(line: bytes) -> Said:
    try:
        said: Said = from_json(line, Said, most_bytes=MOST_BYTES)
    except FormatError as error:
        raise DataError(
            f"What the process that reads the table says can't be read: {reason(error)}."
        ) from error
    return said


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


def _silent(status: int, complaint: str) -> DataError:
    last = complaint.strip().splitlines()[-1:] or [f"it ended with status {status}"]
    return DataError(
        f"The process that reads the table ended without an answer ({last[0][:200]}). It may have had too "
        "little memory: close other programs or cut the table into several files, then try again."
    )
