"""The side that asks: a student's code is run by processes of its own, of which some are kept warm."""

import math
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Generator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypedDict

import torch
from torch import Tensor

from rnn_core.cell_files.folder import CellFile
from rnn_core.errors import CellError, OwnCellError
from rnn_core.files import FormatError, from_value
from rnn_core.own_cells.submission import code_name
from rnn_core.processes.asking import KEPT_PRINTED, AnswerRefusedError, End, EndedError, Process
from rnn_core.processes.bounds import USUAL, Bounds
from rnn_core.progress import Progress

SECONDS = 20.0
"""Time in which an answer may be computed, where nothing else is said; see `TimeBound`."""
MOST_KEPT = 2
IDLE_SECONDS = 600.0
"""Time without a question after which all warm processes end; the next question starts one again."""
_MOST_LINE = 120
_GARBLED = (
    "The answer of the code can't be read (does it close files that it did not open, or write to them?)"
)


class CodeAnswer(NamedTuple):
    """Answer of a student's code to an operation."""

    said: dict[str, Any]
    arrays: dict[str, Tensor]
    printed: str = ""
    wrote: tuple[str, ...] = ()
    """The files that the student's code wrote."""


class _Wrong(TypedDict):
    sentence: str
    line: int | None


class _Answered(TypedDict, total=False):
    """Answer of the process: that of the operation or an error, and the files that the code wrote."""

    said: dict[str, Any]
    error: _Wrong
    wrote: list[str]


Asking = Generator[Progress, None, CodeAnswer]
"""Yields several times a second, and returns the answer. Closing it ends the process."""

_ENDED = {
    End.TIME: "The code {how}",
    End.MEMORY: "The code takes more than {most:,.3g} GB of memory",
    End.PRINTED: "The code prints more than a screen can show: print less",
    End.GARBLED: _GARBLED,
    End.ITSELF: "The process that ran the code crashed ({crash})",
}


def sent_file(file: CellFile) -> dict[str, str]:
    """A file as it is sent to a process that loads it, the arguments of a `Submission`."""
    return {"source": file.source, "path": str(file.path.absolute()), "digest": file.digest}


class OwnProcess(Process):
    """A process that runs the code of one student, which may be several files.

    Where it is lost, the next question starts it again.
    """

    def __init__(self, bounds: Bounds = USUAL, *, most_seconds: float = math.inf) -> None:
        """`most_seconds` bounds each answer, whatever is asked for it."""
        super().__init__("rnn_core.own_cells.child:answers", bounds)
        self._most_seconds = most_seconds
        self.was_too_slow = False
        """True if an answer broke its bound on time, which a busy machine can add to."""

    def asking(
        self,
        file: CellFile,
        operation: str,
        said: Mapping[str, Any] = MappingProxyType({}),
        arrays: Mapping[str, Tensor] = MappingProxyType({}),
        *,
        seconds: float = SECONDS,
    ) -> Asking:
        """Asks for an operation of `rnn_core.own_cells.child` on a file. Raises OwnCellError."""
        request = {"operation": operation, "file": sent_file(file), "said": dict(said)}
        sent = {name: tensor.detach().cpu().numpy() for name, tensor in arrays.items()}
        try:
            answer = yield from self.ask(request, sent, seconds=min(seconds, self._most_seconds))
        except EndedError as ended:
            self.was_too_slow |= ended.end is End.TIME
            raise self._error(file, ended) from ended
        except AnswerRefusedError as error:  # none of its answers is that
            raise error_of(file, _GARBLED, None, "") from error
        try:
            found: _Answered = from_value(answer.said, _Answered)
        except FormatError as error:
            raise error_of(file, _GARBLED, None, answer.printed) from error
        if (wrong := found.get("error")) is not None:
            raise error_of(file, wrong["sentence"], wrong["line"], answer.printed)
        made = {name: torch.from_numpy(array) for name, array in answer.arrays.items()}
        return CodeAnswer(found.get("said", {}), made, answer.printed, tuple(found.get("wrote", ())))

    def _error(self, file: CellFile, ended: EndedError) -> CellError:
        if ended.end is End.START:
            return CellError("The process for its code did not start: end other programs and try again.")
        crash = ended.stack.partition("\n")[0].removeprefix("Fatal Python error: ").strip()
        sentence = _ENDED[ended.end].format(
            how=ended.how, most=(self.bounds.memory or 0) / 1e9, crash=crash or f"status {ended.status}"
        )
        return error_of(file, sentence, line_in(ended.stack, file), ended.printed[:KEPT_PRINTED])


_warm: OrderedDict[str, OwnProcess] = OrderedDict()
_spare: list[OwnProcess] = []
_lock = threading.Lock()
_used = 0.0


def warm(file: CellFile) -> OwnProcess:
    """The process for questions about a file, which stays warm; those of two files do.

    The next file gets a process that is already there: torch takes more than a second to be imported. All end
    where none was asked for in a while.
    """
    global _used
    with _lock:
        is_first = not _warm
        process = _warm.get(file.digest)
        if process is None:
            process = _warm[file.digest] = _spare.pop() if _spare else OwnProcess()
            process.start()
            threading.Thread(target=_get_another, args=(process,), name="warms a cell", daemon=True).start()
        _warm.move_to_end(file.digest)
        idle = [digest for digest, one in _warm.items() if digest != file.digest and not one.is_busy]
        for digest in idle[: max(0, len(_warm) - MOST_KEPT)]:
            _warm.pop(digest).close()
        _used = time.monotonic()
        if is_first:
            threading.Thread(target=_close_idle, name="closes own cells", daemon=True).start()
    return process


def _get_another(process: OwnProcess) -> None:
    """Start the process for the next file, once this one is ready, since both compute while they start."""
    if process.wait():
        with _lock:
            if _warm and not _spare:
                _spare.append(OwnProcess())
                _spare[0].start()


def _close_idle() -> None:
    """Wait until no process was asked for in a while, and end all."""
    while (left := _used + IDLE_SECONDS - time.monotonic()) > 0 or any(one.is_busy for one in _warm.values()):
        time.sleep(max(1.0, left))
    close_all()


def close_all() -> None:
    """Ends all processes that are kept warm."""
    with _lock:
        for process in (*_warm.values(), *_spare):
            process.close()
        _warm.clear()
        _spare.clear()


def error_of(file: CellFile, sentence: str, line: int | None, printed: str) -> OwnCellError:
    """The error about a file, with the line's number and text where they are known."""
    lines = file.source.splitlines()
    where, text = file.file_name, ""
    if line is not None:
        where = f"{where}, line {line}"
        text = lines[line - 1].strip()[:_MOST_LINE] if line <= len(lines) else ""
    said = f"{where}: {sentence}" + (f": `{text}`." if text else ".")
    return OwnCellError(said, sentence=sentence, line=line, printed=printed)


def line_in(stack: str, file: CellFile) -> int | None:
    """The line of the file that ran last, in what `faulthandler` wrote."""
    found = re.search(rf'File "{re.escape(code_name(file.digest))}", line (\d+)', stack)
    return int(found[1]) if found else None
