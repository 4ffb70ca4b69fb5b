"""Tables on disk, and corpora made of them."""

import csv

from rnn_core.data.own.catalogue import OwnTexts
from rnn_core.data.own.choice import choose
from rnn_core.data.own.make import add
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.rows import read_rows
from rnn_core.tables.open import open_table


def table(folder, rows, columns=("text", "label", "split", "group"), name="table.csv"):
    """A CSV of rows, each with as many cells as there are columns or fewer."""
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([*row, *[""] * (len(columns) - len(row))] for row in rows)
    return open_table(path)


def two_classes(texts=40):
    """Different texts in two classes."""
    return [(f"text number {number}", "ab"[number % 2]) for number in range(texts)]


def recipe_for(source, **choices):
    """The recipe of such a table, without a column of splits and of groups."""
    return Recipe(source=str(source.path), text="text", label="label", **choices)


def finish(steps):
    """Run some work to its end; its progress, and its result."""
    progress = []
    while True:
        try:
            progress.append(next(steps))
        except StopIteration as ended:
            return progress, ended.value


def chosen(source, **choices):
    """Choose what becomes of each row of a table."""
    recipe = recipe_for(source, **choices)
    return choose(finish(read_rows(source, recipe))[1], recipe, source.path.name)


def added(source, name="own", **choices):
    """A corpus made of a table, open."""
    finish(add(name, recipe_for(source, **choices)))
    return OwnTexts(name).open()
