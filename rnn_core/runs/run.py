"""A run as the store gives it: a value, its states, its id."""

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnn_core.config.run import RunConfig
from rnn_core.errors import RunError, UnknownRunError
from rnn_core.runs.naming import run_title
from rnn_core.shapes import LONGEST_NAME, LONGEST_NOTE

QUEUED, RUNNING = "queued", "running"
FINISHED, STOPPED, DIVERGED, FAILED = "finished", "stopped", "diverged", "failed"
INTERRUPTED = "interrupted"
"""Never stored: what a run is that says it runs while nobody holds the lock on its folder."""

_ID = re.compile(r"[0-9]{6}-[0-9]{6}-[a-z2-7]{4}")
_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run, as it was when the store was asked. Times are seconds since the epoch."""

    id: str
    name: str
    """Given by the user; may be empty: `title` is what to show."""
    config: RunConfig
    state: str
    foreground: bool
    """True if a command line trains it, not a worker."""
    created: float
    started: float | None
    ended: float | None
    optimizer_step: int
    total_steps: int
    """0 until the reviews are read."""
    message: str
    """One sentence: what it does now, or how it ended."""
    validation_accuracy: float | None
    """0 to 1, of the weights that are kept."""
    scores: Mapping[str, Any]
    """Scores on the test reviews; empty until they are known."""
    paused: bool = False
    """True if it waits for a command to go on; it is running all the same."""
    starred: bool = False
    """True if the user marked it, to find it again."""
    note: str = ""
    resumed: int = 0
    """Number of times that it was interrupted and went on; each time, what came after its checkpoint was
    taken back.
    """
    threads: int = 0
    """Processor threads that it computes with; 0 until it began."""
    is_ending: bool = False
    """True if it takes no further optimizer step: it was asked to stop, or is scored."""

    @property
    def title(self) -> str:
        """Name shown everywhere: its own, else one made of its settings."""
        return run_title(self.id, self.name, self.config)

    @property
    def active(self) -> bool:
        """True if it waits or trains."""
        return self.state in (QUEUED, RUNNING)

    @property
    def takes_steps(self) -> bool:
        """True if it is between its first optimizer step and its last one, where it is at work."""
        return 0 < self.optimizer_step < self.total_steps and not self.is_ending

    @property
    def progress(self) -> float:
        """Optimizer steps done, 0 to 1."""
        return min(self.optimizer_step / self.total_steps, 1.0) if self.total_steps else 0.0


def new_run_id() -> str:
    """The second it was made (UTC) and four random letters, such as `260214-153012-k3fq`."""
    letters = "".join(secrets.choice(_ID_LETTERS) for _ in range(4))
    return f"{time.strftime('%y%m%d-%H%M%S', time.gmtime())}-{letters}"


def check_run_id(run_id: str) -> str:
    """Return `run_id` if it can be the name of a run's folder, else raise UnknownRunError."""
    if not _ID.fullmatch(run_id):
        raise UnknownRunError(
            f"{run_id[:80]!r} is not the id of a run, such as 260214-153012-k3fq. "
            "`python -m rnn_core runs list` shows the ids."
        )
    return run_id


def clean_name(name: str) -> str:
    """A name on one line, without control characters. Raises RunError where it is too long.

    >>> clean_name("  long\\n memory ")
    'long memory'
    """
    printable = "".join(sign if sign.isprintable() else " " for sign in name)
    cleaned = " ".join(printable.split())
    if len(cleaned) > LONGEST_NAME:
        raise RunError(f"A name must have at most {LONGEST_NAME} characters, got {len(cleaned):,}.")
    return cleaned


def clean_note(note: str) -> str:
    """A note without control characters but for its line ends. Raises RunError where it is too long."""
    cleaned = "".join(sign for sign in note if sign.isprintable() or sign == "\n").strip()
    if len(cleaned) > LONGEST_NOTE:
        raise RunError(f"A note must have at most {LONGEST_NOTE:,} characters, got {len(cleaned):,}.")
    return cleaned
