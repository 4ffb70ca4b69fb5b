"""The rules of docs/questions.md: each that a test can check is checked of every published question."""

import itertools
import re
from pathlib import Path

import pandas as pd
import pytest

from rnn_core.sweeps.questions import QUESTIONS, RATE, share_compared, validation_by_rate, worst_seed
from rnn_core.tasks.task import task_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "questions.md"
GUESSED = 0.55  # of two classes of equal size: a network that is right on fewer has learned nothing


def text_of(question):
    return " ".join(" ".join(question.text.parts).split())


def has_few_seeds(question, _committed):
    return len(question.sweep.seeds) < 5


def searches_too_little(question, _committed):
    """True where rates were not searched, with fewer than three seeds, or where the best ends a list."""
    for case in question.sweep.cases:
        rates = question.rates_tried(case)
        points = itertools.chain.from_iterable(search.points() for search in question.searches)
        seeds = {point.seed for point in points if case.items() <= point.case.items()}
        if len(seeds) < 3 or case[RATE] in (rates[0], rates[-1]):
            return True
    return False


def chooses_between_guesses(question, committed):
    score = task_of(question.sweep.base).score
    if not question.searches or not score.is_share:
        return False
    table = pd.concat(committed(search.name) for search in question.searches)
    best = (next(iter(validation_by_rate(table, case, score).values())) for case in question.sweep.cases)
    return any(worst_seed(seeds, score) < GUESSED for seeds in best)


def judges_longer_strings(question, _committed):
    return share_compared(question.sweep) == "right_longer_strings"


def says_every_seed(question, _committed):
    return re.search(r"\b(every|any|all|each|some) seeds?\b|with some\b", text_of(question))


def leaves_size_out(question, _committed):
    return not re.search(r"\bparameters\b", text_of(question)) or "optimizer steps" not in text_of(question)


def compares_cells_by_p(question, _committed):
    text = text_of(question)
    return "cell" in question.sweep.factors and "concluded(" in text and "of other cells" not in text


def denies_without_a_theorem(question, _committed):
    sentences = re.split(r"(?<=[.;:]) ", text_of(question))
    denied = (one for one in sentences if re.search(r"\bcan(?:'t|not)\b(?! tell)", one))
    return not all(re.search(r"et al\., \d{4}|not learned here, by", one) for one in denied)


RULES = {
    "seeds": has_few_seeds,
    "rates": searches_too_little,
    "ties": chooses_between_guesses,
    "longer": judges_longer_strings,
    "shares": says_every_seed,
    "size": leaves_size_out,
    "cells": compares_cells_by_p,
    "can't": denies_without_a_theorem,
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_obeys_or_is_marked(name, committed):
    """Each is marked with just those rules that it does not follow, in its file and in the document."""
    question = QUESTIONS[name]
    broken = {rule for rule, breaks in RULES.items() if breaks(question, committed)}
    assert set(question.older) == broken
    said = f"| `{name}` | {'; '.join(question.older.values())} |"
    assert (said in DOCUMENT.read_text(encoding="utf-8")) == bool(broken)
    assert not broken or question.older.get("seeds", "two").startswith(("two", "three", "four"))
