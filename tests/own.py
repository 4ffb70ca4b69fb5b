"""Corpora of the user's own, for the tests."""

import random

from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import FILMS, Text, build_corpus
from rnn_core.data.own.catalogue import own_folder
from rnn_core.errors import DataError, GatescopeError
from rnn_core.files import from_value
from rnn_core.processes.answering import calling
from rnn_core.processes.asking import shape_of_returned
from rnn_core.processes.frames import from_block, to_block
from rnn_core.sweeps.results import Result

QUICK = RunConfig(data="verdict").with_settings(
    hidden_size=4, embedding_size=3, epochs=1, reviews=64, max_length=20, evaluations_per_epoch=1
)
"""The settings of a training that takes no second."""

WORDS = ("printer", "invoice", "parcel", "login", "holiday", "contract")
COLOURS = ("red", "green", "blue", "grey", "brown", "white")


def make_own(name, classes, counts):
    """A corpus of the user's own with so many texts of each class, in each a word of the class."""
    draw, texts = random.Random(0), []
    for label, count in enumerate(counts):
        for number in range(count):
            words = [draw.choice(COLOURS) for _ in range(draw.randint(3, 9))]
            words[draw.randrange(len(words))] = WORDS[label % len(WORDS)] + "s" * (label // len(WORDS))
            split = "test" if number < count / 4 else "training"
            texts.append(Text(f"{' '.join(words)} {label} {number}", label, split))
    draw.shuffle(texts)
    list(build_corpus(name, texts, own_folder(name), len(texts), FILMS._replace(classes=classes)))


def ended(case, seed=0, **scores):
    """A run of a sweep that has ended."""
    accuracies = {"validation_accuracy": 0.75, "test_accuracy": 0.7, "training_accuracy": 0.9}
    took = {"parameters": 10, "optimizer_steps": 8, "seconds": 1.5, "seconds_per_epoch": 1.5}
    by = {"run": "some", "machine": "one", "made": "2026-01-01"}
    return Result(
        case=case, seed=seed, outcome="finished", test_loss=0.5, **accuracies, **took, **by, **scores
    )


def as_sent(said):
    """Return a value as the process at the other end gets it."""
    return from_block(to_block(said, {}))[0]


def ask_here(work, _most_memory=None, **given):
    """Stands in for `rnn_core.tables.apart.ask`, in this process: one of its own takes a second of imports.

    What is asked and what is found take the way that they take to a process and back.
    """
    answer = calling(f"{work.__module__}:{work.__qualname__}")
    try:
        found, _ = yield from answer(as_sent(given), {})
    except GatescopeError as error:
        raise DataError(str(error)) from error
    return from_value(as_sent(found)["returned"], shape_of_returned(work))
