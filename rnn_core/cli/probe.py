"""`probe`: what a trained model understands of short sentences."""

import click

from rnn_core.cli.errors import in_words
from rnn_core.cli.options import as_json
from rnn_core.cli.output import answer
from rnn_core.data.composed.overlap_words import about
from rnn_core.data.probes.pairs import SETS, STRICT
from rnn_core.models.catalogue import find_model
from rnn_core.models.model import Model
from rnn_core.models.probing import UNDECIDED, ProbeScores, probe, undecided
from rnn_core.nn.threads import use_threads


@click.command("probe")
@click.argument("model")
@click.option(
    "--set",
    "--half",
    "name",
    type=click.Choice(SETS),
    default=STRICT,
    show_default=True,
    help="Which of the probes. Choose settings on the development half, and leave the others for what is "
    "done.",
)
@as_json
@in_words
def probe_(model: str, name: str, as_json: bool) -> None:
    """Ask MODEL what it understands: pairs of sentences that differ in little and in their verdict.

    For each phenomenon the share of sentences that are right, and of pairs with both sentences right; then
    the share of texts without an opinion that stay undecided.
    """
    use_threads()
    loaded = Model.load(find_model(model))
    scores, open_texts = probe(loaded, name), undecided(loaded, name)
    answer(
        as_json,
        {"model": model, "set": name, "half": name, **scores.to_dict(), "undecided": open_texts},
        *(_line(title, scores.of(key)) for key, title in scores.phenomena.items()),
        _line("All", scores),
        *([] if open_texts is None else [_open(open_texts)]),
        about(name),
    )


def _open(share: float) -> str:
    low, high = UNDECIDED
    return f"Texts without an opinion that it leaves undecided ({low:.0%} to {high:.0%}): {share:.0%}"


def _line(title: str, scores: ProbeScores) -> str:
    return (
        f"{title:<28} {len(scores.pairs):>4} pairs: sentences right {scores.sentences:4.0%}, "
        f"pairs right {scores.whole_pairs:4.0%}"
    )
