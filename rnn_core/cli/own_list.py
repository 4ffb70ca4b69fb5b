"""`data list`, `show` and `remove`: the corpora of the user's own texts that are there."""

from dataclasses import asdict

import click

from rnn_core.cli.errors import in_words
from rnn_core.cli.options import as_json
from rnn_core.cli.output import answer
from rnn_core.cli.own_numbers import empty, in_numbers
from rnn_core.data.own import catalogue
from rnn_core.data.own.parts import QUANTILES
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.summary import Summary, summary
from rnn_core.data.sources import recommendation
from rnn_core.runs.store import Store
from rnn_core.sweeps.own_corpus import remove_corpus

_TELLING_WORDS = 8


@click.command("list")
@as_json
@in_words
def list_(as_json: bool) -> None:
    """List the corpora of your own texts."""
    corpora = catalogue.own_corpora()
    rows = [{**corpus._asdict(), "added": corpus.added.isoformat(timespec="seconds")} for corpus in corpora]
    lines = [
        f"{corpus.name}: {corpus.problem or f'{corpus.texts:,} texts in {len(corpus.classes)} classes'}, "
        f"{corpus.bytes / 1e6:,.1f} MB, added {corpus.added.astimezone():%Y-%m-%d %H:%M}"
        for corpus in corpora
    ]
    answer(
        as_json, rows, *(lines or ["No corpus of your own yet: python -m rnn_core data add FILE --name NAME"])
    )


@click.command()
@click.argument("name")
@as_json
@in_words
def show(name: str, as_json: bool) -> None:
    """Say what the corpus NAME holds, how it was made, and which settings suit it."""
    corpus = catalogue.open_own(name)
    numbers, recipe, left_out = (
        summary(corpus, _TELLING_WORDS),
        catalogue.recipe_of(name),
        catalogue.left_out_of(name),
    )
    recommended = recommendation(name)
    rows = len(corpus) + sum(left_out)
    value = {
        "name": name,
        "texts": len(corpus),
        "words": numbers.words,
        "classes": {
            of: {split: asdict(part) for split, part in splits.items()}
            for of, splits in numbers.parts.items()
        },
        "lengths": dict(zip(map(str, QUANTILES), numbers.lengths, strict=True)),
        "empty_share": left_out.empty / rows,
        "left_out": left_out._asdict(),
        "telling_words": {
            name: [word._asdict() for word in words] for name, words in numbers.telling.items()
        },
        "settings": recommended.config.to_dict(),
        "reasons": list(recommended.reasons),
        "recipe": recipe.to_dict(),
    }
    answer(
        as_json, value, *_lines(name, numbers, recipe), empty(left_out.empty, rows), *recommended.reasons,
    )  # fmt: skip


def _lines(name: str, numbers: Summary, recipe: Recipe) -> list[str]:
    unit = recipe.tokens.unit
    telling = {of: [word.word for word in words] for of, words in numbers.telling.items()}
    return [
        f"{name}: made of {recipe.made_of}",
        f"SHA-256 of the table: {recipe.sha256}",
        *in_numbers(numbers.parts, numbers.lengths, telling, unit),
        f"Different {unit}: {numbers.words:,}",
    ]


@click.command()
@click.argument("name")
@as_json
@in_words
def remove(name: str, as_json: bool) -> None:
    """Delete the corpus NAME. Networks that learned from it stay, and still read a text you type.

    It stays while a run or a sweep trains on it, or waits to.
    """
    freed = remove_corpus(Store(), name)
    answer(
        as_json,
        {"removed": name, "freed_bytes": freed},
        f"Removed {name}, which frees {freed / 1e6:,.1f} MB.",
    )
