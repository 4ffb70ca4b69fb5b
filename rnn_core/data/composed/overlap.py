"""The overlap of the probes with composed sentences, and of their halves with each other.

Sentences for people say what it means for a score.
"""

import hashlib
import itertools
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rnn_core.data.composed.writer import grammar
from rnn_core.data.probes import pairs as probes
from rnn_core.data.probes.pairs import DEVELOPMENT, HALVES, NEAR, PHENOMENA, REPORTED, STRICT, THIRD
from rnn_core.text.tokenizer import tokenize

PATTERNS = probes.DISTANCES.with_name("patterns-of-probes.txt")
MADE_FROM = probes.DISTANCES.with_name("made-from.txt")
"""Files that `python -m benchmarks probes` writes beside DISTANCES: the patterns that can write a sentence
with the pattern of a probe, a line each, and what `digest` was then."""


class Overlap(NamedTuple):
    """The overlap in numbers."""

    families: int
    """The number of families of composed sentences."""
    families_of_phenomena: int
    """The number of families that are written for a phenomenon of the halves."""
    patterns: int
    patterns_of_probes: int
    """The number of patterns that can write a sentence with the pattern of a probe; it is then drawn
    again."""
    words_of_halves: int
    """The number of words with a meaning of their own that pairs of both halves have."""
    texts_of_halves: int
    """The number of texts without an opinion that both halves have."""


@cache
def overlap() -> Overlap:
    """The numbers of today's files."""
    families = grammar().families
    of_probes = PATTERNS.read_text(encoding="utf-8").splitlines()
    words = [
        {
            word
            for _, *both in probes.pairs(half)
            for word in tokenize(" . ".join(both))
            if probes.pattern_of(word) == (probes.OPEN,) and word[0].isalnum()
        }
        for half in HALVES
    ]
    texts = [set(probes.texts_without_opinion(half)) for half in HALVES]
    return Overlap(
        families=len(families),
        families_of_phenomena=sum(any(name in key.split("_") for key in PHENOMENA) for name in families),
        patterns=sum(map(len, families.values())),
        patterns_of_probes=len(of_probes),
        words_of_halves=len(set.intersection(*words)),
        texts_of_halves=len(set.intersection(*texts)),
    )


def sentences_within(words: int, name: str) -> int:
    """Count the sentences of the reported half or the third set that are so near a composed one."""
    distances = probes.words_from_composed()
    return sum(distances[sentence] <= words for _, *both in probes.pairs(name) for sentence in both)


def digest() -> str:
    """Return a digest that changes when the composed sentences or the probes do."""
    folders = (Path(__file__).parent, probes.DISTANCES.parent)
    made = {probes.DISTANCES.name, PATTERNS.name, MADE_FROM.name}
    files = sorted(
        path
        for path in itertools.chain.from_iterable(folder.rglob("*") for folder in folders)
        if path.suffix in (".toml", ".csv", ".txt") and path.name not in made
    )
    read = hashlib.sha256()
    for path in files:
        read.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return read.hexdigest()


@cache
def probes_summary(name: str) -> str:
    """Describe a set of the probes in a few sentences."""
    kept, texts = len(probes.pairs(STRICT)), len(probes.texts_without_opinion(STRICT))
    reported, third = len(probes.pairs(REPORTED)), len(probes.pairs(THIRD))
    return {
        STRICT: f"The strict part has {kept:,} of the {reported:,} pairs of the reported half: those that "
        f"stand far from what networks may have learned. Each sentence differs by {NEAR + 1} words or more "
        "from every composed sentence that the patterns can write. It also has the "
        f"{texts:,} texts without an opinion that the development half does not have.",
        REPORTED: f"No setting was chosen on the reported half. {sentences_within(1, REPORTED):,} of its "
        f"{2 * reported:,} sentences differ by at most one word from a composed sentence that the patterns "
        "can write.",
        THIRD: "The third set asks for other phenomena. Its author had seen neither half and no composed "
        f"sentence, and nothing is chosen on it. {sentences_within(NEAR, THIRD):,} of its {2 * third:,} "
        f"sentences still differ by at most {NEAR} words from a composed sentence that the patterns can "
        "write.",
        DEVELOPMENT: "Settings of networks were chosen on the development half: it may flatter them.",
    }[name]


def what_is_shared() -> str:
    """Say what probes and composed sentences have in common, for both halves."""
    shared, sentences = overlap(), 2 * len(probes.pairs(REPORTED))
    word_for_word, one, two = (f"{sentences_within(words, REPORTED):,}" for words in range(3))
    return (
        "Some networks learn from composed sentences, too: short opinions that patterns write. These have "
        "much in common with the probes. "
        f"{shared.families_of_phenomena} of the {shared.families} families of composed sentences are the "
        f"{len(PHENOMENA)} phenomena of the halves. {shared.patterns_of_probes:,} of their "
        f"{shared.patterns:,} patterns can write a sentence with the pattern of a probe, which is then drawn "
        f"again. Of the {sentences:,} reported sentences these patterns can write {word_for_word} word for "
        f"word, {one} with at most one word changed and {two} with at most two. The halves share "
        f"{shared.words_of_halves:,} words with a meaning of their own and {shared.texts_of_halves:,} texts "
        "without an opinion. Settings are chosen on the development half; whether anyone looked at the "
        "reported half can't be known."
    )
