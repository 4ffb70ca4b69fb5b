"""`data add`: a corpus of the user's own texts."""

from pathlib import Path
from typing import Any

import click

from rnn_core.cli.errors import in_words
from rnn_core.cli.options import as_json
from rnn_core.cli.output import answer, with_progress
from rnn_core.cli.own_list import in_splits
from rnn_core.config.tokens import TokenRules
from rnn_core.data.own import catalogue
from rnn_core.data.own.make import add
from rnn_core.data.own.recipe import Recipe, parse_merge, parse_thresholds
from rnn_core.data.own.survey import Survey
from rnn_core.errors import DataError
from rnn_core.refusals import shown
from rnn_core.tables.guess import guess_columns
from rnn_core.tables.open import open_table
from rnn_core.tables.table import Options, Table
from rnn_core.text.scripts import has_no_spaces

_ROWS_OF_A_GUESS = 1_000


@click.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="What the corpus is called: letters, digits, - and _.")
@click.option("--text", default="", metavar="COLUMN", help="The column with the texts. [default: guessed]")
@click.option("--label", default="", metavar="COLUMN", help="The column with the classes. [default: guessed]")
@click.option(
    "--split",
    default="",
    metavar="COLUMN",
    help="A column that says train, validation or test. [default: a test share is drawn]",
)
@click.option(
    "--group",
    default="",
    metavar="COLUMN",
    help="Rows with the same value here, such as an author, are never both learned from and scored.",
)
@click.option(
    "--merge", multiple=True, metavar="OLD=NEW", help="Rename a class, or merge several; may be repeated."
)
@click.option("--thresholds", default="", metavar="4,7", help="Make classes of a rating, each from one on.")
@click.option(
    "--test-share", default=0.2, show_default=True, help="Of each class, where there is no column of splits."
)
@click.option("--seed", default=0, show_default=True, help="Decides which texts are for testing.")
@click.option(
    "--tokens",
    type=click.Choice(TokenRules.settings()["unit"].choices),
    default="words",
    show_default=True,
    help=TokenRules.settings()["unit"].help,
)
@click.option("--lowercase/--no-lowercase", default=True, help=TokenRules.settings()["lowercase"].help)
@click.option(
    "--accents",
    type=click.Choice(TokenRules.settings()["accents"].choices),
    default="keep",
    show_default=True,
    help=TokenRules.settings()["accents"].help,
)
@click.option("--encoding", default="", help="Of the file, such as windows-1252. [default: guessed]")
@click.option("--delimiter", default="", help="What stands between the columns of a CSV. [default: guessed]")
@click.option("--sheet", default="", help="Of a workbook. [default: the first]")
@click.option(
    "--duplicates",
    type=click.Choice(["keep-first", "keep-all"]),
    default="keep-first",
    show_default=True,
    help="What becomes of the same text in the same class.",
)
@click.option(
    "--across-splits",
    type=click.Choice(["leave-training", "keep-all"]),
    default="leave-training",
    show_default=True,
    help="What becomes of the same text in training and test: it is left out of training, or kept in both, "
    "which makes a test easier than it is.",
)
@click.option(
    "--contradictory",
    type=click.Choice(["leave-out", "keep-first", "keep-all"]),
    default="leave-out",
    show_default=True,
    help="What becomes of the same text in two classes.",
)
@click.option(
    "--small-classes",
    type=click.Choice(["leave-out", "join", "keep"]),
    default="leave-out",
    show_default=True,
    help="What becomes of classes with fewer than ten texts; join makes one class of them, other.",
)
@as_json
@in_words
def add_(
    file: Path, name: str, text: str, label: str, merge: tuple[str, ...], thresholds: str, tokens: str,
    lowercase: bool, accents: str, encoding: str, delimiter: str, sheet: str, as_json: bool, **choices: Any,
) -> None:  # fmt: skip
    """Make a corpus of FILE: a table with a text and its class in each row.

    CSV, TSV, JSON Lines, Parquet, Excel (.xlsx), a folder with a sub-folder for each class, or one of these
    in a zip. `train --data NAME` then learns from it. Texts without a word are left out. Nothing is kept
    where the table can't be read to its end.
    """
    catalogue.check_new_name(name)
    table = open_table(file, Options(encoding=encoding, delimiter=delimiter, sheet=sheet))
    text, label = _columns(table, text, label)
    recipe = Recipe(
        source=str(file.absolute()),
        encoding=table.options.encoding,
        delimiter=table.options.delimiter,
        sheet=table.options.sheet,
        text=text,
        label=label,
        merges=tuple(map(parse_merge, merge)),
        thresholds=parse_thresholds(thresholds),
        tokens=TokenRules(unit=tokens, lowercase=lowercase, accents=accents),
        **choices,
    )
    _offer_characters(table, recipe)
    found = with_progress(add(name, table, recipe))
    answer(as_json, {"name": name, **found.to_dict()}, *_added(name, found))


def _columns(table: Table, text: str, label: str) -> tuple[str, str]:
    """The columns of texts and classes, guessed where they were not given. Raises DataError."""
    if text and label:
        return text, label
    guess = guess_columns(table.head(_ROWS_OF_A_GUESS))
    found = text or guess.text, label or guess.label
    for option, column, what in zip(("--text", "--label"), found, ("texts", "classes"), strict=True):
        if not column:
            there = ", ".join(map(shown, table.columns[:20]))
            raise DataError(
                f"No column of {table.path.name} looks like the one with the {what}. Name it with {option}; "
                f"the columns are: {there}."
            )
    click.echo(f"Texts from column {shown(found[0])}, classes from column {shown(found[1])}", err=True)
    return found


def _offer_characters(table: Table, recipe: Recipe) -> None:
    """Say it where words are asked for of a script that has no spaces between them."""
    texts = [row.get(recipe.text) or "" for row in table.head(_ROWS_OF_A_GUESS)]
    if recipe.tokens.unit == "words" and has_no_spaces(texts):
        click.echo(
            "The script of these texts has no spaces between words, so a word is a whole clause. "
            "With --tokens characters a network reads them sign by sign.",
            err=True,
        )


def _added(name: str, found: Survey) -> list[str]:
    texts = sum(sum(splits.values()) for splits in found.classes.values())
    out = [f"{count:,} {what.replace('_', ' ')}" for what, count in found.left_out._asdict().items() if count]
    return [
        f"{name}: {texts:,} texts in {len(found.classes)} classes, of {found.rows:,} rows",
        *in_splits(found.classes),
        *([f"Left out: {', '.join(out)}"] if out else []),
        f"Train on it: python -m rnn_core train --data {name}",
    ]
