"""Whether this process may run a student's code."""

_runs = False


def run_own_code_here() -> None:
    """Lets this process run the code of cells of one's own, from here on: a worker, a child, a notebook."""
    global _runs
    _runs = True


def runs_own_code_here() -> bool:
    """Whether `run_own_code_here` was called; a server never does."""
    return _runs
