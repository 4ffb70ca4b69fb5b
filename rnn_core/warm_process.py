"""A process that answers many questions, and is ended with its children where it leaves its bounds.

It is started with `python -m rnn_core.warm_process`, and the name of the function that makes what answers. A
question and an answer are each JSON and some arrays: 8 bytes of length, then a block of safetensors whose
metadata has the JSON. They go over descriptors of their own, so what the process prints is not in their way:
it comes back beside the answer. This protects from accidents; it is no sandbox.
"""

import contextlib
import faulthandler
import json
import math
import os
import pkgutil
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Generator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO

import numpy as np
import psutil
from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save

from rnn_core.files import FormatError, from_json, to_json
from rnn_core.machine import TimeBound
from rnn_core.paths import child_environment, import_folder

Said = dict[str, Any]
"""What JSON can hold."""
Arrays = Mapping[str, NDArray[Any]]
Answering = Callable[[Said, Arrays], tuple[Said, Arrays]]
"""Answers a question; whatever can go wrong is in the answer."""

MOST_MEMORY = 2_000_000_000
"""The bytes that a process and its children may have in memory."""
MOST_PRINTED = 5_000_000
"""The bytes that it may print while it answers one question."""
_KEPT_PRINTED = 10_000
_MOST_BLOCK = 1_000_000_000
_MOST_JSON = 20_000_000
_LENGTH_BYTES = 8
_BEGINNING = b"\0answer\0"
"""The first bytes of a block on its way: anything else there was written by code that is not ours."""
_LOOK_EVERY, _LOOK_FOR_EVERY = 0.05, 0.2  # seconds
_PATIENCE = 1.0
"""Seconds that are waited for what should be there at once."""
_START_SECONDS = 60.0
_LOST = 74
"""Status of a process that can't answer, since its pipes were closed or are others now."""
_OUT_OF_TIME = None if sys.platform == "win32" else -signal.SIGXCPU
"""Status of a process that the system ended, at the limit of processor time that it has set itself."""
_SPARE_SECONDS = 10
"""Processor time up to that limit beyond what the side that asks would end it for."""
_DTYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32,
    "I16": np.int16, "I8": np.int8, "U8": np.uint8, "BOOL": np.bool_,
}  # fmt: skip


