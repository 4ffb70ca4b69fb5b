"""The process that labels a whole table: `rnn_core.labelling.process` starts it and asks."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

from rnn_core.child_process import answer
from rnn_core.labelling.process import Request
from rnn_core.labelling.table import label_table
from rnn_core.models.folder import model_files
from rnn_core.models.model import Model
from rnn_core.nn.threads import use_threads
from rnn_core.progress import Progress
from rnn_core.tables.open import open_table

_NO_MEMORY = "can't allocate memory"
"""What torch says, in place of a MemoryError."""


def _labelled(request: Request) -> Generator[Progress, None, dict[str, Any]]:
    use_threads()
    try:
        model = Model.load(Path(request["model"]))
        table = open_table(Path(request["source"]), request["options"])
        files = model_files(model.folder)
        return (yield from label_table(model, table, request["text"], Path(request["out"]), spared=files))
    except RuntimeError as error:
        if _NO_MEMORY in str(error):
            raise MemoryError from error
        raise


if __name__ == "__main__":
    answer(Request, _labelled)
