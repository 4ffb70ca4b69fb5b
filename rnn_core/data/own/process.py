"""Adding and looking through in a process of its own, so that a large table stops no page.

The child is `python -m rnn_core.data.own.child`. What passes between the two is JSON, a line each.
"""

import contextlib
import dataclasses
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any, Literal, TypedDict

from rnn_core.data.own.alone import alone_with
from rnn_core.data.own.catalogue import check_new_name
from rnn_core.data.own.look import Look
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.survey import Survey
from rnn_core.errors import DataError, reason
from rnn_core.files import FormatError, from_json, to_json
from rnn_core.paths import child_environment, import_folder
from rnn_core.progress import Progress
from rnn_core.tables.table import GUESS, Options

MOST_MEMORY = 3_000_000_000
"""Bytes that the child may take for its data, where the system can bound it."""
_LOOK_EVERY = 0.2  # seconds
_PATIENCE = 5.0  # seconds until a child that was asked to end is ended
_MOST_BYTES = 10_000_000


class Request(TypedDict):
    """What a child is asked to do."""

    what: Literal["look", "survey", "add"]
    name: str
    """Of the corpus that is added; else empty."""
    source: str
    """The path of the table, which is read with these options where there is no recipe yet."""
    options: Options
    recipe: Recipe | None
    most_memory: int


class Said(TypedDict, total=False):
    """A line that a child says: how far it is, and at the end what it found or what was wrong."""

    progress: tuple[str, int, int]
    found: dict[str, Any]
    error: str


def add_apart(name: str, recipe: Recipe, most_memory: int = MOST_MEMORY) -> Generator[Progress, None, Survey]:
    """`rnn_core.data.own.make.add` in a process of its own. Raises DataError, and then leaves nothing.

    Progress comes several times a second, so that closing this generator, which ends the child and clears
    away what it has written, never waits for long.
    """
    check_new_name(name)
    try:
        return Survey.from_dict((yield from _apart(_about(recipe, "add", name, most_memory))))
    finally:
        with contextlib.suppress(DataError), alone_with(name):  # which clears away what a killed child left
            pass


def survey_apart(recipe: Recipe, most_memory: int = MOST_MEMORY) -> Generator[Progress, None, Survey]:
    """`rnn_core.data.own.survey.survey` in a process of its own, to be closed in the same way."""
    return Survey.from_dict((yield from _apart(_about(recipe, "survey", "", most_memory))))


def look_apart(
    path: Path, options: Options = GUESS, most_memory: int = MOST_MEMORY
) -> Generator[Progress, None, Look]:
    """`rnn_core.data.own.look.look_at` in a process of its own, to be closed in the same way."""
    request = Request(
        what="look", name="", source=str(path), options=options, recipe=None, most_memory=most_memory
    )
    return Look.from_dict((yield from _apart(request)))


def _about(recipe: Recipe, what: Literal["survey", "add"], name: str, most_memory: int) -> Request:
    options = Options(encoding=recipe.encoding, delimiter=recipe.delimiter, sheet=recipe.sheet)
    return Request(
        what=what, name=name, source=recipe.source, options=options, recipe=recipe, most_memory=most_memory
    )


def _apart(request: Request) -> Generator[Progress, None, dict[str, Any]]:
    """What the child found. Raises DataError with what was wrong."""
    with tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen(
            [sys.executable, "-m", "rnn_core.data.own.child"],
            cwd=import_folder(),
            env=child_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        try:
            recipe = request["recipe"]
            asked = {
                **request,
                "options": dataclasses.asdict(request["options"]),
                "recipe": recipe and recipe.to_dict(),
            }
            with contextlib.suppress(BrokenPipeError), child.stdin as pipe:  # type: ignore[union-attr]
                pipe.write(to_json(asked).encode())
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

    threading.Thread(target=read, name="adding", daemon=True).start()
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
        said: Said = from_json(line, Said, most_bytes=_MOST_BYTES)
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
