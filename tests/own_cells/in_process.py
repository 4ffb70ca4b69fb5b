"""A stand-in for the process of a student's code, where this process may run it itself: in tests."""

import torch

from rnn_core.errors import OwnCellError
from rnn_core.own_cells.child import perform
from rnn_core.own_cells.here import runs_own_code_here
from rnn_core.own_cells.process import OwnProcess
from rnn_core.own_cells.submission import SubmissionError
from rnn_core.processes.asking import Answer
from rnn_core.progress import Progress, finish


def ask(process, file, *question, **bounds):
    """The answer of a process."""
    return finish(process.asking(file, *question, **bounds))


class InThisProcess(OwnProcess):
    """Answers as an `OwnProcess` does, without its bounds."""

    def ask(self, said, arrays, **bounds):
        yield Progress("Computing here", 0, 1)
        if not runs_own_code_here():
            raise OwnCellError("The code of own cells doesn't run in this process.")
        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        try:
            found, made = perform(said, tensors)
        except SubmissionError as error:
            return Answer({"error": {"sentence": error.sentence, "line": error.line}}, {}, "", 0.0)
        return Answer({"said": found}, {name: one.clone().numpy() for name, one in made.items()}, "", 0.0)
