"""`write`: a network goes on with a text, symbol by symbol."""

from typing import Annotated

import click

from rnn_core.cli.command import Answer, command
from rnn_core.cli.models import note_where_it_belongs
from rnn_core.cli.options import Given, read_text
from rnn_core.inspection.clamps import as_clamps
from rnn_core.models.catalogue import find_model
from rnn_core.models.model import Model
from rnn_core.nn.threads import use_threads
from rnn_core.text.readable import readable
from rnn_core.text.vocabulary import END
from rnn_core.writing.text import Symbol, Writing, Written, as_text, writing
from rnn_core.writing.writer import Writer

_USUAL = Writing()


def _setting(name: str) -> Given:
    return Given(lambda: Writing.settings()[name].help)


@command("write")
def write_(
    model: str,
    beginning: str | None = None,
    *,
    length: Annotated[int, _setting("length")] = _USUAL.length,
    temperature: Annotated[float, _setting("temperature")] = _USUAL.temperature,
    top_k: Annotated[int, _setting("top_k")] = _USUAL.top_k,
    top_p: Annotated[float, _setting("top_p")] = _USUAL.top_p,
    seed: Annotated[int, _setting("seed")] = _USUAL.seed,
    goes_on: Annotated[bool, _setting("goes_on")] = _USUAL.goes_on,
    beam: Annotated[int, _setting("beam")] = _USUAL.beam,
    clamp: tuple[str, ...] = (),
    layer: int | None = None,
    as_json: bool = False,
) -> Answer:
    """Let MODEL write on from BEGINNING (or standard input, for -), which may be left out.

    The network was trained to predict what comes next. The text is printed as it is written; the same seed
    writes the same text again.

    --clamp LETTER=VALUE[@FROM[:[TO]]][#UNITS]: Hold a gate or a state while it writes, as in trace. Time
        steps are counted from 0, <start>, through the beginning and all that is written.
    --layer NUMBER: The layer in which --clamp holds; 1 reads the words. [default: the top one]
    """
    how = Writing(
        length=length,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        seed=seed,
        goes_on=goes_on,
        beam=beam,
    )
    use_threads()
    loaded, text = Model.load(find_model(model), task=None), read_text(beginning or "")
    writer, rules = Writer(loaded, text, clamps=as_clamps(clamp), layer=layer), loaded.config.tokens
    if loaded.config.corpus.language is not None:
        note_where_it_belongs(loaded, text)
    read, written = tuple(writer.symbols), list[Symbol]()
    before = [*read[-1:]]
    if not as_json:
        click.echo(readable(as_text(read, rules), rules), nl=False)
    for one in writing(writer, how):
        written.append(one)
        if not as_json and not (one.token == END and not goes_on):
            added = as_text([*before, one.token], rules).removeprefix(as_text(before, rules))
            click.echo("\n" if one.token == END else readable(added, rules), nl=False)
        before = [] if one.token == END else [one.token]
    found = Written.of(writer, read, written)
    mean = sum(found.bits) / len(found.bits) if found.bits else 0.0
    if not as_json:
        ended = ", and the text ended" if found.is_ended else ""
        click.echo("")
        click.echo(f"{len(found.tokens):,} symbols, {mean:.2f} bits each{ended}.", err=True)
    return Answer(
        {
            "model": model,
            "beginning": as_text(read, rules),
            "text": found.text,
            "tokens": found.tokens,
            "bits": found.bits,
            "bits_per_symbol": mean,
            "is_ended": found.is_ended,
            "clamps": [*map(str, writer.clamps)],
        }
    )
