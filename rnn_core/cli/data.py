"""`data`: the reviews and the disk they take."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import click

from rnn_core.cli.command import Answer, command
from rnn_core.cli.options import Given, OneOf, Reviews, refuse_without_effect
from rnn_core.cli.output import show_progress
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


for _command in (add_, list_, show, remove):
    data.add_command(_command)


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
    """The corpora that are got from elsewhere."""
    shipped = map(corpus_named, shipped_names())
    return {corpus: corpus.download for corpus in shipped if corpus.download is not None}


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
