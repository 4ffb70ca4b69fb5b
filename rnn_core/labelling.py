"""A table is written again with what a network says of each text: class, probability, and some words.

What a word counts for is its input times the gradient of the log odds of the predicted class, as
`rnn_core.inspection.attribution` has it, added up over all its places in the text. A whole table is labelled
in a process of its own, so that a large one stops no page.
"""

import secrets
import shutil
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from rnn_core.data.encoding import encode_texts
from rnn_core.data.reading import evaluation_batches
from rnn_core.errors import DataError, reason
from rnn_core.inspection.attribution import with_leaves
from rnn_core.models.folder import model_files
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_texts
from rnn_core.nn.packing import packing
from rnn_core.nn.threads import use_threads
from rnn_core.progress import Progress
from rnn_core.tables.apart import MOST_MEMORY, ask
from rnn_core.tables.guess import ROWS_OF_A_GUESS, guess_columns, need_column
from rnn_core.tables.open import open_table
from rnn_core.tables.table import Options, Table
from rnn_core.tables.written import written_table
from rnn_core.tasks.classes import log_odds_of_each, most_probable
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import UNK_ID

WORDS = 3
_BATCH_SIZE = 64


class Labelled(NamedTuple):
    """Label of one text."""

    label: int
    """Index of the most probable class."""
    probability: float
    words: tuple[str, ...]
    """Up to WORDS that spoke most for that class, the first one most; unknown words are none."""


def label_texts(model: Model, texts: Sequence[str]) -> list[Labelled | None]:
    """Label each text; None stands for one without a token that the network reads. Raises OverflowedError."""
    with_tokens = [place for place, text in enumerate(texts) if tokenize(text, model.config.tokens)]
    said: list[Labelled | None] = [None] * len(texts)
    for place, labelled in _together(model, [texts[place] for place in with_tokens]):
        said[with_tokens[place]] = labelled
    return said


def _together(model: Model, texts: Sequence[str]) -> Iterator[tuple[int, Labelled]]:
    """Yield the number of each text, and its label; batch by batch."""
    config = model.config
    encoded = encode_texts(texts, model.vocabulary, config.text, config.tokens)
    for batch in evaluation_batches(encoded, _BATCH_SIZE) if len(texts) else ():
        packed = packing(batch.lengths)
        with torch.enable_grad():
            xs = model.classifier.inputs(batch.ids, packed)
            classifier, xs, leaves = with_leaves(model.classifier, xs)
            logits = classifier.answer(xs, packed)
            predicted = most_probable(logits)
            odds = log_odds_of_each(logits, predicted)
            gradients = torch.autograd.grad(odds.sum(), leaves)
        products = [(leaf * gradient)[-len(xs) :] for leaf, gradient in zip(leaves, gradients, strict=True)]
        counted = torch.cat(products, dim=1).sum(dim=1).detach()  # (N,)
        check_texts(model.name, logits.detach().numpy(), counted.numpy())
        ids = packed.pack(batch.ids)
        probabilities = torch.sigmoid(odds.detach().double()).tolist()
        for row, number in enumerate(batch.rows.tolist()):
            here = packed.rows == row
            yield (
                number,
                Labelled(int(predicted[row]), probabilities[row], _most(model, ids[here], counted[here])),
            )


def _most(model: Model, ids: Tensor, counted: Tensor) -> tuple[str, ...]:
    """The words that counted most, by ids and what each place counts for, (T,) each."""
    known, places = torch.unique(ids, return_inverse=True)
    sums = torch.zeros(len(known)).index_add_(0, places, counted)
    order = torch.argsort(sums, descending=True).tolist()
    chosen = [place for place in order if known[place] > UNK_ID and sums[place] > 0]
    return tuple(model.vocabulary.words[int(known[place])] for place in chosen[:WORDS])


READING = "Reading the table"
_AT_ONCE = 1_024
"""Texts between two reports of how far it is."""
_ADDED = ("class", "probability", "words")


