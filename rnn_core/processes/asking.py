"""The side that asks: a process that answers many questions, and is ended with its children where it leaves
its bounds.
"""

import contextlib
import math
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Generator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import msgspec
import psutil

from rnn_core.errors import GatescopeError
from rnn_core.files import FormatError, from_value, to_json
from rnn_core.paths import child_environment, import_folder
from rnn_core.processes import frames
from rnn_core.processes.bounds import START_SECONDS, USUAL, Bounds, TimeBound
from rnn_core.processes.frames import Arrays, Said
from rnn_core.progress import Progress

KEPT_PRINTED = 10_000
"""Characters of the output that are shown."""
_LOOK_EVERY, _LOOK_FOR_EVERY = 0.05, 0.2  # seconds
_PATIENCE = 1.0
"""Seconds that are waited for what should be there at once."""
_OUT_OF_TIME = None if sys.platform == "win32" else -signal.SIGXCPU
"""Status of a process that the system ended, at the limit of processor time that it has set itself."""
_TIMED_OUT = "Timeout ("
_STARTING = Progress("Starting", 0, 1)


class End(StrEnum):
    """Reasons for which a process ended."""

    START = "start"
    TIME = "time"
    MEMORY = "memory"
    PRINTED = "printed"
    ITSELF = "itself"
    GARBLED = "garbled"


class EndedError(Exception):
    """A process that ended before it answered."""

    def __init__(
        self, end: End, how: str = "", *, status: int | None = None, stack: str = "", printed: str = ""
    ) -> None:
        """`how` says what broke a bound on time: "computed for 20 s ...".

        `stack` is where the process was, as `faulthandler` writes it; empty where nobody could see it.
        `printed` is all that it printed.
        """
        super().__init__(f"the process ended: {end}, status {status}")
        self.end, self.how, self.status, self.stack, self.printed = end, how, status, stack, printed


class AnswerRefusedError(GatescopeError):
    """A question that a process refused, in its words; it goes on."""


class Answer(NamedTuple):
    """Answer of a process to one question."""

    said: Said
    arrays: Arrays
    printed: str
    """Its output meanwhile, the first 10,000 characters."""
    seconds: float


class Process:
    """The side that asks. The process is started by the first question, and again after it was lost."""

    def __init__(self, answers: str, bounds: Bounds = USUAL, *, given: Sequence[str] = ()) -> None:
        """`answers` names the function that returns an `Answering` for what is `given`: "module:function"."""
        self._answers, self._given, self.bounds = answers, given, bounds
        self._lock = threading.Lock()
        self._child: _Child | None = None

    @property
    def is_busy(self) -> bool:
        """True while it answers a question."""
        return self._lock.locked()

    @property
    def pid(self) -> int | None:
        """The number of the process; None while there is none."""
        child = self._child
        return child.popen.pid if child is not None and child.popen.poll() is None else None

    def start(self) -> None:
        """Starts the process where there is none, without waiting for it."""
        with self._lock:
            self._started()

    def wait(self, seconds: float = START_SECONDS) -> bool:
        """Waits until it is ready to answer; False if it isn't by then."""
        child = self._child
        return child is not None and child.ready.wait(seconds)

    def _started(self) -> "_Child":
        if self._child is None or self._child.popen.poll() is not None:
            self.close()
            self._child = _Child(self._answers, self._given, self.bounds)
        return self._child

    def ask(
        self, said: Said, arrays: Arrays, *, seconds: float = math.inf, first: Progress = _STARTING
    ) -> Generator[Progress, None, Answer]:
        """Asks, and yields several times a second until the answer is there. Closing it ends the process.

        Its progress is `first` until the process is ready.

        Raises AnswerRefusedError, and EndedError where the process ends before, or is ended: as it breaks a
        `TimeBound` of `seconds` or one of its `Bounds`. The time it takes to start is not counted.
        """
        progress = first
        while not self._lock.acquire(timeout=_LOOK_EVERY):
            yield progress
        is_left = True
        try:
            child = self._started()
            bound = TimeBound(START_SECONDS, child.family)
            while not child.ready.wait(_LOOK_EVERY):
                if child.popen.poll() is not None or bound.broken():
                    raise child.stopped(End.START)
                yield progress
            begun, bound = time.monotonic(), TimeBound(seconds, child.family)
            number = child.send(said, arrays, seconds)
            while not (came := child.next_reply(_LOOK_EVERY)) or "progress" in came[0]:
                if came:
                    progress = Progress(*came[0]["progress"])
                if how := bound.broken():
                    raise child.stopped(End.TIME, how)
                if child.printed_bytes > self.bounds.printed:
                    raise child.stopped(End.PRINTED)
                if self.bounds.memory is not None and child.bytes_in_memory() > self.bounds.memory:
                    raise child.stopped(End.MEMORY)
                yield progress
            reply, found = came
            if "answer" not in reply and "refused" not in reply:
                raise child.stopped(End.MEMORY if reply.get("lacks_memory") else End.GARBLED)
            taken, printed = time.monotonic() - begun, child.printed(number)
            is_left = False
        finally:
            if is_left:
                self.close()
            self._lock.release()
        if "refused" in reply:
            raise AnswerRefusedError(reply["refused"])
        return Answer(reply["answer"], found, printed, taken)

    def close(self) -> None:
        """Ends the process, and what it may be doing."""
        child, self._child = self._child, None
        if child is not None:
            child.end()


