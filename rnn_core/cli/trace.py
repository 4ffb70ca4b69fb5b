"""`trace`: everything a model computed while it read a text, as a file."""

import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import click
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rnn_core.cli.command import Answer, command
from rnn_core.cli.models import note_where_it_belongs, said, verdict_in_words
from rnn_core.cli.options import Given, read_text
from rnn_core.cli.output import check_can_write
from rnn_core.config.identity import place_of
from rnn_core.export.format import format_of
from rnn_core.export.formats import TRACE_FORMATS
from rnn_core.figures.in_words import next_in_words
from rnn_core.figures.text import counted
from rnn_core.inspection.attribution import Agreement, agreement, attribute, occlusion_in_parts
from rnn_core.inspection.clamps import Clamp, Held, Patch, hold, parse_places
from rnn_core.inspection.next_tokens import NextTokens, next_tokens
from rnn_core.inspection.tables import next_trace_table, text_numbers, trace_table
from rnn_core.inspection.trace import Trace, trace
from rnn_core.models.catalogue import find_model
from rnn_core.models.folder import model_files
from rnn_core.models.model import Model
from rnn_core.nn.threads import use_threads
from rnn_core.tasks.task import task_of


@command("trace")
def trace_(
    model: str,
    text: str,
    *,
    out: Annotated[
        Path,
        Given(
            lambda: (
                "The file, which ends in "
                + ", ".join(f"{each.suffix} ({each.label})" for each in TRACE_FORMATS.values())
                + ". One that is there is replaced."
            ),
            type=click.Path(dir_okay=False, path_type=Path),
        ),
    ],
    follow: str | None = None,
    layer: int | None = None,
    clamp: tuple[str, ...] = (),
    patch: tuple[tuple[str, str], ...] = (),
) -> Answer:
    """Let MODEL read TEXT (or standard input, for -) and write down all it computed.

    One row a time step: the token and the verdict after it, norms, saliency, contributions (by occlusion) and
    connectivity, and every gate and state of every unit. Of a network that predicts what comes next its
    probabilities stand beside the true ones, in place of verdict, saliency, contributions and connectivity.

    Occlusion reads the window once for each word: under a second for 400 words, minutes for 5,000, with a bar
    of progress.

    With --clamp or --patch the text is read a second time, and the file also has the verdicts, gates and
    states of that reading; the names of their columns begin with held_.

    --follow CLASS: The class that logit, probability, saliency and contribution are of. [default: the
        predicted one; of two classes the second]
    --layer NUMBER: The layer whose gates and states are written; 1 reads the words. [default: the top one]
    --clamp LETTER=VALUE[@FROM[:[TO]]][#UNITS]: Read the text again with a gate or a state held: z=0
        throughout, z=0@5 at time step 5, z=0@5: from there on, z=0@5:9 up to 9; z=0@5:#3,7-9 in these units
        only. Time steps and units are counted from 0. Give it several times to hold several.
    --patch AT=FROM OTHER_TEXT: Read the text again with the state of another text: --patch 5=3 'a good
        film' puts the state after time step 3 of that text in the place of the one after time step 5 of
        this one.
    """
    written = format_of(out, TRACE_FORMATS)
    folder = find_model(model)
    check_can_write(out, model_files(folder))
    use_threads()
    loaded = Model.load(folder, task=None)
    text = read_text(text)
    note_where_it_belongs(loaded, text)
    layers, gives_verdict = loaded.config.model.layers, task_of(loaded.config).gives_verdict
    if layer is not None and not 1 <= layer <= layers:
        has = "one layer" if layers == 1 else f"layers 1 to {layers}"
        raise click.BadParameter(f"{loaded.name} has {has}, got {layer}.")
    read = trace(loaded, text, None if follow is None else _followed(loaded, follow), layer)
    patched = patches_of(loaded, patch, read.layer, read.followed)
    held = hold(loaded, read, map(Clamp.parse, clamp), patched)
    table, found, sentence = (_verdict if gives_verdict else _predictions)(loaded, read, text, held)
    written.write(out, model_files(folder), table)
    return Answer(
        {
            "model": model,
            "file": str(out),
            "bytes": out.stat().st_size,
            "time_steps": table.num_rows,
            "columns": written.columns(table),
            "layer": read.layer,
            "layers": read.layers,
            **found,
            **({} if held is None else {"clamps": [*map(str, held.clamps)]}),
        },
        f"Wrote {out}: {table.num_rows:,} time steps{sentence}",
    )


