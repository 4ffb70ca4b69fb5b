"""The side that answers: what `python -m rnn_core.processes.answering` does, until nobody asks any more.

Questions and answers go over descriptors of their own, so what is printed is not in their way. This protects
from accidents; it is no sandbox.
"""

import contextlib
import faulthandler
import inspect
import math
import os
import pkgutil
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import BinaryIO, TextIO, get_type_hints

import psutil

from rnn_core.errors import GatescopeError
from rnn_core.files import FormatError, from_json, from_value
from rnn_core.processes import frames
from rnn_core.processes.bounds import START_SECONDS, lift_memory_bound, limit_memory
from rnn_core.processes.frames import Arrays, Said
from rnn_core.progress import Progress, RateLimit

Answered = tuple[Said, Arrays]
Steps = Generator[Progress, None, Answered]
Answering = Callable[[Said, Arrays], Answered | Steps]
"""Answers a question at once, or step by step. The text of a GatescopeError is a reply, too."""

_GIVEN_UP = 130
_SPARE_SECONDS = 10
"""Processor time up to its own limit beyond what the side that asks would end it for."""
_SAY_EVERY = 0.1  # seconds
_end_now = os._exit  # as it is before code that is not ours may have changed it


def serve(text: str) -> None:
    """Answer questions on these `Terms`, in JSON."""
    incoming, outgoing = _own_descriptors()
    at_first = _behind(incoming.fileno(), outgoing.fileno(), 2)
    terms: frames.Terms = from_json(text, frames.Terms)
    clears_away = terms["bounds"].patience > 0
    stack = Path(terms["stack"]).open("w", encoding="utf-8")  # noqa: SIM115
    faulthandler.enable(stack)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the side that asks decides
    if clears_away:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if sys.platform != "win32":
        faulthandler.register(signal.SIGUSR1, stack)
        faulthandler.register(signal.SIGXCPU, stack, chain=True)
    answering: Answering = pkgutil.resolve_name(terms["answers"])(*terms["given"])
    blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(
        target=_take, args=(incoming, blocks), kwargs={"gently": clears_away}, daemon=True
    ).start()

    def reply(said: frames.Reply, arrays: Arrays | None = None, mark: bytes = b"") -> None:
        try:  # code that is not ours may have closed the pipes, and opened something else in their place
            if _behind(incoming.fileno(), outgoing.fileno(), 2) != at_first:
                _end_now(frames.LOST)
            if mark:
                os.write(2, mark)
            frames.write_block(outgoing, frames.to_block(said, arrays or {}))
        except OSError as error:
            if clears_away:
                raise KeyboardInterrupt from error
            _end_now(frames.LOST)

    frames.write_block(outgoing, frames.READY)
    while True:
        asked, given = frames.from_block(blocks.get(), frames.Question)
        _bound_itself(asked["seconds"], stack)
        said, arrays = _answer(answering, asked["said"], given, terms["bounds"].data, reply)
        faulthandler.cancel_dump_traceback_later()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # code that is not ours may have put anything there
                stream.flush()
        reply(said, arrays, frames.mark_of(asked["number"]))


def _answer(
    answering: Answering,
    said: Said,
    arrays: Arrays,
    most_data: int | None,
    reply: Callable[[frames.Reply], None],
) -> tuple[frames.Reply, Arrays]:
    """Return the last reply to a question; `reply` gets how far the work is until then."""
    try:
        if most_data is not None:
            if sys.platform == "linux" and psutil.Process().memory_info().data > most_data:
                raise MemoryError  # with no room at all an import would fail, and say something else
            limit_memory(most_data)
        answered = answering(said, arrays)
        answer, made = answered if isinstance(answered, tuple) else _finish(answered, reply)
    except GatescopeError as error:
        return frames.Reply(refused=str(error)), {}
    except (MemoryError, SystemError):  # the second where code in C gets no memory and does not say so
        lift_memory_bound()  # what filled the memory is still there, and a reply takes some, too
        return frames.Reply(lacks_memory=True), {}
    return frames.Reply(answer=answer), made


def _finish(steps: Steps, reply: Callable[[frames.Reply], None]) -> Answered:
    due, doing = RateLimit(_SAY_EVERY), ""
    while True:
        try:
            progress = next(steps)
        except StopIteration as ended:
            answered: Answered = ended.value
            return answered
        if due() or progress.doing != doing:
            doing = progress.doing
            reply(frames.Reply(progress=(progress.doing, progress.done, progress.total)))


def calling(name: str) -> Answering:
    """Return the function that answers by calling the one of this name, for `apart`."""
    function = pkgutil.resolve_name(name)
    shapes = get_type_hints(function)

    def answer(said: Said, arrays: Arrays) -> Steps:
        found = function(**{name: from_value(value, shapes[name]) for name, value in said.items()})
        returned = (yield from found) if inspect.isgenerator(found) else found
        return {"returned": returned}, {}

    return answer


def _bound_itself(seconds: float | None, stack: TextIO) -> None:
    """Lets this process end by itself far beyond a bound of so many seconds, if nobody is there to end it."""
    if seconds is None:
        return
    if sys.platform == "win32":
        faulthandler.dump_traceback_later(START_SECONDS + 10 * seconds, exit=True, file=stack)
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
    """Take the pipes for questions and answers; what is printed goes to the third pipe from here on."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    for printed in (sys.stdout, sys.stderr):
        printed.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    return os.fdopen(incoming, "rb", 0), os.fdopen(outgoing, "wb", 0)


def _take(incoming: BinaryIO, blocks: queue.SimpleQueue[bytes], *, gently: bool) -> None:
    """Take what comes. At its end nobody is there any more, whatever is being computed."""
    try:
        while block := frames.read_block(incoming):
            blocks.put(block)
    except (OSError, FormatError):
        _end_now(frames.LOST)
    if gently:
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        _end_now(0)


if __name__ == "__main__":
    try:
        serve(sys.argv[1])
    except KeyboardInterrupt:  # it was asked to end, and has cleared away what it had begun
        sys.exit(_GIVEN_UP)
