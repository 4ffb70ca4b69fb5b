"""The guard of a student's code: it runs only in a process that says that it may."""

_runs = False


def run_own_code_here() -> None:
    """Lets this process run the code of students, from here on: one of a check or of a grading."""
    global _runs
    _runs = True


def runs_own_code_here() -> bool:
    """True if `run_own_code_here` was called; a server, a worker or a notebook never does."""
    return _runs
