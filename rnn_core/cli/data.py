"""`data`: the reviews and the disk they take."""

from collections.abc import Sequence
from pathlib import Path

import click

from rnn_core.cli.errors import in_words
from rnn_core.cli.options import LateHelp, OneOf, as_json, refuse_without_effect, which_reviews
from rnn_core.cli.output import answer, show_progress
from rnn_core.cli.own_data import add_, list_, remove, show
from rnn_core.config.corpora import CorpusRef, Download, corpus_named, shipped_lines, shipped_names
from rnn_core.data.own.catalogue import own_names
from rnn_core.data.sources import load_corpus, prepare
from rnn_core.paths import artifacts_folder
from rnn_core.runs.disk import clear, disk_use
from rnn_core.runs.store import Store


@click.group()
def data() -> None:
    """Get the reviews, add texts of your own, see where they are, free their disk."""


for command in (add_, list_, show, remove):
    data.add_command(command)


@data.command()
@as_json
@in_words
def status(as_json: bool) -> None:
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
    answer(
        as_json,
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
    """The corpora that are got from elsewhere."""
    shipped = map(corpus_named, shipped_names())
    return {corpus: corpus.download for corpus in shipped if corpus.download is not None}


@data.command()
@click.option(
    "--data",
    cls=LateHelp,
    type=OneOf(lambda: map(str, _downloaded())),
    default=lambda: str(next(iter(_downloaded()))),
    help=lambda: ", ".join(f"{one} ({by.bytes / 1e6:.0f} MB)" for one, by in _downloaded().items()),
)
@as_json
@in_words
def download(data: str, as_json: bool) -> None:
    """Download reviews that do not come with the app. A download that was interrupted continues."""
    corpus = corpus_named(data)
    show_progress(_downloaded()[corpus].fetch())
    show_progress(corpus.prepare())
    _say_counts(data, as_json)


@data.command("prepare")
@which_reviews
@click.option(
    "--path",
    cls=LateHelp,
    type=click.Path(path_type=Path),
    help=lambda: f"An archive or folder of your own ({' or '.join(one.title for one in _downloaded())}).",
)
@as_json
@in_words
def prepare_(data: str, path: Path | None, as_json: bool) -> None:
    """Read the texts once and keep them ready."""
    if corpus_named(data).download is None:
        refuse_without_effect(f"on --data {data}, which needs no archive", "path")
    show_progress(prepare(data, path))
    _say_counts(data, as_json)


def _say_counts(data: str, as_json: bool) -> None:
    corpus = load_corpus(data)
    counts = {"reviews": len(corpus), "tokens": len(corpus.ids), "distinct_words": len(corpus.words)}
    said = ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in counts.items())
    answer(as_json, counts, said)


@data.command("clear")
@click.option("--archive", is_flag=True, help="The downloaded archive too.")
@as_json
@in_words
def clear_(archive: bool, as_json: bool) -> None:
    """Delete what can be made again: the prepared texts."""
    freed = clear(Store(), archive=archive)
    answer(as_json, {"freed_bytes": freed}, f"Freed {freed / 1e6:,.1f} MB.")