def patches_of(
    model: Model, given: Iterable[tuple[str, str]], layer: int | None, followed: int | None = None
) -> list[Patch]:
    """The patches that --patch gives, each as its time steps and its other text, which the model reads."""
    return [
        Patch(source=trace(model, other, followed, layer), token=token, at=at)
        for places, other in given
        for at, token in [parse_places(places)]
    ]


def _followed(model: Model, name: str) -> int:
    if not task_of(model.config).gives_verdict:
        raise click.BadParameter(f"{model.name} says what comes next: it has no class to follow.")
    classes = model.config.classes
    followed = place_of(name, classes)
    if followed is None:
        raise click.BadParameter(f"{model.name} knows the classes {', '.join(classes)}, got {name!r}.")
    return followed


def _verdict(model: Model, read: Trace, text: str, held: Held | None) -> tuple[pa.Table, dict[str, Any], str]:
    """The table, what JSON says, and a sentence."""
    found, contributions = attribute(model, read), _contributions(model, read)
    table = trace_table(read, found, contributions, model=model, text=text, held=held)
    in_json = {**_attention(agreement(read, found, contributions)), **said(read)}
    sentence = f", {verdict_in_words(read)}"
    if held is not None:
        in_json["held"] = said(held.after)
        sentence += f"; with what is held {verdict_in_words(held.after)}"
    return table, in_json, sentence


def _predictions(
    model: Model, read: Trace, text: str, held: Held | None
) -> tuple[pa.Table, dict[str, Any], str]:
    """The table, what JSON says, and a sentence, of a network that gives no verdict."""
    found = next_tokens(model, read)
    table = next_trace_table(read, found, model=model, text=text, held=held)
    in_json, sentence = _said_of_next(found), f". {_next_tokens_in_words(read, found)}"
    if held is not None:
        after = next_tokens(model, held.after)
        in_json["held"] = _said_of_next(after)
        sentence += f" With what is held: {_next_tokens_in_words(held.after, after)}"
    review = read.review
    in_json |= {"tokens": len(review.tokens), "tokens_read": len(review.tokens[review.kept])}
    if cut := len(review.tokens) - review.kept.stop:
        sentence += f" It reads at most {review.kept.stop:,} symbols: the last {cut:,} are cut off."
    return table, in_json, sentence


def _said_of_next(found: NextTokens) -> dict[str, Any]:
    judged = found.is_judged
    return {"judged": int(judged.sum()), "right": int((found.right & judged).sum()), **text_numbers(found)}


def _next_tokens_in_words(read: Trace, found: NextTokens) -> str:
    sentence = next_in_words(read.review.window, found)
    if found.breaks is not None:
        step = counted(found.breaks)
        sentence += f" The rule is broken after time step {step}: from there on there is no truth."
    return sentence


def _attention(found: Agreement | None) -> dict[str, Any]:
    if found is None:
        return {}
    correlations = {"occlusion": found.occlusion, "connectivity": found.connectivity}
    finite = {name: None if math.isnan(value) else value for name, value in correlations.items()}
    return {"attention": {"words": found.words, "rank_correlation": finite}}


def _contributions(model: Model, read: Trace) -> NDArray[np.float32]:
    """(T,) with a bar of progress on standard error, where a window is long and people look."""
    contributions = np.zeros_like(read.logits)
    with click.progressbar(length=len(contributions), label="Occlusion", file=sys.stderr) as bar:
        for times, some in occlusion_in_parts(model, read):
            contributions[times] = some
            bar.update(times[-1] + 1 - bar.pos)
        bar.update(len(contributions) - bar.pos)
    return contributions
