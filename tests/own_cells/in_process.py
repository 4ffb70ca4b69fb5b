"""A stand-in for the process of a student's code, where this process may run it itself: in tests."""

from rnn_core.errors import OwnCellError
from rnn_core.own_cells.child import perform
from rnn_core.own_cells.here import runs_own_code_here
from rnn_core.own_cells.process import Answer, Asked, error_of
from rnn_core.own_cells.submission import SubmissionError
from rnn_core.progress import finish


def ask(process, file, operation, said=None, arrays=None, **bounds):
    """The answer of a process."""
    return finish(process.asking(file, operation, said, arrays, **bounds))


class InThisProcess(Asked):
    """Answers as an `OwnProcess` does, without its bounds."""

    def answering(self, file, request, tensors, seconds):
        yield
        if not runs_own_code_here():
            raise OwnCellError("The code of own cells doesn't run in this process.")
        try:
            found, made = perform(request["source"], request["path"], request["digest"], request, tensors)
        except SubmissionError as error:
            raise error_of(file, error.sentence, error.line, "") from error
        return Answer(found, {name: tensor.clone() for name, tensor in made.items()})

    def close(self) -> None:
        """Nothing: this process goes on."""
