"""The process that adds a corpus or looks through a table: `rnn_core.data.own.process` starts it and asks."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

from rnn_core.child_process import answer
from rnn_core.data.own.make import add
from rnn_core.data.own.process import Request
from rnn_core.data.own.survey import look_at, survey
from rnn_core.progress import Progress
from rnn_core.tables.open import open_table


def _found(request: Request) -> Generator[Progress, None, dict[str, Any]]:
    table, recipe = open_table(Path(request["source"]), request["options"]), request["recipe"]
    if recipe is None:
        return look_at(table).to_dict()
    if request["what"] == "add":
        return (yield from add(request["name"], table, recipe)).to_dict()
    return (yield from survey(table, recipe)).to_dict()


if __name__ == "__main__":
    answer(Request, _found)
