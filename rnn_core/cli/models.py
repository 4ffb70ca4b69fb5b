"""`evaluate`, `predict` and `probe`: what a trained model says."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import click
import numpy as np

from rnn_core.cli.command import Answer, command
from rnn_core.cli.options import Given, corpus_name, read_text, refuse_without_effect
from rnn_core.cli.output import check_can_write, run_with_progress, scoring
from rnn_core.config.corpora import corpus_named
from rnn_core.config.tasks import CLASSIFICATION, TASKS
from rnn_core.data.composed.overlap import probes_summary
from rnn_core.data.corpus import SPLITS
from rnn_core.data.probes.pairs import SETS, STRICT
from rnn_core.data.sources import load_corpus
from rnn_core.figures.text import percent, shorten
from rnn_core.inspection.trace import Trace, trace
from rnn_core.labelling import label_table, text_column
from rnn_core.languages.catalogue import languages_of
from rnn_core.models.catalogue import find_model
from rnn_core.models.folder import model_files
from rnn_core.models.model import KeptModel, Model, check_same_kind
from rnn_core.models.model import evaluate as evaluate_on
from rnn_core.models.probing import UNDECIDED, ProbeScores, probe, undecided
from rnn_core.nn.threads import use_threads
from rnn_core.refusals import shown
from rnn_core.tables.open import open_table
from rnn_core.tasks.task import task_of
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import UNK
from rnn_core.writing.learning import BothWays, Learning, gains

_MOST_NAMED, _LONGEST = 5, 20  # symbols, and letters of each


def loaded_model(name: str, task: str | None = CLASSIFICATION) -> KeptModel:
    """The model of this name, to be used for `task` on as many threads as this machine has to give."""
    use_threads()
    return Model.load(find_model(name), task)


@command("evaluate", like=Learning)
def evaluate(
    model: str,
    *,
    data: Annotated[str | None, Given(type=corpus_name)] = None,
    split: Annotated[str, click.Choice(SPLITS)] = "test",
    without_copies: bool = False,
    sentences: bool = False,
    learning: bool = False,
    texts: Annotated[int, click.IntRange(1, 1_000_000)] = 20,
    least: Annotated[int, click.IntRange(1, 1_000_000_000)] = 5_000,
    **how: Any,
) -> Answer:
    """Score MODEL on labelled texts, or on how well it says what comes next.

    A name under artifacts/pretrained/ or artifacts/results/models/, or the id of a run.

    --data NAME: Which texts. [default: those it was trained on]
    --split: Which part: the texts it learned from, those it was chosen on, or those held out for the end.
        About a hundred of the last are copies of training reviews in IMDB: --without-copies leaves them
        out.
    --without-copies: Leave out the texts that are exact copies of texts it learned from.
    --sentences: Score the first and the last sentence of each text, with its label, in place of the text.
    --learning: Of a network that says what comes next: read some texts twice, as it is and with a copy that
        learns while it reads. Each block of 64 symbols is scored first, and then learned from. The copy is
        made again for each text.
    --texts: How many texts it reads for --learning: the first ones that are long enough.
    --least: The symbols that each of them has at least.
    --rate: How far each step of --learning goes.
    --decay: The share of the way back to the first weights that is gone at each step of --learning.
    """
    if without_copies and split == "training":
        raise click.UsageError(
            "--without-copies is for validation or test texts: all it learned from are copies"
        )
    loaded = loaded_model(model, task=None)
    if sentences and not task_of(loaded.config).gives_verdict:
        raise click.UsageError("--sentences is for networks that give a verdict on a text")
    if data and (identity := corpus_named(data).identity) is not None:
        check_same_kind(loaded, data, identity)  # before it is prepared, which may take minutes
    corpus = load_corpus(data or loaded.config.corpus)
    if learning:
        refuse_without_effect("with --learning", "without_copies", "sentences")
        chosen, what = Learning(**how), {"data": corpus.name, "split": split}
        steps = gains(loaded, corpus, split, chosen, texts=texts, least=least)
        return _gained(model, what, chosen, run_with_progress(steps))
    refuse_without_effect("without --learning", "texts", "least", *how)
    with scoring() as draw:
        found = evaluate_on(
            loaded, corpus, split, without_copies=without_copies, sentences=sentences, keep_going=draw
        )
        draw(1.0)
    scores, task = found.scores.to_dict(), task_of(loaded.config)
    return Answer(
        {
            "model": model,
            "data": corpus.name,
            "split": split,
            "sentences": sentences,
            "copies_left_out": found.copies_left_out,
            **scores,
            **task.further_scores(scores),
            **({"classes": list(loaded.config.classes)} if TASKS[loaded.config.task].needs_classes else {}),
        },
        f"{model} on {found.what}: {found.score_in_words}, "
        + "".join(f"{one.in_words(scores)}, " for one in task.further)
        + f"loss {found.fields['loss']:.4f}",
    )


def _gained(model: str, what: dict[str, str], how: Learning, found: Mapping[int, BothWays]) -> Answer:
    texts = []
    for row, bits in found.items():
        means = {name: float(np.nanmean(values)) for name, values in bits._asdict().items()}
        texts.append({"row": row, "symbols": len(bits.fixed), **means})
    fixed, learning = (float(np.nanmean(np.concatenate(bits))) for bits in zip(*found.values(), strict=True))
    line = "{symbols:,} symbols, {fixed:.3f} bits each as it is, {learning:.3f} while it learns"
    return Answer(
        {"model": model, **what, **asdict(how), "fixed": fixed, "learning": learning, "texts": texts},
        *(f"Text {one['row']:,}: {line.format(**one)}" for one in texts),
        f"{model} on {len(texts):,} {what['split']} texts of {what['data']}: {fixed:.4f} bits per symbol as "
        f"it is, {learning:.4f} while it learns with rate {how.rate:g} and decay {how.decay:g}",
    )


@command("predict")
def predict(
    model: str,
    text: str | None = None,
    *,
    file: Path | None = None,
    column: str = "",
    out: Path | None = None,
) -> Answer:
    """Let MODEL read TEXT (or standard input, for -) and say which class it is of.

    With --file and --out it reads a whole table and writes it again with three more columns: class,
    probability, and the three words that counted most.

    --file: A table to read in place of TEXT, a text in each row.
    --text (column) COLUMN: Its column with the texts. [default: guessed]
    --out: The CSV file to write, with the classes.
    """
    loaded = loaded_model(model)
    if file is not None:
        if text is not None or out is None:
            raise click.UsageError("--file reads a table in place of TEXT, and --out says what to write")
        return _predict_table(model, loaded, file, column, out)
    if column or out is not None:
        raise click.UsageError("--text and --out are for a table that --file names")
    if text is None:
        raise click.UsageError("give a TEXT, - for standard input, or a table with --file")
    text = read_text(text)
    note_where_it_belongs(loaded, text)
    read = trace(loaded, text)
    return Answer(
        {
            "model": model,
            **said(read),
            "tokens": len(read.review.tokens),
            "tokens_read": len(read.review.tokens[read.review.kept]),
            "unknown": sum(read.review.unknown[read.review.kept]),
        },
        verdict_in_words(read),
    )


def _predict_table(name: str, model: KeptModel, file: Path, column: str, out: Path) -> Answer:
    table = open_table(file)
    files = model_files(model.folder)
    check_can_write(out, (*table.files, *files))
    chosen = text_column(table, column)
    counts = run_with_progress(label_table(model, table, chosen, out, spared=files))
    return Answer(
        {"model": name, "column": chosen, "out": str(out), "classes": counts},
        f"{sum(counts.values()):,} texts of column {shown(chosen)}, by class: "
        + ", ".join(f"{label} {count:,}" for label, count in counts.items()),
        f"Written to {out}",
    )


def note_where_it_belongs(model: Model, text: str) -> None:
    """Say on standard error where a text is none that this model learned to read."""
    language, rules = model.config.corpus.language, model.config.tokens
    if language is None and task_of(model.config).gives_verdict:
        for name in languages_of(text):
            corpus = corpus_named(f"language-{name}")
            click.echo(
                f"{shown(text.strip())} is a string of {corpus.phrase}. {model.name} reads other texts; a "
                f"network that learned {corpus.data} says at each symbol what comes next.",
                err=True,
            )
    if language is None and not rules.exact:
        return
    tokens, known = tokenize(text, rules), model.vocabulary if language is None else language.symbols
    unknown = [*dict.fromkeys(token for token in tokens if token not in known)]
    if not unknown:
        return
    more = f" and {len(unknown) - _MOST_NAMED:,} more" if len(unknown) > _MOST_NAMED else ""
    named = " ".join(shorten(token, _LONGEST) for token in unknown[:_MOST_NAMED]) + more
    sentence = f"{model.name} learned from texts without {named}, and reads each as {UNK}."
    if language is not None:
        sentence = (
            f"The language {language.label} has the symbols {' '.join(language.symbols)}; this text also has "
            f"{named}. {model.name} reads each as {UNK}, which it never saw while it learned."
        )
        if sum(token in known for token in tokens) < len(tokens) / 2:
            sentence += " A film review is read by a network that gives a verdict, such as reader."
    click.echo(sentence, err=True)


def said(read: Trace) -> dict[str, Any]:
    """The predicted class; probability and logit of the followed one; the probabilities of all classes."""
    in_the_end = read.probabilities_of_classes[-1].tolist()
    return {
        "label": read.label,
        "probability": read.probability,
        "logit": float(read.logits[-1]),
        "followed": read.classes[read.followed],
        "probabilities": dict(zip(read.classes, in_the_end, strict=True)),
    }


def verdict_in_words(read: Trace) -> str:
    """The predicted class and how probable the followed one is, in which it differs from it by name."""
    name = read.classes[read.followed]
    of = "" if name == read.label and len(read.classes) > 2 else f" of {name}"
    return f"{read.label}, probability{of} {percent(read.probability)}"


@command("probe")
def probe_(model: str, *, set_: Annotated[str, click.Choice(SETS)] = STRICT) -> Answer:
    """Ask MODEL what it understands: pairs of sentences that differ in little and in their verdict.

    For each phenomenon the share of sentences that are right, and of pairs with both sentences right; then
    the share of texts without an opinion that stay undecided.

    --set, --half: Which of the probes. Choose settings on the development half, and leave the others for
        what is done.
    """
    loaded = loaded_model(model)
    scores, open_texts = probe(loaded, set_), undecided(loaded, set_)
    low, high = UNDECIDED
    left_undecided = f"Texts without an opinion that it leaves undecided ({low:.0%} to {high:.0%})"
    return Answer(
        {"model": model, "set": set_, "half": set_, **scores.to_dict(), "undecided": open_texts},
        *(_line(title, scores.phenomenon(key)) for key, title in scores.phenomena.items()),
        _line("All", scores),
        *([] if open_texts is None else [f"{left_undecided}: {open_texts:.0%}"]),
        probes_summary(set_),
    )


def _line(title: str, scores: ProbeScores) -> str:
    return (
        f"{title:<28} {len(scores.pairs):>4} pairs: sentences right {scores.sentences:4.0%}, "
        f"pairs right {scores.whole_pairs:4.0%}"
    )
