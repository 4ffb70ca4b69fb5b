"""Corpora of the user's own, for the tests."""

import random
from collections.abc import Sequence

from rnn_core.data.corpus import build_corpus
from rnn_core.data.labelled_text import Text
from rnn_core.data.own.catalogue import own_folder

WORDS = ("printer", "invoice", "parcel", "login", "holiday", "contract")
COLOURS = ("red", "green", "blue", "grey", "brown", "white")


def texts_of(counts: Sequence[int], seed: int = 0, test_share: float = 0.25) -> list[Text]:
    """So many texts of each class, a word of the class among others in each, shuffled."""
    draw = random.Random(seed)
    texts = []
    for label, count in enumerate(counts):
        for number in range(count):
            words = [draw.choice(COLOURS) for _ in range(draw.randint(3, 9))]
            words[draw.randrange(len(words))] = WORDS[label % len(WORDS)] + "s" * (label // len(WORDS))
            split = "test" if number < test_share * count else "training"
            texts.append(Text(f"{' '.join(words)} {label} {number}", label, split))
    draw.shuffle(texts)
    return texts


def make_own(name: str, classes: Sequence[str], counts: Sequence[int]) -> None:
    """A corpus of the user's own with so many texts of each class."""
    texts = texts_of(counts)
    for _ in build_corpus(name, texts, own_folder(name), len(texts), classes):
        pass
