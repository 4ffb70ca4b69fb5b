"""`data`: the reviews and the disk they take, and corpora of the user's own texts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import click

from rnn_core.cli.command import Answer, command
from rnn_core.cli.options import Given, OneOf, Reviews, refuse_without_effect
from rnn_core.cli.output import run_with_progress, show_progress
from rnn_core.config.corpora import CorpusRef, Download, corpus_named, shipped_lines, shipped_names
from rnn_core.config.tokens import EXACT_CHARACTERS, WORDS, TokenRules
from rnn_core.data.corpus import SPLITS
from rnn_core.data.own import catalogue
from rnn_core.data.own.catalogue import own_names
from rnn_core.data.own.choice import left_out_in_words
from rnn_core.data.own.make import add_apart, look_apart, survey_apart
from rnn_core.data.own.plain import PlainRecipe, PlainSurvey, is_by_itself
from rnn_core.data.own.recipe import KeptRecipe, Recipe, parse_merge, parse_thresholds
from rnn_core.data.own.survey import QUANTILES, Parts, Survey, summary, texts_in
from rnn_core.data.sources import load_corpus, prepare, recommendation
from rnn_core.errors import DataError
from rnn_core.paths import artifacts_folder
from rnn_core.refusals import either, shown
from rnn_core.runs.disk import clear, disk_use
from rnn_core.runs.store import Store
from rnn_core.sweeps.own_corpus import remove_corpus
from rnn_core.tables.plain import holds_files
from rnn_core.tables.table import Columns, Options
from rnn_core.text.readable import visible


@click.group()
def data() -> None:
    """Get the reviews, add texts of your own, see where they are, free their disk."""


@command("status", data)
def status() -> Answer:
    """Say what is ready and what it takes on disk."""
    archives = {corpus: corpus.origin() for corpus in _downloaded()}
    prepared = [source for source in shipped_names() if corpus_named(source).is_prepared()]
    sizes = disk_use()._asdict()
    state = {
        **{corpus.name: str(archive) if archive else None for corpus, archive in archives.items()},
        "prepared": prepared,
        "own": own_names(),
        "folder": str(artifacts_folder()),
        "bytes": sizes,
    }
    return Answer(
        state,
        *(
            f"{corpus.title} archive or folder: {archive or 'not on this machine (data download)'}"
            for corpus, archive in archives.items()
        ),
        *(_readiness(title, corpora) for title, corpora in shipped_lines()),
        f"Corpora of your own: {', '.join(own_names()) or 'none yet (data add)'}",
        f"Runs, sweeps and texts of your own are kept in {artifacts_folder()}",
        *(f"{what.replace('_', ' ')}: {size / 1e6:,.1f} MB" for what, size in sizes.items()),
    )


def _readiness(title: str, corpora: Sequence[CorpusRef]) -> str:
    if len(corpora) == 1:
        return f"{corpora[0]}: {'ready' if corpora[0].is_prepared() else 'prepared at its first use'}"
    ready = sum(corpus.is_prepared() for corpus in corpora)
    return f"{title} ({', '.join(corpora[0].offered())}): {ready} ready, others prepared at their first use"


def _downloaded() -> dict[CorpusRef, Download]:
    """The corpora that are got from elsewhere; of several in one archive the first."""
    first: dict[Download, CorpusRef] = {}
    for corpus in map(corpus_named, shipped_names()):
        if corpus.download is not None:
            first.setdefault(corpus.download, corpus)
    return {corpus: by for by, corpus in first.items()}


@command("download", data)
def download(
    *,
    data: Annotated[
        str,
        Given(
            lambda: ", ".join(f"{one} ({by.bytes / 1e6:.0f} MB)" for one, by in _downloaded().items()),
            type=OneOf(lambda: map(str, _downloaded())),
            default=lambda: str(next(iter(_downloaded()))),
        ),
    ],
) -> Answer:
    """Download reviews that do not come with the app. A download that was interrupted continues."""
    corpus = corpus_named(data)
    show_progress(_downloaded()[corpus].fetch())
    show_progress(corpus.prepare())
    return _counts(data)


@command("prepare", data)
def prepare_(
    *,
    data: Reviews = "imdb",
    path: Annotated[
        Path | None,
        Given(
            lambda: f"An archive or folder of your own ({' or '.join(one.title for one in _downloaded())})."
        ),
    ] = None,
) -> Answer:
    """Read the texts once and keep them ready."""
    if corpus_named(data).download is None:
        refuse_without_effect(f"on --data {data}, which needs no archive", "path")
    show_progress(prepare(data, path))
    return _counts(data)


def _counts(data: str) -> Answer:
    corpus = load_corpus(data)
    counts = {"reviews": len(corpus), "tokens": len(corpus.ids), "distinct_words": len(corpus.words)}
    said = ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in counts.items())
    return Answer(counts, said)


@command("clear", data)
def clear_(*, archive: bool = False) -> Answer:
    """Delete what can be made again: the prepared texts.

    --archive: The downloaded archive too.
    """
    freed = clear(Store(), archive=archive)
    return Answer({"freed_bytes": freed}, f"Freed {freed / 1e6:,.1f} MB.")


_NO_SPLIT = "none"


_RULES = TokenRules.settings()


def _rule(name: str) -> Given:
    """The option of a rule of tokens."""
    rule = _RULES[name]
    return Given(rule.help, **({"type": click.Choice(rule.choices)} if rule.choices else {}))


@command("add", data, like=Recipe)
def add_(
    file: Path,
    *,
    name: str,
    read_as: Annotated[str | None, Given(type=click.Choice(("table", "text")))] = None,
    text: str = "",
    label: str = "",
    merge: tuple[str, ...] = (),
    thresholds: str = "",
    tokens: Annotated[str | None, Given(type=click.Choice(_RULES["unit"].choices))] = None,
    lowercase: Annotated[bool, _rule("lowercase")] = True,
    accents: Annotated[str, _rule("accents")] = WORDS.accents,
    exact: Annotated[bool, _rule("exact")] = False,
    dry_run: bool = False,
    **choices: Any,
) -> Answer:
    r"""Make a corpus of FILE: a table with a text and its class in each row, or plain text to write like.

    A table is CSV, TSV, JSON Lines, Parquet, Excel (.xlsx), a folder with a sub-folder for each class, or one
    of these in a zip. Plain text is a .txt that is no table, Markdown, source code, or with --as text a
    folder or a zip of these. A recipe.json that lies with a corpus makes it again. `train --data NAME` then
    learns from it. Of a table, texts without a word are left out. Nothing is kept where FILE can't be read to
    its end.

    --name: What the corpus is called: letters, digits, - and _.
    --as (read_as): What FILE is. [default: a table where it can be one]
    --text COLUMN: The column with the texts. [default: guessed]
    --label COLUMN: The column with the classes. [default: guessed]
    --split COLUMN: A column that says train, validation or test; none takes none, and a test share is
        drawn. [default: guessed] Of plain text, blocks or file: what is wholly in one split. [default:
        blocks]
    --group COLUMN: Rows with the same value here, such as an author, are never both learned from and
        scored.
    --merge OLD=NEW: Rename a class, or merge several; may be repeated. An equals sign in a name is written
        \=, a backslash \\.
    --thresholds 4,7: Make classes of a rating, each from one on.
    --tokens, --unit: What a network reads at one time step. [default: words; of plain text characters]
    --test-share: Of each class, where there is no column of splits.
    --seed: Decides which texts are for testing. [default: 0]
    --encoding: Of the file, such as windows-1252. [default: guessed]
    --delimiter: What stands between the columns of a CSV. [default: guessed]
    --sheet: Of a workbook. [default: the first]
    --duplicates: What becomes of the same text in the same class.
    --across-splits: What becomes of the same text in training and test: it is left out of training, or kept
        in both, which makes a test easier than it is.
    --contradictory: What becomes of the same text in two classes.
    --small-classes: What becomes of classes with fewer than ten texts; join makes one class of them, other.
    --dry-run: Say what would be kept, and keep nothing.
    """
    catalogue.check_new_name(name)
    hows = click.get_current_context().params.keys() - {"file", "name", "dry_run", "as_json"}
    if (kept := catalogue.recipe_in(file)) is not None:
        refuse_without_effect("with a recipe, which says how its corpus is made", *sorted(hows))
        return _added(name, kept, dry_run)
    options = Options(**{name: choices.pop(name) for name in ("encoding", "delimiter", "sheet")})
    look = None
    if read_as != "text":
        try:
            look = run_with_progress(look_apart(file.absolute(), options, text))
        except DataError as error:
            if read_as == "table" or not is_by_itself(file, look):
                hint = " To take it as plain text: --as text." if holds_files(file) else ""
                raise DataError(f"{error}{hint}") from error
    if read_as is None and not (text or label) and is_by_itself(file, look):
        look = None
    if look is None:
        refuse_without_effect(
            "on plain text", *sorted(hows - {"read_as", "tokens", "split", "seed", "encoding"})
        )
        how = {"split": choices["split"] or "blocks", "unit": tokens or EXACT_CHARACTERS.unit}
        if how["split"] not in _PIECES:
            raise DataError(f"Plain text is split by {either(_PIECES)}, got {shown(how['split'])}.")
        cut: dict[str, Any] = {**how, "encoding": options.encoding, "seed": choices["seed"]}
        return _added(name, PlainRecipe(source=str(file.absolute()), **cut), dry_run)
    given = Columns(text, label, choices.pop("split"))
    recipe = look.recipe(
        file,
        given,
        "--{}",
        **choices,
        merges=tuple(map(parse_merge, merge)),
        thresholds=parse_thresholds(thresholds),
        tokens=TokenRules(unit=tokens or WORDS.unit, lowercase=lowercase, accents=accents),
    )
    if given.split == _NO_SPLIT and _NO_SPLIT not in look.columns:
        recipe = replace(recipe, split="")
    if exact:
        refuse_without_effect("with --exact, which keeps capital letters", "lowercase")
        recipe = replace(recipe, tokens=replace(recipe.tokens, lowercase=False, exact=True))
    if (recipe.text, recipe.label, recipe.split) != given:
        splits = f"splits from column {shown(recipe.split)}" if recipe.split else "no column of splits"
        read = f"Texts from column {shown(recipe.text)}, classes from column {shown(recipe.label)}"
        click.echo(f"{read}, {splits}", err=True)
    if recipe.tokens.unit == "words" and look.is_unspaced:
        click.echo(
            "The script of these texts has no spaces between words, so a word is a whole clause. "
            "With --tokens characters a network reads them sign by sign.",
            err=True,
        )
    return _added(name, recipe, dry_run)


def _added(name: str, recipe: KeptRecipe, dry_run: bool) -> Answer:
    found = run_with_progress(survey_apart(recipe) if dry_run else add_apart(name, recipe))
    value, *lines = _ABOUT[type(recipe)](name, recipe, found)
    kept = f"Train on it: python -m rnn_core train --data {name}"
    return Answer(value, *lines, "Nothing was kept: leave out --dry-run to keep it" if dry_run else kept)


def _about_plain(name: str, recipe: PlainRecipe, found: PlainSurvey) -> Iterator[Any]:
    """Yield the survey of plain text for machines, then its lines."""
    yield {"name": name, **found.values(0)}
    yield f"{name}: plain text of {Path(recipe.source).name}, {found.pieces:,} {_PIECES[recipe.split]}"
    yield found.parts_line()
    yield from found.lines(0)


def _about_table(name: str, recipe: Recipe, found: Survey) -> Iterator[Any]:
    """Yield the survey of a table for machines, then its lines. Raises DataError where it is no corpus."""
    if found.problem:
        raise DataError(found.problem)
    yield {
        "name": name,
        **asdict(found),
        "lengths": dict(zip(map(str, QUANTILES), found.lengths, strict=True)),
        "left_out": found.left_out._asdict(),
        "found": found.found._asdict(),
        "small": dict(found.small),
    }
    yield from _lines(name, found, recipe.tokens.unit)


_PIECES = {"blocks": "blocks", "file": "files"}
_ABOUT: Mapping[type[KeptRecipe], Callable[..., Iterator[Any]]] = {
    Recipe: _about_table,
    PlainRecipe: _about_plain,
}
"""Kind of recipe -> what says what was found."""


def _lines(name: str, found: Survey, unit: str) -> list[str]:
    out = left_out_in_words(found.left_out._asdict())
    small = ", ".join(f"{of} ({count:,})" for of, count in found.small)
    return [
        f"{name}: {texts_in(found.classes):,} texts in {len(found.classes)} classes, of {found.rows:,} rows",
        *_number_lines(found.classes, found.lengths, found.telling, unit),
        *found.left_out.lines(texts_in(found.classes)),
        *([f"Rows left out: {'; '.join(out)}"] if out else []),
        *([f"Small classes: {small}"] if small else []),
    ]


@command("list", data)
def list_() -> Answer:
    """List the corpora of your own texts."""
    corpora = catalogue.own_corpora()
    rows = [{**corpus._asdict(), "added": corpus.added.isoformat(timespec="seconds")} for corpus in corpora]
    lines = [
        f"{corpus.name}: {corpus.problem or corpus.holds}, "
        f"{corpus.bytes / 1e6:,.1f} MB, added {corpus.added.astimezone():%Y-%m-%d %H:%M}"
        for corpus in corpora
    ]
    none = "No corpus of your own yet: python -m rnn_core data add FILE --name NAME"
    return Answer(rows, *(lines or [none]))


@command("show", data)
def show(name: str) -> Answer:
    """Say what the corpus NAME holds, how it was made, and which settings suit it."""
    named = corpus_named(name)
    corpus = load_corpus(named)
    numbers, recommended = summary(corpus, most=8), recommendation(named.data)
    value: dict[str, Any] = {
        "name": name,
        "texts": len(corpus),
        "words": numbers.words,
        "classes": {
            of: {split: asdict(part) for split, part in splits.items()}
            for of, splits in numbers.parts.items()
        },
        "lengths": dict(zip(map(str, QUANTILES), numbers.lengths, strict=True)),
        "telling_words": {of: [word._asdict() for word in words] for of, words in numbers.telling.items()},
        "settings": recommended.config.to_dict(),
        "reasons": list(recommended.reasons),
    }
    made, left = [f"{name}: {named.how_it_stands()}"], []
    if (provenance := named.provenance()) is not None:
        recipe, found = provenance
        made = [f"{name}: made of {recipe.made_of}", f"SHA-256 of what it was made of: {recipe.sha256}"]
        left = found.lines(len(corpus))
        value |= {"recipe": recipe.to_dict(), **found.values(len(corpus))}
    unit = corpus.tokens.unit
    telling = {of: [word.word for word in words] for of, words in numbers.telling.items()}
    numbered = _number_lines(numbers.parts, numbers.lengths, telling, unit)
    distinct = f"Different {unit}: {numbers.words:,}"
    return Answer(value, *made, *numbered, distinct, *left, *recommended.reasons)


@command("remove", data)
def remove(name: str) -> Answer:
    """Delete the corpus NAME. Networks that learned from it stay, and still read a text you type.

    It stays while a run or a sweep trains on it, or waits to.
    """
    freed = remove_corpus(Store(), name)
    said = f"Removed {name}, which frees {freed / 1e6:,.1f} MB."
    return Answer({"removed": name, "freed_bytes": freed}, said)


def _number_lines(
    parts: Parts, lengths: Sequence[float], telling: Mapping[str, Sequence[str]], unit: str
) -> list[str]:
    """Lines on a corpus: texts and tokens by class and split, lengths, each class's telling words."""
    splits = [split for split in SPLITS if any(of_class[split].texts for of_class in parts.values())]
    names = max(map(len, parts), default=0)
    at_each = ", ".join(
        f"{'shortest' if q == 0 else 'longest' if q == 1 else f'{q:.0%}'} {length:,.0f}"
        for q, length in zip(QUANTILES, lengths, strict=True)
    )
    return [
        f"{'':{names}}" + "".join(f"{split:>26}" for split in splits),
        f"{'':{names}}" + f"{'texts':>12}{unit:>14}" * len(splits),
        *(
            f"{name:{names}}"
            + "".join(f"{of_class[split].texts:>12,}{of_class[split].tokens:>14,}" for split in splits)
            for name, of_class in parts.items()
        ),
        f"{unit.capitalize()} of a text: {at_each}",
        *(
            f"Telling for {name}: {', '.join(map(visible, words)) or 'none'}"
            for name, words in telling.items()
            if len(parts) > 1
        ),
    ]
