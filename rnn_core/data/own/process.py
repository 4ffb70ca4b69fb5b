"""Adding and looking through in a process of its own, so that a large table stops no page."""

import contextlib
from collections.abc import Generator
from pathlib import Path

from rnn_core.data.own.alone import alone_with
from rnn_core.data.own.catalogue import check_new_name
from rnn_core.data.own.make import add
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.survey import Look, Survey, look_at, survey
from rnn_core.errors import DataError
from rnn_core.progress import Progress
from rnn_core.tables.apart import MOST_MEMORY, ask
from rnn_core.tables.open import open_table
from rnn_core.tables.table import GUESS, Options, Table


def add_apart(name: str, recipe: Recipe, most_memory: int = MOST_MEMORY) -> Generator[Progress, None, Survey]:
    """`rnn_core.data.own.make.add` in a process of its own. Raises DataError, and then leaves nothing.

    Progress comes several times a second, so that closing this generator, which ends the process, is quick.
    """
    check_new_name(name)
    try:
        return (yield from ask(_add, most_memory, name=name, recipe=recipe))
    finally:
        with contextlib.suppress(DataError), alone_with(name):  # which clears away what a killed one left
            pass


def _add(name: str, recipe: Recipe) -> Generator[Progress, None, Survey]:
    return (yield from add(name, _table_of(recipe), recipe))


def survey_apart(recipe: Recipe, most_memory: int = MOST_MEMORY) -> Generator[Progress, None, Survey]:
    """`rnn_core.data.own.survey.survey` in a process of its own, to be closed in the same way."""
    return (yield from ask(_survey, most_memory, recipe=recipe))


def _survey(recipe: Recipe) -> Generator[Progress, None, Survey]:
    return (yield from survey(_table_of(recipe), recipe))


def look_apart(
    path: Path, options: Options = GUESS, most_memory: int = MOST_MEMORY
) -> Generator[Progress, None, Look]:
    """`rnn_core.data.own.survey.look_at` in a process of its own, to be closed in the same way."""
    return (yield from ask(_look, most_memory, path=str(path), options=options))


def _look(path: str, options: Options) -> Generator[Progress, None, Look]:
    yield from ()  # it takes no time
    return look_at(open_table(Path(path), options))


def _table_of(recipe: Recipe) -> Table:
    return open_table(Path(recipe.source), recipe.options)
