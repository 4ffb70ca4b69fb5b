"""`write`: a network goes on with a text, symbol by symbol."""

from typing import Any

import click

from rnn_core.cli.command import Answer, command
from rnn_core.cli.models import loaded_model, note_where_it_belongs
from rnn_core.cli.options import read_text, refuse_without_effect
from rnn_core.cli.trace import patches_of
from rnn_core.inspection.clamps import as_clamps
from rnn_core.text.readable import printable, readable
from rnn_core.text.vocabulary import END
from rnn_core.writing.text import Symbol, Writing, Written, joined_text, writing
from rnn_core.writing.writer import Writer


@command("write", like=Writing)
def write_(
    model: str,
    beginning: str | None = None,
    *,
    clamp: tuple[str, ...] = (),
    patch: tuple[tuple[str, str], ...] = (),
    layer: int | None = None,
    as_json: bool = False,
    **how: Any,
) -> Answer:
    """Let MODEL write on from BEGINNING (or standard input, for -), which may be left out.

    MODEL was trained to predict what comes next. The text is printed as it is written; the same seed writes
    the same text again.

    --length: How many symbols are written, unless the network ends the text before.
    --temperature: From 0 to 2. Below 1 the probable becomes more probable, above 1 all become more alike; 0
        takes the most probable symbol.
    --top-k: How many of the most probable symbols can be chosen, after temperature. [default: all]
    --top-p: As few of the most probable symbols can be chosen as have this probability together, after
        temperature and k.
    --seed: Where the random numbers start. [default: 0]
    --goes-on: Begin another text where the network ends one.
    --beam: Search for the most probable text, with so many beginnings kept at each symbol, at most 10, in
        place of drawing each symbol.
    --clamp LETTER=VALUE[@FROM[:[TO]]][#UNITS]: Hold a gate or a state while it writes, as in trace. Time
        steps are counted from 0, <start>, through the beginning and all that is written.
    --patch AT=FROM OTHER_TEXT: Go on from the state of another text, as in trace: --patch 5=3 'a good film'
        puts the state after time step 3 of that text in the place of the one after time step 5.
    --layer NUMBER: The layer in which --clamp and --patch hold; 1 reads the words. [default: the top one]
    """
    chosen = Writing(**how)
    loaded, text = loaded_model(model, task=None), read_text(beginning or "")
    if chosen.beam:
        refuse_without_effect("with --beam, which draws nothing", "seed")
    patches, rules = patches_of(loaded, patch, layer), loaded.config.tokens
    writer = Writer(loaded, text, clamps=as_clamps(clamp), patches=patches, layer=layer)
    note_where_it_belongs(loaded, text)
    read, written = tuple(writer.symbols), list[Symbol]()
    before = [*read[-1:]]
    if not as_json:
        click.echo(printable(readable(joined_text(read, rules), rules)), nl=False)
    for one in writing(writer, chosen):
        written.append(one)
        if not as_json and (one.token != END or chosen.goes_on):
            added = joined_text([*before, one.token], rules).removeprefix(joined_text(before, rules))
            click.echo("\n" if one.token == END else printable(readable(added, rules)), nl=False)
        before = [] if one.token == END else [one.token]
    found = Written.of(writer, read, written)
    mean = sum(found.bits) / max(1, len(found.bits))
    if not as_json:
        click.echo("")
        ended = ", and the text ended" if found.is_ended else ""
        click.echo(f"{len(found.tokens):,} symbols, {mean:.2f} bits each{ended}.", err=True)
    return Answer(
        {
            "model": model,
            "beginning": joined_text(read, rules),
            "text": found.text,
            "tokens": found.tokens,
            "bits": found.bits,
            "bits_per_symbol": mean,
            "is_ended": found.is_ended,
            "clamps": [*map(str, writer.clamps)],
        }
    )
