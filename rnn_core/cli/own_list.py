"""`data list`, `show` and `remove`: the corpora of the user's own texts that are there."""

import click

from rnn_core.cli.errors import in_words
from rnn_core.cli.options import as_json
from rnn_core.cli.output import answer
from rnn_core.data.labelled_text import SPLITS
from rnn_core.data.own import catalogue
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.summary import Summary, summary
from rnn_core.data.own.survey import QUANTILES
from rnn_core.data.sources import suited_config

_TELLING_WORDS = 8


def in_splits(classes: dict[str, dict[str, int]]) -> list[str]:
    """A line for each class with its number in each split, below a line of heads."""
    width = max(map(len, classes), default=0)
    head = f"{'':{width}}" + "".join(f"{split:>12}" for split in SPLITS)
    return [
        head,
        *(
            f"{name:{width}}" + "".join(f"{splits[split]:>12,}" for split in SPLITS)
            for name, splits in classes.items()
        ),
    ]


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
    suited = suited_config(name)
    rows = len(corpus) + sum(left_out)
    value = {
        "name": name,
        "texts": len(corpus),
        "words": numbers.words,
        "classes": {
            name: {split: part._asdict() for split, part in parts.items()}
            for name, parts in numbers.parts.items()
        },
        "lengths": dict(zip(map(str, QUANTILES), numbers.lengths, strict=True)),
        "empty_share": left_out.empty / rows,
        "left_out": left_out._asdict(),
        "telling_words": {
            name: [word._asdict() for word in words] for name, words in numbers.telling.items()
        },
        "settings": suited.config.to_dict(),
        "reasons": list(suited.reasons),
        "recipe": recipe.to_dict(),
    }
    empty = f"{left_out.empty:,} of {rows:,} rows had no text ({left_out.empty / rows:.1%})"
    answer(as_json, value, *_lines(name, numbers, recipe), empty, *suited.reasons)


def _lines(name: str, numbers: Summary, recipe: Recipe) -> list[str]:
    unit = recipe.tokens.unit
    counts = {of: {split: part.texts for split, part in parts.items()} for of, parts in numbers.parts.items()}
    tokens = {
        of: {split: part.tokens for split, part in parts.items()} for of, parts in numbers.parts.items()
    }
    lengths = ", ".join(
        f"{'shortest' if q == 0 else 'longest' if q == 1 else f'{q:.0%}'} {length:,.0f}"
        for q, length in zip(QUANTILES, numbers.lengths, strict=True)
    )
    return [
        f"{name}: made of {recipe.source}, SHA-256 {recipe.sha256}",
        "Texts",
        *in_splits(counts),
        f"{unit.capitalize()} in them",
        *in_splits(tokens),
        f"Different {unit}: {numbers.words:,}",
        f"{unit.capitalize()} of a text: {lengths}",
        *(
            f"Telling for {of}: {', '.join(word.word for word in words) or 'none'}"
            for of, words in numbers.telling.items()
        ),
    ]


@click.command()
@click.argument("name")
@as_json
@in_words
def remove(name: str, as_json: bool) -> None:
    """Delete the corpus NAME. Networks that learned from it stay, and still read a text you type."""
    freed = catalogue.remove(name)
    answer(
        as_json,
        {"removed": name, "freed_bytes": freed},
        f"Removed {name}, which frees {freed / 1e6:,.1f} MB.",
    )
