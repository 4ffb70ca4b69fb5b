"""Quantities that a cell of one's own shows: in its file, `z = see("z", torch.sigmoid(a))`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

Watch = Callable[[str, Any], Any]
"""Gets a letter and its value, and returns what the cell goes on with."""

_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


def see(letter: str, value: T) -> T:
    """Returns the value, which is seen under this letter, or what the one that watches puts in its place.

    >>> see("z", 0.5)
    0.5
    """
    watch = _watch.get()
    seen: T = value if watch is None else watch(letter, value)
    return seen


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Calls `watch` with all that is seen in the block.

    >>> with watching(lambda letter, value: 1.0 if letter == "z" else value):
    ...     see("z", 0.5), see("n", 0.5)
    (1.0, 0.5)
    """
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)
