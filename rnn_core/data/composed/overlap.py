"""How much the probes have in common with composed sentences, and their halves with each other."""

import hashlib
import itertools
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rnn_core.data.composed.writer import grammar
from rnn_core.data.probes.nearness import DISTANCES, words_from_composed
from rnn_core.data.probes.pairs import HALVES, PHENOMENA, pairs, texts_without_opinion
from rnn_core.data.probes.pattern import OPEN, pattern_of
from rnn_core.text.tokenizer import tokenize

PATTERNS = DISTANCES.with_name("patterns-of-probes.txt")
MADE_FROM = DISTANCES.with_name("made-from.txt")
"""What `python -m benchmarks probes` writes beside DISTANCES: the patterns that can write a sentence with the
pattern of a probe, a line each, and what `digest` was then."""


class Overlap(NamedTuple):
    """What is in common, as numbers."""

    families: int
    """Of composed sentences."""
    families_of_phenomena: int
    """Those among them that are written for a phenomenon of the halves."""
    patterns: int
    patterns_of_probes: int
    """Those among them that can write a sentence with the pattern of a probe; it is then drawn again."""
    words_of_halves: int
    """With a meaning of their own, in pairs of both halves."""
    texts_of_halves: int
    """Without an opinion, in both halves."""


@cache
def overlap() -> Overlap:
    """The numbers of today's files."""
    families = grammar().families
    of_probes = PATTERNS.read_text(encoding="utf-8").splitlines()
    words = [_open_words(half) for half in HALVES]
    texts = [set(texts_without_opinion(half)) for half in HALVES]
    return Overlap(
        families=len(families),
        families_of_phenomena=sum(any(name in key.split("_") for key in PHENOMENA) for name in families),
        patterns=sum(map(len, families.values())),
        patterns_of_probes=len(of_probes),
        words_of_halves=len(set.intersection(*words)),
        texts_of_halves=len(set.intersection(*texts)),
    )


def sentences_within(words: int, name: str) -> int:
    """How many sentences of the reported half or the third set are so near a composed one, or nearer."""
    distances = words_from_composed()
    return sum(distances[sentence] <= words for _, *both in pairs(name) for sentence in both)


def digest() -> str:
    """What changes when the composed sentences or the probes do."""
    folders = (Path(__file__).parent, DISTANCES.parent)
    made = {DISTANCES.name, PATTERNS.name, MADE_FROM.name}
    files = sorted(
        path
        for path in itertools.chain.from_iterable(folder.rglob("*") for folder in folders)
        if path.suffix in (".toml", ".csv", ".txt") and path.name not in made
    )
    read = hashlib.sha256()
    for path in files:
        read.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return read.hexdigest()


def _open_words(half: str) -> set[str]:
    words = {word for _, *both in pairs(half) for sentence in both for word in tokenize(sentence)}
    return {word for word in words if pattern_of(word) == (OPEN,) and word[0].isalnum()}