def label_table(
    model: Model, table: Table, text: str, out: Path, *, spared: Sequence[Path] = ()
) -> Generator[Progress, None, dict[str, int]]:
    """Write a table with all its columns and three more: class, probability, the words that counted most.

    A row without a token in its column `text` has empty ones. Returns how many rows were given each class, in
    the order of the classes. The files of the table and those of `spared` are not written over. Raises
    DataError or OverflowedError; then nothing was written.
    """
    text = text_column(table, text)
    added = [_free(name, table.columns) for name in _ADDED]
    counts = dict.fromkeys(model.config.classes, 0)
    try:
        with written_table(out, [*table.columns, *added], sources=[*table.files, *spared]) as write:
            done, total = 0, max(table.total_bytes, 1)
            yield Progress(READING, done, total)
            for batch in table.batches():
                rows = list(zip(*batch.columns.values(), strict=True))
                texts = [cell or "" for cell in batch.columns[text]]
                for start in range(0, len(rows), _AT_ONCE):
                    said = label_texts(model, texts[start : start + _AT_ONCE])
                    for row, labelled in zip(rows[start : start + _AT_ONCE], said, strict=True):
                        cells = [""] * len(_ADDED)
                        if labelled is not None:
                            name = model.config.classes[labelled.label]
                            counts[name] += 1
                            cells = [name, f"{labelled.probability:.4f}", " ".join(labelled.words)]
                        write([[*row, *cells]])
                    share = min(start + _AT_ONCE, len(rows)) / len(rows)
                    yield Progress(READING, round(done + share * (batch.bytes_done - done)), total)
                done = batch.bytes_done
    except OSError as error:
        raise DataError(
            f"{out} could not be written: {reason(error)}. Free some disk space, or choose another place."
        ) from error
    return counts


def text_column(table: Table, named: str) -> str:
    """The column with the texts, guessed where none is named. Raises DataError where there is none."""
    if named:
        table.check_columns([named])
        return named
    guessed = (table.meaning or guess_columns(table.head(ROWS_OF_A_GUESS))).text
    return need_column(guessed, "texts", table.path.name, table.columns)


def _free(name: str, columns: tuple[str, ...]) -> str:
    """The name, with a number where the table has such a column.

    >>> _free("class", ("text", "class"))
    'class (2)'
    """
    number, free = 1, name
    while free in columns:
        number += 1
        free = f"{name} ({number})"
    return free


_NO_MEMORY = "can't allocate memory"
"""Words of torch in place of a MemoryError."""


class LabelledTable(NamedTuple):
    """A table that was read and written again."""

    path: Path
    counts: dict[str, int]
    """Class -> how many texts were given it, in the order of the classes."""


def label_apart(
    model: Path, source: Path, options: Options, text: str, folder: Path, most_memory: int = MOST_MEMORY
) -> Generator[Progress, None, LabelledTable]:
    """Label a table, as `label_table` does, in a process of its own.

    The labelled table comes into a new folder in `folder`. Closing this generator ends the process. Raises
    DataError. Unless it comes to its end, nothing is left.
    """
    here = folder / secrets.token_hex(8)
    out, counts = here / "labelled.csv", None
    paths = {"model": str(model.absolute()), "source": str(source), "out": str(out)}
    try:
        here.mkdir(parents=True)
    except OSError as error:
        raise DataError(
            f"{here} can't be written: {reason(error)}. Free some disk space, then try again."
        ) from error
    try:
        counts = yield from ask(_label, most_memory, **paths, options=options, text=text)
    finally:
        if counts is None:
            shutil.rmtree(here, ignore_errors=True)
    return LabelledTable(out, counts)


def _label(
    model: str, source: str, options: Options, text: str, out: str
) -> Generator[Progress, None, dict[str, int]]:
    use_threads()
    try:
        network, table = Model.load(Path(model)), open_table(Path(source), options)
        spared = model_files(network.folder)
        return (yield from label_table(network, table, text, Path(out), spared=spared))
    except RuntimeError as error:
        if _NO_MEMORY in str(error):
            raise MemoryError from error
        raise
