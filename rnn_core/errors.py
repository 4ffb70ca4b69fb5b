"""The errors that a person may meet: those raised in one room and caught in others.

An error that only one room knows stands there. What a reader of files says of a wrong value is no such
error but a reason (`rnn_core.files.FormatError`): the caller, who knows the file, puts it into a sentence.
"""

import errno


class GatescopeError(Exception):
    """Says in full sentences what must hold and what came, or what happened and what to do next.

    The text ends with a full stop, so a page that shows it adds nothing. Where it ends in words from
    elsewhere, such as those of the operating system, the full stop is added here.

    >>> str(GatescopeError("The disk could not be freed: No space left on device"))
    'The disk could not be freed: No space left on device.'
    """

    def __init__(self, text: str) -> None:
        super().__init__(text if text.endswith((".", "?", "!")) else f"{text}.")


def reason(error: BaseException) -> str:
    """The text of an error as a part of another sentence: without the full stop, and without a file's name.

    >>> reason(ConfigError("Epochs must be a whole number, got 'two'.")), reason(OSError(28, "No space left"))
    ("Epochs must be a whole number, got 'two'", 'No space left')
    """
    system = error.strerror if isinstance(error, OSError) else None
    return (system or str(error) or type(error).__name__).removesuffix(".")


def system_in_words(error: OSError) -> str:
    """Say what the operating system refused, where, and what to try.

    >>> system_in_words(PermissionError(13, "Permission denied", "/shut"))
    '/shut: Permission denied. Check that you may read and write there, or choose another place.'
    """
    where = f"{error.filename}: " if error.filename else ""
    shut = "Check that you may read and write there" if isinstance(error, PermissionError) else ""
    then = "Free some disk space" if error.errno == errno.ENOSPC else shut
    return f"{where}{reason(error)}." + (f" {then}, or choose another place." if then else "")


class ConfigError(GatescopeError, ValueError):
    """A setting that can't be."""


class SweepError(ConfigError):
    """A sweep that can't be."""


class ClampError(ConfigError):
    """A value that can't be held, or a state that can't be put in the place of another."""


class CellError(GatescopeError):
    """A cell of one's own that can't be had: its file, or what it computes."""


class OwnCellError(CellError):
    """The code of a cell of one's own that went wrong, or that may not run.

    `sentence` is what happened without the name of the file, and `line` where, counted from 1.
    """

    def __init__(self, text: str, *, sentence: str = "", line: int | None = None, printed: str = "") -> None:
        super().__init__(text)
        self.sentence, self.line, self.printed = sentence or text, line, printed


class NoVerdictError(GatescopeError):
    """A text on which a network has no verdict."""


class EmptyReviewError(NoVerdictError, ValueError):
    """A text without a single word."""


class OverflowedError(NoVerdictError, ArithmeticError):
    """A network whose numbers grow too large while it reads."""


class DataError(GatescopeError):
    """Reviews that can't be had."""


class ModelFolderError(GatescopeError):
    """A model folder that can't be read; the text names the file."""


class ExportError(GatescopeError):
    """A model that can't be exported as what was asked for."""


class BaselineError(GatescopeError):
    """Baselines that can't be measured, kept or read."""


class BenchError(GatescopeError):
    """Something that can't be measured."""


class RunError(GatescopeError):
    """Something that can't be done with a run."""


class UnknownRunError(RunError):
    """There is no run with this id."""


class StoreError(RunError):
    """The store can't be read or written."""


class UnreadableRunError(StoreError):
    """A run whose settings, scores or records this version can't read; it can be deleted."""

    def __init__(self, run_id: str, why: str, name: str = "") -> None:
        """`why` is a sentence."""
        super().__init__(
            f"Run {run_id} can't be read by this version of Gatescope: {why} "
            f"It can be deleted with `python -m rnn_core runs delete {run_id}`."
        )
        self.run_id, self.why, self.name = run_id, why, name
