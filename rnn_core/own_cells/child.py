"""The process that runs a student's code: what it may do, and how it answers.

`rnn_core.own_cells.process` starts it and asks. Every question has all that is needed for its answer, the
source included, so that a process that was lost can be started again and nothing is lost.
"""

import contextlib
import os
import pkgutil
import sys
import tempfile
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import psutil
import torch
from torch import Tensor

from rnn_core.nn.threads import use_threads
from rnn_core.own_cells.here import run_own_code_here
from rnn_core.own_cells.submission import RefusedError, Submission, SubmissionError, Tensors
from rnn_core.processes.answering import Answered, Answering
from rnn_core.processes.bounds import MOST_MEMORY, limit_memory
from rnn_core.processes.frames import Arrays, Said
from rnn_core.registry import Registry

Operation = Callable[[Submission, Said, Tensors], tuple[Said, Tensors]]
"""Gets the file, what was said and the arrays; returns what it says and the arrays. May raise anything."""

_ROOM = "rnn_core.own_cells.operations"
OPERATIONS: Registry[Operation | str] = Registry(
    "operation",
    {
        "open": f"{_ROOM}.basic:open_",
        "make": f"{_ROOM}.basic:make",
        "step": f"{_ROOM}.basic:step",
        "examine": f"{_ROOM}.basic:examine",
        "elsewhere": f"{_ROOM}.basic:elsewhere",
        "trace": f"{_ROOM}.tracing:trace",
        "first_weights": f"{_ROOM}.basic:first_weights",
        "loop": f"{_ROOM}.loop:loop",
        "classify": f"{_ROOM}.classifier:classify",
        "loss": f"{_ROOM}.classifier:loss",
    },
)
"""Functions by name, or their places, as "module:function", imported when it is first asked for."""

_MOST_FILES = 8
_SPARE_MEMORY = 1_000_000_000
"""Bytes that the system lets it take beyond the bound of the side that asks."""
_STARTS_A_PROCESS = {
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system",
    "pty.spawn", "subprocess.Popen",
}  # fmt: skip
_SENDS_A_SIGNAL = {"os.kill", "os.killpg", "signal.pthread_kill"}
_SENT_AS_THEY_ARE = {
    torch.float32, torch.float64, torch.float16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.bool,
}  # fmt: skip

_files: OrderedDict[tuple[str, str], Submission] = OrderedDict()
_wrote: dict[str, None] = {}
_runs_code = False


def answers() -> Answering:
    """Makes this process ready to answer: the bounds that it sets itself."""
    if sys.platform == "linux":
        limit_memory(psutil.Process().memory_info().data + MOST_MEMORY + _SPARE_MEMORY)
    use_threads()
    os.environ["TORCH_COMPILE_DISABLE"] = "1"  # it takes half a minute, and starts a C compiler
    tempfile.gettempdir()  # it tries a file the first time
    run_own_code_here()
    sys.addaudithook(_audit)
    os._exit = _exit
    warnings.simplefilter("ignore")
    return answer


def answer(said: Said, arrays: Arrays) -> Answered:
    """Answer a question by its operation; an error is an answer, too."""
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    found: Said
    with _watched(said["file"]["path"]):
        try:
            of_operation, made = perform(said, tensors)
            found = {"said": of_operation}
        except SubmissionError as error:
            found, made = {"error": {"sentence": error.sentence, "line": error.line}}, {}
    if wrote := [path for path in _wrote if Path(path).is_file()]:  # torch writes files that are gone at once
        found["wrote"] = wrote[:10]
    return found, {name: tensor.numpy() for name, tensor in made.items()}


def perform(said: Said, tensors: Tensors) -> tuple[Said, dict[str, Tensor]]:
    """The answer of an operation, computed in this very process. Raises SubmissionError."""
    submission = _file(**said["file"])
    try:
        found, made = _operation(said["operation"])(submission, said["said"], tensors)
        return found, {name: _sendable(tensor) for name, tensor in made.items() if not tensor.is_meta}
    except BaseException as error:
        raise submission.error(error) from error


@cache
def _operation(name: str) -> Operation:
    found = OPERATIONS[name]
    resolved: Operation = pkgutil.resolve_name(found) if isinstance(found, str) else found
    return resolved


def _file(source: str, path: str, digest: str) -> Submission:
    """The file, whose code runs at the first time only."""
    key = (digest, path)
    if key not in _files:
        _files[key] = Submission(source, path, digest)
        while len(_files) > _MOST_FILES:
            _files.popitem(last=False)
    _files.move_to_end(key)
    return _files[key]


def _sendable(tensor: Tensor) -> Tensor:
    """A tensor that numpy and safetensors know."""
    tensor = tensor.detach().cpu()
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_complex():
        tensor = tensor.abs()
    return (tensor if tensor.dtype in _SENT_AS_THEY_ARE else tensor.float()).contiguous()


@contextlib.contextmanager
def _watched(path: str) -> Iterator[None]:
    """Let the student's code run in the block, in the folder of its file."""
    global _runs_code
    with contextlib.suppress(OSError):
        os.chdir(Path(path).parent)
    _wrote.clear()
    _runs_code = True
    try:
        yield
    finally:
        _runs_code = False


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    """Notes what is written and refuses what a cell has no business to do. Python calls it for all events."""
    if not _runs_code:
        return
    if event == "open":
        path, mode, flags = arguments
        writes = flags & (os.O_WRONLY | os.O_RDWR) if mode is None else set(mode) & set("wax+")
        if writes and isinstance(path, str) and path != os.devnull and "__pycache__" not in path:
            _wrote[path] = None
    elif event in _STARTS_A_PROCESS:
        raise RefusedError("It starts another process, which the code of a cell may not do")
    elif event in _SENDS_A_SIGNAL:
        raise RefusedError("It sends a signal to a process, which the code of a cell may not do")


def _exit(status: int) -> NoReturn:
    """Stands in for `os._exit`, which ends the process without a word."""
    raise RefusedError(f"It ends the process with os._exit({status}): leave that out")