def apart(
    work: Callable[..., object], bounds: Bounds = USUAL, first: Progress = _STARTING, **given: object
) -> Generator[Progress, None, Any]:
    """Call a function of a module in a process that ends then, and return what it returns.

    It may be a generator of its progress. What is given, and what it returns, is sent as JSON and has the
    types that its annotations say. Its first progress is `first`. Raises what `Process.ask` does.
    """
    yield first
    name = f"{work.__module__}:{work.__qualname__}"
    with contextlib.closing(Process("rnn_core.processes.answering:calling", bounds, given=[name])) as process:
        answer = yield from process.ask(given, {}, first=first)
    try:
        return from_value(answer.said["returned"], shape_of_returned(work))
    except FormatError as error:
        raise EndedError(End.GARBLED) from error


def shape_of_returned(work: Callable[..., object]) -> Any:
    """Return the type of what a function returns, at the end where it is a generator."""
    shape = get_type_hints(work).get("return", Any)
    return get_args(shape)[2] if get_origin(shape) is Generator else shape


class _Child:
    """One process, and the threads that take what it sends and prints."""

    def __init__(self, answers: str, given: Sequence[str], bounds: Bounds) -> None:
        handle, name = tempfile.mkstemp(prefix="gatescope-stack-")
        os.close(handle)
        self.stack = Path(name)
        folder = str(import_folder())
        environment = child_environment()
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [folder, environment.get("PYTHONPATH")]))
        terms = frames.Terms(answers=answers, given=list(given), stack=name, bounds=bounds)
        # -P: a module in the folder it starts in must not stand in for one of Python's own.
        self.popen = subprocess.Popen(
            [sys.executable, "-P", "-m", "rnn_core.processes.answering", to_json(msgspec.to_builtins(terms))],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        self.ready = threading.Event()
        self.is_garbled = False
        self.printed_bytes = 0
        self._most_printed = bounds.printed + KEPT_PRINTED
        self._process = psutil.Process(self.popen.pid)
        self._descendants: set[psutil.Process] = set()
        self._blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._printed, self._printing = bytearray(), threading.Condition()
        self._looked_for = 0.0
        self._number = 0
        self._end_once = weakref.finalize(
            self, _end_all, self.popen, self._process, self._descendants, self.stack, bounds.patience
        )  # which also runs at exit
        for work in (self._take_blocks, self._take_printed):
            threading.Thread(target=work, name="process", daemon=True).start()

    def end(self) -> None:
        """Ends it with its children, unless that was done."""
        self._end_once()

    def send(self, said: Said, arrays: Arrays, seconds: float) -> int:
        """Sends a question; the number under which its answer is printed."""
        self._number += 1
        with self._printing:
            self._printed.clear()
            self.printed_bytes = 0
        most = None if math.isinf(seconds) else seconds
        block = frames.to_block(frames.Question(said=said, number=self._number, seconds=most), arrays)

        def write() -> None:  # apart, since a process that hangs takes nothing
            with contextlib.suppress(OSError, ValueError):
                frames.write_block(self.popen.stdin, block)  # type: ignore[arg-type]

        threading.Thread(target=write, name="process", daemon=True).start()
        return self._number

    def next_reply(self, seconds: float) -> tuple[frames.Reply, Arrays] | None:
        """Return what came; None where nothing came for so long.

        Raises EndedError where nothing will come; then it has ended, with its children.
        """
        try:
            block = self._blocks.get(timeout=seconds)
        except queue.Empty:
            return None
        if not block:
            raise self.stopped(End.GARBLED if self.is_garbled else End.ITSELF)
        try:
            return frames.from_block(block, frames.Reply)
        except FormatError as error:
            raise self.stopped(End.GARBLED) from error

    def printed(self, number: int) -> str:
        """Return what was printed up to the answer with this number."""
        mark = frames.mark_of(number)
        with self._printing:
            self._printing.wait_for(lambda: mark in self._printed, _PATIENCE)
            return _readable(self._printed.partition(mark)[0])[:KEPT_PRINTED]

    def family(self) -> tuple[psutil.Process, ...]:
        """The process and its children, which are looked for a few times a second."""
        if time.monotonic() - self._looked_for > _LOOK_FOR_EVERY:
            with contextlib.suppress(psutil.Error):
                self._descendants.update(self._process.children(recursive=True))
            self._looked_for = time.monotonic()
        return self._process, *self._descendants

    def bytes_in_memory(self) -> int:
        """The bytes in memory of the process and its children."""
        total = 0
        for process in self.family():
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
        return total

    def stopped(self, end: End, how: str = "took longer than it may") -> EndedError:
        """Ends it, and returns the error that says where it was.

        Its reason is `end`, or another one that its status or the file of its stack says.
        """
        if end is End.ITSELF:
            try:
                self.popen.wait(_PATIENCE)
            except subprocess.TimeoutExpired:  # it has closed what it answers through
                end = End.GARBLED
        elif sys.platform != "win32" and self.popen.poll() is None:
            self.popen.send_signal(signal.SIGUSR1)  # it writes where it is
            self._wait_for_stack()
        status = self.popen.poll()
        stack = self.stack.read_text(encoding="utf-8", errors="replace")
        if stack.startswith(_TIMED_OUT) or (status is not None and status == _OUT_OF_TIME):
            end = End.TIME
        elif status == frames.LOST:
            end = End.GARBLED
        with self._printing:
            printed = _readable(self._printed)
        self.end()
        return EndedError(end, how, status=status, stack=stack, printed=printed)

    def _wait_for_stack(self) -> None:
        """Wait until something stands in the file and no more comes."""
        until, before = time.monotonic() + _PATIENCE, 0
        while time.monotonic() < until:
            time.sleep(_LOOK_EVERY)
            now = self.stack.stat().st_size
            if now and now == before:
                return
            before = now

    def _take_blocks(self) -> None:
        try:
            with contextlib.suppress(OSError), self.popen.stdout as pipe:  # type: ignore[union-attr]
                if frames.read_block(pipe) == frames.READY:  # type: ignore[arg-type]
                    self.ready.set()
                while block := frames.read_block(pipe):  # type: ignore[arg-type]
                    self._blocks.put(block)
        except FormatError:
            self.is_garbled = True
        self._blocks.put(b"")

    def _take_printed(self) -> None:
        with contextlib.suppress(OSError, ValueError), self.popen.stderr as pipe:  # type: ignore[union-attr]
            while some := pipe.read(65536):
                with self._printing:
                    self.printed_bytes += len(some)
                    if self.printed_bytes <= self._most_printed:
                        self._printed += some
                    self._printing.notify_all()


def _readable(printed: bytearray) -> str:
    return printed.decode("utf-8", "replace")


def _end_all(
    popen: subprocess.Popen[bytes],
    process: psutil.Process,
    descendants: set[psutil.Process],
    stack: Path,
    patience: float,
) -> None:
    """End a process with its children, and with those of its children that were seen before."""
    if patience and popen.poll() is None:
        popen.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            popen.wait(patience)
    with contextlib.suppress(psutil.Error):
        descendants.update(process.children(recursive=True))
    for one in (process, *descendants):
        with contextlib.suppress(psutil.Error):
            one.kill()
    psutil.wait_procs(descendants, timeout=_PATIENCE)
    popen.wait()
    with contextlib.suppress(OSError):
        popen.stdin.close()  # type: ignore[union-attr]
    stack.unlink(missing_ok=True)