class End(StrEnum):
    """Why a process ended."""

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
        """
        super().__init__(f"the process ended: {end}, status {status}")
        self.end, self.how, self.status, self.stack, self.printed = end, how, status, stack, printed


class Answer(NamedTuple):
    """What a process answered."""

    said: Said
    arrays: Arrays
    printed: str
    """What it printed meanwhile, its first 10,000 characters."""
    seconds: float


def to_block(said: Said, arrays: Arrays) -> bytes:
    """JSON and arrays as they are sent, without the length."""
    return save(
        {name: np.ascontiguousarray(array) for name, array in arrays.items()}, {"said": to_json(said)}
    )


def from_block(block: bytes) -> tuple[Said, dict[str, NDArray[Any]]]:
    """The inverse of `to_block`; the arrays can be written to. Raises FormatError for anything else."""
    try:
        found = deserialize(block)
        header = json.loads(
            block[_LENGTH_BYTES : _LENGTH_BYTES + int.from_bytes(block[:_LENGTH_BYTES], "little")]
        )
        text = header["__metadata__"]["said"]
        arrays = {
            name: np.frombuffer(bytearray(part["data"]), _DTYPES[part["dtype"]]).reshape(part["shape"])
            for name, part in found
        }
    except (SafetensorError, ValueError, KeyError) as error:
        raise FormatError(f"it must be a block of safetensors: {error!r}") from error
    said: Said = from_json(text, dict[str, Any], most_bytes=_MOST_JSON)
    return said, arrays


class WarmProcess:
    """The side that asks. The process is started by the first question, and again after it was lost."""

    def __init__(
        self, answers: str, *, most_memory: int = MOST_MEMORY, most_printed: int = MOST_PRINTED
    ) -> None:
        """`answers` names a function, "module:function", that returns what answers."""
        self._answers, self._most_memory, self._most_printed = answers, most_memory, most_printed
        self._lock = threading.Lock()
        self._child: _Child | None = None

    @property
    def is_busy(self) -> bool:
        """Whether it answers a question now."""
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

    def wait(self, seconds: float = _START_SECONDS) -> bool:
        """Waits until it is ready to answer; whether it is."""
        child = self._child
        return child is not None and child.ready.wait(seconds)

    def _started(self) -> "_Child":
        if self._child is None or self._child.popen.poll() is not None:
            self._end()
            self._child = _Child(self._answers)
        return self._child

    def asking(self, said: Said, arrays: Arrays, *, seconds: float) -> Generator[None, None, Answer]:
        """Asks, and yields several times a second until the answer is there. Closing it ends the process.

        Raises EndedError where the process ends before, or is ended: as it breaks a `TimeBound` of `seconds`,
        has too much memory or prints too much. The time it takes to start is not counted.
        """
        while not self._lock.acquire(timeout=_LOOK_EVERY):
            yield
        answered = False
        try:
            child = self._started()
            bound = TimeBound(_START_SECONDS, child.family)
            while not child.ready.wait(_LOOK_EVERY):
                if child.popen.poll() is not None or bound.broken():
                    raise child.ended(End.START)
                yield
            begun, bound = time.monotonic(), TimeBound(seconds, child.family)
            number = child.send({**said, "seconds": seconds}, arrays)
            while (block := child.next_block(_LOOK_EVERY)) is None:
                if how := bound.broken():
                    raise child.ended(End.TIME, how)
                if child.printed_bytes > self._most_printed:
                    raise child.ended(End.PRINTED)
                if child.bytes_in_memory() > self._most_memory:
                    raise child.ended(End.MEMORY)
                yield
            if not block:
                raise child.ended(End.GARBLED if child.is_garbled else End.ITSELF)
            taken = time.monotonic() - begun
            try:
                answer, found = from_block(block)
            except FormatError as error:
                raise child.ended(End.GARBLED) from error
            answered = True
            return Answer(answer, found, child.printed(number), taken)
        finally:
            if not answered:
                self._end()
            self._lock.release()

    def close(self) -> None:
        """Ends the process, and what it may be doing."""
        self._end()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


class _Child:
    """One process, and the threads that take what it sends and prints."""

    def __init__(self, answers: str) -> None:
        handle, name = tempfile.mkstemp(prefix="gatescope-stack-")
        os.close(handle)
        self.stack = Path(name)
        folder = str(import_folder())
        environment = child_environment()
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [folder, environment.get("PYTHONPATH")]))
        # -P: a module in the folder it starts in must not stand in for one of Python's own.
        self.popen = subprocess.Popen(
            [sys.executable, "-P", "-m", "rnn_core.warm_process", answers, name],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        self.ready = threading.Event()
        self.is_garbled = False
        self.printed_bytes = 0
        self._process = psutil.Process(self.popen.pid)
        self._descendants: set[psutil.Process] = set()
        self._blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._printed, self._printing = bytearray(), threading.Condition()
        self._looked_for = 0.0
        self._number = 0
        self.end = weakref.finalize(
            self, _end_all, self.popen, self._process, self._descendants, self.stack
        )  # which also runs at exit
        for work in (self._take_blocks, self._take_printed):
            threading.Thread(target=work, name="warm process", daemon=True).start()

    def send(self, said: Said, arrays: Arrays) -> int:
        """Sends a question; the number under which its answer is printed."""
        self._number += 1
        with self._printing:
            self._printed.clear()
            self.printed_bytes = 0
        block = to_block({**said, "number": self._number}, arrays)

        def write() -> None:  # apart, since a process that hangs takes nothing
            with contextlib.suppress(OSError, ValueError):
                _write(self.popen.stdin, block)  # type: ignore[arg-type]

        threading.Thread(target=write, name="warm process", daemon=True).start()
        return self._number

    def next_block(self, seconds: float) -> bytes | None:
        """What came; None where nothing came for so long, nothing at all (b"") where nothing will."""
        try:
            return self._blocks.get(timeout=seconds)
        except queue.Empty:
            return None

    def printed(self, number: int) -> str:
        """What was printed up to the answer with this number."""
        mark = _mark(number)
        with self._printing:
            self._printing.wait_for(lambda: mark in self._printed, _PATIENCE)
            return _readable(bytes(self._printed).partition(mark)[0])

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

    def ended(self, end: End, how: str = "took longer than it may") -> EndedError:
        """Ends it, with an error that says where it was."""
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
        elif status == _LOST:
            end = End.GARBLED
        with self._printing:
            printed = _readable(bytes(self._printed))
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
                while block := _read(pipe):  # type: ignore[arg-type]
                    self._blocks.put(block) if self.ready.is_set() else self.ready.set()
        except FormatError:
            self.is_garbled = True
        self._blocks.put(b"")

    def _take_printed(self) -> None:
        with contextlib.suppress(OSError, ValueError), self.popen.stderr as pipe:  # type: ignore[union-attr]
            while some := pipe.read(65536):
                with self._printing:
                    self.printed_bytes += len(some)
                    if self.printed_bytes <= MOST_PRINTED + _KEPT_PRINTED:
                        self._printed += some
                    self._printing.notify_all()


def _mark(number: int) -> bytes:
    """What stands behind all that was printed up to an answer."""
    return b"\0%d\0" % number


def _readable(printed: bytes) -> str:
    return printed.decode("utf-8", "replace")[:_KEPT_PRINTED]


def _end_all(
    popen: subprocess.Popen[bytes], process: psutil.Process, descendants: set[psutil.Process], stack: Path
) -> None:
    """End a process with its children, and with those of its children that were seen before."""
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


def _write(pipe: BinaryIO, block: bytes) -> None:
    rest = memoryview(_BEGINNING + len(block).to_bytes(_LENGTH_BYTES, "little") + block)
    while rest:
        rest = rest[pipe.write(rest) :]


def _read(pipe: BinaryIO) -> bytes:
    """The next block; empty at the end. Raises FormatError where what comes is none, or too long."""
    beginning = _exactly(pipe, len(_BEGINNING))
    if beginning not in (b"", _BEGINNING):
        raise FormatError("another program has written here")
    length = int.from_bytes(_exactly(pipe, _LENGTH_BYTES), "little")
    if length > _MOST_BLOCK:
        raise FormatError(f"a block may have {_MOST_BLOCK:,} bytes, and this one has {length:,}")
    return _exactly(pipe, length)


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    got = bytearray()
    while len(got) < length and (some := pipe.read(min(length - len(got), 2**20))):
        got += some
    return bytes(got) if len(got) == length else b""


_TIMED_OUT = "Timeout ("
_end_now = os._exit  # as it is before code that is not ours may have changed it


def _serve() -> None:
    """The side that answers: what `python -m rnn_core.warm_process` does, until nobody asks any more."""
    incoming, outgoing = _own_descriptors()
    at_first = _behind(incoming.fileno(), outgoing.fileno(), 2)
    _, answers, stack_path = sys.argv
    stack = Path(stack_path).open("w", encoding="utf-8")  # noqa: SIM115
    faulthandler.enable(stack)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the side that asks decides
    if sys.platform != "win32":
        faulthandler.register(signal.SIGUSR1, stack)
        faulthandler.register(signal.SIGXCPU, stack, chain=True)
    answering: Answering = pkgutil.resolve_name(answers)()
    blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_take, args=(incoming, blocks), daemon=True).start()
    _write(outgoing, b"ready")
    while True:
        said, arrays = from_block(blocks.get())
        number = said.pop("number")
        _bound_itself(said.pop("seconds"), stack)
        answer = answering(said, arrays)
        faulthandler.cancel_dump_traceback_later()
        for printed in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # code that is not ours may have put anything there
                printed.flush()
        try:  # code that is not ours may have closed the pipes, and opened something else in their place
            if _behind(incoming.fileno(), outgoing.fileno(), 2) != at_first:
                _end_now(_LOST)
            os.write(2, _mark(number))
            _write(outgoing, to_block(*answer))
        except OSError:
            _end_now(_LOST)


def _bound_itself(seconds: float, stack: TextIO) -> None:
    """Lets this process end by itself far beyond a bound of so many seconds, if nobody is there to end it."""
    if sys.platform == "win32":
        faulthandler.dump_traceback_later(_START_SECONDS + 10 * seconds, exit=True, file=stack)
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = math.ceil(time.process_time() + _SPARE_SECONDS + seconds * (os.cpu_count() or 1))
    resource.setrlimit(
        resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
    )


def _behind(*descriptors: int) -> list[tuple[int, int]]:
    """The files or pipes behind descriptors. Raises OSError where one is closed."""
    return [(found.st_dev, found.st_ino) for found in map(os.fstat, descriptors)]


def _own_descriptors() -> tuple[BinaryIO, BinaryIO]:
    """What questions come from and answers go to; what is printed goes to the other pipe from here on."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    for printed in (sys.stdout, sys.stderr):
        printed.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    return os.fdopen(incoming, "rb", 0), os.fdopen(outgoing, "wb", 0)


def _take(incoming: BinaryIO, blocks: queue.SimpleQueue[bytes]) -> None:
    """Take what comes. At its end nobody is there any more, whatever is being computed."""
    try:
        while block := _read(incoming):
            blocks.put(block)
    except (OSError, FormatError):
        _end_now(_LOST)
    _end_now(0)


if __name__ == "__main__":
    _serve()
