"""Work on a table in this process, so that a test of a page doesn't wait for another one to start."""

from collections.abc import Callable, Generator, Mapping
from typing import Any

from rnn_core.data.own import child
from rnn_core.errors import DataError, GatescopeError
from rnn_core.files import from_json, to_json
from rnn_core.labelling import child as label_child
from rnn_core.progress import Progress

_WORK: Mapping[str, tuple[Any, Callable]] = {
    child.__name__: (child.Request, child._found),
    label_child.__name__: (label_child.Request, label_child._labelled),
}


def ask_here(
    module: str, request: Mapping[str, Any], _most_memory: int
) -> Generator[Progress, None, dict[str, Any]]:
    """As `rnn_core.child_process.ask`: what is asked and what is found goes through JSON here, too."""
    shape, work = _WORK[module]
    try:
        found = yield from work(from_json(to_json(request).encode(), shape))
    except GatescopeError as error:
        raise DataError(str(error)) from error
    return from_json(to_json(found).encode(), dict)
