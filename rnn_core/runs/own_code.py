"""A training whose cell is the user's own: its code runs here, and is ended in words where it never ends."""

import contextlib
import faulthandler
import io
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TextIO

import psutil
from typing_extensions import override

from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.versions import check_may_run, kept
from rnn_core.errors import GatescopeError, OwnCellError
from rnn_core.machine import TimeBound
from rnn_core.own_cells.here import run_own_code_here
from rnn_core.own_cells.process import error_of, line_in
from rnn_core.own_cells.submission import SubmissionError, code_name, in_words
from rnn_core.symbols import CellDeclaration

LONGEST_CALL = 60.0
"""Seconds that one call of the code may compute; a time step takes a thousandth of one."""
_MOST_MEMORY = 0.8
"""The share of the memory of this machine that a training may take."""
_LOOK_EVERY = 1.0  # seconds
MOST_PRINTED = 100_000
"""Letters that it may print into the log of a run."""
_FATAL = "Fatal Python error: "
"""The first words of what `faulthandler` writes."""
_OF_BACKWARD = "modified by an inplace operation"
"""Stands in what torch says, on the way back, of a tensor that the code has changed."""
_CHANGED = (
    "A tensor that the gradient needs is changed in place, as += and h[...] = do: make a new one in its stead"
)


@contextlib.contextmanager
def own_code(cell: CellDeclaration, give_up: Callable[[str], None]) -> Iterator[None]:
    """Lets the code of a cell of the user's own run in this block; nothing changes for other cells.

    What it raises becomes an OwnCellError that names its line. Where it does not come back, or takes all
    memory, `give_up` gets a sentence, in another thread, and has to end the process.
    """
    if not cell.in_own_process:
        yield
        return
    file, over = kept(cell.kind), threading.Event()
    check_may_run(file)
    run_own_code_here()
    watch = _Watch(file, threading.get_ident())
    watching = threading.Thread(target=watch.until, args=(over, give_up), name="watches a cell", daemon=True)
    watching.start()
    if sys.__stderr__ is not None:
        faulthandler.enable(sys.__stderr__)
    printed = sys.stdout
    sys.stdout = _Bounded(printed)
    try:
        yield
    except (GatescopeError, GeneratorExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        if (said := _explained(file, error)) is None:
            raise
        raise said from error
    finally:
        sys.stdout = printed
        over.set()


def crash(cell: CellDeclaration, log: str) -> str:
    """The sentence on a crash of the code, as of a library in C, where a log has its stack; else empty."""
    if not cell.in_own_process or _FATAL not in log:
        return ""
    of_crash, file = log.rpartition(_FATAL)[2], kept(cell.kind)
    how = of_crash.partition("\n")[0].strip()
    return str(error_of(file, f"The process that ran the code crashed ({how})", line_in(of_crash, file), ""))


def _explained(file: CellFile, error: BaseException) -> OwnCellError | None:
    """What was raised, where it comes from the code of the user; None where it does not."""
    if isinstance(error, SubmissionError):
        return error_of(file, error.sentence, error.line, "")
    name = code_name(file.digest)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
    if lines:
        return error_of(file, in_words(error), lines[-1], "")
    return error_of(file, _CHANGED, None, "") if _OF_BACKWARD in str(error) else None


class _Watch:
    """Looks at the stack of a thread from another one."""

    def __init__(self, file: CellFile, thread: int) -> None:
        self._file, self._thread = file, thread
        self._name = code_name(file.digest)
        self._call: FrameType | None = None
        self._process = psutil.Process()
        self._bound = self._new_bound()
        self._most = _MOST_MEMORY * psutil.virtual_memory().total

    def until(self, over: threading.Event, give_up: Callable[[str], None]) -> None:
        """Looks every second; once something is wrong, `give_up` gets the sentence."""
        while not over.wait(_LOOK_EVERY):
            if wrong := self.look():
                give_up(wrong)
                return

    def look(self) -> str:
        """What is wrong now, in a sentence; else empty."""
        calls = self._calls()
        if not calls or calls[-1] is not self._call:
            self._call, self._bound = calls[-1] if calls else None, self._new_bound()
        line = calls[0].f_lineno if calls else None
        if calls and (how := self._bound.broken()):
            return str(error_of(self._file, f"The code {how}", line, ""))
        if self._process.memory_info().rss > self._most:
            sentence = (
                f"The training takes over {self._most / 1e9:,.3g} GB, nearly all memory of this machine"
            )
            return str(error_of(self._file, sentence, line, ""))
        return ""

    def _new_bound(self) -> TimeBound:
        return TimeBound(LONGEST_CALL, lambda: [self._process])

    def _calls(self) -> list[FrameType]:
        """The calls of the code that are under way, the innermost first."""
        frame, found = sys._current_frames().get(self._thread), []
        while frame is not None:
            if frame.f_code.co_filename == self._name:
                found.append(frame)
            frame = frame.f_back
        return found


class _Bounded(io.TextIOBase):
    """Standard output of which only the first letters are written."""

    def __init__(self, to: TextIO) -> None:
        self._to, self._left = to, MOST_PRINTED

    @override
    def write(self, text: str) -> int:
        if self._left > 0:
            self._to.write(text[: self._left])
            self._left -= len(text)
            if self._left <= 0:
                self._to.write("\nWhat is printed after this is left out.\n")
        return len(text)

    @override
    def flush(self) -> None:
        self._to.flush()
