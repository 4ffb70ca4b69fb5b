"""`python -m benchmarks NAME`: a bench of this folder. `--keep` keeps a run, `table` prints all kept ones.

`probes` finds which probes stand near composed sentences.
"""

import csv
import importlib
import pkgutil

import click

import benchmarks
from benchmarks.bench import benches, kept_table, main
from rnn_core.cli.errors import errors_in_words
from rnn_core.data.composed.composed import patterns_of_probes
from rnn_core.data.composed.overlap import MADE_FROM, PATTERNS, digest, overlap, sentences_within
from rnn_core.data.composed.reach import patterns_that_write, words_between
from rnn_core.data.composed.writer import grammar
from rnn_core.data.probes.pairs import COLUMNS, DISTANCES, NEAR, REPORTED, STRICT, THIRD, pairs

for _found in pkgutil.walk_packages(benchmarks.__path__, "benchmarks."):
    if not _found.name.endswith("__main__"):
        importlib.import_module(_found.name)  # where it has a bench, that registers itself


@main.command("table")
@click.argument("bench", required=False)
@errors_in_words
def show_table(bench: str | None) -> None:
    """Print the median and the range of all runs that were kept, of one BENCH or of all."""
    for name in [bench] if bench else benches():
        click.echo(f"{name}\n\n{kept_table(name)}")


@main.command("probes")
@errors_in_words
def probes() -> None:
    """Find which probes stand near composed sentences, and write the lists again. Takes half a minute.

    After a change of the probes or of the composed sentences; a test says where that is needed.
    """
    sentences = [sentence for name in (REPORTED, THIRD) for _, *both in pairs(name) for sentence in both]
    with DISTANCES.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        rows.writerows(zip(sentences, words_between(sentences, grammar()), strict=True))
    patterns = patterns_that_write(sorted(patterns_of_probes()), grammar())
    PATTERNS.write_text("".join(f"{one}\n" for one in patterns), encoding="utf-8", newline="\n")
    MADE_FROM.write_text(f"{digest()}\n", encoding="utf-8", newline="\n")
    click.echo(str(overlap()))
    for name in (REPORTED, THIRD):
        near = [sentences_within(words, name) for words in range(NEAR + 1)]
        click.echo(
            f"{name}: of {2 * len(pairs(name))} sentences {near} within 0, 1, 2 words of a composed one"
        )
    click.echo(f"{STRICT}: {len(pairs(STRICT))} of {len(pairs(REPORTED))} pairs")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
