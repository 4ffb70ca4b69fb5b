"""Adding and looking through in a process of its own, so that a large table stops no page."""

import contextlib
import dataclasses
from collections.abc import Generator
from pathlib import Path
from typing import Any, Literal, TypedDict

from rnn_core.data.own.alone import alone_with
from rnn_core.data.own.catalogue import check_new_name
from rnn_core.data.own.make import add
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.survey import Look, Survey, look_at, survey
from rnn_core.errors import DataError
from rnn_core.files import from_value
from rnn_core.processes.answering import Answering, Steps
from rnn_core.processes.frames import Arrays, Said
from rnn_core.progress import Progress
from rnn_core.tables.apart import MOST_MEMORY, ask
from rnn_core.tables.open import open_table
from rnn_core.tables.table import GUESS, Options


class Request(TypedDict):
    """Question to the process."""

    what: Literal["look", "survey", "add"]
    name: str
    """The name of the corpus that is added; else empty."""
    source: str
    """The path of the table, which is read with these options where there is no recipe yet."""
    options: Options
    recipe: Recipe | None


def add_apart(name: str, recipe: Recipe, most_memory: int = MOST_MEMORY) -> Generator[Progress, None, Survey]:
    """`rnn_core.data.own.make.add` in a process of its own. Raises DataError, and then leaves nothing.

    Progress comes several times a second, so that closing this generator, which ends the process, is quick.
    """
    check_new_name(name)
    try:
        return Survey.from_dict(
            (yield from _ask("add", recipe.source, recipe.options, recipe, name, most_memory))
        )
    finally:
        with contextlib.suppress(DataError), alone_with(name):  # which clears away what a killed one left
            pass


def survey_apart(recipe: Recipe, most_memory: int = MOST_MEMORY) -> Generator[Progress, None, Survey]:
    """`rnn_core.data.own.survey.survey` in a process of its own, to be closed in the same way."""
    asked = _ask("survey", recipe.source, recipe.options, recipe, "", most_memory)
    return Survey.from_dict((yield from asked))


def look_apart(
    path: Path, options: Options = GUESS, most_memory: int = MOST_MEMORY
) -> Generator[Progress, None, Look]:
    """`rnn_core.data.own.survey.look_at` in a process of its own, to be closed in the same way."""
    return Look.from_dict((yield from _ask("look", str(path), options, None, "", most_memory)))


def _ask(
    what: Literal["look", "survey", "add"],
    source: str,
    options: Options,
    recipe: Recipe | None,
    name: str,
    most_memory: int,
) -> Generator[Progress, None, dict[str, Any]]:
    request = Request(what=what, name=name, source=source, options=options, recipe=recipe)
    asked = {**request, "options": dataclasses.asdict(options), "recipe": recipe and recipe.to_dict()}
    return ask(f"{__name__}:answers", asked, most_memory)


def answers() -> Answering:
    """Return the function that answers a `Request`, in the process."""
    return _answer


def _answer(said: Said, arrays: Arrays) -> Steps:
    request: Request = from_value(said, Request)
    table, recipe = open_table(Path(request["source"]), request["options"]), request["recipe"]
    if recipe is None:
        return look_at(table).to_dict(), {}
    if request["what"] == "add":
        return (yield from add(request["name"], table, recipe)).to_dict(), {}
    return (yield from survey(table, recipe)).to_dict(), {}
