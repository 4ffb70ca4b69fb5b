"""What commands read: an argument, or standard input in its place."""

import sys
from typing import BinaryIO

import click


def read_text(text: str) -> str:
    """The text itself, or standard input for `-`; what is no UTF-8 there is refused."""
    if text != "-":
        return text
    try:
        return standard_input().read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"Standard input is no UTF-8 text: {error}.") from error


def standard_input() -> BinaryIO:
    """Standard input as bytes; one that was closed is refused."""
    if sys.stdin is None:
        raise click.UsageError("There is no standard input to read: it is closed.")
    return sys.stdin.buffer
