"""A stand-in for the process of a student's code, where this process may run it itself: in tests."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from rnn_core.cell_files.folder import CellFile
from rnn_core.errors import OwnCellError
from rnn_core.own_cells.child import perform
from rnn_core.own_cells.here import runs_own_code_here
from rnn_core.own_cells.process import SECONDS, Answer, Asked, Asking, error_of
from rnn_core.own_cells.submission import SubmissionError
from rnn_core.progress import finish


def ask(process, file, operation, said=None, arrays=None, **bounds):
    """The answer of a process."""
    return finish(process.asking(file, operation, said, arrays, **bounds))


class InThisProcess(Asked):
    """Answers as an `OwnProcess` does, without its bounds."""

    def asking(
        self,
        file: CellFile,
        operation: str,
        said: Mapping[str, Any] | None = None,
        arrays: Mapping[str, Tensor] | None = None,
        *,
        seconds: float = SECONDS,
    ) -> Asking:
        """Computes the answer at once. Raises OwnCellError, also where own code doesn't run here."""
        yield
        if not runs_own_code_here():
            raise OwnCellError("The code of own cells doesn't run in this process.")
        try:
            found, made = perform(
                file.source,
                str(file.path),
                file.digest,
                {"operation": operation, "said": dict(said or {})},
                {name: tensor.detach() for name, tensor in (arrays or {}).items()},
            )
        except SubmissionError as error:
            raise error_of(file, error.sentence, error.line, "") from error
        return Answer(found, {name: tensor.clone() for name, tensor in made.items()})

    def close(self) -> None:
        """Nothing: this process goes on."""
