"""Quantities that a cell of one's own shows: in its file, `z = see("z", torch.sigmoid(a))`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

Watch = Callable[[str, Any], object]
"""Takes notice of a letter and its value."""

_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


def see(letter: str, value: T) -> T:
    """Returns the value, which is seen under this letter where a check watches.

    >>> see("z", 0.5)
    0.5
    """
    if (watch := _watch.get()) is not None:
        watch(letter, value)
    return value


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Calls `watch` with all that is seen in the block.

    >>> with watching(lambda letter, value: print(letter, "is", value)):
    ...     see("z", 0.5)
    z is 0.5
    0.5
    """
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)
