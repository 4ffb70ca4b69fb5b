"""Work that takes longer than a page may wait: in a thread of the server, shared by all its pages."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import streamlit as st

from rnn_core.errors import GatescopeError, reason
from rnn_core.progress import Progress, Stopwatch


class Job:
    """An iterator of progress that is run to its end in a thread of its own."""

    def __init__(self, steps: Callable[[], Iterator[Progress]], at_first: str) -> None:
        self.at_first = at_first
        """Name of its work before there is any progress."""
        self.progress: Progress | None = None
        self.error = ""
        """Why it failed, as a sentence; empty unless it did."""
        self.result: Any = None
        """The value that it returned, once it has ended well."""
        self._cancelled = threading.Event()
        self._stopwatch = Stopwatch()
        self._thread = threading.Thread(target=self._run, args=(steps,), daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """True while it is at work."""
        return self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        """True once it was asked to stop."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Stop at the next progress."""
        self._cancelled.set()

    def wait(self, seconds: float | None) -> None:
        """Wait for its end, but no longer than this; None is as long as it takes."""
        self._thread.join(seconds)

    def seconds_left(self) -> float | None:
        """The seconds left by the pace so far of what it does now; None where that is too early to say."""
        return self._stopwatch.seconds_left()

    def _run(self, steps: Callable[[], Iterator[Progress]]) -> None:
        iterator = steps()
        try:
            while not self._cancelled.is_set():
                self.progress = next(iterator)
                self._stopwatch.note(self.progress)
        except StopIteration as ended:
            self.result = ended.value
        except GatescopeError as error:
            self.error = str(error)
        except Exception as error:
            # In a thread nobody else would see it.
            self.error = f"It failed: {reason(error)}."
            raise
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()


class Jobs:
    """The jobs of the server by name; at most one of a name at a time."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(self, name: str, steps: Callable[[], Iterator[Progress]], at_first: str) -> Job:
        """Start a job, or give the one of that name that is at work; `at_first` says what it begins with."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None or not job.running:
                job = self._jobs[name] = Job(steps, at_first)
            return job

    def get(self, name: str) -> Job | None:
        """The last job of this name, at work or ended."""
        return self._jobs.get(name)

    def forget(self, name: str) -> None:
        """Forget how a job ended; one that is at work stays."""
        with self._lock:
            job = self._jobs.get(name)
            if job is not None and not job.running:
                del self._jobs[name]


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The jobs of this server, whichever page or session asks."""
    return Jobs()
