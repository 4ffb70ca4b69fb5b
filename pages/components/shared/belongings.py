"""Work and files of a session, which end with it, some time after its browser has gone."""

import secrets
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

import streamlit as st

from pages.components.shared.jobs import Job, Jobs, jobs
from rnn_core.paths import own_corpora_folder

_BELONGINGS = "belongings"
_COMES_BACK_WITHIN = 120.0  # seconds, as long as Streamlit waits for a browser
_PATIENCE = 10.0  # seconds: work that is cancelled clears away what it has written
_KEPT_FOR = 86_400  # seconds until a folder that a killed server has left is deleted


class Belongings:
    """The work and the files of one session."""

    def __init__(self, registry: Jobs) -> None:
        self.name = secrets.token_hex(8)
        self.folder = uploads() / self.name
        """Folder of its files; code that writes there makes it first."""
        self._registry = registry
        self._jobs: dict[str, tuple[Job, bool]] = {}
        self._end: threading.Timer | None = None
        _KEPT.add(self)

    def own(self, name: str, job: Job, *, outlives: bool) -> None:
        """Let a job end with the session; where it outlives it, the files stay until it is done."""
        self._jobs[name] = job, outlives

    def stay(self) -> None:
        """The browser is there, or there again."""
        if self._end is not None:
            self._end.cancel()

    def leave(self) -> None:
        """The browser has gone: end in a while, unless it comes back."""
        self.stay()
        self._end = threading.Timer(_COMES_BACK_WITHIN, self.end)
        self._end.daemon = True
        self._end.start()

    def end(self) -> None:
        """Cancel the work, and delete the files once what outlives the session is done."""
        _KEPT.discard(self)
        for job, outlives in self._jobs.values():
            if not outlives:
                job.cancel()
        for name, (job, outlives) in self._jobs.items():
            job.wait(None if outlives else _PATIENCE)
            self._registry.forget(name)
        self._jobs.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def end_at_once(self) -> None:
        """Cancel all work, what outlives the session, too: the server ends."""
        for job, _ in self._jobs.values():
            job.cancel()
        self.end()


_KEPT: set[Belongings] = set()


def end_all() -> None:
    """Call this when the server ends."""
    for each in list(_KEPT):
        each.end_at_once()


def belongings() -> Belongings:
    """The belongings of this session."""
    if _BELONGINGS not in st.session_state:
        st.session_state[_BELONGINGS] = Belongings(jobs())
    mine: Belongings = st.session_state[_BELONGINGS]
    return _present(mine.name, mine)


def keep_belongings() -> None:
    """Call this on every page, so that a browser that comes back to any of them finds what it had."""
    if _BELONGINGS in st.session_state:
        belongings()


@st.cache_resource(scope="session", on_release=Belongings.leave, show_spinner=False)
def _present(name: str, _mine: Belongings) -> Belongings:
    _mine.stay()
    return _mine


def uploads() -> Path:
    """The folder in which the files of sessions lie."""
    return own_corpora_folder().absolute() / ".uploads"


def clear_old() -> None:
    """Delete what servers that were killed have left behind."""
    if not uploads().is_dir():
        return
    for folder in uploads().iterdir():
        with suppress(FileNotFoundError):  # another session has deleted it just now
            if time.time() - folder.stat().st_mtime > _KEPT_FOR:
                shutil.rmtree(folder, ignore_errors=True)
