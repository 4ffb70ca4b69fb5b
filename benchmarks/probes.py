"""The lists of what probes and composed sentences have in common, written beside the probes."""

import csv

from rnn_core.data.composed.composed import patterns_of_probes
from rnn_core.data.composed.overlap import MADE_FROM, PATTERNS, digest
from rnn_core.data.composed.reach import patterns_that_write, words_between
from rnn_core.data.composed.writer import grammar
from rnn_core.data.probes.nearness import COLUMNS, DISTANCES
from rnn_core.data.probes.pairs import REPORTED, THIRD, pairs


def write_overlap() -> None:
    """Follow all patterns of composed sentences, and write what comes near a probe."""
    sentences = [sentence for name in (REPORTED, THIRD) for _, *both in pairs(name) for sentence in both]
    with DISTANCES.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        rows.writerows(zip(sentences, words_between(sentences, grammar()), strict=True))
    patterns = patterns_that_write(sorted(patterns_of_probes()), grammar())
    PATTERNS.write_text("".join(f"{one}\n" for one in patterns), encoding="utf-8", newline="\n")
    MADE_FROM.write_text(f"{digest()}\n", encoding="utf-8", newline="\n")
