"""A regular expression of one's own, looked for in texts by a process of its own.

That process is ended where an expression takes too long or too much memory. A text is read from left to
right, and nothing is known of what comes. A sign is inside a match where the text from some sign on, up to
this one, is a match or the beginning of one; a beginning may turn out to be none later. A match that the next
sign doesn't go on is over, and the next match begins behind it.
"""

from collections.abc import Generator, Sequence

import regex

from rnn_core.errors import ConfigError
from rnn_core.processes.asking import AnswerRefusedError, EndedError, Process
from rnn_core.processes.bounds import Bounds
from rnn_core.progress import Progress

LONGEST = 200
"""Characters of an expression."""
SECONDS = 5.0
"""Processor time of one question."""
_BYTES = 1_000_000_000
_process = Process(
    "rnn_core.processes.answering:calling",
    Bounds(memory=_BYTES, data=_BYTES),
    given=["rnn_core.text.expression:inside_all"],
)


def inside_matches(expression: str, texts: Sequence[str]) -> Generator[Progress, None, list[list[str]]]:
    """Say "yes" or "no" after each sign of each text: is it inside a match?

    Raises ConfigError for what is no expression, and for one that takes too long or too much memory.
    """
    if len(expression) > LONGEST:
        raise ConfigError(f"An expression has at most {LONGEST} characters, got {len(expression):,}.")
    asked = {"expression": expression, "texts": [*texts]}
    try:
        answer = yield from _process.ask(asked, {}, seconds=SECONDS)
    except AnswerRefusedError as error:
        raise ConfigError(str(error)) from error
    except EndedError as ended:
        raise ConfigError(
            f"This expression takes more than {SECONDS:g} s or {_BYTES / 1e9:g} GB of memory on these texts, "
            "so it was given up. It may repeat what is repeated, as (a+)+ does: make it simpler."
        ) from ended
    found: list[list[str]] = answer.said["returned"]
    return found


def inside_all(expression: str, texts: list[str]) -> list[list[str]]:
    """Answer for `inside_matches` in this process, however long it takes."""
    try:
        pattern = regex.compile(expression)
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise ConfigError(f"This is no regular expression: {error}. Correct it.") from error
    return [_inside(pattern, text) for text in texts]


def _inside(pattern: "regex.Pattern[str]", text: str) -> list[str]:
    found, begin = [], 0
    for end in range(1, len(text) + 1):
        so_far = text[:end]  # a look ahead must not see more
        while begin < end:
            match = pattern.match(so_far, begin, partial=True)
            if match is not None and match.end() == end:
                break
            begin = begin + 1 if match is None else max(match.end(), begin + 1)
        found.append("yes" if begin < end else "no")
    return found
