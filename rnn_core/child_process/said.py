"""What a child process says on its standard output: JSON, a line each."""

from typing import Any, TypedDict

MOST_BYTES = 10_000_000
"""Of a line."""


class Said(TypedDict, total=False):
    """A line: how far the child is, and at the end what it found or what was wrong."""

    progress: tuple[str, int, int]
    found: dict[str, Any]
    error: str
