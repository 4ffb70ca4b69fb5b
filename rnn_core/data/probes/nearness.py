"""How near the sentences of probes stand to composed ones: a list that `python -m benchmarks probes` writes.

All ways to fill the patterns of composed sentences are followed for it (`rnn_core/data/composed/reach.py`).
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

NEAR = 2
"""Words: a sentence that differs by no more from one that the patterns can write stands near it."""
FAR = NEAR + 1
"""Words from which on nobody counts how many they are."""

DISTANCES = Path(__file__).with_name("distances.csv")
COLUMNS = ("sentence", "words")


@cache
def words_from_composed() -> Mapping[str, int]:
    """Sentence of a probe -> how many words it differs by from the nearest composed one, up to FAR.

    Of the reported half and of the third set.
    """
    with DISTANCES.open(encoding="utf-8", newline="") as file:
        return {row["sentence"]: int(row["words"]) for row in csv.DictReader(file)}
